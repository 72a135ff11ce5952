package account

import "github.com/goto-operator/goto-operator/internal/gotoclient"

// Change says what a reading found different from the one before.
type Change struct {
	// Users are those that appeared, changed or vanished.
	Users []UserRef
	// Groups are those that appeared, changed or vanished.
	Groups []GroupRef
	// Counted are the groups, in any order and more than once, in which or below which there are other users or groups than before.
	Counted []gotoclient.Key
	// Attributes, and Templates, are those that appeared, changed or vanished.
	Attributes, Templates []NamedRef
	// RoleSets is true if the custom roles are different.
	RoleSets bool
	// Licenses is true if a licence or its seats are different.
	Licenses bool
	// Settings are those for new users and of the account that somebody uses and that are different.
	Settings []SettingsRef
	// Meetings likewise.
	Meetings MeetingsChange
	// Err is why the resync failed; nothing changed then.
	Err error
	// Connected is true once, when the account has come into use, and Unusable when it is known that it cannot.
	Connected, Unusable bool
	// Replaced is true beside Connected where the account was in use before, by another connection of the same user: of what it knows, only
	// what is named here is different.
	Replaced bool
	// Reachable is true once, when GoTo answers again.
	Reachable bool
	// Rights is true if the credentials' user may do something else than before.
	Rights bool
}

// UserRef names a user by all that an object may know it by.
type UserRef struct {
	Key   gotoclient.Key
	Email string // by gotoclient.FoldEmail
}

// GroupRef names a group by all that an object may know it by.
type GroupRef struct {
	Key  gotoclient.Key
	Name string
}

// NamedRef names an attribute or a template by all that an object may know it by.
type NamedRef struct {
	Key  gotoclient.Key
	Name string
}

// MeetingsChange says what a reading of the meetings found different.
type MeetingsChange struct {
	// Keys are the ids of the meetings that appeared, changed or vanished.
	Keys []gotoclient.Key
	// Recovered is true when the meetings can be read again, after GoTo had refused it.
	Recovered bool
}

// MeetingLag is how long a new meeting may be missing from the list.
const MeetingLag = lag
