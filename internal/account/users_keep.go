package account

import (
	"encoding/json"
	"runtime"
	"sync"
	"weak"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// reduce takes away of a user that was read the settings that nobody asks for: they are large.
func (u userList) reduce(read *gotoclient.User, kept *keptSettings) {
	u.nets.Range(func(n, _ any) bool { n.(*net).catch(read); return true }) //nolint:forcetypeassert // the map is of one type
	read.Settings = kept.reduce(read.Settings)
}

// keep is what is kept of a user that was read.
func (u userList) keep(read *gotoclient.User) *keptUser {
	u.learnValues(read)
	return u.records.Keep(read)
}

// keptUser is what is kept of a user, and not changed: a quarter of it is the user's own, and what thousands have alike is there once.
type keptUser struct {
	key                        gotoclient.Key
	email, firstName, lastName string
	invitedDate                int64
	values                     *gotoclient.AttributeValues // nil where nothing is known of them
	rest                       *gotoclient.User            // without what is above
}

// user is the whole of it; nil for none.
func (k *keptUser) user() *gotoclient.User {
	if k == nil {
		return nil
	}
	u := *k.rest
	u.Key, u.Email, u.FirstName, u.LastName, u.InvitedDate = k.key, k.email, k.firstName, k.lastName, k.invitedDate
	if k.values != nil {
		u.Attributes = *k.values
	}
	return &u
}

// sameKept compares all that is kept of two users.
func sameKept(a, b *keptUser) bool {
	return *a == *b || sameUser(a.user(), b.user())
}

// alike keeps one copy of what users have alike, for as long as one of them has it: a hundred thousand live in a few time zones, groups and
// sets of licences.
type alike struct {
	mu  sync.Mutex
	all map[string]weak.Pointer[gotoclient.User] // by what they say
}

func newAlike() *alike { return &alike{all: map[string]weak.Pointer[gotoclient.User]{}} }

// keep is what is kept of a user; nil for none.
func (a *alike) keep(u *gotoclient.User) *keptUser {
	if u == nil {
		return nil
	}
	kept := &keptUser{key: u.Key, email: u.Email, firstName: u.FirstName, lastName: u.LastName, invitedDate: u.InvitedDate}
	rest := *u
	rest.Key, rest.Email, rest.FirstName, rest.LastName, rest.InvitedDate = "", "", "", "", 0
	if rest.Attributes.Known {
		kept.values = new(rest.Attributes)
	}
	rest.Attributes = gotoclient.AttributeValues{}
	kept.rest = a.one(&rest)
	return kept
}

// one is the copy that all share of what they have alike.
func (a *alike) one(rest *gotoclient.User) *gotoclient.User {
	text, err := json.Marshal(rest)
	if err != nil { // settings that are no JSON
		return rest
	}
	says := string(append(text, rest.Settings...)) // which are compared to the letter
	a.mu.Lock()
	defer a.mu.Unlock()
	if first := a.all[says].Value(); first != nil {
		return first
	}
	a.all[says] = weak.Make(rest)
	runtime.AddCleanup(rest, a.forget, says)
	return rest
}

// forget lets go of what nobody has any more.
func (a *alike) forget(says string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all[says].Value() == nil {
		delete(a.all, says)
	}
}
