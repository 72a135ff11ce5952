package account_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	meetingLicense = gotoclient.Key(simulator.DefaultMeetingLicenseKey)
	webinarLicense = gotoclient.Key(simulator.DefaultWebinarLicenseKey)
)

// user is a user of the snapshot.
func (w *world) user(t *testing.T, i int) gotoclient.User {
	t.Helper()
	u, ok := w.acct.Users().ByEmail(email(i))
	if !ok {
		t.Fatalf("%s is not in the snapshot", email(i))
	}
	return u
}

// group creates a group.
func (w *world) group(t *testing.T, name string, parent gotoclient.Key) gotoclient.Key {
	t.Helper()
	g, err := w.acct.Groups().Create(t.Context(), gotoclient.NewGroup{Name: name, ParentKey: parent})
	if err != nil {
		t.Fatal(err)
	}
	return g.Key
}

// all fails unless ten users of the simulator and of the snapshot have what check says.
func (w *world) all(t *testing.T, what string, check func(licenses []string, group string) bool) {
	t.Helper()
	for i := range 10 {
		remote, _ := w.sim.UserByEmail(key, email(i))
		if !check(remote.LicenseKeys, remote.GroupKey) {
			t.Errorf("%s: GoTo holds licences %v and group %q", what, remote.LicenseKeys, remote.GroupKey)
			return
		}
		seen := w.user(t, i)
		var licenses []string
		for _, l := range seen.LicenseKeys {
			licenses = append(licenses, string(l))
		}
		if !check(licenses, string(seen.GroupKey)) {
			t.Errorf("%s: the snapshot shows licences %v and group %q", what, licenses, seen.GroupKey)
			return
		}
	}
}

// TestMembersAndSeats takes ten users into a group with two licences, to another group with one, and out of both, in every
// position of every switch but the one in which licences cannot be given. At no time is a user who moves in no group.
func TestMembersAndSeats(t *testing.T) {
	everyPosition(t, membersAndSeats, "ignoredFields=licenseKeys")
}

func membersAndSeats(t *testing.T, w *world) {
	t.Helper()
	for i := range 10 {
		w.sim.AddUser(key, simulator.User{Email: email(i), FirstName: "Fay", LastName: "Field"})
	}
	if err := w.acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	first, second := w.group(t, "First", ""), w.group(t, "Second", "")
	time.Sleep(time.Minute) // whatever GoTo shows late is shown
	change := func(what string, patch gotoclient.UserPatch) {
		t.Helper()
		w.sim.ResetLog()
		w.clean(t, each(10, func(i int) error {
			err := w.acct.Users().Update(t.Context(), w.user(t, i).Key, patch)
			if err != nil {
				err = fmt.Errorf("%s: %w", what, err)
			}
			return err
		}))
		if n := w.sim.Calls()[simulator.OpLeaveGroups]; n > 0 {
			t.Errorf("%s: %d times a user was in no group", what, n)
		}
	}
	both, one, none, name := []gotoclient.Key{meetingLicense, webinarLicense}, []gotoclient.Key{meetingLicense}, []gotoclient.Key{}, "Changed"

	change("in", gotoclient.UserPatch{LastName: &name, LicenseKeys: &both, GroupKey: &first})
	w.all(t, "in", func(l []string, g string) bool { return len(l) == 2 && g == string(first) })
	change("move", gotoclient.UserPatch{GroupKey: &second})
	w.all(t, "move", func(l []string, g string) bool { return len(l) == 2 && g == string(second) })
	change("less", gotoclient.UserPatch{LicenseKeys: &one})
	w.all(t, "less", func(l []string, _ string) bool { return slices.Equal(l, []string{simulator.DefaultMeetingLicenseKey}) })
	change("back", gotoclient.UserPatch{LicenseKeys: &none, GroupKey: &first})
	w.all(t, "back", func(l []string, g string) bool { return len(l) == 0 && g == string(first) })
	for i := range 10 {
		if err := w.acct.Groups().Leave(t.Context(), w.user(t, i).Key); err != nil {
			t.Error(err)
		}
	}
	w.all(t, "out", func(l []string, g string) bool { return len(l) == 0 && g == "" })
}

// TestSeatsThatAreGone: the snapshot says that there are ten seats, GoTo has three. How it refuses is unknown.
func TestSeatsThatAreGone(t *testing.T) {
	statuses, codes := simulator.SwitchPositions()["seatsExhausted"], simulator.SwitchPositions()["seatsExhaustedCode"]
	for _, status := range statuses {
		for _, code := range codes {
			for _, shown := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s %s, shown %t", status, code, shown), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t, func(s *simulator.Switches) { s.SeatsExhausted, s.SeatsExhaustedCode = status, code })
						for i := range 10 {
							w.sim.AddUser(key, simulator.User{Email: email(i), FirstName: "Fay", LastName: "Field"})
						}
						if !shown { // seats that users do not show, such as of devices, make the list's own count wrong
							w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpUpdateUsers, Status: 409, Match: simulator.DefaultWebinarLicenseKey})
						}
						if err := w.acct.Refresh(t.Context()); err != nil {
							t.Fatal(err)
						}
						if shown {
							w.sim.UpdateLicense(key, simulator.DefaultWebinarLicenseKey, func(l *simulator.License) { l.Seats = 3 })
						}
						seatsThatAreGone(t, w)
					})
				})
			}
		}
	}
}

func seatsThatAreGone(t *testing.T, w *world) {
	t.Helper()
	w.sim.ResetLog()
	both, name := []gotoclient.Key{meetingLicense, webinarLicense}, "Changed"
	errs := each(10, func(i int) error {
		return w.acct.Users().Update(t.Context(), w.user(t, i).Key, gotoclient.UserPatch{LastName: &name, LicenseKeys: &both})
	})
	for i, err := range errs {
		remote, _ := w.sim.UserByEmail(key, email(i))
		if has := slices.Contains(remote.LicenseKeys, simulator.DefaultWebinarLicenseKey); has == errors.As(err, new(*account.SeatsError)) {
			t.Errorf("user %d: %v, and has the licence: %t", i, err, has)
		}
		if remote.LastName != name {
			t.Errorf("user %d: the rest of the change is not written", i)
		}
	}
	if n := w.sim.Calls()[simulator.OpUpdateUsers]; n > 40 {
		t.Errorf("%d requests for 10 users", n)
	}
	if free := w.acct.Licenses().Seats()[webinarLicense].Free; free > 3 {
		t.Errorf("the ledger shows %d free seats", free)
	}
}

// That GoTo refuses one user a seat may be about the user: the others get theirs. After a second one no more are asked for until the
// next resync.
func TestOneWhoIsRefusedASeatClosesNoLicence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.addUsers(0, 20)
		w.refresh(t)
		give := func(i int) error {
			one := []gotoclient.Key{webinarLicense}
			return w.acct.Users().Update(t.Context(), w.user(t, i).Key, gotoclient.UserPatch{LicenseKeys: &one})
		}
		for _, refused := range []int{3, 7} {
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpUpdateUsers, Status: 409, Match: string(w.user(t, refused).Key)})
		}
		if err := give(3); !errors.As(err, new(*account.SeatsError)) {
			t.Errorf("who is refused: %v", err)
		}
		w.clean(t, each(3, give))
		if free := w.acct.Licenses().Seats()[webinarLicense].Free; free == 0 {
			t.Error("one refusal closes the licence for all")
		}
		if err := give(7); !errors.As(err, new(*account.SeatsError)) {
			t.Errorf("who is refused as the second: %v", err)
		}
		if free := w.acct.Licenses().Seats()[webinarLicense].Free; free != 0 {
			t.Errorf("%d seats are free after two refusals", free)
		}
		w.refresh(t)
		w.clean(t, []error{give(9)})
	})
}

// A seat that is taken away by a change of its user is free once GoTo has taken it, and not before: whether such a change takes any is not known.
func TestASeatIsFreeOnceItIs(t *testing.T) {
	for _, position := range simulator.SwitchPositions()["licenseKeysInPut"] {
		synctest.Test(t, func(t *testing.T) {
			const n = 4
			w := newWorld(t, func(s *simulator.Switches) { s.LicenseKeysInPut = position })
			for i := range n {
				w.sim.AddUser(key, simulator.User{Email: email(i), FirstName: "Fay", LastName: "Field", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}})
			}
			w.refresh(t)
			before := w.acct.Licenses().Seats()[meetingLicense].Used
			w.sim.OnRequest(func(r simulator.Request) {
				has := 0
				for _, u := range w.sim.Users(key) {
					has += len(u.LicenseKeys)
				}
				if used := w.acct.Licenses().Seats()[meetingLicense].Used; used < has || used > before {
					t.Errorf("%s: %s finds %d seats in use, and %d are", position, r.Operation, used, has)
				}
			})
			w.clean(t, each(n, func(i int) error {
				return w.acct.Users().Update(t.Context(), w.user(t, i).Key, gotoclient.UserPatch{LicenseKeys: &[]gotoclient.Key{}})
			}))
			if used := w.acct.Licenses().Seats()[meetingLicense].Used; used != before-n {
				t.Errorf("%s: %d seats are in use in the end, and were %d", position, used, before)
			}
		})
	}
}

// A user that is gone, among others who are changed or moved together, is the only one that fails.
func TestAUserThatIsGoneSpoilsNoBatch(t *testing.T) {
	for _, position := range simulator.SwitchPositions()["partialUpdate"] {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, func(s *simulator.Switches) { s.PartialUpdate = position })
			w.clean(t, w.createAll(t, 10))
			group := w.group(t, "Sales", "")
			gone := w.user(t, 3).Key
			w.sim.RemoveUser(key, string(gone))
			one := []gotoclient.Key{meetingLicense}
			changes := each(10, func(i int) error {
				return w.acct.Users().Update(t.Context(), w.user(t, i).Key, gotoclient.UserPatch{LicenseKeys: &one})
			})
			moves := each(10, func(i int) error {
				u, ok := w.acct.Users().ByEmail(email(i))
				if !ok {
					return account.ErrGone
				}
				return w.acct.Groups().Move(t.Context(), u.Key, group)
			})
			for i := range 10 {
				remote, there := w.sim.UserByEmail(key, email(i))
				if there == (i == 3) {
					t.Fatalf("%s: user %d is there: %t", position, i, there)
				}
				if i == 3 {
					if moves[i] == nil && changes[i] == nil {
						t.Errorf("%s: nobody says that the user is gone", position)
					}
					continue
				}
				if changes[i] != nil || moves[i] != nil || len(remote.LicenseKeys) != 1 || remote.GroupKey != string(group) {
					t.Errorf("%s: user %d: %v, %v; %+v", position, i, changes[i], moves[i], remote)
				}
			}
		})
	}
}

// TestReadingBackCostsNoMoreThanWriting gives five thousand users a licence and takes it again, five hundred at a time, as
// reconcilers do.
func TestReadingBackCostsNoMoreThanWriting(t *testing.T) {
	for _, position := range simulator.SwitchPositions()["licenseKeysInPut"] {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, func(s *simulator.Switches) { s.LicenseKeysInPut = position })
			const users, wave, batch, page = 5000, 500, 100, 1000
			for i := range users {
				w.sim.AddUser(key, simulator.User{Email: email(i), FirstName: "Fay", LastName: "Field"})
			}
			if err := w.acct.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, licenses := range [][]gotoclient.Key{{meetingLicense}, {}} {
				w.sim.ResetLog()
				for from := 0; from < users; from += wave {
					w.clean(t, each(wave, func(i int) error {
						return w.acct.Users().Update(t.Context(), w.user(t, from+i).Key, gotoclient.UserPatch{LicenseKeys: &licenses})
					}))
				}
				for _, u := range w.sim.Users(key) {
					if len(u.LicenseKeys) != len(licenses) && u.FirstName == "Fay" {
						t.Fatalf("%s has %v", u.Email, u.LicenseKeys)
					}
				}
				calls := w.sim.Calls()
				merged := position == "merge" && len(licenses) == 0 // each seat is taken by a request of its own, and each is looked at
				if n := calls[simulator.OpUpdateUsers]; n != users/batch {
					t.Errorf("%s: %d changes, want %d", position, n, users/batch)
				}
				if n, most := calls[simulator.OpListUsers], 2*(users/page+1); n > most && !merged {
					t.Errorf("%s: %d pages were read back, want at most %d: %v", position, n, most, calls)
				}
			}
		})
	}
}
