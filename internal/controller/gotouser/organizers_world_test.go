package gotouser

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// newOrganizers is a world whose account is provisioned by organizers, in some position of the simulator's switches.
func newOrganizers(t *testing.T, switches ...func(*simulator.Switches)) *world {
	t.Helper()
	w := newWorld(t, func(o *account.Options) { o.Organizers = true })
	w.Sim.AddLicense(simulator.DefaultAccountKey, simulator.License{Description: "GoToTraining", Seats: 9, Products: []string{"G2T", "G2M"}})
	for _, set := range switches {
		w.Sim.SetSwitches(set)
	}
	w.Sim.ResetLog()
	return w
}

func keyless(s *simulator.Switches) { s.InvitedOrganizer = "legacyNoKey" }

func (w *world) invite(t *testing.T, p ...v1alpha1.Product) {
	t.Helper()
	w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.Products = p })
}

// holdsProducts is true if GoTo holds the products that the spec asks for, where the account has such.
func (w *world) holdsProducts(u *v1alpha1.GoToUser, remote simulator.User) bool {
	if w.Acct.Organizers() == nil {
		return true
	}
	if u.Spec.State == v1alpha1.UserSuspended {
		return len(remote.Products) == 0
	}
	return !slices.ContainsFunc(u.Spec.Products, func(p v1alpha1.Product) bool { return !slices.Contains(remote.Products, string(p)) })
}

func (w *world) accept(t *testing.T) {
	t.Helper()
	u, ok := w.remote()
	if !ok || !w.Sim.AcceptInvitation(simulator.DefaultAccountKey, u.Key) {
		t.Fatal("nobody is invited")
	}
	w.refresh(t)
}

func (w *world) refresh(t *testing.T) {
	t.Helper()
	if err := w.Acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) mails() int { return len(w.Sim.Outbox()) }

func pending(u *v1alpha1.GoToUser) bool {
	return readyIs(u) == "False "+v1alpha1.ReasonInvitationPending && u.Status.Invitation == u.Spec.Email && u.Status.UserKey == "" &&
		meta.IsStatusConditionTrue(u.Status.Conditions, v1alpha1.ConditionReconciling)
}

// calls fails unless GoTo was called as given since the log was last reset, and forgets them.
func (w *world) calls(t *testing.T, want map[string]int) {
	t.Helper()
	if d := cmp.Diff(want, w.Sim.Calls()); d != "" {
		t.Errorf("calls: %s", d)
	}
	w.Sim.ResetLog()
}

// watch puts a new account, which has just read GoTo as after a restart, in the place of the world's, and notes what its
// readings find changed.
func (w *world) watch(t *testing.T, changed *[]account.UserRef) {
	t.Helper()
	w.Connect(t, func(o *account.Options) {
		o.Organizers, o.OnChange = true, func(c account.Change) { *changed = append(*changed, c.Users...) }
	})
}
