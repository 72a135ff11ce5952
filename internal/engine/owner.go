package engine

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// owner returns an older object of the kind that has one of the claims in the same GoTo account, or "".
func (r *Reconciler[O, W, S]) owner(ctx context.Context, acct *account.Account, obj O, claims ...string) (string, error) {
	for _, claim := range claims {
		others, err := claimants[O](ctx, r.Client, r.Kind.NewList(), client.MatchingFields{indexClaim: claim})
		if err != nil {
			return "", err
		}
		for _, o := range others {
			if o.GetUID() == obj.GetUID() || !older(o, obj) {
				continue
			}
			same, err := r.sameAccount(ctx, acct, o, obj)
			if err != nil {
				return "", err
			}
			if same {
				return o.GetNamespace() + "/" + o.GetName(), nil
			}
		}
	}
	return "", nil
}

// claimants are the objects that a list finds by an index.
func claimants[O Object](ctx context.Context, reader client.Reader, into client.ObjectList, opts ...client.ListOption) ([]O, error) {
	if err := reader.List(ctx, into, opts...); err != nil {
		return nil, err
	}
	var out []O
	err := meta.EachListItem(into, func(item runtime.Object) error {
		if o, ok := item.(O); ok {
			out = append(out, o)
		}
		return nil
	})
	return out, err
}

// sameAccount is true if another object's GoToAccount is obj's, or another one for the same GoTo account, and that one may
// use it: what may not claim anything stands in nobody's way.
func (r *Reconciler[O, W, S]) sameAccount(ctx context.Context, acct *account.Account, other, obj O) (bool, error) {
	name := AccountName(other)
	var ga v1alpha1.GoToAccount
	if err := r.Client.Get(ctx, name, &ga); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	if name != AccountName(obj) && gotoclient.Key(ga.Status.AccountKey) != acct.Key() {
		return false, nil
	}
	return r.allowed(ctx, &ga, other.GetNamespace())
}

func older(a, b client.Object) bool {
	x, y := a.GetCreationTimestamp(), b.GetCreationTimestamp()
	if !x.Equal(&y) {
		return x.Before(&y)
	}
	return a.GetUID() < b.GetUID()
}
