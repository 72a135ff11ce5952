package gotoclient_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// expected are the positions in which a step of the life below ends in an error,
// and how to tell. In every other position every step works.
var expected = map[string]func(error) bool{
	"listAccounts=notFound accounts":  gotoclient.IsRefused,
	"maxBatch=7 create":               gotoclient.IsRefused,
	"multiKeyPut=refused update":      gotoclient.IsAmbiguous, // the 502 that a bad key gets
	"multiKeyDelete=refused delete":   gotoclient.IsAmbiguous,
	"emailChange=refused rename":      gotoclient.IsRefused,
	"licenseRequired=yes create bare": gotoclient.IsRefused,
	"visibilityLag=2s get":            gotoclient.IsNotFound,

	"unlicensedOrganizer=403 meeting":            gotoclient.IsForbidden,
	"pastStart=refused meeting of old":           gotoclient.IsRefused,
	"ptsn=refused meeting, misspelt":             gotoclient.IsRefused,
	"historyWindow=60 long history":              gotoclient.IsRefused,
	"historyWindow=90 long history":              gotoclient.IsRefused,
	"endedMeetingRead=404 ended meeting":         gotoclient.IsNotFound,
	"emptyHistory=404 organizer's history":       gotoclient.IsNotFound,
	"suspendedOrganizerPost=409 suspended again": gotoclient.IsConflict,
}

// TestEverySwitchPosition takes a client through the life of twenty users in
// every position of every switch: what is not known of the service must not
// matter.
func TestEverySwitchPosition(t *testing.T) {
	met := map[string]bool{}
	for name, positions := range simulator.SwitchPositions() {
		for _, position := range positions {
			t.Run(name+"="+position, func(t *testing.T) {
				w := newWorld(t)
				w.set(t, name, position)
				expect := func(step string, err error) bool {
					t.Helper()
					id := name + "=" + position + " " + step
					want := expected[id]
					met[id] = true
					if want == nil && err != nil || want != nil && !want(err) {
						t.Errorf("%s: %v", step, err)
					}
					return err == nil
				}
				walk(t, w, expect)
				walkRefusals(t, w)
				walkGroups(t, w)
				walkSeats(t, w)
				walkGuesses(t, w)
				walkDefinitions(t, w)
				walkMeetings(t, w, expect)
				walkOrganizers(t, w, expect)
			})
		}
	}
	for id := range expected {
		if !met[id] {
			t.Errorf("no step is called %q", id)
		}
	}
}

// walk goes through the life and reports every step, which tells whether it may
// go on as if the step had worked.
func walk(t *testing.T, w *world, step func(string, error) bool) {
	t.Helper()
	ctx := t.Context()
	me, err := w.client.Me(ctx)
	if step("me", err) && (cmp.Diff([]string{gotoclient.RoleSuperUser}, me.RolesIn(account)) != "" || !me.HasAccount(account)) {
		t.Errorf("me: %+v", me)
	}
	accounts, err := w.client.Accounts().List(ctx)
	if step("accounts", err) && (len(accounts) != 1 || accounts[0].Key != account) {
		t.Errorf("accounts: %+v", accounts)
	}
	group := gotoclient.Key(w.sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Name: "Blue"}))
	batch := gotoclient.CreateUsers{LicenseKeys: []gotoclient.Key{simulator.DefaultMeetingLicenseKey}, GroupKey: group}
	for i := range 20 {
		batch.Users = append(batch.Users, gotoclient.NewUser{Email: fmt.Sprintf("New%d@example.test", i), FirstName: "N", LastName: "N"})
	}
	created, err := w.users().Create(ctx, batch)
	if !step("create", err) {
		batch.Users = batch.Users[:5]
		created, err = w.users().Create(ctx, batch)
		step("create fewer", err)
	}
	walkWrites(t, w, step, created)
	_, err = w.users().Create(ctx, gotoclient.CreateUsers{Users: []gotoclient.NewUser{{Email: "bare@example.test", FirstName: "B", LastName: "B"}}})
	step("create bare", err)
}

func walkWrites(t *testing.T, w *world, step func(string, error) bool, created []gotoclient.CreatedUser) {
	t.Helper()
	ctx := t.Context()
	var keys []gotoclient.Key
	for _, c := range created {
		u, ok := w.sim.UserByEmail(simulator.DefaultAccountKey, c.Email)
		if !ok || gotoclient.Key(u.Key) != c.Key {
			t.Fatalf("%s was created as %q and not as %s", c.Email, u.Key, c.Key)
		}
		keys = append(keys, c.Key)
	}
	_, err := w.users().Get(ctx, keys[0])
	step("get", err)
	w.sim.Advance(3 * time.Second) // past the visibility lag
	user, err := w.users().Get(ctx, keys[0])
	if step("get later", err) && (user.Key != keys[0] || !strings.EqualFold(user.Email, created[0].Email) || len(user.GroupKeyPath) != 1) {
		t.Errorf("got %+v", user)
	}
	users, err := collect(w.users().List(ctx, gotoclient.ListOptions{PageSize: 7}))
	if step("list", err) && len(users) != len(keys)+1 {
		t.Errorf("%d users, want %d", len(users), len(keys)+1)
	}
	step("update", w.users().Update(ctx, keys, gotoclient.UserPatch{FirstName: ptr("Changed")}))
	step("update one", w.users().Update(ctx, keys[:1], gotoclient.UserPatch{FirstName: ptr("Changed")}))
	if u, _ := w.sim.User(simulator.DefaultAccountKey, keys[0].String()); u.FirstName != "Changed" && w.sim.Switches().IgnoredFields != "firstName" {
		t.Errorf("after the update: %+v", u)
	}
	step("rename", w.users().Update(ctx, keys[:1], gotoclient.UserPatch{Email: ptr("renamed@example.test")}))
	again, err := w.users().Create(ctx, gotoclient.CreateUsers{
		Users:       []gotoclient.NewUser{{Email: "NEW1@example.test", FirstName: "N", LastName: "N"}},
		LicenseKeys: []gotoclient.Key{simulator.DefaultMeetingLicenseKey},
	})
	if step("create again", err) && again[0].Key != "" && again[0].Key != keys[1] {
		t.Errorf("a user that exists: %+v", again)
	}
	step("delete one", w.users().Delete(ctx, keys[:1]))
	if !step("delete", w.users().Delete(ctx, keys[1:])) {
		for _, k := range keys[1:] {
			step("delete singly", w.users().Delete(ctx, []gotoclient.Key{k}))
		}
	}
	if _, ok := w.sim.User(simulator.DefaultAccountKey, keys[1].String()); ok {
		t.Error("a deleted user is still there")
	}
}

// missing fails unless an error says, in the way of the present position, that something is not there: plainly with 404 and a code, as
// a sign at least with everything else. No position of the Admin API but the one with a code is proof.
func (w *world) missing(t *testing.T, what string, err error) {
	t.Helper()
	position := w.sim.Switches().NotFound
	var api *gotoclient.APIError
	proof := errors.As(err, &api) && position == "404" && !strings.Contains(api.Operation, "Meeting")
	plainly := position == "404" || position == "404bare" && !proof && strings.Contains(fmt.Sprint(err), "Meeting")
	if gotoclient.IsNotFound(err) != plainly || gotoclient.IsAbsent(err) != proof || !gotoclient.MayBeAbsent(err) || gotoclient.IsAmbiguous(err) {
		t.Errorf("%s: %v", what, err)
	}
}

// showsText tells whether a read shows a text as the present position has it.
func (w *world) showsText(sent, read string) bool {
	return read == sent || w.sim.Switches().StoredText == "escaped" && gotoclient.SameText(sent, read)
}

// walkRefusals does what is refused in every position, in whatever way.
func walkRefusals(t *testing.T, w *world) {
	t.Helper()
	ctx := t.Context()
	refused := func(name string, err error) {
		t.Helper()
		if !gotoclient.IsRefused(err) || gotoclient.IsAmbiguous(err) || gotoclient.IsTemporary(err) || gotoclient.IsNotFound(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	create := func(n int, license gotoclient.Key) error {
		batch := gotoclient.CreateUsers{LicenseKeys: []gotoclient.Key{license}}
		for i := range n {
			batch.Users = append(batch.Users, gotoclient.NewUser{Email: fmt.Sprintf("seat%d@example.test", i), FirstName: "S", LastName: "S"})
		}
		_, err := w.users().Create(ctx, batch)
		return err
	}
	w.sim.UpdateLicense(simulator.DefaultAccountKey, simulator.DefaultWebinarLicenseKey, func(l *simulator.License) { l.Seats = 1 })
	refused("more users than seats", create(2, simulator.DefaultWebinarLicenseKey))
	refused("unknown licence", create(1, "7399999999999999999"))
	refused("another's account", w.client.Users(simulator.OtherAccountKey).Update(ctx, []gotoclient.Key{simulator.OtherAdminKey},
		gotoclient.UserPatch{FirstName: ptr("X")}))
	_, err := collect(w.client.Users(simulator.OtherAccountKey).List(ctx, gotoclient.ListOptions{}))
	refused("another's users", err)
}
