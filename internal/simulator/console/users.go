package console

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
)

// maxRows bounds a list: an account may have 10,000 users.
const maxRows = 200

func userScreen() screen {
	return screen{
		name: "users", title: "Users", one: "user",
		list: listUsers, fields: userFields, save: saveUser,
		acts: map[string]func(live.View, *state.Directory, string) error{
			"delete": func(v live.View, d *state.Directory, key string) error {
				u := d.User(key)
				if u == nil {
					return state.ErrNothing
				}
				users.Delete(v.Switches, d, u)
				return nil
			},
		},
	}
}

func listUsers(s screen, _ live.View, d *state.Directory, query string) page {
	t := table{Head: []string{"E-mail", "Name", "Status", "Group", "Licences", "Admin roles"}, None: "No user."}
	found := 0
	for _, u := range d.UsersByEmail() {
		if !matches(u, query) {
			continue
		}
		if found++; found <= maxRows {
			t.Rows = append(t.Rows, userRow(s, d, u))
		}
	}
	t.Caption = fmt.Sprintf("%d of %d users, %d found", len(t.Rows), len(d.Users), found)
	return page{
		Intro: "A change by hand takes effect at once, as it would in GoTo's own console.",
		Links: s.adding(d), Search: &search{"Part of a name or an e-mail address", query}, Tables: []table{t},
	}
}

func matches(u *state.User, query string) bool {
	return strings.Contains(strings.ToLower(u.Email+" "+u.FirstName+" "+u.LastName), strings.ToLower(strings.TrimSpace(query)))
}

func userRow(s screen, d *state.Directory, u *state.User) row {
	return row{
		First: cell{Text: u.Email, Href: s.path(d, u.Key)},
		Cells: texts(u.FirstName+" "+u.LastName, state.StatusOf(u), d.GroupName(u), strings.Join(licenseNames(d, u.LicenseKeys), ", "),
			strings.Join(u.AdminRoles, ", ")),
		Buttons: []button{s.button(d, u.Key, "delete", "Delete", u.Email)},
	}
}

func userFields(d *state.Directory, key string) []field {
	u := &state.User{Locale: state.DefaultLocale, TimeZone: state.DefaultTimeZone}
	if key != "" {
		if u = d.User(key); u == nil {
			return nil
		}
	}
	return []field{
		{Name: "email", Label: "E-mail address", Type: "email", Value: u.Email, Required: true},
		{Name: "firstName", Label: "First name", Type: "text", Value: u.FirstName},
		{Name: "lastName", Label: "Last name", Type: "text", Value: u.LastName},
		{Name: "locale", Label: "Locale", Type: "text", Value: u.Locale},
		{Name: "timeZone", Label: "Time zone", Type: "text", Value: u.TimeZone},
		{Name: "groupKey", Label: "Group", Type: "select", Value: u.GroupKey, Options: groupOptions(d, "none", d.Groups)},
		{Name: "licenseKeys", Label: "Licences", Type: "checks", Chosen: u.LicenseKeys, Options: licenseOptions(d)},
		{Name: "adminRoles", Label: "Admin roles", Type: "checks", Chosen: u.AdminRoles, Options: roleOptions(u.AdminRoles)},
		check("passwordCreated", "Has accepted the invitation", u.PasswordCreated),
		check("inactive", "Inactive", u.Inactive),
		{Name: "settings", Label: "Settings of their own", Type: "text", Value: string(u.Settings), Hint: "JSON by product and name; empty for those of everybody"},
	}
}

// roleOptions offers every role, and those of a user that are none of them, so that saving loses nothing.
func roleOptions(held []string) []option {
	roles := state.AllRoles()
	for _, role := range held {
		if !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	return options(roles)
}

func saveUser(v live.View, d *state.Directory, key string, in input) error {
	var changed state.User
	u := d.User(key)
	if key != "" {
		if u == nil {
			return state.ErrNothing
		}
		changed = u.Clone()
	}
	if err := takeUser(&changed, in); err != nil {
		return err
	}
	if err := seatsFor(d, u, changed.LicenseKeys); err != nil {
		return err
	}
	if u != nil {
		return d.Update(u, changed)
	}
	_, err := v.Store.AddUser(d, changed)
	return err
}

func takeUser(u *state.User, in input) error {
	u.Email = in.text("email")
	if address, err := mail.ParseAddress(u.Email); err != nil || address.Address != u.Email {
		return fmt.Errorf("%q is no e-mail address", u.Email)
	}
	u.FirstName, u.LastName = in.text("firstName"), in.text("lastName")
	u.Locale, u.TimeZone = in.text("locale"), in.text("timeZone")
	u.GroupKey, u.LicenseKeys, u.AdminRoles = in.text("groupKey"), in.list("licenseKeys"), in.list("adminRoles")
	u.PasswordCreated, u.Inactive = in.flag("passwordCreated"), in.flag("inactive")
	u.Settings = nil
	if settings := in.text("settings"); settings != "" {
		u.Settings = json.RawMessage(settings)
	}
	return nil
}
