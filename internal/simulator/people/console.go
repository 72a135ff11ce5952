// Package people is what people do, as tests call it: administrators in the service's own console, organizers and attendees in their
// meetings. No mail is sent, no rate limit holds, no call is counted. What makes no sense panics: in a test it is a mistake.
package people

import (
	"errors"

	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
)

// Console is what administrators do. Its methods may be called at any time from any goroutine.
type Console struct{ world *live.World }

// NewConsole returns the console of a world.
func NewConsole(w *live.World) *Console { return &Console{w} }

// within runs f on an account and keeps what it has done, unless f fails with live.ErrUnchanged. Every other error is a mistake of the
// test.
func within(w *live.World, accountKey string, f func(live.View, *state.Directory) error) {
	err := w.Change(func(v live.View) error { return f(v, mustAccount(v, accountKey)) })
	if err != nil && !errors.Is(err, live.ErrUnchanged) {
		panic("simulator: " + err.Error())
	}
}

// look is within for what changes nothing.
func look(w *live.World, accountKey string, f func(*state.Directory)) {
	w.See(func(v live.View) { f(mustAccount(v, accountKey)) })
}

func mustAccount(v live.View, key string) *state.Directory {
	d := v.Store.Account(key)
	if d == nil {
		panic("simulator: no account has the key " + key)
	}
	return d
}

// AddUser puts a user into the account as if it had always been there. An empty key, locale or time zone is chosen. It returns the
// key, and panics when the account is unknown, key or e-mail is taken, or a licence or group of the user does not exist.
func (c *Console) AddUser(accountKey string, u state.User) (key string) {
	within(c.world, accountKey, func(v live.View, d *state.Directory) (err error) {
		key, err = v.Store.AddUser(d, u)
		return err
	})
	return key
}

// UpdateUser lets change edit a user. It reports whether there is such a user. The key cannot be changed. It panics when the account
// is unknown or the change contradicts the state, as AddUser does.
func (c *Console) UpdateUser(accountKey, key string, change func(*state.User)) (found bool) {
	within(c.world, accountKey, func(_ live.View, d *state.Directory) error {
		u := d.User(key)
		if found = u != nil; !found {
			return live.ErrUnchanged
		}
		changed := d.Snapshot(u)
		change(&changed)
		return d.Update(u, changed)
	})
	return found
}

// RemoveUser deletes a user; the e-mail can be revived. It reports whether there was such a user, and panics when the account is
// unknown.
func (c *Console) RemoveUser(accountKey, key string) (found bool) {
	within(c.world, accountKey, func(v live.View, d *state.Directory) error {
		u := d.User(key)
		if found = u != nil; !found {
			return live.ErrUnchanged
		}
		users.Delete(v.Switches, d, u)
		return nil
	})
	return found
}

// Users returns a copy of every user of the account in the order of their keys, lagging ones included. It panics when the account
// is unknown.
func (c *Console) Users(accountKey string) (list []state.User) {
	look(c.world, accountKey, func(d *state.Directory) {
		list = make([]state.User, 0, len(d.Users))
		for _, u := range d.Users {
			list = append(list, d.Snapshot(u))
		}
	})
	return list
}

// User returns a copy of the user with that key. It panics when the account is unknown.
func (c *Console) User(accountKey, key string) (u state.User, found bool) {
	return c.find(accountKey, func(d *state.Directory) *state.User { return d.User(key) })
}

// UserByEmail returns a copy of the user with that e-mail, compared without case. It panics when the account is unknown.
func (c *Console) UserByEmail(accountKey, email string) (u state.User, found bool) {
	return c.find(accountKey, func(d *state.Directory) *state.User { return d.ByEmail(email) })
}

func (c *Console) find(accountKey string, get func(*state.Directory) *state.User) (copied state.User, found bool) {
	look(c.world, accountKey, func(d *state.Directory) {
		if u := get(d); u != nil {
			copied, found = d.Snapshot(u), true
		}
	})
	return copied, found
}

// AddGroup puts a group into the account and returns its key, chosen when empty. It panics when the account or the parent is
// unknown, or the key is taken or none.
func (c *Console) AddGroup(accountKey string, g state.Group) (key string) {
	within(c.world, accountKey, func(v live.View, d *state.Directory) (err error) {
		key, err = v.Store.AddGroup(d, g)
		return err
	})
	return key
}

// RemoveGroup deletes a group and those below; its users are in none then. It reports whether there was such a group, and panics when
// the account is unknown.
func (c *Console) RemoveGroup(accountKey, key string) (found bool) {
	within(c.world, accountKey, func(_ live.View, d *state.Directory) error {
		if found = d.Groups.Get(key) != nil; !found {
			return live.ErrUnchanged
		}
		d.DropGroups(append(d.Groups.Below(key), key))
		return nil
	})
	return found
}

// AddLicense puts a licence into the account and returns its key, chosen when empty. It panics when the account is unknown, or the
// key is taken or none.
func (c *Console) AddLicense(accountKey string, l state.License) (key string) {
	within(c.world, accountKey, func(v live.View, d *state.Directory) (err error) {
		key, err = v.Store.AddLicense(d, l)
		return err
	})
	return key
}

// UpdateLicense lets change edit a licence, such as its number of seats. It reports whether there is such a licence. The key
// cannot be changed. It panics when the account is unknown.
func (c *Console) UpdateLicense(accountKey, key string, change func(*state.License)) (found bool) {
	within(c.world, accountKey, func(_ live.View, d *state.Directory) error {
		l := d.Licenses.Get(key)
		if found = l != nil; !found {
			return live.ErrUnchanged
		}
		change(l)
		l.Key = key
		return nil
	})
	return found
}

// AcceptInvitation has a user set a password, as the invitation mail asks for: INVITED becomes ACTIVE. It reports whether there is
// such a user, and panics when the account is unknown.
func (c *Console) AcceptInvitation(accountKey, userKey string) bool {
	return c.UpdateUser(accountKey, userKey, func(u *state.User) { u.PasswordCreated = true })
}

// SetIllegal makes an account one that the service refuses as illegal, or ends that. It panics when the account is unknown.
func (c *Console) SetIllegal(accountKey string, illegal bool) {
	within(c.world, accountKey, func(_ live.View, d *state.Directory) error {
		d.Illegal = illegal
		return nil
	})
}

// SetFree makes an account a free one, or one that pays. It panics when the account is unknown.
func (c *Console) SetFree(accountKey string, free bool) {
	within(c.world, accountKey, func(_ live.View, d *state.Directory) error {
		d.Free = free
		return nil
	})
}

// RenameAccount gives an account another name. It panics when the account is unknown.
func (c *Console) RenameAccount(accountKey, name string) {
	within(c.world, accountKey, func(_ live.View, d *state.Directory) error {
		d.Name = name
		return nil
	})
}

// Define lets change edit the attributes, templates and custom roles of an account. What it adds without key gets one. It panics when the
// account is unknown.
func (c *Console) Define(accountKey string, change func(*state.Defined)) {
	within(c.world, accountKey, func(v live.View, d *state.Directory) error {
		change(&d.Defined)
		for _, list := range []*state.Definitions{&d.Attributes, &d.Templates, &d.RoleSets} {
			v.Store.Complete(*list)
		}
		return nil
	})
}
