package account_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// thing is one kind of thing in GoTo, and what is done to it.
type thing struct {
	name       string
	path, list string // part of the path of requests about it, and the path of its list
	organizers bool
	add        func(t *testing.T, w *world) gotoclient.Key
	there      func(w *world, k gotoclient.Key) bool
	remove     func(w *world, k gotoclient.Key)
	confirm    func(t *testing.T, w *world, k gotoclient.Key) (bool, error)
	change     func(t *testing.T, w *world, k gotoclient.Key) error
	del        func(t *testing.T, w *world, k gotoclient.Key) error
}

func things() []thing {
	userThere := func(w *world, k gotoclient.Key) bool { _, ok := w.sim.User(key, string(k)); return ok }
	removeUser := func(w *world, k gotoclient.Key) { w.sim.RemoveUser(key, string(k)) }
	confirmUser := func(t *testing.T, w *world, k gotoclient.Key) (bool, error) {
		t.Helper()
		_, there, err := w.acct.Users().Confirm(t.Context(), k)
		return there, err
	}
	deleteUser := func(t *testing.T, w *world, k gotoclient.Key) error {
		t.Helper()
		return w.acct.Users().Delete(t.Context(), k)
	}
	addUser := func(_ *testing.T, w *world) gotoclient.Key {
		w.addUsers(0, 1)
		u, _ := w.sim.UserByEmail(key, email(0))
		return gotoclient.Key(u.Key)
	}
	return []thing{
		{
			name: "user", path: "/users/", list: "/users", add: addUser, there: userThere, remove: removeUser, confirm: confirmUser, del: deleteUser,
			change: func(t *testing.T, w *world, k gotoclient.Key) error {
				t.Helper()
				name := "Changed"
				return w.acct.Users().Update(t.Context(), k, gotoclient.UserPatch{LastName: &name})
			},
		},
		{
			name: "organizer", path: "/organizers/", list: "/organizers", organizers: true,
			add: addUser, there: userThere, remove: removeUser, confirm: confirmUser, del: deleteUser,
			change: func(t *testing.T, w *world, k gotoclient.Key) error {
				t.Helper()
				return w.acct.Organizers().Change(t.Context(), k, account.OrganizerChange{AddProducts: []string{"G2M"}})
			},
		},
		{
			name: "group", path: "/groups/", list: "/groups",
			add: func(_ *testing.T, w *world) gotoclient.Key {
				return gotoclient.Key(w.sim.AddGroup(key, simulator.Group{Name: "Blue"}))
			},
			there: func(w *world, k gotoclient.Key) bool {
				return strings.Contains(fmt.Sprint(w.sim.State().Accounts[0].Groups), string(k))
			},
			remove: func(w *world, k gotoclient.Key) { w.sim.RemoveGroup(key, string(k)) },
			confirm: func(t *testing.T, w *world, k gotoclient.Key) (bool, error) {
				t.Helper()
				_, there, err := w.acct.Groups().Confirm(t.Context(), k)
				return there, err
			},
			change: func(t *testing.T, w *world, k gotoclient.Key) error {
				t.Helper()
				_, err := w.acct.Groups().Rename(t.Context(), k, "Green")
				return err
			},
			del: func(t *testing.T, w *world, k gotoclient.Key) error {
				t.Helper()
				return w.acct.Groups().Delete(t.Context(), k)
			},
		},
		{
			name: "meeting", path: "/meetings/", list: "/upcomingMeetings",
			add: func(_ *testing.T, w *world) gotoclient.Key {
				return gotoclient.Key(w.sim.AddMeeting(key, simulator.Meeting{
					OrganizerKey: simulator.DefaultAdminKey, Subject: "Demo", Start: time.Now().Add(time.Hour), End: time.Now().Add(2 * time.Hour),
				}))
			},
			there: func(w *world, k gotoclient.Key) bool {
				for _, m := range w.sim.Meetings(key) {
					if m.ID == string(k) {
						return true
					}
				}
				return false
			},
			remove: func(w *world, k gotoclient.Key) { w.sim.RemoveMeeting(key, string(k)) },
			confirm: func(t *testing.T, w *world, k gotoclient.Key) (bool, error) {
				t.Helper()
				_, there, err := w.acct.Meetings().Confirm(t.Context(), k)
				return there, err
			},
			change: func(t *testing.T, w *world, k gotoclient.Key) error {
				t.Helper()
				spec := gotoclient.MeetingSpec{Subject: "Other", Start: time.Now().Add(time.Hour), End: time.Now().Add(2 * time.Hour), Type: gotoclient.MeetingScheduled}
				_, err := w.acct.Meetings().Update(t.Context(), gotoclient.Meeting{ID: k}, spec)
				return err
			},
			del: func(t *testing.T, w *world, k gotoclient.Key) error {
				t.Helper()
				return w.acct.Meetings().Delete(t.Context(), k)
			},
		},
	}
}

// withThing makes a world in which there is one thing of the kind, and the snapshot knows it.
func withThing(t *testing.T, th thing, change ...func(*simulator.Switches)) (*world, gotoclient.Key) {
	t.Helper()
	w := newWorld(t, change...)
	if th.organizers {
		w.opts.Organizers = true
		w.acct = account.New(t.Context(), w.opts)
	}
	k := th.add(t, w)
	w.refresh(t)
	if err := w.acct.Meetings().ReadSince(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
	w.sim.ResetLog()
	return w, k
}

// gatewayAnswers are what something in front of the API, or an API of another mind, may say of anything at all.
var gatewayAnswers = []struct {
	status int
	body   string
}{
	{404, `{"message":"Not Found"}`}, {404, `{"timestamp":"2030-01-01T00:00:00Z","status":404,"error":"Not Found"}`}, {404, ``},
	{404, `<html>Not Found</html>`}, {410, ``}, {400, `{"errors":[{"code":"invalid.request"}]}`}, {403, `{"message":"Forbidden"}`}, {403, ``},
}

// What a gateway says of everything, lists included, or of one thing that the list goes on showing, is no proof of anything: no
// deletion counts as done, nothing as gone, and what passes is an error that passes.
func TestWhatAGatewaySaysIsNoProof(t *testing.T) {
	for _, th := range things() {
		for _, answer := range gatewayAnswers {
			for _, everything := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, %d %s, everything %t", th.name, answer.status, answer.body, everything), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w, k := withThing(t, th)
						w.gateway = func(r *http.Request) (int, string) {
							if everything && r.URL.Path != "/oauth/token" || strings.Contains(r.URL.Path, th.path) {
								return answer.status, answer.body
							}
							return 0, ""
						}
						there, err := th.confirm(t, w, k)
						if err == nil || there {
							t.Errorf("confirm: there %t, %v", there, err)
						}
						for what, err := range map[string]error{"confirm": err, "change": th.change(t, w, k), "delete": th.del(t, w, k)} {
							passes := errors.Is(err, account.ErrUnconfirmed) && !gotoclient.IsRefused(err)
							missing := answer.status == 404 || answer.status == 410
							if err == nil || errors.Is(err, account.ErrGone) || passes != missing {
								t.Errorf("%s: %v", what, err)
							}
						}
						if !th.there(w, k) {
							t.Error("it is gone")
						}
						w.gateway = nil
						if there, err := th.confirm(t, w, k); err != nil || !there {
							t.Errorf("once the gateway is well: %t, %v", there, err)
						}
					})
				})
			}
		}
	}
}

// Whatever GoTo says of what is not there any more, it is found out with one list more at most, but for a 403 about a meeting.
func TestWhatIsGoneIsFoundOutInEveryForm(t *testing.T) {
	for _, th := range things() {
		for _, position := range simulator.SwitchPositions()["notFound"] {
			for what, act := range map[string]func(*testing.T, *world, gotoclient.Key) error{
				"confirm": func(t *testing.T, w *world, k gotoclient.Key) error {
					t.Helper()
					there, err := th.confirm(t, w, k)
					if there {
						t.Error("it is there")
					}
					return err
				},
				"delete": th.del,
				"change": func(t *testing.T, w *world, k gotoclient.Key) error {
					t.Helper()
					err := th.change(t, w, k)
					if errors.Is(err, account.ErrGone) || (position == "400" || position == "403") && gotoclient.IsRefused(err) {
						return nil // the latter is told by the next reading
					}
					return fmt.Errorf("not ErrGone: %w", err)
				},
			} {
				t.Run(fmt.Sprintf("%s, %s, %s", th.name, what, position), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w, k := withThing(t, th, func(s *simulator.Switches) { s.NotFound = position })
						th.remove(w, k)
						err := act(t, w, k)
						if th.name == "meeting" && position == "403" {
							if !gotoclient.IsForbidden(err) && what != "change" {
								t.Errorf("somebody else's meeting is answered alike: %v", err)
							}
							return
						}
						if err != nil {
							t.Error(err)
						}
						lists := 0
						for op, n := range w.sim.Calls() {
							if strings.HasPrefix(op, "list") {
								lists += n
							}
						}
						proof := position == "404" && (th.name == "user" || th.name == "group")
						if proof && lists > 0 || lists > 1 {
							t.Errorf("%d lists: %v", lists, w.sim.Calls())
						}
					})
				})
			}
		}
	}
}

// A caller who may not see all cannot tell by a 403 and a list that somebody is gone: both lack what one may not see.
func TestA403IsNoSignToWhoMayNotSeeAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, k := withThing(t, things()[0], func(s *simulator.Switches) { s.NotFound = "403" })
		w.opts.Me = &gotoclient.Me{Key: w.opts.Me.Key, AccountKey: key, AdminRoles: []string{gotoclient.RoleManageUsers}}
		w.acct = account.New(t.Context(), w.opts)
		w.refresh(t)
		w.sim.RemoveUser(key, string(k))
		if _, there, err := w.acct.Users().Confirm(t.Context(), k); !gotoclient.IsForbidden(err) || there {
			t.Errorf("%t, %v", there, err)
		}
		if err := w.acct.Users().Delete(t.Context(), k); !gotoclient.IsForbidden(err) {
			t.Error(err)
		}
	})
}

// Many that are gone without a proof cost one list together, and not one each.
func TestWhatIsGoneSharesTheSecondSign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(s *simulator.Switches) { s.NotFound = "404bare" })
		w.addUsers(0, 40)
		w.refresh(t)
		var keys []gotoclient.Key
		for i := range 40 {
			keys = append(keys, w.user(t, i).Key)
			w.sim.RemoveUser(key, string(keys[i]))
		}
		w.sim.ResetLog()
		w.clean(t, each(40, func(i int) error {
			_, there, err := w.acct.Users().Read(t.Context(), keys[i])
			if there {
				return errors.New("it is there")
			}
			return err
		}))
		want := map[string]int{simulator.OpListUsers: 1, simulator.OpGetUser: 40}
		if d := cmp.Diff(want, w.sim.Calls()); d != "" {
			t.Error(d)
		}
	})
}

// A user of whom GoTo says, without proof, that there is none, and whom the list shows: neither is believed.
func TestAUserWhomOnlyTheListShowsIsNotGone(t *testing.T) {
	for _, th := range things() {
		t.Run(th.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, k := withThing(t, th)
				w.gateway = func(r *http.Request) (int, string) {
					if r.Method == http.MethodGet && strings.Contains(r.URL.Path, th.path) {
						return 404, `{"message":"Not Found"}`
					}
					return 0, ""
				}
				if there, err := th.confirm(t, w, k); !errors.Is(err, account.ErrUnconfirmed) || there {
					t.Errorf("%t, %v", there, err)
				}
			})
		})
	}
}

// creators create a definition, by the operation that lists its kind.
var creators = map[string]func(context.Context, *account.Account) error{
	gotoclient.OpListAttributes: func(ctx context.Context, a *account.Account) error {
		needed := a.Attributes().Need(ctx, "t", always)
		_, err := a.Attributes().Create(ctx, gotoclient.Attribute{Name: "Cost centre"})
		return errors.Join(needed, err)
	},
	gotoclient.OpListTemplates: func(ctx context.Context, a *account.Account) error {
		needed := a.Templates().Need(ctx, "t", always)
		_, err := a.Templates().Create(ctx, gotoclient.Template{Title: "Welcome", Subject: "Welcome", Text: "Hello"})
		return errors.Join(needed, err)
	},
}

func always(context.Context) bool { return true }

// One look at a list that is empty lets nothing be made a second time.
func TestAnEmptyListMakesNoDuplicate(t *testing.T) {
	for list, create := range creators {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, func(s *simulator.Switches) { _ = s.Set("definitionConflict", "allowed") })
			if err := create(t.Context(), w.acct); err != nil {
				t.Fatal(list, err)
			}
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultEmptyList, Operation: list, Count: 1})
			w.acct = account.New(t.Context(), w.opts) // a restart
			w.refresh(t)
			if err := create(t.Context(), w.acct); !errors.Is(err, account.ErrExists) {
				t.Errorf("%s: %v", list, err)
			}
		})
	}
}

// A create whose answer is lost, and after which the list could not be read, is not made once more by a list from before it.
func TestALostAnswerMakesNoDuplicate(t *testing.T) {
	for list, create := range creators {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, func(s *simulator.Switches) { _ = s.Set("definitionConflict", "allowed") })
			another := simulator.Definitions{{Name: "another"}} // so that the list is not empty, and not read twice
			w.sim.Define(key, func(d *simulator.Defined) { d.Attributes, d.Templates = slices.Clone(another), slices.Clone(another) })
			w.gateway = func(r *http.Request) (int, string) {
				if r.Method == http.MethodPost {
					w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Count: 1})
					w.sim.Inject(simulator.Fault{Kind: simulator.FaultHang, Operation: list})
				}
				return 0, ""
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := create(ctx, w.acct); err == nil {
				t.Fatal(list, "no answer, and it is known all the same")
			}
			w.gateway = nil
			w.sim.ClearFaults()
			if err := create(t.Context(), w.acct); !errors.Is(err, account.ErrExists) {
				t.Errorf("%s: %v", list, err)
			}
		})
	}
}

// A caller who may not see everything learns nothing from a 403 and a list without the thing: both follow from that.
func TestA403OfADefinitionIsNoSecondSign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx := t.Context()
		if err := w.acct.Attributes().Need(ctx, "t", func(context.Context) bool { return true }); err != nil {
			t.Fatal(err)
		}
		made, err := w.acct.Attributes().Create(ctx, gotoclient.Attribute{Name: "Cost centre"})
		if err != nil {
			t.Fatal(err)
		}
		w.gateway = func(r *http.Request) (int, string) {
			switch {
			case r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "ttributes"):
				return 0, ""
			case strings.HasSuffix(r.URL.Path, string(made.Key)):
				return 403, `{"errors":[{"code":"forbidden"}]}`
			}
			return 200, `{"results":[],"fromIndex":0,"toIndex":0,"total":0}`
		}
		opts := w.opts
		me := *opts.Me
		me.AdminRoles, me.Accounts = []string{"RUN_REPORTS"}, nil
		w.acct.SetMe(&me)
		_, there, err := w.acct.Attributes().Confirm(ctx, made.Key)
		if err == nil && !there {
			t.Error("counts as proof that it is gone")
		}
	})
}

// Who finds something gone that the records show tells whoever stands for it: no later reading finds a difference.
func TestWhatIsFoundGoneIsTold(t *testing.T) {
	for name, row := range map[string]struct {
		lose func(*testing.T, *world) // makes something, takes it away in GoTo, and asks for it
		told func(account.Change) int
	}{
		"user": {func(t *testing.T, w *world) {
			t.Helper()
			w.addUsers(0, 1)
			w.refresh(t)
			u := w.user(t, 0)
			w.sim.RemoveUser(key, string(u.Key))
			w.changes = nil
			_, _, _ = w.acct.Users().Confirm(t.Context(), u.Key)
		}, func(c account.Change) int { return len(c.Users) }},
		"group": {func(t *testing.T, w *world) {
			t.Helper()
			group := w.sim.AddGroup(key, simulator.Group{Name: "Sales"})
			w.refresh(t)
			w.sim.RemoveGroup(key, group)
			w.changes = nil
			_, _, _ = w.acct.Groups().Confirm(t.Context(), gotoclient.Key(group))
		}, func(c account.Change) int { return min(len(c.Groups), len(c.Counted)) }},
		"meeting": {func(t *testing.T, w *world) {
			t.Helper()
			made, err := w.acct.Meetings().Create(t.Context(), gotoclient.MeetingSpec{
				Subject: "Demo", Start: time.Now().Add(time.Hour), End: time.Now().Add(2 * time.Hour), Type: gotoclient.MeetingScheduled,
			})
			if err != nil {
				t.Fatal(err)
			}
			w.sim.RemoveMeeting(key, string(made.ID))
			w.changes = nil
			_, _, _ = w.acct.Meetings().Confirm(t.Context(), made.ID)
		}, func(c account.Change) int { return len(c.Meetings.Keys) }},
		"attribute": {func(t *testing.T, w *world) {
			t.Helper()
			made, err := w.acct.Attributes().Create(t.Context(), gotoclient.Attribute{Name: "Room"})
			if err == nil {
				_, err = w.acct.Attributes().Update(t.Context(), made.Key, gotoclient.Attribute{Name: "Floor"})
			}
			if err != nil {
				t.Fatal(err)
			}
			w.sim.Define(key, func(d *simulator.Defined) { d.Attributes = nil })
			w.changes = nil
			_, _, _ = w.acct.Attributes().Confirm(t.Context(), made.Key)
		}, func(c account.Change) int { return len(c.Attributes) }},
		"invitation": {func(t *testing.T, w *world) {
			t.Helper()
			w.sim.RemoveUser(key, w.invites(t))
			_, _, _ = w.acct.Organizers().ConfirmEmail(t.Context(), invited)
		}, func(c account.Change) int { return len(c.Users) }},
		"invitation in the place of which there is a user": {func(t *testing.T, w *world) {
			t.Helper()
			w.sim.AcceptInvitation(key, w.invites(t))
			_, _, _ = w.acct.Organizers().ConfirmEmail(t.Context(), invited)
		}, func(c account.Change) int { return len(c.Users) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, keyless)
				row.lose(t, w)
				n := 0
				for _, c := range w.changes {
					n += row.told(c)
				}
				if n == 0 {
					t.Errorf("nobody is told: %+v", w.changes)
				}
			})
		})
	}
}

// invites has somebody invited who has no key yet, and returns the one that it will be.
func (w *world) invites(t *testing.T) string {
	t.Helper()
	w.opts.Organizers = true
	w.acct = account.New(t.Context(), w.opts)
	w.refresh(t)
	if _, err := w.acct.Organizers().Invite(t.Context(), newOrganizer()); err != nil {
		t.Fatal(err)
	}
	remote, _ := w.sim.UserByEmail(key, invited)
	w.changes = nil
	return remote.Key
}
