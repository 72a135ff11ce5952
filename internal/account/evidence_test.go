package account_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// A user of old, whom the list that allows the create lacks, is never taken for one that the create has made: whatever becomes of the
// request, and whatever GoTo says of when the user was invited.
func TestAUserOfOldIsNotTakenForCreated(t *testing.T) {
	requests := map[string]func(w *world){
		"the key comes back": func(w *world) { w.sim.SetSwitches(func(s *simulator.Switches) { s.ConflictEntry = "withKey" }) },
		"no key comes back":  func(*world) {},
		"without effect": func(w *world) {
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 503, Operation: simulator.OpCreateUsers, Count: 1})
		},
		"lost before": func(w *world) {
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutBefore, Operation: simulator.OpCreateUsers, Count: 1})
		},
		"lost after": func(w *world) {
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: simulator.OpCreateUsers, Count: 1})
		},
		"an answer without a word": func(w *world) {
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultHTML, Operation: simulator.OpCreateUsers, Count: 1})
		},
	}
	for request, arrange := range requests {
		for dated, invited := range map[string]int64{"invited long ago": time.Date(1999, 6, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), "the founder": 0} {
			t.Run(request+", "+dated, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					there := w.sim.AddUser(key, simulator.User{Email: "zoe@example.test", FirstName: "Zoe", LastName: "Field", InvitedDate: invited, PasswordCreated: true})
					w.sim.Inject(simulator.Fault{Kind: simulator.FaultPartialList, Operation: simulator.OpListUsers, Count: 1})
					w.refresh(t)
					arrange(w)
					u, err := w.made(t.Context(), newUser("zoe@example.test"))
					if !errors.Is(err, account.ErrExists) || string(u.Key) != there {
						t.Errorf("%s, invited %s, %v; want %s and ErrExists", u.Key, u.InvitedAt(), err, there)
					}
					w.onlyOnce(t, 2)
				})
			})
		}
	}
}

// What the create has made is known as made where GoTo shows that, and as somebody else's where nothing shows it.
func TestAUserThatWasMadeIsKnownByItsEvidence(t *testing.T) {
	for _, c := range []struct {
		row          string
		lost, dated  bool
		suppressMail bool
		made         bool
	}{
		{"answered", false, true, false, true},
		{"answered, without a date", false, false, false, true},
		{"answered, without a mail", false, true, true, true},
		{"lost", true, true, false, true},
		{"lost, without a date", true, false, false, false},
		{"lost, without a mail", true, true, true, false},
	} {
		t.Run(c.row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				if !c.dated {
					w.sim.SetSwitches(func(s *simulator.Switches) { s.InvitedDate = "absent" })
				}
				if c.lost {
					w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: simulator.OpCreateUsers, Count: 1})
				}
				user := newUser("zoe@example.test")
				user.SuppressEmail = c.suppressMail
				u, err := w.made(t.Context(), user)
				remote, _ := w.sim.UserByEmail(key, "zoe@example.test")
				if string(u.Key) != remote.Key || (err == nil) != c.made || err != nil && !errors.Is(err, account.ErrExists) {
					t.Errorf("%s, %v; want %s, made %t", u.Key, err, remote.Key, c.made)
				}
				w.onlyOnce(t, 2)
			})
		})
	}
}

// GoTo brings a deleted user back with the old key and, without a mail, with the old date. Whom we have deleted ourselves we have made
// anew; somebody else's is somebody else's.
func TestAUserWhoComesBack(t *testing.T) {
	for _, ours := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			k := w.sim.AddUser(key, simulator.User{Email: "zoe@example.test", FirstName: "Zoe", LastName: "Field", InvitedDate: 1})
			w.refresh(t)
			if ours {
				if err := w.acct.Users().Delete(t.Context(), gotoclient.Key(k)); err != nil {
					t.Fatal(err)
				}
			} else {
				w.sim.RemoveUser(key, k)
				w.refresh(t)
			}
			user := newUser("zoe@example.test")
			user.SuppressEmail = true
			u, err := w.made(t.Context(), user)
			if string(u.Key) != k || (err == nil) != ours || err != nil && !errors.Is(err, account.ErrExists) {
				t.Errorf("deleted by us %t: %s, %v", ours, u.Key, err)
			}
		})
	}
}

// Somebody whose key comes back and whom the account knows under another address was there before.
func TestAKeyThatIsKnownUnderAnotherAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addUsers(0, 1)
		w.refresh(t)
		known := w.user(t, 0)
		w.answer = map[string]string{"POST /admin/rest/v1/accounts/" + key + "/users": fmt.Sprintf(`[{"key":"%s","email":"alias@example.test"}]`, known.Key)}
		u, err := w.made(t.Context(), newUser("alias@example.test"))
		if !errors.Is(err, account.ErrExists) || u.Key != known.Key || u.Email != known.Email {
			t.Errorf("%+v, %v", u, err)
		}
	})
}

// Of a batch, those whom a reading shows by the time that it leaves are not sent.
func TestWhoAppearsWhileABatchIsGatheredIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		errs := each(3, func(i int) error {
			if i == 2 {
				time.Sleep(50 * time.Millisecond) // the batch is open for 200
				w.addUsers(0, 1)
				return w.acct.Refresh(t.Context())
			}
			_, err := w.made(t.Context(), newUser(email(i)))
			return err
		})
		if !errors.Is(errs[0], account.ErrExists) || errs[1] != nil || errs[2] != nil {
			t.Error(errs)
		}
		for _, r := range w.sim.Requests() {
			if r.Operation == simulator.OpCreateUsers && strings.Contains(r.Body, email(0)) {
				t.Errorf("sent: %s", r.Body)
			}
		}
		w.onlyOnce(t, 3)
	})
}

// A group has no date: what speaks for it is a list from before the request that lacks it.
func TestAGroupOfOldIsNotTakenForCreated(t *testing.T) {
	add := func(_ *testing.T, w *world) string { return w.sim.AddGroup(key, simulator.Group{Name: "Blue"}) }
	for row, arrange := range map[string]func(t *testing.T, w *world) string{
		"after the last reading, and the answer is lost": func(t *testing.T, w *world) string {
			t.Helper()
			k := add(t, w)
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 503, Operation: simulator.OpCreateGroup, Count: 1})
			return k
		},
		"after the last reading": add,
		"the answer names it": func(t *testing.T, w *world) string {
			t.Helper()
			k := w.sim.AddGroup(key, simulator.Group{Name: "Of old"})
			w.refresh(t)
			time.Sleep(time.Second)
			w.answer = map[string]string{"POST /admin/rest/v1/accounts/" + key + "/groups": k}
			return k
		},
	} {
		t.Run(row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				time.Sleep(5 * time.Minute)
				k := arrange(t, w)
				g, err := w.acct.Groups().Create(t.Context(), gotoclient.NewGroup{Name: "Blue"})
				if !errors.Is(err, account.ErrExists) || string(g.Key) != k {
					t.Errorf("%s, %v; want %s and ErrExists", g.Key, err, k)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) { // and one that was made is made
		w := newWorld(t)
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: simulator.OpCreateGroup, Count: 1})
		if g, err := w.acct.Groups().Create(t.Context(), gotoclient.NewGroup{Name: "Blue"}); err != nil || g.Name != "Blue" {
			t.Errorf("%+v, %v", g, err)
		}
	})
}

// An organizer of old is found by the address before anything is sent; one whose key is known under another address was there before.
func TestAnOrganizerOfOldIsNotTakenForCreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newOrganizers(t)
		w.addUsers(0, 1)
		w.refresh(t)
		known := w.user(t, 0)
		w.gateway = func(r *http.Request) (int, string) {
			if r.Method == http.MethodPost {
				return http.StatusCreated, fmt.Sprintf(`[{"key":%s,"email":%q}]`, known.Key, invited)
			}
			return 0, ""
		}
		if u, err := w.acct.Organizers().Invite(t.Context(), newOrganizer()); !errors.Is(err, account.ErrExists) || u.Key != known.Key {
			t.Errorf("%+v, %v", u, err)
		}
		w.gateway = nil
		w.sim.AddUser(key, simulator.User{Email: invited, FirstName: "Ada", LastName: "Lovelace"}) // suspended: a POST would take it back
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 503, Operation: gotoclient.OpCreateOrganizer, Count: 1})
		if u, err := w.acct.Organizers().Invite(t.Context(), newOrganizer()); !errors.Is(err, account.ErrExists) || u.Email != invited {
			t.Errorf("%+v, %v", u, err)
		}
	})
}
