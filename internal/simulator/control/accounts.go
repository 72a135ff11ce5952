package control

import (
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
)

// accountEndpoints is the part of the endpoint table about accounts, users, groups and licences.
func accountEndpoints() []endpoint {
	const (
		root = "/accounts/{account}"
		user = root + "/users/{key}"
	)
	return []endpoint{
		{"PATCH " + root, updateAccount},
		{"GET " + root + "/users", listUsers},
		{"POST " + root + "/users", addUser},
		{"GET " + user, getUser},
		{"PATCH " + user, updateUser},
		{"DELETE " + user, removeUser},
		{"POST " + user + "/accept", accept},
		{"POST " + root + "/groups", addGroup},
		{"POST " + root + "/licenses", addLicense},
		{"PATCH " + root + "/licenses/{key}", updateLicense},
	}
}

// keyed is what adding something shows.
func keyed(key string, err error) (any, error) { return map[string]string{"key": key}, err }

// updateAccount changes the fields that the body has.
func updateAccount(p *Panel, r *http.Request) (any, error) {
	return inAccount(p, r, func(_ live.View, d *state.Directory) (any, error) {
		body := struct {
			Free          bool `json:"free"`
			Illegal       bool `json:"illegal"`
			NoAdminAccess bool `json:"noAdminAccess"`
		}{d.Free, d.Illegal, d.NoAdminAccess}
		if err := read(r, &body); err != nil {
			return nil, err
		}
		d.Free, d.Illegal, d.NoAdminAccess = body.Free, body.Illegal, body.NoAdminAccess
		return body, nil
	})
}

// listUsers shows every user, or the one with the e-mail that the query names.
func listUsers(p *Panel, r *http.Request) (any, error) {
	email := state.FoldEmail(r.URL.Query().Get("email"))
	return inAccount(p, r, func(_ live.View, d *state.Directory) (any, error) {
		list := make([]state.User, 0, len(d.Users))
		for _, u := range d.Users {
			if email == "" || state.FoldEmail(u.Email) == email {
				list = append(list, d.Snapshot(u))
			}
		}
		return list, nil
	})
}

func addUser(p *Panel, r *http.Request) (any, error) {
	var u state.User
	if err := read(r, &u); err != nil {
		return nil, err
	}
	return inAccount(p, r, func(v live.View, d *state.Directory) (any, error) { return keyed(v.Store.AddUser(d, u)) })
}

func getUser(p *Panel, r *http.Request) (any, error) {
	return inUser(p, r, func(_ live.View, d *state.Directory, u *state.User) (any, error) { return d.Snapshot(u), nil })
}

// updateUser changes the fields that the body has.
func updateUser(p *Panel, r *http.Request) (any, error) {
	return inUser(p, r, func(_ live.View, d *state.Directory, u *state.User) (any, error) {
		changed := d.Snapshot(u)
		if err := read(r, &changed); err != nil {
			return nil, err
		}
		err := d.Update(u, changed)
		return d.Snapshot(u), err
	})
}

func removeUser(p *Panel, r *http.Request) (any, error) {
	return inUser(p, r, func(v live.View, d *state.Directory, u *state.User) (any, error) {
		users.Delete(v.Switches, d, u)
		return nil, nil
	})
}

func accept(p *Panel, r *http.Request) (any, error) {
	return inUser(p, r, func(_ live.View, d *state.Directory, u *state.User) (any, error) {
		u.PasswordCreated = true
		return d.Snapshot(u), nil
	})
}

func addGroup(p *Panel, r *http.Request) (any, error) {
	var g state.Group
	if err := read(r, &g); err != nil {
		return nil, err
	}
	return inAccount(p, r, func(v live.View, d *state.Directory) (any, error) { return keyed(v.Store.AddGroup(d, g)) })
}

func addLicense(p *Panel, r *http.Request) (any, error) {
	var l state.License
	if err := read(r, &l); err != nil {
		return nil, err
	}
	return inAccount(p, r, func(v live.View, d *state.Directory) (any, error) { return keyed(v.Store.AddLicense(d, l)) })
}

// updateLicense changes the fields that the body has.
func updateLicense(p *Panel, r *http.Request) (any, error) {
	return inAccount(p, r, func(_ live.View, d *state.Directory) (any, error) {
		l := d.Licenses.Get(r.PathValue("key"))
		if l == nil {
			return nil, state.ErrNothing
		}
		changed := *l
		changed.Products = slices.Clone(l.Products)
		if err := read(r, &changed); err != nil {
			return nil, err
		}
		changed.Key = l.Key
		*l = changed
		return changed, nil
	})
}
