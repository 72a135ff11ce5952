package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// What a user gets who was created without locale or time zone. The service's own defaults are not known (U).
const (
	defaultLocale   = "en_US"
	defaultTimeZone = "America/Los_Angeles"
)

// keyKind separates the number ranges of generated keys, so that a key in a log tells what it belongs to.
type keyKind uint64

// The generated keys of a kind count upwards from here; DefaultState uses the first ones.
const (
	userKeys    keyKind = 7_100_000_000_000_000_000
	licenseKeys keyKind = 7_300_000_000_000_000_000
	groupKeys   keyKind = 7_400_000_000_000_000_000
	// meetingIDs have nine digits, since people type them in (D).
	meetingIDs    keyKind = 600_000_000
	sessionKeys   keyKind = 7_600_000_000_000_000_000
	recordingKeys keyKind = 7_700_000_000_000_000_000
)

// account is an Account with indexes. It holds every user once; lists are in the order of the keys.
type account struct {
	key, name     string
	noAdminAccess bool
	free          bool
	users         []*User
	byKey         map[string]*User
	byEmail       map[string]*User // by foldEmail
	deleted       map[string]User  // by foldEmail
	groups        []Group          // by name
	licenses      []License
	taken         map[string]int // seats in use by licence key
	meetings      []*Meeting     // by id
	sessions      []*Session     // in the order of their beginning
}

// foldEmail makes e-mails comparable: the service does not tell upper from lower case.
func foldEmail(email string) string { return strings.ToLower(email) }

// compareKeys orders keys as the numbers they are.
func compareKeys(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// isKey reports whether text is a key: a positive number that fits a signed 64-bit integer, without sign or leading zero.
func isKey(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n > 0 && strconv.FormatInt(n, 10) == text
}

// position finds the place of a key in users.
func (a *account) position(key string) (int, bool) {
	return slices.BinarySearchFunc(a.users, key, func(u *User, key string) int { return compareKeys(u.Key, key) })
}

// add puts a user in; key and e-mail must be free.
func (a *account) add(u *User) error {
	if !isKey(u.Key) {
		return fmt.Errorf("user %q: %q is no key", u.Email, u.Key)
	}
	if a.byKey[u.Key] != nil {
		return fmt.Errorf("two users have the key %s", u.Key)
	}
	if u.Email == "" || a.byEmail[foldEmail(u.Email)] != nil {
		return fmt.Errorf("user %s: e-mail %q is empty or taken", u.Key, u.Email)
	}
	i, _ := a.position(u.Key)
	a.users = slices.Insert(a.users, i, u)
	a.byKey[u.Key] = u
	a.byEmail[foldEmail(u.Email)] = u
	a.count(u, 1)
	return nil
}

// remove takes a user out.
func (a *account) remove(u *User) {
	if i, ok := a.position(u.Key); ok {
		a.users = slices.Delete(a.users, i, i+1)
	}
	delete(a.byKey, u.Key)
	delete(a.byEmail, foldEmail(u.Email))
	a.count(u, -1)
}

// replace stores a changed user of the same key in the place of the old one.
func (a *account) replace(old, changed *User) {
	a.count(old, -1)
	delete(a.byEmail, foldEmail(old.Email))
	*old = *changed
	a.byEmail[foldEmail(old.Email)] = old
	a.count(old, 1)
}

// bury removes a user and keeps what is needed to revive them. Licences, group and roles are gone for good (D).
func (a *account) bury(u *User) {
	a.remove(u)
	dead := *u
	dead.LicenseKeys, dead.GroupKey, dead.AdminRoles, dead.ManagedGroupKeys = nil, "", nil, nil
	a.deleted[foldEmail(u.Email)] = dead
}

func (a *account) count(u *User, by int) {
	for _, key := range u.LicenseKeys {
		a.taken[key] += by
	}
}

func (a *account) license(key string) *License {
	if i := slices.IndexFunc(a.licenses, func(l License) bool { return l.Key == key }); i >= 0 {
		return &a.licenses[i]
	}
	return nil
}

func (a *account) group(key string) *Group {
	if i := slices.IndexFunc(a.groups, func(g Group) bool { return g.Key == key }); i >= 0 {
		return &a.groups[i]
	}
	return nil
}

// path returns the group's ancestors and the group itself, from the root.
func (a *account) path(key string) []Group {
	var path []Group
	for g := a.group(key); g != nil && len(path) <= len(a.groups); g = a.group(g.ParentKey) {
		path = append([]Group{*g}, path...)
	}
	return path
}

// sortGroups keeps the order in which groups were seen in lists (L).
func (a *account) sortGroups() {
	slices.SortStableFunc(a.groups, func(x, y Group) int { return cmp.Compare(x.Name, y.Name) })
}

// status is derived as the captured responses correlate (L). What tells INACTIVE from ACTIVE is not known (U).
func status(u *User) string {
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

// products returns the product codes of the user's licences, each once.
func (a *account) products(u *User) []string {
	var codes []string
	for _, key := range u.LicenseKeys {
		if l := a.license(key); l != nil {
			for _, code := range l.Products {
				if !slices.Contains(codes, code) {
					codes = append(codes, code)
				}
			}
		}
	}
	return codes
}

// snapshot copies a user with the derived fields filled in; the copy shares nothing with the account.
func (a *account) snapshot(u *User) User {
	c := clone(u)
	c.Status, c.Products = status(u), a.products(u)
	return c
}

// clone copies a user deeply and leaves the derived fields out.
func clone(u *User) User {
	c := *u
	c.LicenseKeys = slices.Clone(u.LicenseKeys)
	c.AdminRoles = slices.Clone(u.AdminRoles)
	c.ManagedGroupKeys = slices.Clone(u.ManagedGroupKeys)
	c.Settings = slices.Clone(u.Settings)
	c.Status, c.Products = "", nil
	return c
}
