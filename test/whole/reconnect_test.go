package whole

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// reconnections are what has an account connected anew that is in use, and concerns none of its objects.
var reconnections = map[string]func(*World){
	"a new token": func(w *World) { w.newToken("pat-new-0001") },
	"another budget": func(w *World) {
		edit(w, newAccount(), func(ga *v1alpha1.GoToAccount) { ga.Spec.RequestBudget.RequestsPerSecond = 4 })
	},
	"another interval": func(w *World) {
		edit(w, newAccount(), func(ga *v1alpha1.GoToAccount) { ga.Spec.ResyncInterval = metav1.Duration{Duration: 20 * time.Minute} })
	},
}

// byToken is an account that uses a personal access token.
func (w *World) byToken() *v1alpha1.GoToAccount {
	w.Helper()
	w.token(simulator.DefaultPersonalAccessToken)
	ga := newAccount()
	ga.Spec.Credentials.Grant = v1alpha1.GrantPersonalAccessToken
	return ga
}

// newToken gives the credentials' user another token, and the operator with it.
func (w *World) newToken(token string) {
	w.Helper()
	p := w.Sim.State().OAuth.PATs[0]
	p.Token = token
	w.Sim.AddPersonalAccessToken(p)
	w.token(token)
}

func (w *World) token(token string) {
	w.Helper()
	edit(w, &corev1.Secret{ObjectMeta: named("goto")}, func(s *corev1.Secret) {
		s.Data[v1alpha1.SecretKeyPersonalAccessToken] = []byte(token)
	})
}

// staffed begins with an account, n users who have a licence, settings and an attribute, and one object of each other kind but a meeting.
func (w *World) staffed(n int) {
	w.Helper()
	w.Sim.SetSwitches(fullSettings)
	w.create(w.byToken())
	p := newProfile("quiet", v1alpha1.MeetingSettings{ChatEnabled: new(false)}, allUsers)
	p.Spec.NewUsers = true
	for _, o := range []client.Object{newGroup("sales"), newAttribute("room"), newTemplate("welcome"), newBinding("all", ofMeets, everybody), p, newReport("year")} {
		w.create(o)
	}
	for _, name := range many(n) {
		u := newUser(name)
		u.Spec.GroupRef.Name, u.Spec.Attributes = "sales", map[string]v1alpha1.AttributeValue{"room": "7"}
		w.create(u)
	}
	w.Start()
	w.settled()
	w.Wait(25 * time.Minute)
	w.settled()
	w.allSynced(n)
}

// A connection that takes the place of another one, of the same user in the same account, starts nobody who waits for nothing.
func TestAReconnectionStartsNotAllObjects(t *testing.T) {
	t.Parallel()
	for name, act := range reconnections {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				w.staffed(100)
				for i, name := range many(30) {
					w.create(newMeeting(name, time.Date(2040, 1, 2+i, 9, 0, 0, 0, time.UTC)))
				}
				w.settled()
				w.startsFew(name, func() { act(w) })
				if calls := w.Sim.Calls(); calls[simulator.OpListUsers] == 0 || calls[simulator.OpListAttributes] == 0 || calls[simulator.OpListUpcomingMeetings] == 0 {
					t.Errorf("the account was not connected anew: %v", calls)
				}
				w.Stop()
			})
		})
	}
}

// changesInGoTo are what somebody does in GoTo, and how it is there again once the operator has corrected it.
var changesInGoTo = map[string]struct {
	act     func(*World)
	correct func(*World) bool
}{
	"a user is renamed": {func(w *World) {
		u, _ := w.Sim.UserByEmail(acct, many(1)[0]+"@example.test")
		w.Sim.UpdateUser(acct, u.Key, func(u *simulator.User) { u.LastName = "Renamed" })
	}, func(w *World) bool {
		u, _ := w.Sim.UserByEmail(acct, many(1)[0]+"@example.test")
		return u.LastName == "Field"
	}},
	"a user loses a setting": {func(w *World) {
		u, _ := w.Sim.UserByEmail(acct, many(1)[0]+"@example.test")
		w.Sim.EditSettings(acct, u.Key, "G2M", "chatEnabled", true)
	}, func(w *World) bool { return w.setting(many(1)[0], "chatEnabled") == false }},
	"a user loses a licence": {func(w *World) {
		u, _ := w.Sim.UserByEmail(acct, many(1)[0]+"@example.test")
		w.Sim.UpdateUser(acct, u.Key, func(u *simulator.User) { u.LicenseKeys = nil })
	}, func(w *World) bool {
		u, _ := w.Sim.UserByEmail(acct, many(1)[0]+"@example.test")
		return len(u.LicenseKeys) == 1
	}},
	"a user goes": {func(w *World) {
		u, _ := w.Sim.UserByEmail(acct, many(1)[0]+"@example.test")
		w.Sim.RemoveUser(acct, u.Key)
	}, func(w *World) bool {
		_, there := w.Sim.UserByEmail(acct, many(1)[0]+"@example.test")
		return there
	}},
	"a group goes": {func(w *World) {
		w.Sim.RemoveGroup(acct, w.Sim.State().Accounts[0].Groups[0].Key)
	}, func(w *World) bool { return len(w.Sim.State().Accounts[0].Groups) == 1 }},
	"an attribute is renamed": {func(w *World) {
		w.Sim.Define(acct, func(d *simulator.Defined) { d.Attributes.Named("room").Name = "floor" })
	}, func(w *World) bool { return w.Sim.State().Accounts[0].Attributes.Named("room") != nil }},
	"a template is written": {func(w *World) {
		w.Sim.Define(acct, func(d *simulator.Defined) { d.Templates.Named("welcome").Subject = "Go away" })
	}, func(w *World) bool { return w.Sim.State().Accounts[0].Templates.Named("welcome").Subject == "Hello" }},
	"the settings of new users": {func(w *World) {
		w.Sim.EditNewUserSettings(acct, "G2M", "chatEnabled", true)
	}, func(w *World) bool { return w.Sim.NewUserSettings(acct, "G2M")["chatEnabled"] == false }},
	"a meeting goes": {func(w *World) {
		w.Sim.RemoveMeeting(acct, w.Sim.Meetings(acct)[0].ID)
	}, func(w *World) bool { return len(w.Sim.Meetings(acct)) == 1 }},
}

// What is different in GoTo from what the connection before knew is corrected by the one that takes its place, and what changes later by its
// readings.
func TestAReconnectionStartsWhoIsDifferent(t *testing.T) {
	t.Parallel()
	for name, change := range changesInGoTo {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				w.staffed(3)
				w.create(newMeeting("sync", time.Date(2040, 1, 2, 9, 0, 0, 0, time.UTC)))
				w.settled()
				change.act(w)
				w.newToken("pat-new-0001")
				w.Wait(2 * time.Minute)
				if !change.correct(w) {
					t.Fatalf("not seen by the new connection\n%s", w.standing())
				}
				w.Wait(15 * time.Minute)
				change.act(w)
				w.Wait(15 * time.Minute)
				if !change.correct(w) {
					t.Errorf("not seen by its readings\n%s", w.standing())
				}
				w.Stop()
			})
		})
	}
}

// A connection that cannot read the meetings when it takes the place of another one takes none of them for what the other knew.
func TestAReconnectionWithoutTheMeetingsForgetsNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.staffed(3)
		w.create(newMeeting("sync", time.Date(2040, 1, 2, 9, 0, 0, 0, time.UTC)))
		w.settled()
		w.Sim.RemoveMeeting(acct, w.Sim.Meetings(acct)[0].ID)
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpListUpcomingMeetings, Status: 500, Count: 8})
		w.newToken("pat-new-0001")
		w.Wait(8 * time.Minute)
		if n := len(w.Sim.Meetings(acct)); n != 1 {
			t.Errorf("%d meetings\n%s", n, w.standing())
		}
		w.Stop()
	})
}

// Whoever waits for anything is started by a connection that takes the place of another one: it may be what they wait for.
func TestAReconnectionStartsWhoWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.staffed(3)
		w.roles()
		w.create(newUser("ann"))
		w.Wait(time.Minute)
		if got := w.ready(newUser("ann")); got != "False/"+v1alpha1.ReasonForbidden {
			t.Fatalf("the user is %s", got)
		}
		w.roles(simulator.RoleSuperUser)
		w.newToken("pat-new-0001")
		w.Wait(time.Minute)
		if got := w.ready(newUser("ann")); got != "True/Synced" {
			t.Errorf("with a token of more rights the user is %s", got)
		}
		w.Stop()
	})
}

// What is under way when a connection ends is done by the next.
func TestAReconnectionForgetsNothingUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 50
		w := New(t)
		w.staffed(n)
		for i, name := range many(n) {
			edit(w, newUser(name), func(u *v1alpha1.GoToUser) { u.Spec.LastName = fmt.Sprintf("Name %d", i) })
		}
		w.Wait(2 * time.Second)
		w.newToken("pat-new-0001")
		w.Wait(2 * time.Minute)
		w.allSynced(n)
		w.Stop()
	})
}

// New credentials of another user start all: that user has other rights, and other meetings.
func TestAnotherUsersCredentialsStartAllObjects(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 10
		w := New(t)
		w.staffed(n)
		key := w.Sim.AddUser(acct, simulator.User{Email: "boss@example.test", FirstName: "Bea", LastName: "Boss", AdminRoles: []string{simulator.RoleSuperUser}})
		p := w.Sim.State().OAuth.PATs[0]
		p.Token, p.UserKey = "pat-of-another", key
		w.Sim.AddPersonalAccessToken(p)
		w.anew()
		w.token(p.Token)
		w.settled()
		if got := w.reconciles.Load(); got < n {
			t.Errorf("%d reconciles of %d users", got, n)
		}
		w.Stop()
	})
}

// An edit of the brake starts who waits for it, as soon as it is in force, and nobody else.
func TestAnEditOfTheBrakeStartsWhoWaits(t *testing.T) {
	t.Parallel()
	for name, ease := range map[string]func(*v1alpha1.Brake){
		"a higher limit":   func(b *v1alpha1.Brake) { b.Users = limited(50) },
		"a shorter window": func(b *v1alpha1.Brake) { b.Window = metav1.Duration{Duration: time.Minute} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const n = 100
				w := New(t)
				w.team(n, []string{"sales"})
				edit(w, newAccount(), func(ga *v1alpha1.GoToAccount) { ga.Spec.Brake.Users = limited(2) })
				w.settled()
				w.anew()
				for _, user := range many(n)[:4] { // who were adopted
					edit(w, newUser(user), func(u *v1alpha1.GoToUser) { u.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete })
					w.remove(newUser(user))
				}
				w.Wait(2 * time.Minute)
				if left := len(w.Sim.Users(acct)); left != 1+n-2 {
					t.Fatalf("%d users are left", left)
				}
				w.startsFew(name, func() { edit(w, newAccount(), func(ga *v1alpha1.GoToAccount) { ease(&ga.Spec.Brake) }) })
				if left := len(w.Sim.Users(acct)); left != 1+n-4 {
					t.Errorf("%d users are left", left)
				}
				w.Stop()
			})
		})
	}
}

func limited(most int32) v1alpha1.BrakeLimit {
	return v1alpha1.BrakeLimit{Percent: new(int32(0)), Minimum: &most, Maximum: &most}
}
