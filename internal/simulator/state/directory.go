package state

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// What a user gets who was created without locale or time zone. The service's own defaults are not known (U).
const (
	DefaultLocale   = "en_US"
	DefaultTimeZone = "America/Los_Angeles"
)

// Directory is an account with indexes. It holds every user once; lists are in the order of the keys.
type Directory struct {
	Key, Name string
	// NoAdminAccess, Free and Illegal are those of Account.
	NoAdminAccess, Free, Illegal bool
	Logo                         []byte
	Users                        []*User // by key; read only, see Add, Replace and Bury
	Groups                       Groups  // by name
	Licenses                     Licenses
	Defined
	Calendar

	byKey   map[string]*User
	byEmail emails
	deleted map[string]User // by FoldEmail
	taken   map[string]int  // seats in use by licence key
}

// User returns the user with that key, nil if there is none.
func (d *Directory) User(key string) *User { return d.byKey[key] }

// ByEmail returns the user with that e-mail, compared without case; nil if there is none.
func (d *Directory) ByEmail(email string) *User { return d.byEmail.get(email) }

// UsersByEmail returns the users in the order of their e-mails, compared without case. The list is not to be changed.
func (d *Directory) UsersByEmail() []*User { return d.byEmail.inOrder() }

// Taken returns the number of seats of a licence that are in use.
func (d *Directory) Taken(license string) int { return d.taken[license] }

// Products returns the product codes of the user's licences, each once.
func (d *Directory) Products(u *User) []string { return d.Licenses.products(u.LicenseKeys) }

// position finds the place of a key in users.
func (d *Directory) position(key string) (int, bool) {
	return slices.BinarySearchFunc(d.Users, key, func(u *User, key string) int { return CompareKeys(u.Key, key) })
}

// Add puts a user in; key and e-mail must be free.
func (d *Directory) Add(u *User) error {
	if !IsKey(u.Key) {
		return fmt.Errorf("user %q: %q is no key", u.Email, u.Key)
	}
	if d.byKey[u.Key] != nil {
		return fmt.Errorf("two users have the key %s", u.Key)
	}
	if u.Email == "" || d.ByEmail(u.Email) != nil {
		return fmt.Errorf("user %s: e-mail %q is empty or taken", u.Key, u.Email)
	}
	i, _ := d.position(u.Key)
	d.Users = slices.Insert(d.Users, i, u)
	d.byKey[u.Key] = u
	d.byEmail.put(u)
	d.count(u, 1)
	return nil
}

// remove takes a user out.
func (d *Directory) remove(u *User) {
	if i, ok := d.position(u.Key); ok {
		d.Users = slices.Delete(d.Users, i, i+1)
	}
	delete(d.byKey, u.Key)
	d.byEmail.drop(u)
	d.count(u, -1)
}

// Replace stores a changed user of the same key in the place of the old one, whose address stays.
func (d *Directory) Replace(old, changed *User) {
	d.count(old, -1)
	d.byEmail.drop(old)
	*old = *changed
	d.byEmail.put(old)
	d.count(old, 1)
}

// Bury removes a user and keeps what is needed to revive them. Licences, group and roles are gone for good (D).
func (d *Directory) Bury(u *User) {
	d.remove(u)
	dead := *u
	dead.LicenseKeys, dead.GroupKey, dead.AdminRoles, dead.ManagedGroupKeys = nil, "", nil, nil
	dead.RoleSets = nil
	d.deleted[FoldEmail(u.Email)] = dead
}

// Exhume takes out the deleted user who had the e-mail, to be added again, and reports whether there was one.
func (d *Directory) Exhume(email string) (User, bool) {
	u, found := d.deleted[FoldEmail(email)]
	delete(d.deleted, FoldEmail(email))
	return u, found
}

func (d *Directory) count(u *User, by int) {
	for _, key := range u.LicenseKeys {
		d.taken[key] += by
	}
}

// Update stores what somebody has made of a copy of the user. The key cannot be changed, and references must lead somewhere.
func (d *Directory) Update(u *User, changed User) error {
	changed = changed.Clone()
	changed.Key = u.Key
	if err := d.check(&changed); err != nil {
		return err
	}
	if other := d.ByEmail(changed.Email); changed.Email == "" || (other != nil && other != u) {
		return fmt.Errorf("user %s: e-mail %q is empty or taken", u.Key, changed.Email)
	}
	d.Replace(u, &changed)
	return nil
}

// check looks for references of a user that lead nowhere, and for settings that could not be shown.
func (d *Directory) check(u *User) error {
	for _, key := range u.LicenseKeys {
		if d.Licenses.Get(key) == nil {
			return fmt.Errorf("user %q has the licence %q, which the account has not", u.Email, key)
		}
	}
	if u.GroupKey != "" && d.Groups.Get(u.GroupKey) == nil {
		return fmt.Errorf("user %q is in the group %q, which the account has not", u.Email, u.GroupKey)
	}
	if len(u.Settings) > 0 && !json.Valid(u.Settings) {
		return fmt.Errorf("user %q has settings that are no JSON", u.Email)
	}
	return nil
}

// knows says whether the account has, or had, the user.
func (d *Directory) knows(key string) bool {
	if d.byKey[key] != nil {
		return true
	}
	for _, u := range d.deleted {
		if u.Key == key {
			return true
		}
	}
	return false
}

// StatusOf is derived as the captured responses correlate (L). What tells INACTIVE from ACTIVE is not known (U).
func StatusOf(u *User) string {
	switch {
	case len(u.LicenseKeys) == 0 && len(u.AdminRoles) == 0:
		return StatusSuspended
	case !u.PasswordCreated:
		return StatusInvited
	case u.Inactive:
		return StatusInactive
	default:
		return StatusActive
	}
}

// Snapshot copies a user with the derived fields filled in; the copy shares nothing with the account.
func (d *Directory) Snapshot(u *User) User {
	c := u.Clone()
	c.Status, c.Products = StatusOf(u), d.Products(u)
	return c
}

// Clone copies a user deeply and leaves the derived fields out.
func (u *User) Clone() User {
	c := *u
	c.LicenseKeys = slices.Clone(u.LicenseKeys)
	c.AdminRoles = slices.Clone(u.AdminRoles)
	c.ManagedGroupKeys = slices.Clone(u.ManagedGroupKeys)
	c.Attributes, c.RoleSets = maps.Clone(u.Attributes), slices.Clone(u.RoleSets)
	c.Settings = slices.Clone(u.Settings)
	c.Status, c.Products = "", nil
	return c
}
