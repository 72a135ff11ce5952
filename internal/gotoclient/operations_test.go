package gotoclient_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

func TestMe(t *testing.T) {
	w := newWorld(t)
	me, err := w.client.Me(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if me.Key != simulator.DefaultAdminKey || me.Email != simulator.DefaultAdminEmail || !me.HasAccount(account) {
		t.Errorf("got %+v", me)
	}
	if diff := cmp.Diff([]string{gotoclient.RoleSuperUser}, me.RolesIn(account)); diff != "" {
		t.Error(diff)
	}
}

func TestAccounts(t *testing.T) {
	w := newWorld(t)
	all, err := w.client.Accounts().List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]gotoclient.Account{{Key: account, Name: simulator.DefaultAccountName}}, all); diff != "" {
		t.Error(diff)
	}
	if err := w.client.Accounts().Update(t.Context(), account, gotoclient.AccountPatch{Name: ptr("Renamed")}); err != nil {
		t.Fatal(err)
	}
	one, err := w.client.Accounts().Get(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	want := &gotoclient.Account{Key: account, Name: "Renamed", HasAdminAccess: ptr(true)}
	if diff := cmp.Diff(want, one); diff != "" {
		t.Error(diff)
	}
	w.sim.ResetLog()
	if err := w.client.Accounts().Update(t.Context(), account, gotoclient.AccountPatch{}); err != nil || len(w.sim.Requests()) != 0 {
		t.Errorf("an empty patch was sent, error %v", err)
	}
	if _, err := w.client.Accounts().Get(t.Context(), simulator.OtherAccountKey); !gotoclient.IsForbidden(err) || !gotoclient.IsRefused(err) {
		t.Errorf("another's account: %v", err)
	}
}

// The life of a user, in every call that the client has for it.
func TestUserLife(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	group := gotoclient.Key(w.sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Name: "Blue"}))
	created, err := w.users().Create(ctx, gotoclient.CreateUsers{
		Users: []gotoclient.NewUser{
			{Email: "fay@example.test", FirstName: "Fay", LastName: "Field", Locale: "de_DE", TimeZone: "Europe/Berlin"},
			{Email: "OPS@example.test", FirstName: "Is", LastName: "There"},
		},
		LicenseKeys: []gotoclient.Key{simulator.DefaultWebinarLicenseKey}, GroupKey: group,
		AdminRoles: []string{gotoclient.RoleManageGroups}, ManagedGroupKeys: []gotoclient.Key{group},
		EmailContent: &gotoclient.EmailContent{Subject: "Welcome", Text: "Ready"},
	})
	if err != nil {
		t.Fatal(err)
	}
	key := created[0].Key
	if diff := cmp.Diff([]gotoclient.CreatedUser{{"fay@example.test", key}, {"OPS@example.test", ""}}, created); diff != "" || !key.Valid() {
		t.Error(diff)
	}
	if mail := w.sim.Outbox(); len(mail) != 1 || mail[0].Subject != "Welcome" || mail[0].Text != "Ready" {
		t.Errorf("mail: %+v", mail)
	}
	user, err := w.users().Get(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	want := &gotoclient.User{
		Key: key, Email: "fay@example.test", FirstName: "Fay", LastName: "Field", Locale: "de_DE", TimeZone: "Europe/Berlin",
		LicenseKeys: []gotoclient.Key{simulator.DefaultWebinarLicenseKey}, Products: []string{"G2W", "G2M"},
		GroupKey: group, GroupName: "Blue", GroupKeyPath: []gotoclient.Key{group}, GroupNamePath: []string{"Blue"},
		AdminRoles: []string{gotoclient.RoleManageGroups}, Settings: []byte("{}"),
		InvitedDate: user.InvitedDate, Status: gotoclient.UserInvited, InviteCount: 1,
	}
	if diff := cmp.Diff(want, user); diff != "" || user.InvitedDate == 0 {
		t.Error(diff)
	}
	changeAndDelete(t, w, key)
}

func changeAndDelete(t *testing.T, w *world, key gotoclient.Key) {
	t.Helper()
	ctx := t.Context()
	err := w.users().Update(ctx, []gotoclient.Key{key}, gotoclient.UserPatch{
		Email: ptr("gil@example.test"), FirstName: ptr("Gil"), LastName: ptr("Green"), Locale: ptr("en_US"), TimeZone: ptr("Asia/Tokyo"),
		AdminRoles: ptr([]string{}), LicenseKeys: ptr([]gotoclient.Key{}), ManagedGroupKeys: ptr([]gotoclient.Key{}),
	})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := w.sim.User(simulator.DefaultAccountKey, key.String())
	if got.Email != "gil@example.test" || got.FirstName != "Gil" || got.LastName != "Green" || got.Locale != "en_US" ||
		got.TimeZone != "Asia/Tokyo" || len(got.AdminRoles)+len(got.LicenseKeys)+len(got.ManagedGroupKeys) > 0 || got.GroupKey == "" {
		t.Errorf("after the update: %+v", got)
	}
	if err := w.users().Delete(ctx, []gotoclient.Key{key}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.users().Get(ctx, key); !gotoclient.IsNotFound(err) || !gotoclient.HasCode(err, gotoclient.CodeUserNotFound) {
		t.Errorf("get of a deleted user: %v", err)
	}
	if err := w.users().Delete(ctx, []gotoclient.Key{key}); !gotoclient.IsNotFound(err) || gotoclient.IsAmbiguous(err) {
		t.Errorf("delete of a deleted user: %v", err)
	}
	again, err := w.users().Create(ctx, gotoclient.CreateUsers{
		Users: []gotoclient.NewUser{{Email: "Gil@example.test", FirstName: "G", LastName: "G"}}, SuppressEmail: true,
	})
	if err != nil || again[0].Key != key {
		t.Errorf("revival: %v, %v; want the key %s", again, err, key)
	}
	if len(w.sim.Outbox()) != 1 {
		t.Error("a suppressed mail was sent")
	}
}

// Several users are named in one request, all or nothing.
func TestSeveralUsersInOneRequest(t *testing.T) {
	w := newWorld(t)
	keys := w.addUsers(3)
	patch := gotoclient.UserPatch{Locale: ptr("fr_FR")}
	if err := w.users().Update(t.Context(), keys, patch); err != nil {
		t.Fatal(err)
	}
	err := w.users().Update(t.Context(), append(keys, "7999999999999999999"), gotoclient.UserPatch{Locale: ptr("de_DE")})
	if !gotoclient.IsNotFound(err) {
		t.Errorf("with an unknown key: %v", err)
	}
	for _, k := range keys {
		if u, _ := w.sim.User(simulator.DefaultAccountKey, k.String()); u.Locale != "fr_FR" {
			t.Errorf("user %s has the locale %s", k, u.Locale)
		}
	}
	if err := w.users().Delete(t.Context(), keys[:2]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"token": 1, "updateUsers": 2, "deleteUsers": 1}, w.sim.Calls()); diff != "" {
		t.Error(diff)
	}
	if n := len(w.sim.Users(simulator.DefaultAccountKey)); n != 2 {
		t.Errorf("%d users are left, want the admin and one", n)
	}
}

func TestNothingToDoSendsNothing(t *testing.T) {
	w := newWorld(t)
	created, err := w.users().Create(t.Context(), gotoclient.CreateUsers{})
	if err != nil || created != nil {
		t.Errorf("%v, %v", created, err)
	}
	for _, err := range []error{
		w.users().Update(t.Context(), nil, gotoclient.UserPatch{Locale: ptr("x")}),
		w.users().Update(t.Context(), []gotoclient.Key{"1"}, gotoclient.UserPatch{}),
		w.users().Delete(t.Context(), nil),
		w.client.Groups(account).Move(t.Context(), "1", nil),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if n := len(w.sim.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// A key that is none must not reach the service, where it could address
// something else, or be answered like an outage.
func TestInvalidKeysAreNotSent(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	for _, bad := range []gotoclient.Key{"", "abc", "1/../2", "1?x=y", "1,2"} {
		_, getUser := w.users().Get(ctx, bad)
		_, getGroup := w.client.Groups(account).Get(ctx, bad)
		groups, licenses := w.client.Groups(account), w.client.Licenses(account)
		_, subgroups := collect(groups.Subgroups(ctx, bad, gotoclient.ListOptions{}))
		_, members := collect(groups.Users(ctx, bad, gotoclient.ListOptions{}))
		_, getAccount := w.client.Accounts().Get(ctx, bad)
		_, list := collect(w.client.Users(bad).List(ctx, gotoclient.ListOptions{}))
		for _, err := range []error{
			getUser, getGroup, getAccount, list, subgroups, members,
			groups.Rename(ctx, bad, "X"), groups.Delete(ctx, bad), groups.Leave(ctx, bad),
			groups.Move(ctx, bad, []gotoclient.Key{"1"}), groups.Move(ctx, "1", []gotoclient.Key{"1", bad}),
			licenses.AddSeat(ctx, bad, "1"), licenses.AddSeat(ctx, "1", bad),
			licenses.RemoveSeat(ctx, bad, "1", true), licenses.RemoveSeat(ctx, "1", bad, true),
			w.users().Delete(ctx, []gotoclient.Key{"1", bad}),
			w.users().Update(ctx, []gotoclient.Key{bad}, gotoclient.UserPatch{Locale: ptr("x")}),
		} {
			if err == nil || !strings.Contains(err.Error(), gotoclient.ErrInvalidKey.Error()) {
				t.Errorf("%q: got %v", bad, err)
			}
		}
	}
	if n := len(w.sim.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestGroupsAndLicenses(t *testing.T) {
	w := newWorld(t)
	parent := gotoclient.Key(w.sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Name: "Blue"}))
	child := gotoclient.Key(w.sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Name: "Navy", ParentKey: parent.String()}))
	member := gotoclient.Key(w.sim.AddUser(simulator.DefaultAccountKey, simulator.User{
		Email: "fay@example.test", FirstName: "F", LastName: "F", GroupKey: child.String(), LicenseKeys: []string{simulator.DefaultWebinarLicenseKey},
	}))
	groups, err := collect(w.client.Groups(account).List(t.Context(), gotoclient.ListOptions{PageSize: 1}))
	if err != nil || len(groups) != 2 {
		t.Fatalf("%v, %v", groups, err)
	}
	got, err := w.client.Groups(account).Get(t.Context(), child)
	if err != nil {
		t.Fatal(err)
	}
	want := &gotoclient.Group{
		Key: child, Name: "Navy", KeyPath: []gotoclient.Key{parent, child}, NamePath: []string{"Blue", "Navy"},
		UserKeys: []gotoclient.Key{member}, MemberCount: 1, TotalMemberCount: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" || got.ParentKey() != parent {
		t.Error(diff)
	}
	if _, err := w.client.Groups(account).Get(t.Context(), "7499999999999999999"); !gotoclient.IsNotFound(err) {
		t.Errorf("unknown group: %v", err)
	}
	pages, err := collect(w.client.Licenses(account).Pages(t.Context(), gotoclient.ListOptions{}))
	if err != nil || len(pages) != 1 || len(pages[0].Results) != 2 {
		t.Fatalf("%v, %v", pages, err)
	}
	licenses, err := collect(w.client.Licenses(account).List(t.Context(), gotoclient.ListOptions{PageSize: 1}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pages[0].Results, licenses); diff != "" {
		t.Error(diff)
	}
	for _, l := range licenses {
		if l.Key == simulator.DefaultWebinarLicenseKey && (l.Seats != 10 || l.UserCount != 1 || !l.Enabled ||
			l.Description != "GoToWebinar" || cmp.Diff([]string{"G2W", "G2M"}, l.Products) != "" ||
			cmp.Diff([]gotoclient.Key{member}, append(l.UserKeys, l.InvitedUserKeys...)) != "") {
			t.Errorf("got %+v", l)
		}
	}
}
