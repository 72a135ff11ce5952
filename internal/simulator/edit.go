package simulator

import (
	"fmt"
	"slices"
)

// AddUser puts a user into the account as if it had always been there: no mail, no rate limit, no call is counted. An empty key,
// locale or time zone is chosen. It returns the key, and panics when the account is unknown, key or e-mail is taken, or a licence
// or group of the user does not exist: in a test that is a mistake.
func (s *Simulator) AddUser(accountKey string, u User) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := s.addUser(s.mustAccount(accountKey), u)
	if err != nil {
		panic("simulator: " + err.Error())
	}
	s.persist()
	return key
}

func (s *Simulator) addUser(a *account, u User) (string, error) {
	u = clone(&u)
	if err := a.check(&u); err != nil {
		return "", err
	}
	if u.Key == "" {
		u.Key = s.newKey(userKeys)
	}
	if u.Locale == "" {
		u.Locale = defaultLocale
	}
	if u.TimeZone == "" {
		u.TimeZone = defaultTimeZone
	}
	if err := a.add(&u); err != nil {
		return "", err
	}
	noteKey(s.lastKey, userKeys, u.Key)
	return u.Key, nil
}

// UpdateUser lets change edit a user, as somebody in the service's own console would. It reports whether there is such a user. The
// key cannot be changed. It panics when the account is unknown or the change contradicts the state, as AddUser does.
func (s *Simulator) UpdateUser(accountKey, key string, change func(*User)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustAccount(accountKey)
	u := a.byKey[key]
	if u == nil {
		return false
	}
	changed := a.snapshot(u)
	change(&changed)
	if err := s.updateUser(a, u, changed); err != nil {
		panic("simulator: " + err.Error())
	}
	s.persist()
	return true
}

func (s *Simulator) updateUser(a *account, u *User, changed User) error {
	changed = clone(&changed)
	changed.Key = u.Key
	if err := a.check(&changed); err != nil {
		return err
	}
	if other := a.byEmail[foldEmail(changed.Email)]; changed.Email == "" || (other != nil && other != u) {
		return fmt.Errorf("user %s: e-mail %q is empty or taken", u.Key, changed.Email)
	}
	a.replace(u, &changed)
	return nil
}

// RemoveUser deletes a user as somebody in the service's own console would; the e-mail can be revived. It reports whether there
// was such a user, and panics when the account is unknown.
func (s *Simulator) RemoveUser(accountKey, key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustAccount(accountKey)
	u := a.byKey[key]
	if u == nil {
		return false
	}
	s.bury(a, u)
	s.persist()
	return true
}

// Users returns a copy of every user of the account in the order of their keys, lagging ones included. It panics when the account
// is unknown.
func (s *Simulator) Users(accountKey string) []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustAccount(accountKey)
	users := make([]User, 0, len(a.users))
	for _, u := range a.users {
		users = append(users, a.snapshot(u))
	}
	return users
}

// User returns a copy of the user with that key. It panics when the account is unknown.
func (s *Simulator) User(accountKey, key string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustAccount(accountKey)
	u := a.byKey[key]
	if u == nil {
		return User{}, false
	}
	return a.snapshot(u), true
}

// UserByEmail returns a copy of the user with that e-mail, compared without case. It panics when the account is unknown.
func (s *Simulator) UserByEmail(accountKey, email string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustAccount(accountKey)
	u := a.byEmail[foldEmail(email)]
	if u == nil {
		return User{}, false
	}
	return a.snapshot(u), true
}

// AddGroup puts a group into the account and returns its key, chosen when empty. It panics when the account or the parent is
// unknown, or the key is taken or none.
func (s *Simulator) AddGroup(accountKey string, g Group) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := s.addGroup(s.mustAccount(accountKey), g)
	if err != nil {
		panic("simulator: " + err.Error())
	}
	s.persist()
	return key
}

func (s *Simulator) addGroup(a *account, g Group) (string, error) {
	if g.Key == "" {
		g.Key = s.newKey(groupKeys)
	}
	if !isKey(g.Key) || a.group(g.Key) != nil || (g.ParentKey != "" && a.group(g.ParentKey) == nil) {
		return "", fmt.Errorf("group %q: key %q is taken or none, or parent %q does not exist", g.Name, g.Key, g.ParentKey)
	}
	noteKey(s.lastKey, groupKeys, g.Key)
	a.groups = append(a.groups, g)
	a.sortGroups()
	return g.Key, nil
}

// RemoveGroup deletes a group as somebody in the service's own console would; its users are in none then. It reports whether there was
// such a group, and panics when the account is unknown.
func (s *Simulator) RemoveGroup(accountKey, key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustAccount(accountKey)
	if a.group(key) == nil {
		return false
	}
	a.dropGroups(append(a.below(key), key))
	s.persist()
	return true
}

// AddLicense puts a licence into the account and returns its key, chosen when empty. It panics when the account is unknown, or the
// key is taken or none.
func (s *Simulator) AddLicense(accountKey string, l License) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := s.addLicense(s.mustAccount(accountKey), l)
	if err != nil {
		panic("simulator: " + err.Error())
	}
	s.persist()
	return key
}

func (s *Simulator) addLicense(a *account, l License) (string, error) {
	if l.Key == "" {
		l.Key = s.newKey(licenseKeys)
	}
	if !isKey(l.Key) || a.license(l.Key) != nil {
		return "", fmt.Errorf("licence %q: key %q is taken or none", l.Description, l.Key)
	}
	noteKey(s.lastKey, licenseKeys, l.Key)
	l.Products = slices.Clone(l.Products)
	a.licenses = append(a.licenses, l)
	return l.Key, nil
}

// UpdateLicense lets change edit a licence, such as its number of seats. It reports whether there is such a licence. The key
// cannot be changed. It panics when the account is unknown.
func (s *Simulator) UpdateLicense(accountKey, key string, change func(*License)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.mustAccount(accountKey).license(key)
	if l == nil {
		return false
	}
	change(l)
	l.Key = key
	s.persist()
	return true
}
