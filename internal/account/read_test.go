package account_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// What GoTo does not keep of a change is told by reading it, and takes the place of our own write, for one user and for many.
func TestReadUserTellsWhatIsKept(t *testing.T) {
	for _, n := range []int{1, 40} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, func(s *simulator.Switches) { s.IgnoredFields = "lastName" })
			w.addUsers(0, n)
			w.refresh(t)
			name := "Changed"
			w.clean(t, each(n, func(i int) error {
				return w.acct.Users().Update(t.Context(), w.user(t, i).Key, gotoclient.UserPatch{LastName: &name})
			}))
			if u := w.user(t, 0); u.LastName != name {
				t.Errorf("the snapshot has %q: our own write is not in it", u.LastName)
			}
			w.sim.ResetLog()
			w.clean(t, each(n, func(i int) error {
				u, there, err := w.acct.Users().Read(t.Context(), w.user(t, i).Key)
				if u.LastName != "Field" || !there {
					t.Errorf("read %q, %t", u.LastName, there)
				}
				return err
			}))
			want := map[string]int{simulator.OpListUsers: 1}
			if n == 1 {
				want = map[string]int{simulator.OpGetUser: 1}
			}
			if d := cmp.Diff(want, w.sim.Calls()); d != "" {
				t.Errorf("%d users: %s", n, d)
			}
			if u := w.user(t, 0); u.LastName != "Field" {
				t.Errorf("the snapshot has %q: what was read is not in it", u.LastName)
			}
		})
	}
}

// Where the list lacks a user whom GoTo shows, GoTo's answer about the user counts, and not the write that keeps the user in the snapshot.
func TestReadUserThatTheListLacks(t *testing.T) {
	for _, written := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, func(s *simulator.Switches) { s.IgnoredFields = "lastName" })
			w.addUsers(0, 3)
			w.refresh(t)
			keys := []gotoclient.Key{w.user(t, 0).Key, w.user(t, 1).Key, w.user(t, 2).Key}
			name := "Changed"
			if written {
				w.clean(t, each(3, func(i int) error {
					return w.acct.Users().Update(t.Context(), keys[i], gotoclient.UserPatch{LastName: &name})
				}))
			}
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultPartialList, Operation: simulator.OpListUsers, Count: 1})
			w.clean(t, each(3, func(i int) error {
				u, there, err := w.acct.Users().Read(t.Context(), keys[i])
				if !there || u.LastName != "Field" {
					t.Errorf("user %d: there %t, %q", i, there, u.LastName)
				}
				return err
			}))
		})
	}
}

func TestReadGroupAndMeeting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(s *simulator.Switches) { s.IgnoredFields = "subject" })
		group := gotoclient.Key(w.sim.AddGroup(key, simulator.Group{Name: "Blue"}))
		w.refresh(t)
		g, there, err := w.acct.Groups().Confirm(t.Context(), group)
		if err != nil || !there || g.Name != "Blue" {
			t.Errorf("%+v, %t, %v", g, there, err)
		}
		spec := gotoclient.MeetingSpec{Subject: "Old", Start: time.Now().Add(time.Hour), End: time.Now().Add(2 * time.Hour), Type: gotoclient.MeetingScheduled}
		m, err := w.acct.Meetings().Create(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		spec.Subject = "New"
		if m, err = w.acct.Meetings().Update(t.Context(), m, spec); err != nil || m.Subject != "New" {
			t.Fatal(m, err)
		}
		if m, there, err = w.acct.Meetings().Confirm(t.Context(), m.ID); err != nil || !there || m.Subject != "Old" {
			t.Errorf("%+v, %t, %v", m, there, err)
		}
		if m, _ = w.acct.Meetings().Get(m.ID); m.Subject != "Old" {
			t.Errorf("the snapshot has %q", m.Subject)
		}
	})
}

// Reading users back costs no more requests than there are users, however few of them GoTo gives in a page of the list.
func TestReadingBackCostsWhatItMust(t *testing.T) {
	const changed = 10
	for page, lists := range map[int]int{25: 0, 1000: 2} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, func(s *simulator.Switches) { s.MaxPageSize = page })
			w.addUsers(0, 1000)
			w.refresh(t)
			w.sim.ResetLog()
			one := []gotoclient.Key{meetingLicense}
			w.clean(t, each(changed, func(i int) error {
				return w.acct.Users().Update(t.Context(), w.user(t, i).Key, gotoclient.UserPatch{LicenseKeys: &one})
			}))
			if calls := w.sim.Calls(); calls[simulator.OpListUsers] != lists || calls[simulator.OpGetUser] > changed+1 {
				t.Errorf("pages of %d: %v", page, calls)
			}
		})
	}
}

// A page with more bytes than the client reads is asked for in smaller parts.
func TestAPageOfTooManyBytesIsHalved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addUsers(0, 600)
		long := strings.Repeat(" ", 65<<20)
		w.gateway = func(r *http.Request) (int, string) {
			if size, _ := strconv.Atoi(r.URL.Query().Get("pageSize")); strings.HasSuffix(r.URL.Path, "/users") && size > 300 {
				return http.StatusOK, long
			}
			return 0, ""
		}
		w.refresh(t)
		if n := w.acct.Knowledge().Pages["users"]; n != 250 {
			t.Errorf("pages of %d", n)
		}
		_ = w.user(t, 599)
	})
}

// The size of the pages of every list is shown.
func TestPageSizesAreShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		want := map[string]int{"users": 1000, "groups": 1000, "licenses": 1000, "attributes": 1000, "templates": 1000, "roleSets": 1000}
		if d := cmp.Diff(want, w.acct.Knowledge().Pages); d != "" {
			t.Error(d)
		}
		w.gateway = func(r *http.Request) (int, string) {
			if size, _ := strconv.Atoi(r.URL.Query().Get("pageSize")); size > 600 && !strings.HasSuffix(r.URL.Path, "/users") {
				return http.StatusBadRequest, ""
			}
			return 0, ""
		}
		once := func(context.Context) bool { return false }
		for _, err := range []error{
			w.acct.Attributes().Need(t.Context(), "a test", once), w.acct.Templates().Need(t.Context(), "a test", once),
			w.acct.RoleSets().Need(t.Context(), "a test", once), w.acct.Refresh(t.Context()),
		} {
			if err != nil {
				t.Error(err)
			}
		}
		for list, size := range w.acct.Knowledge().Pages {
			if size != 500 && list != "users" {
				t.Errorf("%s: pages of %d", list, size)
			}
		}
	})
}

// Whether a list is needed is asked of caches, which may take their time: others who need it do not wait for the answer.
func TestNobodyWaitsForWhoIsAskedWhetherAListIsNeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		slow := func(context.Context) bool { time.Sleep(time.Minute); return false }
		if err := w.acct.Attributes().Need(t.Context(), "slow", slow); err != nil {
			t.Fatal(err)
		}
		go func() { _ = w.acct.Refresh(t.Context()) }()
		time.Sleep(10 * time.Second)
		began := time.Now()
		if err := w.acct.Attributes().Need(t.Context(), "another", slow); err != nil || time.Since(began) > time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		time.Sleep(5 * time.Minute)
	})
}

// What reads lack (UNVERIFIED, of the groups that were given to an administrator) stays known: a change of it would be made again and again.
func TestWhatReadsLackStaysKnown(t *testing.T) {
	for name, look := range map[string]func(*testing.T, *world) gotoclient.User{
		"a list": func(t *testing.T, w *world) gotoclient.User {
			t.Helper()
			w.refresh(t)
			return w.user(t, 0)
		},
		"a read of one": func(t *testing.T, w *world) gotoclient.User {
			t.Helper()
			seen, _, err := w.acct.Users().Read(t.Context(), w.user(t, 0).Key)
			if known := w.user(t, 0); err != nil || !slices.Equal(known.ManagedGroupKeys, seen.ManagedGroupKeys) {
				t.Errorf("read %v, known %v, %v", seen.ManagedGroupKeys, known.ManagedGroupKeys, err)
			}
			return seen
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.addUsers(0, 1)
				w.refresh(t)
				group := []gotoclient.Key{w.group(t, "Sales", "")}
				if err := w.acct.Users().Update(t.Context(), w.user(t, 0).Key, gotoclient.UserPatch{ManagedGroupKeys: &group}); err != nil {
					t.Fatal(err)
				}
				for i := range 3 { // within the lag of a list, and after it
					if seen := look(t, w); !slices.Equal(seen.ManagedGroupKeys, group) {
						t.Errorf("look %d: %v", i, seen.ManagedGroupKeys)
					}
					time.Sleep(3 * time.Minute)
				}
			})
		})
	}
}

// A read that lags behind a change that was just accepted does not undo it, nor does it make GoTo look like one that cannot: but an
// explicit read is what counts.
func TestAStaleReadDoesNotUndoAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addUsers(0, 1)
		w.refresh(t)
		u := w.user(t, 0)
		path := "/admin/rest/v1/accounts/" + key + "/users/" + string(u.Key)
		rec := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodGet, path, http.NoBody)
		w.gateway = func(r *http.Request) (int, string) { // once, to learn what GoTo shows now
			if r.Method == http.MethodGet && r.URL.Path == path {
				request.Header = r.Header.Clone()
			}
			return 0, ""
		}
		if _, _, err := w.acct.Users().Confirm(t.Context(), u.Key); err != nil {
			t.Fatal(err)
		}
		w.sim.APIHandler().ServeHTTP(rec, request)
		w.gateway = func(r *http.Request) (int, string) {
			if r.Method == http.MethodGet && r.URL.Path == path {
				return http.StatusOK, rec.Body.String()
			}
			return 0, ""
		}
		one := []gotoclient.Key{meetingLicense}
		if err := w.acct.Users().Update(t.Context(), u.Key, gotoclient.UserPatch{LicenseKeys: &one}); err != nil {
			t.Fatal(err)
		}
		if seen, _ := w.acct.Users().Get(u.Key); len(seen.LicenseKeys) != 1 {
			t.Errorf("a read that lags by seconds is believed rather than the change: %v", seen.LicenseKeys)
		}
		if seen, there, err := w.acct.Users().Read(t.Context(), u.Key); err != nil || !there || len(seen.LicenseKeys) != 0 {
			t.Errorf("%v, %t, %v", seen.LicenseKeys, there, err)
		}
		if seen, _ := w.acct.Users().Get(u.Key); len(seen.LicenseKeys) != 0 {
			t.Errorf("what was read is not in the snapshot: %v", seen.LicenseKeys)
		}
		w.gateway = nil
		if seen, _, err := w.acct.Users().Read(t.Context(), u.Key); err != nil || len(seen.LicenseKeys) != 1 {
			t.Errorf("%v, %v", seen.LicenseKeys, err)
		}
	})
}

// A list that shows roles beyond those that were written is no proof that a change of several users failed.
func TestExpandedRolesDoNotEndBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(s *simulator.Switches) { s.RolesInReads = "expanded" })
		w.addUsers(0, 20)
		w.refresh(t)
		for _, roles := range [][]string{{gotoclient.RoleSuperUser}, {}} {
			w.sim.ResetLog()
			w.clean(t, each(20, func(i int) error {
				return w.acct.Users().Update(t.Context(), w.user(t, i).Key, gotoclient.UserPatch{AdminRoles: &roles})
			}))
			if n := w.sim.Calls()[simulator.OpUpdateUsers]; n != 1 {
				t.Errorf("%v: %d requests to change 20 users alike", roles, n)
			}
		}
	})
}

// Many who wait to be read back, while more are expected, are by a reading that is made anyway: by no page and no request of their own.
func TestAReadingThatIsMadeAnywayReadsBackManyWhoWait(t *testing.T) {
	const existing, n, page = 60, 20, 2
	one := []gotoclient.Key{meetingLicense}
	users := func(w *world) *account.Users { return w.acct.Users() }
	for name, write := range map[string]func(*testing.T, *world, int) (known func() bool, err error){
		"created": func(t *testing.T, w *world, i int) (func() bool, error) {
			t.Helper()
			making, err := users(w).Create(t.Context(), newUser(email(100+i)))
			return making.Known, err
		},
		"changed": func(t *testing.T, w *world, i int) (func() bool, error) {
			t.Helper()
			key := w.user(t, i).Key
			return func() bool { return users(w).Later(key) == nil }, users(w).Update(t.Context(), key, gotoclient.UserPatch{LicenseKeys: &one})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(s *simulator.Switches) { s.MaxPageSize = page })
				w.addUsers(0, existing)
				w.refresh(t)
				_, err := write(t, w, existing-1) // by whom it is found out what such a change does
				known := make([]func() bool, n)
				w.clean(t, append(each(n, func(i int) (err error) { known[i], err = write(t, w, i); return err }), err))
				if known[0]() {
					t.Fatal("nobody waits for more")
				}
				time.Sleep(time.Second)
				w.sim.ResetLog()
				w.refresh(t)
				synctest.Wait()
				for i := range n {
					if !known[i]() {
						t.Errorf("it is not known what came of number %d", i)
					}
				}
				time.Sleep(time.Minute)
				if calls := w.sim.Calls(); calls[simulator.OpListUsers] > (existing+n)/page+1 || calls[simulator.OpGetUser] > 0 {
					t.Errorf("%v", calls)
				}
			})
		})
	}
}
