package whole

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// besides are the operations by which what a user has besides its record is written.
var besides = []string{simulator.OpSetUserAttributes, simulator.OpUpdateUserSettings, simulator.OpAssignRoleSet}

// notChosen is in place of an operation that is denied: it may be sent, and the service's filter does not choose the user.
const notChosen = ""

// Of values, custom roles and settings each may be what nobody has verified, or cannot be had, or fail in passing: the others are written
// all the same.
func TestWhatIsDeniedHoldsNothingElseUp(t *testing.T) {
	t.Parallel()
	for _, denied := range append([]string{notChosen}, besides...) {
		for _, failing := range append([]string{""}, besides...) {
			t.Run(fmt.Sprintf("%s denied, %s fails", denied, failing), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { whatIsDenied(t, denied, failing) })
			})
		}
	}
}

func whatIsDenied(t *testing.T, denied, failing string) {
	t.Helper()
	w := New(t)
	w.Sim.SetSwitches(func(s *simulator.Switches) { s.UserSettings, s.FilterDialect = "full", "both" })
	reason := v1alpha1.ReasonEndpointUnverified
	if denied == notChosen {
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.FilterDialect = "ignored" })
		reason, denied = v1alpha1.ReasonUnsupported, simulator.OpAssignRoleSet
	}
	w.definesAll()
	w.licensed("ann")
	u := newUser("ann")
	edit(w, u, wantsAll)
	ga := newAccount()
	ga.Spec.Endpoints.Unverified = v1alpha1.DenyUnverified
	for _, op := range besides {
		if op != denied || reason == v1alpha1.ReasonUnsupported {
			ga.Spec.Endpoints.Operations = append(ga.Spec.Endpoints.Operations, v1alpha1.OperationEndpoint{Operation: op, Method: "PUT"})
		}
	}
	w.create(ga)
	p := newProfile("quiet", v1alpha1.MeetingSettings{ChatEnabled: new(false)}, allUsers)
	w.create(p)
	if failing != "" {
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: failing, Status: 503, Count: 3})
	}
	w.Start()
	w.settled()
	w.settled()
	if got := w.ready(u); got != "False/"+reason {
		t.Errorf("the user: %s", got)
	}
	seen, _ := w.Sim.UserByEmail(acct, u.Spec.Email)
	for op, has := range map[string]bool{
		simulator.OpSetUserAttributes: len(seen.Attributes) == 1, simulator.OpUpdateUserSettings: w.setting("ann", "chatEnabled") == false,
		simulator.OpAssignRoleSet: slices.Contains(seen.RoleSets, "a-1"),
	} {
		if has != (op != denied) {
			t.Errorf("%s: what it writes is there: %t\n%s", op, has, w.standing())
		}
	}
	if got := w.ready(p); (got == "True/Synced") != (denied != simulator.OpUpdateUserSettings) {
		t.Errorf("the profile: %s", got)
	}
	w.Stop()
}

// definesAll is what a person defines in GoTo that users can have.
func (w *World) definesAll() {
	w.Sim.Define(acct, func(d *simulator.Defined) {
		d.Attributes = simulator.Definitions{{Key: "7500000000000000001", Name: "room"}}
		d.RoleSets = simulator.Definitions{{Key: "a-1", Name: "Auditor"}}
	})
}

// wantsAll has a user want a value and a custom role.
func wantsAll(u *v1alpha1.GoToUser) {
	u.Spec.Attributes = map[string]v1alpha1.AttributeValue{"room": "7"}
	u.Spec.RoleSets = []v1alpha1.RoleSet{"Auditor"}
}
