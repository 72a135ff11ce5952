package whole

import (
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// oneOfEach are objects of every kind, the account first.
func oneOfEach() []client.Object {
	return []client.Object{newAccount(), newUser("fay"), newGroup("sales"), newMeeting("standup", time.Now().Add(24*time.Hour)),
		newAttribute("room"), newTemplate("welcome"),
		newBinding("all", simulator.DefaultMeetingLicenseKey, everybody),
		newProfile("quiet", v1alpha1.MeetingSettings{ChatEnabled: new(false)}, allUsers), newReport("planned")}
}

// What somebody changes or deletes while no operator runs is judged as what it is: not seen yet, and on its way out.
func TestUnseenObjectsForGitOps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, objects := New(t), oneOfEach()
		w.Start()
		for _, o := range objects {
			w.create(o)
		}
		for _, o := range objects {
			w.Until("ready", func() bool { return w.conditionOf(o, "Ready") == "True" })
		}
		w.Wait(time.Minute)
		w.Stop()
		for _, o := range objects {
			w.patch(o, `{"spec":{"suspend":true}}`)
		}
		w.exported("edited", objects...)
		for _, o := range objects {
			w.remove(o)
		}
		w.exported("deleted", objects...)
	})
}

// What GoTo does not let happen now is tried again, what it never will is not, and what is only observed is left alone.
func TestTroubledObjectsForGitOps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.Start()
		w.create(newAccount())
		w.Until("connected", func() bool { return w.conditionOf(newAccount(), "Ready") == "True" })
		observed := newUser("observed")
		observed.Spec.ManagementPolicy, observed.Spec.FirstName = v1alpha1.Observe, "Other"
		w.Sim.AddUser(acct, simulator.User{Email: observed.Spec.Email, FirstName: "Fay", LastName: "Field"})
		first, second := newGroup("first"), newGroup("second")
		second.Spec.Name = first.Spec.Name
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpCreateMeeting, Status: 503})
		meeting := newMeeting("standup", time.Now().Add(24*time.Hour))
		for _, o := range []client.Object{observed, first, second, meeting} {
			w.create(o)
			w.Wait(time.Minute)
		}
		w.Wait(15 * time.Minute)
		w.exported("observed", observed)
		w.exported("stalled", second)
		w.exported("retrying", meeting)
		w.patch(newAccount(), `{"spec":{"endpoints":{"api":"http://elsewhere.test"}}}`)
		w.Until("elsewhere is not allowed", func() bool { return w.conditionOf(newAccount(), "Stalled") == "True" })
		w.exported("stalled", newAccount())
		w.patch(newAccount(), `{"spec":{"endpoints":{"api":"`+origin+`"}}}`)
		w.Sim.RevokeRefreshTokens()
		w.Sim.ExpireAccessTokens()
		w.Until("the credentials are refused", func() bool { return w.ready(newAccount()) == "False/"+v1alpha1.ReasonInvalidGrant })
		w.exported("refused", newAccount())
		w.Stop()
	})
}

// An invitation waits for a person, maybe for weeks.
func TestInvitedObjectsForGitOps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.InvitedOrganizer = "legacyNoKey" })
		w.Start()
		ga, u := newAccount(), newUser("fay")
		ga.Spec.Provisioning, u.Spec.Products = v1alpha1.ProvisioningOrganizers, []v1alpha1.Product{"G2M"}
		w.create(ga)
		w.Until("connected", func() bool { return w.conditionOf(ga, "Ready") == "True" })
		w.create(u)
		w.Until("invited", func() bool { return w.ready(u) == "False/InvitationPending" })
		w.exported("invited", u)
		w.Stop()
	})
}
