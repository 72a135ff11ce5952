package gotoclient_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	unknownGroup = gotoclient.Key("7499999999999999999")
	unknownUser  = gotoclient.Key("7199999999999999999")
)

func (w *world) groups() *gotoclient.GroupsService { return w.client.Groups(account) }

// groupOf returns the group of a user as the simulator has it.
func (w *world) groupOf(t *testing.T, user gotoclient.Key) gotoclient.Key {
	t.Helper()
	u, ok := w.sim.User(simulator.DefaultAccountKey, user.String())
	if !ok {
		t.Fatalf("no user %s", user)
	}
	return gotoclient.Key(u.GroupKey)
}

// newGroup creates a group that must not fail.
func (w *world) newGroup(t *testing.T, name string, parent gotoclient.Key) gotoclient.Key {
	t.Helper()
	key, err := w.groups().Create(t.Context(), gotoclient.NewGroup{Name: name, ParentKey: parent})
	if err != nil {
		t.Fatalf("create %s: %v", name, err)
	}
	return key
}

// The life of a group, in every call that the client has for it.
func TestGroupLife(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	blue := w.newGroup(t, "Blue", "")
	navy := w.newGroup(t, "Navy", blue)
	if _, err := w.groups().Create(ctx, gotoclient.NewGroup{Name: "Navy"}); !gotoclient.IsConflict(err) || gotoclient.IsAmbiguous(err) {
		t.Errorf("a name that is taken: %v", err)
	}
	if _, err := w.groups().Create(ctx, gotoclient.NewGroup{}); !gotoclient.HasCode(err, gotoclient.CodeGroupNameRequired) {
		t.Errorf("no name: %v", err)
	}
	keys := w.addUsers(2)
	if err := w.groups().Move(ctx, navy, keys); err != nil {
		t.Fatal(err)
	}
	if err := w.groups().Rename(ctx, navy, "Sky"); err != nil {
		t.Fatal(err)
	}
	if err := w.groups().Rename(ctx, navy, "Blue"); !gotoclient.IsConflict(err) {
		t.Errorf("rename to a name that is taken: %v", err)
	}
	got, err := w.groups().Get(ctx, navy)
	want := &gotoclient.Group{
		Key: navy, Name: "Sky", KeyPath: []gotoclient.Key{blue, navy}, NamePath: []string{"Blue", "Sky"},
		UserKeys: keys, MemberCount: 2, TotalMemberCount: 2,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if err := w.groups().Leave(ctx, keys[0]); err != nil || w.groupOf(t, keys[0]) != "" || w.groupOf(t, keys[1]) != navy {
		t.Errorf("leave: %v", err)
	}
	if err := w.groups().Delete(ctx, blue); !gotoclient.IsRefused(err) || gotoclient.IsNotFound(err) {
		t.Errorf("deletion of a group with a sub-group: %v", err)
	}
	for _, k := range []gotoclient.Key{navy, blue} {
		if err := w.groups().Delete(ctx, k); err != nil {
			t.Fatal(err)
		}
	}
	if w.groupOf(t, keys[1]) != "" {
		t.Error("a user is in a deleted group")
	}
	if err := w.groups().Delete(ctx, blue); !gotoclient.IsNotFound(err) || gotoclient.IsAmbiguous(err) {
		t.Errorf("deletion of a deleted group: %v", err)
	}
	if err := w.groups().Rename(ctx, blue, "X"); !gotoclient.IsNotFound(err) {
		t.Errorf("rename of a deleted group: %v", err)
	}
}

// Which of two things is missing is told by the code alone.
func TestMoveNamesWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	blue := w.newGroup(t, "Blue", "")
	user := w.addUsers(1)
	noGroup := w.groups().Move(t.Context(), unknownGroup, user)
	noUser := w.groups().Move(t.Context(), blue, []gotoclient.Key{user[0], unknownUser})
	if !gotoclient.HasCode(noGroup, gotoclient.CodeGroupNotFound) || !gotoclient.HasCode(noUser, gotoclient.CodeUserNotFound) ||
		gotoclient.IsNotFound(noGroup) || gotoclient.IsNotFound(noUser) {
		t.Errorf("%v, %v", noGroup, noUser)
	}
	if err := w.groups().Leave(t.Context(), unknownUser); !gotoclient.IsNotFound(err) {
		t.Errorf("leave: %v", err)
	}
}

func TestListsOfOneGroup(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	blue := w.newGroup(t, "Blue", "")
	navy, sky := w.newGroup(t, "Navy", blue), w.newGroup(t, "Sky", blue)
	keys := w.addUsers(3)
	if err := w.groups().Move(ctx, blue, keys[1:]); err != nil {
		t.Fatal(err)
	}
	all := gotoclient.ListOptions{PageSize: 1}
	if _, err := collect(w.groups().Users(ctx, blue, all)); !gotoclient.HasCode(err, gotoclient.CodeNotFound) || !gotoclient.IsRefused(err) {
		t.Errorf("where there is no such path: %v", err)
	}
	w.set(t, "groupLists", "available")
	users, err := collect(w.groups().Users(ctx, blue, all))
	if err != nil || len(users) != 2 || users[0].Key != keys[1] || users[1].Key != keys[2] {
		t.Errorf("%v, %v", users, err)
	}
	groups, err := collect(w.groups().Subgroups(ctx, blue, all))
	if err != nil || len(groups) != 2 || groups[0].Key != navy || groups[1].Key != sky {
		t.Errorf("%v, %v", groups, err)
	}
	if _, err := collect(w.groups().Subgroups(ctx, unknownGroup, all)); !gotoclient.IsRefused(err) || gotoclient.IsNotFound(err) {
		t.Errorf("a list of a group that does not exist: %v", err)
	}
}

// An answer to a create that names no group leaves the caller in doubt.
func TestCreatedGroupForms(t *testing.T) {
	for body, want := range map[string]gotoclient.Key{
		"7400000000000000001\n": "7400000000000000001", `"7400000000000000001"`: "7400000000000000001",
		`{"key":7400000000000000001}`: "7400000000000000001",
		"":                            "", " ": "", "null": "", `""`: "", `"blue"`: "", "{}": "", "true": "", "7.4e18": "", "[": "", "<html>": "",
	} {
		w := newWorld(t, func(c *gotoclient.Config) {
			c.Base = answerGroups(c.Base, body)
		})
		key, err := w.groups().Create(t.Context(), gotoclient.NewGroup{Name: "Blue"})
		if key != want || (err == nil) != (want != "") || (want == "" && !gotoclient.IsAmbiguous(err)) {
			t.Errorf("%q: got %q, %v", body, key, err)
		}
	}
}

// answerGroups answers what is sent to groups with a body of its own.
func answerGroups(next http.RoundTripper, body string) http.RoundTripper {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /admin/rest/v1/accounts/{account}/groups", func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = rw.Write([]byte(body))
	})
	return roundTrip(func(req *http.Request) (*http.Response, error) {
		if _, pattern := mux.Handler(req); pattern == "" {
			return next.RoundTrip(req)
		}
		return handlerTransport{mux}.RoundTrip(req)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// After a lost answer a create is not repeated, and the others are.
func TestGroupWritesAfterALostAnswer(t *testing.T) {
	for op, c := range map[string]struct {
		do       func(context.Context, *world, gotoclient.Key, gotoclient.Key) error
		attempts int
	}{
		gotoclient.OpCreateGroup: {func(ctx context.Context, w *world, _, _ gotoclient.Key) error {
			_, err := w.groups().Create(ctx, gotoclient.NewGroup{Name: "New"})
			return err
		}, 1},
		gotoclient.OpUpdateGroup: {func(ctx context.Context, w *world, group, _ gotoclient.Key) error {
			return w.groups().Rename(ctx, group, "New")
		}, 2},
		gotoclient.OpDeleteGroup: {func(ctx context.Context, w *world, group, _ gotoclient.Key) error {
			return w.groups().Delete(ctx, group)
		}, 2},
		gotoclient.OpMoveUsers: {func(ctx context.Context, w *world, group, user gotoclient.Key) error {
			return w.groups().Move(ctx, group, []gotoclient.Key{user})
		}, 2},
		gotoclient.OpLeaveGroups: {func(ctx context.Context, w *world, _, user gotoclient.Key) error {
			return w.groups().Leave(ctx, user)
		}, 2},
		gotoclient.OpRemoveSeat: {func(ctx context.Context, w *world, _, user gotoclient.Key) error {
			return w.licenses().RemoveSeat(ctx, simulator.DefaultMeetingLicenseKey, user, true)
		}, 2},
	} {
		t.Run(op, func(t *testing.T) {
			w := newWorld(t)
			group, user := w.newGroup(t, "Blue", ""), w.addUsers(1)[0]
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: op, Count: 1})
			before := len(w.seen(op))
			err := c.do(t.Context(), w, group, user)
			if n := len(w.seen(op)) - before; n != c.attempts || (err == nil) != (n == 2) || (err != nil && !gotoclient.IsAmbiguous(err)) {
				t.Errorf("%d attempts, want %d: %v", n, c.attempts, err)
			}
		})
	}
}

// walkGroups takes groups through their life in the present position of the switches.
func walkGroups(t *testing.T, w *world) {
	t.Helper()
	ctx, sw := t.Context(), w.sim.Switches()
	okIf := func(name string, holds bool, err error) bool {
		t.Helper()
		if holds != (err == nil) || err != nil && (!gotoclient.IsRefused(err) || gotoclient.IsNotFound(err) || gotoclient.IsAmbiguous(err)) {
			t.Errorf("%s: %v", name, err)
		}
		return err == nil
	}
	blue := w.newGroup(t, "Blues", "")
	if _, err := w.groups().Create(ctx, gotoclient.NewGroup{Name: "Blues"}); !gotoclient.IsConflict(err) || !gotoclient.IsRefused(err) {
		t.Errorf("a name that is taken: %v", err)
	}
	navy, err := w.groups().Create(ctx, gotoclient.NewGroup{Name: "Navy", ParentKey: blue})
	if !okIf("sub-group", sw.GroupParent != "refused", err) {
		navy = w.newGroup(t, "Navy", "")
	}
	okIf("rename", true, w.groups().Rename(ctx, navy, "Sky"))
	got, err := w.groups().Get(ctx, navy)
	nested := sw.GroupParent == "parentKey"
	if okIf("get", true, err) && ((got.Name != "Sky" && sw.IgnoredFields != "groupName") || (got.ParentKey() == blue) != nested) {
		t.Errorf("got %+v", got)
	}
	keys := w.addUsers(3)
	switch err := w.groups().Move(ctx, navy, keys); sw.MultiKeyMove {
	case "refused":
		if !gotoclient.IsAmbiguous(err) { // the 502 that a bad key gets
			t.Errorf("move several: %v", err)
		}
	default:
		okIf("move several", true, err)
	}
	for _, k := range keys {
		if okIf("move one", true, w.groups().Move(ctx, navy, []gotoclient.Key{k})) && w.groupOf(t, k) != navy {
			t.Errorf("user %s is in %s", k, w.groupOf(t, k))
		}
	}
	available := sw.GroupLists == "available"
	users, err := collect(w.groups().Users(ctx, navy, gotoclient.ListOptions{PageSize: 2}))
	if okIf("users of a group", available, err) && len(users) != 3 {
		t.Errorf("users %v", users)
	}
	subgroups, err := collect(w.groups().Subgroups(ctx, blue, gotoclient.ListOptions{}))
	if okIf("sub-groups", available, err) && (len(subgroups) == 1) != nested {
		t.Errorf("sub-groups %v", subgroups)
	}
	okIf("deletion of a group with a sub-group", sw.SubgroupsOnDelete != "refused" || !nested, w.groups().Delete(ctx, blue))
	if sw.SubgroupsOnDelete != "deleted" {
		okIf("deletion of a group with users", sw.MembersOnDelete != "refused", w.groups().Delete(ctx, navy))
	}
	for i, k := range keys {
		okIf("leave", w.groupOf(t, keys[i]) != "" || sw.NothingToTake == "done", w.groups().Leave(ctx, k))
	}
	for _, k := range []gotoclient.Key{navy, blue} {
		if err := w.groups().Delete(ctx, k); err != nil {
			w.missing(t, "deletion", err)
		}
		w.missing(t, "second deletion", w.groups().Delete(ctx, k))
	}
}
