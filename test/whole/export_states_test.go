package whole

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
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
		w.areReady(objects...)
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
		w.areReady(newAccount())
		observed, absent := newUser("observed"), newUser("absent")
		observed.Spec.ManagementPolicy, observed.Spec.FirstName = v1alpha1.Observe, "Other"
		absent.Spec.ManagementPolicy = v1alpha1.Observe
		w.Sim.AddUser(acct, simulator.User{Email: observed.Spec.Email, FirstName: "Fay", LastName: "Field"})
		first, second := newGroup("first"), newGroup("second")
		second.Spec.Name = first.Spec.Name
		for _, o := range []client.Object{observed, absent, first, second} {
			w.create(o)
			w.Wait(time.Minute)
		}
		w.Wait(15 * time.Minute)
		w.exported("drifted", observed)
		w.exported("absent", absent)
		w.exported("stalled", second)
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

// An invitation waits for a person, maybe for weeks; what the GoToMeeting API has not, no time brings.
func TestInvitedObjectsForGitOps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.InvitedOrganizer = "legacyNoKey" })
		w.Start()
		ga, u := newAccount(), newUser("fay")
		ga.Spec.Provisioning, u.Spec.Products = v1alpha1.ProvisioningOrganizers, []v1alpha1.Product{"G2M"}
		w.create(ga)
		w.areReady(ga)
		w.create(u)
		w.Until("invited", func() bool { return w.ready(u) == "False/InvitationPending" })
		w.exported("invited", u)
		for _, o := range []client.Object{newGroup("sales"), newAttribute("room"), newTemplate("welcome"),
			newBinding("all", simulator.DefaultMeetingLicenseKey, everybody),
			newProfile("quiet", v1alpha1.MeetingSettings{ChatEnabled: new(false)}, allUsers)} {
			w.create(o)
			w.Until("stalled", func() bool { return w.ready(o) == "False/"+v1alpha1.ReasonUnsupported })
			w.exported("unsupported", o)
		}
		w.Stop()
	})
}

// Without the Secret of the account nothing is known of GoTo: the account waits for it, and everything else for the account.
func TestUnconnectedObjectsForGitOps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, objects := New(t), oneOfEach()
		w.remove(&corev1.Secret{ObjectMeta: named("goto")})
		w.Start()
		for _, o := range objects {
			w.create(o)
			w.Wait(time.Minute)
		}
		w.exported("unconnected", objects...)
		w.Stop()
	})
}

// What belongs to an account that somebody has suspended waits for that person, of every kind.
func TestObjectsOfASuspendedAccountForGitOps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, objects := New(t), oneOfEach()
		for _, o := range objects {
			w.create(o)
		}
		w.Start()
		w.areReady(objects...)
		w.Wait(time.Minute)
		w.patch(objects[0], `{"spec":{"suspend":true}}`)
		w.Wait(time.Minute)
		w.exported("paused", objects[1:]...)
		w.Stop()
	})
}

// What is only watched is Ready, of every kind.
func TestObservedObjectsForGitOps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, objects := New(t), oneOfEach()
		w.Start()
		for _, o := range objects {
			w.create(o)
			w.areReady(o)
		}
		w.patchEach(objects, `{"spec":{"managementPolicy":"Observe"}}`)
		w.exported("observed", objects...)
		w.Stop()
	})
}

// answered are the requests that objects of every kind are written by, or made from.
var answered = []string{simulator.OpCreateUsers, simulator.OpCreateGroup, simulator.OpCreateMeeting, simulator.OpCreateAttribute,
	simulator.OpCreateTemplate, simulator.OpListHistoricalMeetings, simulator.OpListOrganizerHistoricalMeetings}

// refusing has GoTo answer all of them with a status, and returns a world that is connected to it.
func refusing(t *testing.T, status int) *World {
	t.Helper()
	w := New(t)
	for _, operation := range answered {
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: operation, Status: status})
	}
	w.Start()
	w.create(newAccount())
	w.areReady(newAccount())
	for _, o := range oneOfEach()[1:] {
		w.create(o)
		w.Wait(time.Minute)
	}
	w.Wait(15 * time.Minute)
	return w
}

// While GoTo fails, everything is tried again, and what has no request of its own waits for its users; what GoTo refuses is Stalled.
func TestRefusedObjectsForGitOps(t *testing.T) {
	t.Parallel()
	for state, status := range map[string]int{"retrying": 503, "rejected": 400, "forbidden": 403} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := refusing(t, status)
				for _, o := range oneOfEach()[1:] {
					_, binding := o.(*v1alpha1.GoToLicenseBinding)
					_, profile := o.(*v1alpha1.GoToSettingsProfile)
					if state == "retrying" || !binding && !profile {
						w.exported(state, o)
					}
				}
				if state == "retrying" {
					w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpListUsers, Status: status})
					w.Wait(time.Hour)
					w.exported(state, newAccount())
				}
				w.Stop()
			})
		})
	}
}

// Every kind can come to where only a person helps, by a reason of its own.
func TestStalledObjectsForGitOps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.Start()
		late := newMeeting("late", time.Now().Add(-2*time.Hour))
		second, other := newAttribute("second"), newTemplate("second")
		second.Spec.Name, other.Spec.Title = "room", "welcome"
		scarce := newBinding("scarce", simulator.DefaultWebinarLicenseKey, everybody)
		scarce.Spec.OnExhausted = v1alpha1.OnExhaustedFail
		odd := newProfile("odd", v1alpha1.MeetingSettings{}, allUsers)
		odd.Spec.Additional = map[string]v1alpha1.SettingValue{"no.such/name": {}}
		never := newReport("never")
		never.Spec.Schedule = "0 0 31 2 *"
		w.create(newAccount())
		w.areReady(newAccount())
		w.create(newAttribute("room"))
		w.create(newTemplate("welcome"))
		for i := range 12 {
			w.create(newUser(fmt.Sprintf("user-%d", i)))
			w.Wait(10 * time.Second)
		}
		stalled := []client.Object{late, second, other, scarce, odd, never}
		for _, o := range stalled {
			w.create(o)
			w.Wait(time.Minute)
		}
		for _, o := range stalled {
			if w.conditionOf(o, "Stalled") != "True" {
				t.Errorf("%T is %s", o, w.ready(o))
			}
		}
		w.exported("stalled", stalled...)
		w.Stop()
	})
}

// The account itself may be what is wrong: of an operation that nobody has verified, or with GoTo.
func TestObjectsOfAnAccountForGitOps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.Start()
		ga := newAccount()
		ga.Spec.Endpoints.Unverified = v1alpha1.DenyUnverified
		w.create(ga)
		w.areReady(ga)
		u := newUser("fay")
		w.create(u)
		w.create(newBinding("all", simulator.DefaultMeetingLicenseKey, everybody))
		w.Wait(time.Minute)
		profile := newProfile("quiet", v1alpha1.MeetingSettings{ChatEnabled: new(false)}, allUsers)
		w.create(profile)
		w.Wait(time.Minute)
		w.exported("unverified", profile)
		w.Sim.SetIllegal(acct, true)
		w.patch(u, `{"spec":{"firstName":"Faye"}}`)
		w.Wait(time.Hour)
		w.exported("illegal", ga, u)
		w.Stop()
	})
}
