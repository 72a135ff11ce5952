package gotouser

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// steady brings the object to Ready and forgets what that cost.
func (w *world) steady(t *testing.T) {
	t.Helper()
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	if u := w.object(t); !ready(u) {
		t.Fatalf("not Ready: %s", readyIs(u))
	}
	w.Sim.ResetLog()
	w.Writes = 0
}

func TestNewObjectCostsTwoWritesAndThenNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, asIs)
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	u := w.object(t)
	if !ready(u) || u.Status.UserKey == "" || u.Status.Origin != v1alpha1.Created {
		t.Errorf("%s, %+v", readyIs(u), u.Status)
	}
	if d := cmp.Diff([]string{v1alpha1.Finalizer}, u.Finalizers); d != "" || intended(u) != email {
		t.Errorf("not claimed: %s%v", d, u.Annotations)
	}
	if d := cmp.Diff(map[string]int{gotoclient.OpCreateUsers: 1, gotoclient.OpGetUser: 1}, w.Sim.Calls()); d != "" || w.Writes != 2 {
		t.Errorf("%d writes; calls: %s", w.Writes, d)
	}

	w.Sim.ResetLog()
	w.Writes = 0
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	w.quiet(t)
	if w.Writes != 0 {
		t.Errorf("%d writes of an object that is as it should be", w.Writes)
	}

	w.remove(t)
	w.reconcileUntil(t, gone)
	w.Sim.ResetLog()
	if err := w.reconcile(t); err != nil {
		t.Errorf("the second reconcile of a deletion: %v", err)
	}
	w.quiet(t)
	if _, there := w.remote(); there {
		t.Error("the user is still there")
	}
}

func TestAdoptedUserStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add(t, simulator.User{FirstName: "Ada"})
	w.apply(t, asIs)
	w.steady(t)
	if u := w.object(t); u.Status.Origin != v1alpha1.Adopted {
		t.Errorf("origin %q", u.Status.Origin)
	}
	w.remove(t)
	w.letGoUnseen(t)
}

// A process that ends between the request and the status leaves the intent alone behind. The user that it names is the
// operator's own if it was invited since: as an adopted one it would outlive its object.
func TestUnconfirmedCreateIsRecognised(t *testing.T) {
	t.Parallel()
	began := time.Now()
	crashed := func(u *v1alpha1.GoToUser) {
		u.Finalizers = []string{v1alpha1.Finalizer}
		kindtest.Intend(u, "Ada@Example.Test", began)
	}
	made := simulator.User{FirstName: "Ada", InvitedDate: began.Add(time.Second).UnixMilli()}
	for row, date := range map[string]int64{"before": began.Add(-time.Hour).UnixMilli(), "at no time that GoTo tells": 0} {
		t.Run("one who was invited "+row+" was there", func(t *testing.T) {
			w := newWorld(t)
			w.add(t, simulator.User{FirstName: "Ada", InvitedDate: date})
			w.apply(t, crashed)
			w.steady(t)
			if u := w.object(t); u.Status.Origin != v1alpha1.Adopted {
				t.Errorf("origin %q", u.Status.Origin)
			}
		})
	}
	t.Run("reconciled", func(t *testing.T) {
		w := newWorld(t)
		w.add(t, made)
		w.apply(t, crashed)
		w.steady(t)
		if u := w.object(t); u.Status.Origin != v1alpha1.Created {
			t.Errorf("origin %q", u.Status.Origin)
		}
	})
	t.Run("deleted", func(t *testing.T) {
		w := newWorld(t)
		w.add(t, made)
		w.apply(t, crashed)
		w.remove(t)
		w.reconcileUntil(t, gone)
		if u, there := w.remote(); there {
			t.Errorf("GoTo still holds %+v", u)
		}
	})
}

// The snapshot does not know a user that was made since it was read, and the create that follows is refused.
func TestUserMadeByAPersonMeanwhileIsAdopted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Sim.AddUser(simulator.DefaultAccountKey, simulator.User{Email: email, FirstName: "Ada", LastName: "Lovelace"})
	w.apply(t, asIs)
	w.steady(t)
	if u := w.object(t); u.Status.Origin != v1alpha1.Adopted {
		t.Errorf("origin %q", u.Status.Origin)
	}
	w.remove(t)
	w.letGoUnseen(t)
}

func TestOrphanIsLeftWithoutACall(t *testing.T) {
	t.Parallel()
	for row, change := range map[string]func(*v1alpha1.GoToUser){
		"deletionPolicy": func(u *v1alpha1.GoToUser) { u.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan },
		"suspend": func(u *v1alpha1.GoToUser) {
			u.Spec.Suspend, u.Spec.DeletionPolicy = true, v1alpha1.DeletionPolicyDelete
		},
		"Observe": func(u *v1alpha1.GoToUser) {
			u.Spec.ManagementPolicy, u.Spec.DeletionPolicy = v1alpha1.Observe, v1alpha1.DeletionPolicyDelete
		},
	} {
		t.Run(row, func(t *testing.T) {
			w := newWorld(t)
			w.add(t, simulator.User{FirstName: "Ada"})
			w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete })
			w.steady(t)
			w.apply(t, change)
			w.remove(t)
			w.letGoUnseen(t)
		})
	}
}

// letGoUnseen expects one reconcile to release the object without GoTo having been asked anything.
func (w *world) letGoUnseen(t *testing.T) {
	t.Helper()
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	if u := w.object(t); u != nil {
		t.Errorf("still there: %s", readyIs(u))
	}
	w.quiet(t)
	if _, there := w.remote(); !there {
		t.Error("the user was deleted")
	}
}

func TestDeletePolicyDeletesAnAdoptedUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.add(t, simulator.User{FirstName: "Ada"})
	w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete })
	w.steady(t)
	w.Sim.RemoveUser(simulator.DefaultAccountKey, key) // somebody was faster, and the snapshot does not know
	w.remove(t)
	if err := w.reconcile(t); err != nil {
		t.Errorf("a user that is gone is not deleted: %v", err)
	}
	if u := w.object(t); u != nil {
		t.Errorf("still there: %s", readyIs(u))
	}
}

func TestSuspendedObjectIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add(t, simulator.User{FirstName: "Ada"})
	w.apply(t, asIs)
	w.steady(t)
	w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.Suspend, u.Spec.FirstName = true, "Augusta" })
	for range 2 {
		w.Writes = 0
		if err := w.reconcile(t); err != nil {
			t.Fatal(err)
		}
	}
	w.quiet(t)
	if u := w.object(t); w.Writes != 0 || readyIs(u) != "False Suspended" {
		t.Errorf("%d writes, Ready is %s", w.Writes, readyIs(u))
	}
	w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.Suspend = false })
	w.steady(t)
	if u, _ := w.remote(); u.FirstName != "Augusta" {
		t.Errorf("what changed meanwhile was not applied: %+v", u)
	}
}

func TestObserveWritesNothingToGoTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.ManagementPolicy = v1alpha1.Observe })
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	if u := w.object(t); readyIs(u) != "False NotFound" || len(u.Finalizers)+len(u.Annotations) > 0 {
		t.Errorf("Ready is %s, metadata %+v", readyIs(u), u.ObjectMeta)
	}

	key := w.add(t, simulator.User{FirstName: "Augusta"})
	for range 2 {
		w.Writes = 0
		if err := w.reconcile(t); err != nil {
			t.Fatal(err)
		}
	}
	w.quiet(t)
	u := w.object(t)
	if readyIs(u) != "True Observed" || string(u.Status.UserKey) != key || w.Writes != 0 {
		t.Errorf("Ready is %s, key %s, %d writes", readyIs(u), u.Status.UserKey, w.Writes)
	}
	want := []v1alpha1.FieldDrift{{Field: "firstName", Current: "Augusta", Desired: "Ada", Reason: v1alpha1.ReasonObserved}}
	if d := cmp.Diff(want, u.Status.Drift); d != "" || !meta.IsStatusConditionTrue(u.Status.Conditions, v1alpha1.ConditionDrifted) {
		t.Errorf("drift: %s, conditions %+v", d, u.Status.Conditions)
	}

	w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.ManagementPolicy = v1alpha1.Manage })
	w.steady(t)
	if u := w.object(t); u.Status.Drift != nil || u.Status.Origin != v1alpha1.Adopted {
		t.Errorf("managed now, and yet: %+v", u.Status)
	}
}

// Nobody should need working credentials to get rid of an object that never did anything.
func TestNeverCreatedIsReleasedWithoutItsAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, func(u *v1alpha1.GoToUser) {
		u.Spec.AccountRef.Name, u.Finalizers = "absent", []string{v1alpha1.Finalizer}
	})
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	if u := w.object(t); readyIs(u) != "False AccountNotFound" {
		t.Errorf("Ready is %s", readyIs(u))
	}
	w.remove(t)
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	if u := w.object(t); u != nil {
		t.Errorf("held back: %+v", u)
	}
	w.quiet(t)
}

func TestDeletionsThatAreRefused(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		email string
		brake brake.Limits
		want  string
	}{
		"by the brake":                {email, brake.Limits{Window: time.Hour}, "False DeletionBrake"},
		"of the operator's own admin": {simulator.DefaultAdminEmail, brake.Same(time.Hour, brake.Limit{Minimum: 9, Maximum: 9}), "False OwnUser"},
	}
	for row, r := range rows {
		t.Run(row, func(t *testing.T) {
			w := newWorld(t)
			w.add(t, simulator.User{FirstName: "Ada"})
			w.apply(t, func(u *v1alpha1.GoToUser) {
				u.Spec.Email, u.Spec.DeletionPolicy = r.email, v1alpha1.DeletionPolicyDelete
			})
			w.steady(t)
			w.Acct.Deletions().Brake().SetLimits(r.brake)
			w.remove(t)
			if err := w.reconcile(t); err != nil {
				t.Fatal(err)
			}
			w.quiet(t)
			if u := w.object(t); u == nil || readyIs(u) != r.want {
				t.Errorf("want %s: %+v", r.want, u)
			}
		})
	}
}

func TestLockedFieldIsReportedAndTheRestWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add(t, simulator.User{FirstName: "Augusta", NameLocked: true})
	w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.TimeZone = "Europe/London" })
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	u := w.object(t)
	if d := cmp.Diff([]v1alpha1.FieldDrift{{Field: "firstName", Current: "Augusta", Desired: "Ada", Reason: v1alpha1.ReasonReadOnly}}, u.Status.Drift); d != "" || readyIs(u) != "False ReadOnlyInGoTo" {
		t.Errorf("Ready is %s, drift: %s", readyIs(u), d)
	}
	if r, _ := w.remote(); r.TimeZone != "Europe/London" || r.FirstName != "Augusta" {
		t.Errorf("GoTo holds %+v", r)
	}
}

func TestUserMadeByAPersonAfterARefusalIsAdopted(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusBadRequest, http.StatusForbidden, http.StatusTooManyRequests} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			w := newWorld(t)
			w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpCreateUsers, Status: status, Count: 1})
			w.apply(t, asIs)
			_ = w.reconcile(t)
			w.add(t, simulator.User{FirstName: "Ada"})
			w.steady(t)
			if u := w.object(t); u.Status.Origin != v1alpha1.Adopted {
				t.Errorf("origin %q", u.Status.Origin)
			}
			w.remove(t)
			w.letGoUnseen(t)
		})
	}
}

func TestUserWhoIsGoneWhenTheSpecChangesIsCreatedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, asIs)
	w.reconcileUntil(t, ready)
	w.Sim.RemoveUser(simulator.DefaultAccountKey, string(w.object(t).Status.UserKey))
	w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.FirstName = "Augusta" })
	w.reconcileUntil(t, ready)
	if u, there := w.remote(); !there || u.FirstName != "Augusta" {
		t.Errorf("GoTo holds %+v, %t", u, there)
	}
}
