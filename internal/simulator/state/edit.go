package state

import (
	"fmt"
	"slices"
)

// AddUser puts a user into the account and returns the key. An empty key, locale or time zone is chosen. It fails when key or e-mail
// is taken, or a licence or group of the user does not exist.
func (s *Store) AddUser(d *Directory, u User) (string, error) {
	u = u.Clone()
	if err := d.check(&u); err != nil {
		return "", err
	}
	if u.Key == "" {
		u.Key = s.NewKey(UserKeys)
	}
	if u.Locale == "" {
		u.Locale = DefaultLocale
	}
	if u.TimeZone == "" {
		u.TimeZone = DefaultTimeZone
	}
	if err := d.Add(&u); err != nil {
		return "", err
	}
	s.keys.note(UserKeys, u.Key)
	return u.Key, nil
}

// AddGroup puts a group into the account and returns its key, chosen when empty. It fails when the key is taken or none, or the
// parent is unknown.
func (s *Store) AddGroup(d *Directory, g Group) (string, error) {
	if g.Key == "" {
		g.Key = s.NewKey(GroupKeys)
	}
	if !IsKey(g.Key) || d.Groups.Get(g.Key) != nil || (g.ParentKey != "" && d.Groups.Get(g.ParentKey) == nil) {
		return "", fmt.Errorf("group %q: key %q is taken or none, or parent %q does not exist", g.Name, g.Key, g.ParentKey)
	}
	s.keys.note(GroupKeys, g.Key)
	d.Groups = append(d.Groups, g)
	d.Groups.Sort()
	return g.Key, nil
}

// AddLicense puts a licence into the account and returns its key, chosen when empty. It fails when the key is taken or none.
func (s *Store) AddLicense(d *Directory, l License) (string, error) {
	if l.Key == "" {
		l.Key = s.NewKey(LicenseKeys)
	}
	if !IsKey(l.Key) || d.Licenses.Get(l.Key) != nil {
		return "", fmt.Errorf("licence %q: key %q is taken or none", l.Description, l.Key)
	}
	s.keys.note(LicenseKeys, l.Key)
	l.Products = slices.Clone(l.Products)
	d.Licenses = append(d.Licenses, l)
	return l.Key, nil
}
