package account

import (
	"encoding/json"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Of a user every field is kept, and every difference is one, whether the rest is shared or not.
func TestEveryFieldOfAUserIsKept(t *testing.T) {
	all, others := newAlike(), newAlike()
	none := all.keep(&gotoclient.User{})
	for i := range reflect.TypeFor[gotoclient.User]().NumField() {
		name := reflect.TypeFor[gotoclient.User]().Field(i).Name
		var user gotoclient.User
		change(t, reflect.ValueOf(&user).Elem().Field(i))
		kept := all.keep(&user)
		if diff := cmp.Diff(&user, kept.user()); diff != "" {
			t.Errorf("%s (-sent +kept):\n%s", name, diff)
		}
		if sameKept(none, kept) || sameKept(kept, none) {
			t.Errorf("%s: no difference", name)
		}
		if !sameKept(kept, all.keep(&user)) || !sameKept(kept, others.keep(&user)) {
			t.Errorf("%s: it is different from itself", name)
		}
	}
	if all.keep(nil) != nil || (*keptUser)(nil).user() != nil {
		t.Error("nobody has become somebody")
	}
}

// What users have alike is there once, and nothing is taken for what it is not.
func TestWhatUsersHaveAlikeIsThereOnce(t *testing.T) {
	all := newAlike()
	user := func(edit func(*gotoclient.User)) *keptUser {
		u := gotoclient.User{Locale: "en_US", LicenseKeys: []gotoclient.Key{"1", "2"}, Settings: json.RawMessage(`{"a":1}`)}
		edit(&u)
		return all.keep(&u)
	}
	one := user(func(u *gotoclient.User) { u.Key = "7" })
	for name, edit := range map[string]func(*gotoclient.User){
		"key":     func(u *gotoclient.User) { u.Key = "8" },
		"names":   func(u *gotoclient.User) { u.Email, u.FirstName, u.LastName = "a@b.test", "A", "B" },
		"invited": func(u *gotoclient.User) { u.InvitedDate = 7 },
		"values": func(u *gotoclient.User) {
			u.Attributes = gotoclient.AttributeValues{Known: true, List: []gotoclient.AttributeValue{{ID: "number", Value: "7"}}}
		},
	} {
		if user(edit).rest != one.rest {
			t.Errorf("%s: what is a user's own has parted the rest", name)
		}
	}
	for name, edit := range map[string]func(*gotoclient.User){
		"joined":   func(u *gotoclient.User) { u.LicenseKeys = []gotoclient.Key{"12"} },
		"none":     func(u *gotoclient.User) { u.LicenseKeys = nil },
		"no roles": func(u *gotoclient.User) { u.ManagedGroupKeys = []gotoclient.Key{} },
		"letters":  func(u *gotoclient.User) { u.Settings = json.RawMessage(`{"a": 1}`) },
		"no JSON":  func(u *gotoclient.User) { u.Settings = json.RawMessage(`{`) },
	} {
		if user(edit).rest == one.rest {
			t.Errorf("%s: it is taken for the same", name)
		}
	}
}

// What nobody has any more is let go: users change for years.
func TestWhatNobodyHasIsForgotten(t *testing.T) {
	all := newAlike()
	stays := all.keep(&gotoclient.User{Locale: "en_US"})
	for i := range 100 {
		all.keep(&gotoclient.User{InviteCount: i})
	}
	for deadline := time.Now().Add(time.Minute); ; {
		runtime.GC()
		all.mu.Lock()
		left := len(all.all)
		all.mu.Unlock()
		if left == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d are left", left)
		}
		runtime.Gosched()
	}
	if all.keep(&gotoclient.User{Locale: "en_US"}).rest != stays.rest {
		t.Error("what a user still has was forgotten")
	}
}
