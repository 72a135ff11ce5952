package gotoaccount

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
)

// tally is what an account counts of the objects that refer to it.
type tally struct {
	waiting   int64 // for the deletion brake
	contested int64
	managed   int64 // users of the account that a GoToUser stands for
	holding   int   // objects that hold on to a counterpart
	staying   int   // those of them that nobody deletes
}

// count goes through all objects of an account once. What is in a namespace that the account does not allow holds nothing
// up: it could do nothing with the account.
func count(ctx context.Context, c client.Client, ga *v1alpha1.GoToAccount, live *connection) (tally, error) {
	var n tally
	allowed := map[string]bool{}
	for _, kind := range engine.Kinds(c.Scheme()) {
		objects, err := engine.ObjectsOf(ctx, c, kind, client.ObjectKeyFromObject(ga))
		if err != nil {
			return n, err
		}
		for _, o := range objects {
			n.note(o, live)
			if !controllerutil.ContainsFinalizer(o, v1alpha1.Finalizer) {
				continue
			}
			may, err := mayUse(ctx, c, ga, o.GetNamespace(), allowed)
			if err != nil {
				return n, err
			}
			n.hold(o, may)
		}
	}
	return n, nil
}

func (n *tally) note(o engine.Object, c *connection) {
	if engine.WaitsForBrake(o) {
		n.waiting++
	}
	if isContested(o) {
		n.contested++
	}
	if u, is := o.(*v1alpha1.GoToUser); is && c != nil {
		if _, there := c.acct.Users().Get(userKey(u)); there {
			n.managed++
		}
	}
}

func (n *tally) hold(o engine.Object, may bool) {
	if !may {
		return
	}
	n.holding++
	if o.GetDeletionTimestamp().IsZero() {
		n.staying++
	}
}

// mayUse is engine.Allowed, asked once for each namespace. What cannot be told is a no.
func mayUse(ctx context.Context, c client.Reader, ga *v1alpha1.GoToAccount, namespace string, known map[string]bool) (bool, error) {
	if may, asked := known[namespace]; asked {
		return may, nil
	}
	may, err := engine.Allowed(ctx, c, ga, namespace)
	var invalid *engine.BlockedReference
	if apierrors.IsNotFound(err) || errors.As(err, &invalid) {
		err = nil
	}
	known[namespace] = may
	return may, err
}

func isContested(o engine.Object) bool {
	_, status := o.Managed()
	return meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionContested)
}
