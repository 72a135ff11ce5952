package state

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// company returns a store with the default account, in which a group of two levels has two members.
func company(t *testing.T) (*Store, *Directory) {
	t.Helper()
	in := DefaultState()
	s, err := NewStore(&in, time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return s, s.Account(DefaultAccountKey)
}

func addUser(t *testing.T, s *Store, d *Directory, u User) *User {
	t.Helper()
	key, err := s.AddUser(d, u)
	if err != nil {
		t.Fatal(err)
	}
	return d.User(key)
}

func TestSeatsFollowTheirUsers(t *testing.T) {
	s, d := company(t)
	u := addUser(t, s, d, User{Email: "fay@example.test", LicenseKeys: []string{DefaultWebinarLicenseKey}})
	taken := func() []int { return []int{d.Taken(DefaultWebinarLicenseKey), d.Taken(DefaultMeetingLicenseKey)} }
	if diff := cmp.Diff([]int{1, 0}, taken()); diff != "" {
		t.Errorf("after the create: %s", diff)
	}
	changed := u.Clone()
	changed.LicenseKeys = []string{DefaultMeetingLicenseKey}
	d.Replace(u, &changed)
	if diff := cmp.Diff([]int{0, 1}, taken()); diff != "" {
		t.Errorf("after the change: %s", diff)
	}
	d.Bury(u)
	if diff := cmp.Diff([]int{0, 0}, taken()); diff != "" {
		t.Errorf("after the deletion: %s", diff)
	}
}

func TestADeletedUserReturnsOnceWithTheKeyAlone(t *testing.T) {
	s, d := company(t)
	group, err := s.AddGroup(d, Group{Name: "Blue"})
	if err != nil {
		t.Fatal(err)
	}
	u := addUser(t, s, d, User{Email: "Fay@example.test", GroupKey: group, AdminRoles: []string{RoleAddUsers}})
	key := u.Key
	d.Bury(u)
	if d.User(key) != nil || d.ByEmail("fay@example.test") != nil {
		t.Error("a deleted user is still there")
	}
	back, found := d.Exhume("FAY@example.test")
	if !found || back.Key != key || back.GroupKey != "" || back.AdminRoles != nil {
		t.Errorf("got %+v, %t; want the key %s and no rights", back, found, key)
	}
	if _, again := d.Exhume("fay@example.test"); again {
		t.Error("a user returns twice")
	}
}

func TestGroupsKnowWhatIsAboveAndBelow(t *testing.T) {
	groups := Groups{{Key: "1", Name: "A"}, {Key: "2", Name: "B", ParentKey: "1"}, {Key: "3", Name: "C", ParentKey: "2"}, {Key: "4"}}
	if diff := cmp.Diff(groups[:3], groups.Path("3")); diff != "" {
		t.Errorf("path: %s", diff)
	}
	if diff := cmp.Diff([]string{"2", "3"}, groups.Below("1")); diff != "" {
		t.Errorf("below: %s", diff)
	}
	circle := Groups{{Key: "1", ParentKey: "2"}, {Key: "2", ParentKey: "1"}}
	if n := len(circle.Path("1")); n > 3 {
		t.Errorf("a circle of two gives a path of %d", n)
	}
}

func TestGeneratedKeysNeverMeetThoseOfTheState(t *testing.T) {
	in := DefaultState()
	in.Accounts[0].Users = append(in.Accounts[0].Users, User{Key: "7100000000000000050", Email: "fay@example.test"})
	in.Accounts[0].Deleted = []User{{Key: "7100000000000000060", Email: "kim@example.test"}}
	in.Accounts[0].Sessions = []Session{{ID: "7600000000000000007", MeetingID: "600000030", OrganizerKey: DefaultAdminKey}}
	s, err := NewStore(&in, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{s.NewKey(UserKeys), s.NewKey(MeetingIDs), s.NewKey(SessionKeys), s.NewKey(GroupKeys)}
	want := []string{"7100000000000000061", "600000031", "7600000000000000008", "7400000000000000001"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestIsKey(t *testing.T) {
	for text, want := range map[string]bool{
		"1": true, "7100000000000000001": true, "": false, "0": false, "-1": false, "+1": false, "01": false, "1a": false,
		"9223372036854775808": false,
	} {
		if got := IsKey(text); got != want {
			t.Errorf("IsKey(%q) = %t", text, got)
		}
	}
}

func TestUsersByEmailFollowEveryChange(t *testing.T) {
	s, d := company(t)
	order := func() (emails []string) {
		for _, u := range d.UsersByEmail() {
			emails = append(emails, u.Email)
		}
		return emails
	}
	want := func(emails ...string) {
		t.Helper()
		if diff := cmp.Diff(emails, order()); diff != "" {
			t.Error(diff)
		}
	}
	want(DefaultAdminEmail)
	b := addUser(t, s, d, User{Email: "B@example.test"})
	a := addUser(t, s, d, User{Email: "a@example.test"})
	want("a@example.test", "B@example.test", DefaultAdminEmail)
	renamed := b.Clone()
	renamed.Email = "z@example.test"
	d.Replace(b, &renamed)
	want("a@example.test", DefaultAdminEmail, "z@example.test")
	d.Bury(a)
	want(DefaultAdminEmail, "z@example.test")
}
