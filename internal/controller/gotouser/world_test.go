package gotouser

import (
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/settings"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

const (
	email = "ada@example.test"
	name  = "ada"
)

// world is a world of GoToUsers, most of which have one alone. No status that it writes may say what is not so.
type world struct {
	*kindtest.World[*v1alpha1.GoToUser, *wants, *gotoclient.User]
}

func newWorld(t *testing.T, options ...func(*account.Options)) *world {
	t.Helper()
	w := &world{kindtest.New(t,
		func(i client.FieldIndexer) error {
			return errors.Join(addIndexes(i), engine.AddIndexes(i, byProvisioning{}))
		},
		func(c client.Client, r *account.Registry) engine.Kind[*v1alpha1.GoToUser, *wants, *gotoclient.User] {
			return byProvisioning{Kind: newKind(c, entitlement.NewPlanner(c, r), settings.NewPlanner(c, r))}
		}, options...)}
	w.Said = func(u *v1alpha1.GoToUser) { w.checkHonest(t, u) }
	return w
}

// checkHonest fails if a status says Ready and GoTo does not hold what the spec says.
func (w *world) checkHonest(t *testing.T, u *v1alpha1.GoToUser) {
	t.Helper()
	ready := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Status != metav1.ConditionTrue || ready.Reason != v1alpha1.ReasonSynced {
		return
	}
	remote, ok := w.Sim.UserByEmail(simulator.DefaultAccountKey, u.Spec.Email)
	if !ok || !w.holdsProducts(u, remote) || remote.FirstName != u.Spec.FirstName || !u.DeletionTimestamp.IsZero() || ready.ObservedGeneration != u.Generation {
		t.Errorf("Ready was written of generation %d, while GoTo holds %+v", u.Generation, remote)
	}
}

// apply creates the object, or writes a new spec over the one that exists.
func (w *world) apply(t *testing.T, change func(*v1alpha1.GoToUser)) {
	t.Helper()
	kindtest.Apply(t, w.Kube, &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Name: name}}, func(u *v1alpha1.GoToUser) {
		if u.Spec.Email == "" {
			u.Spec = v1alpha1.GoToUserSpec{Email: email, FirstName: "Ada", LastName: "Lovelace"}
			u.Spec.AccountRef.Name, u.Spec.ManagementPolicy = kindtest.Account, v1alpha1.Manage
		}
		change(u)
	})
}

func asIs(*v1alpha1.GoToUser) {}

// object returns the object, or nil if it is gone.
func (w *world) object(t *testing.T) *v1alpha1.GoToUser {
	t.Helper()
	if u, there := kindtest.Object(t, w.Kube, &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Name: name}}); there {
		return u
	}
	return nil
}

func (w *world) remove(t *testing.T) {
	t.Helper()
	if err := w.Kube.Delete(t.Context(), w.object(t)); err != nil {
		t.Fatal(err)
	}
}

func (w *world) reconcile(t *testing.T) error {
	t.Helper()
	return w.Reconcile(t, name)
}

// reconcileUntil does what the queue does, without its waiting.
func (w *world) reconcileUntil(t *testing.T, done func(*v1alpha1.GoToUser) bool) {
	t.Helper()
	w.Until(t, &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Name: name}}, func(u *v1alpha1.GoToUser, there bool) bool {
		if !there {
			u = nil
			if _, remains := w.remote(); remains {
				t.Error("the object was let go while its user was still there")
			}
		}
		return done(u)
	})
}

func gone(u *v1alpha1.GoToUser) bool { return u == nil }

func ready(u *v1alpha1.GoToUser) bool {
	c := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionReady)
	return c != nil && c.Status == metav1.ConditionTrue && c.ObservedGeneration == u.Generation
}

// readyIs is status and reason of the condition Ready.
func readyIs(u *v1alpha1.GoToUser) string {
	c := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionReady)
	if c == nil {
		return ""
	}
	return string(c.Status) + " " + c.Reason
}

func (w *world) remote() (simulator.User, bool) {
	return w.Sim.UserByEmail(simulator.DefaultAccountKey, email)
}

// add puts the user into GoTo, and has the account read it.
func (w *world) add(t *testing.T, u simulator.User) string {
	t.Helper()
	u.Email, u.LastName = email, "Lovelace"
	key := w.Sim.AddUser(simulator.DefaultAccountKey, u)
	if err := w.Acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Sim.ResetLog()
	return key
}

// quiet fails if GoTo was called since the log was last reset.
func (w *world) quiet(t *testing.T) {
	t.Helper()
	if calls := w.Sim.Calls(); len(calls) > 0 {
		t.Errorf("GoTo was called: %v", calls)
	}
}

// intended is what the object was about to create.
func intended(u *v1alpha1.GoToUser) string {
	intent, _ := engine.CreateIntent(u)
	return intent
}
