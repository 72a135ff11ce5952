package gotouser

import (
	"testing"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Nothing that nobody has verified may keep a user from being made, corrected and deleted: its life in every position of the switches
// that no other test of it walks.
func TestSwitches(t *testing.T) {
	t.Parallel()
	names := []string{"clientAuthentication", "listOrder", "userSettings", "invalidStatus", "textBooleans", "flatCreate", "rateScope",
		"licenseRequired", "ignoredFields"}
	// What the account refuses or forgets, the object says.
	unmade := map[string]string{"licenseRequired=yes": "False " + v1alpha1.ReasonRefused}
	unkept := map[string]string{"ignoredFields=lastName": "False " + v1alpha1.ReasonNotKept}
	for _, name := range names {
		for _, position := range simulator.SwitchPositions()[name] {
			id := name + "=" + position
			t.Run(id, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.Sim.SetSwitches(func(s *simulator.Switches) {
					if err := s.Set(name, position); err != nil {
						t.Error(err)
					}
				})
				w.apply(t, asIs)
				if !w.comesTo(t, unmade[id]) {
					return
				}
				w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.LastName = "King" })
				w.comesTo(t, unkept[id])
				w.remove(t)
				w.reconcileUntil(t, gone)
				if _, there := w.remote(); there {
					t.Error("the user is still there")
				}
			})
		}
	}
}

// comesTo brings the object to Ready or, where a reason is given, to that, and reports whether it is Ready and GoTo holds what it says.
func (w *world) comesTo(t *testing.T, reason string) bool {
	t.Helper()
	w.reconcileUntil(t, func(u *v1alpha1.GoToUser) bool { return ready(u) || reason != "" && readyIs(u) == reason })
	u := w.object(t)
	remote, there := w.remote()
	if reason == "" && (!there || remote.LastName != u.Spec.LastName) {
		t.Errorf("%s, and GoTo has %+v", readyIs(u), remote)
	}
	return ready(u)
}
