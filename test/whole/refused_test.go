package whole

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// What GoTo refuses to create is asked for again at each reading, and not at once because the intent was taken back.
func TestARefusedCreateIsTriedAtEachReading(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, 300 * time.Millisecond, 5 * time.Second} {
		t.Run(lag.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				w.Sim.SetSwitches(func(s *simulator.Switches) { s.LicenseRequired = "yes" })
				w.create(newAccount())
				w.Start()
				w.API.Lag(lag)
				u := newUser("fay")
				w.create(u)
				w.Wait(time.Hour)
				if n := w.Sim.Calls()[simulator.OpCreateUsers]; n < 2 || n > 9 || w.ready(u) != "False/RefusedByGoTo" {
					t.Errorf("%d requests in an hour, %s", n, w.ready(u))
				}
				w.Stop()
			})
		})
	}
}

// So is another that is to take the place of one that has vanished, by an object that remembers that: what its metadata said before the
// create is what it says after it.
func TestAnotherThatIsRefusedIsTriedAtEachReading(t *testing.T) {
	t.Parallel()
	refusedOf(t, map[string]int{
		simulator.OpCreateUsers: 0, simulator.OpCreateGroup: 1, simulator.OpCreateAttribute: 2, simulator.OpCreateTemplate: 3, simulator.OpCreateMeeting: 4,
	}, func(w *World, _ []client.Object) { vanish(w) })
}

// And so is a change, also one of which GoTo says that somebody else has the name: it may be somebody whom no list shows.
func TestARefusedChangeIsTriedAtEachReading(t *testing.T) {
	t.Parallel()
	refusedOf(t, map[string]int{
		simulator.OpUpdateUsers: 0, simulator.OpUpdateGroup: 1, simulator.OpUpdateAttribute: 2, simulator.OpUpdateTemplate: 3, simulator.OpUpdateMeeting: 4,
	}, func(w *World, made []client.Object) {
		for _, o := range made {
			edit(w, o, func(o client.Object) {
				switch o := o.(type) {
				case *v1alpha1.GoToUser:
					o.Spec.Email = "other@example.test"
				case *v1alpha1.GoToGroup:
					o.Spec.Name = "other"
				case *v1alpha1.GoToAttribute:
					o.Spec.Name = "other"
				case *v1alpha1.GoToEmailTemplate:
					o.Spec.Title = "other"
				case *v1alpha1.GoToMeeting:
					o.Spec.Subject = "other"
				}
			})
		}
	})
}

// refusedOf has GoTo refuse operations, by the object that asks for them, and then something happen that calls for them.
func refusedOf(t *testing.T, operations map[string]int, happens func(*World, []client.Object)) {
	t.Helper()
	for _, status := range []int{400, 403, 409, 422} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				made := makers()
				w := started(t, append([]client.Object{newAccount()}, made...)...)
				w.Wait(35 * time.Minute)
				for operation := range operations {
					w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: operation, Status: status})
				}
				happens(w, made)
				w.Wait(25 * time.Minute)
				w.anew()
				before := w.Sim.Calls()
				w.Wait(time.Hour)
				for operation, by := range operations {
					if n := w.Sim.Calls()[operation] - before[operation]; n < 2 || n > 9 {
						t.Errorf("%s: %d requests in an hour, %s", operation, n, w.ready(made[by]))
					}
				}
				if n := w.reconciles.Load(); n > 10*int64(len(made)) {
					t.Errorf("%d reconciles in an hour", n)
				}
				w.Stop()
			})
		})
	}
}

// An organizer who was invited may have no key: then metadata names nobody before the invitation that is refused, and after it.
func TestAnotherInvitationThatIsRefusedIsTriedAtEachReading(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"keyed", "legacyNoKey"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				w.Sim.SetSwitches(func(s *simulator.Switches) { s.InvitedOrganizer = form })
				ga, u := newAccount(), newUser("fay")
				ga.Spec.Provisioning, u.Spec.Products = v1alpha1.ProvisioningOrganizers, []v1alpha1.Product{"G2M"}
				w.create(ga)
				w.create(u)
				w.Start()
				w.Until("invited", func() bool { _, there := w.Sim.UserByEmail(acct, "fay@example.test"); return there })
				w.Wait(35 * time.Minute)
				invited, _ := w.Sim.UserByEmail(acct, "fay@example.test")
				w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpCreateOrganizer, Status: 403})
				w.Sim.RemoveUser(acct, invited.Key)
				w.Wait(25 * time.Minute)
				w.anew()
				before := w.Sim.Calls()[simulator.OpCreateOrganizer]
				w.Wait(time.Hour)
				if n := w.Sim.Calls()[simulator.OpCreateOrganizer] - before; n < 2 || n > 9 || w.reconciles.Load() > 12 {
					t.Errorf("%d invitations and %d reconciles in an hour, %s", n, w.reconciles.Load(), w.ready(u))
				}
				w.Stop()
			})
		})
	}
}
