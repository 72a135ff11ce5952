package console

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

func licenseScreen() screen {
	return screen{
		name: "licenses", title: "Licences", one: "licence", list: listLicenses, fields: licenseFields, save: saveLicense,
	}
}

func listLicenses(s screen, _ live.View, d *state.Directory, _ string) page {
	t := table{
		Caption: fmt.Sprintf("%d licences", len(d.Licenses)), None: "No licence.",
		Head: []string{"Description", "Products", "Seats", "In use", "Free", "State", "Key"},
	}
	for _, l := range d.Licenses {
		taken := d.Taken(l.Key)
		t.Rows = append(t.Rows, row{
			First: cell{Text: l.Description, Href: s.path(d, l.Key)},
			Cells: texts(strings.Join(l.Products, ", "), strconv.Itoa(l.Seats), strconv.Itoa(taken), strconv.Itoa(max(l.Seats-taken, 0)),
				stateOf(l), l.Key),
		})
	}
	return page{Links: s.adding(d), Tables: []table{t}}
}

func stateOf(l state.License) string {
	if l.Disabled {
		return "disabled"
	}
	return "enabled"
}

func licenseFields(d *state.Directory, key string) []field {
	l := &state.License{Seats: 1}
	if key != "" {
		if l = d.Licenses.Get(key); l == nil {
			return nil
		}
	}
	return []field{
		{Name: "description", Label: "Description", Type: "text", Value: l.Description, Required: true},
		{Name: "seats", Label: "Seats", Type: "number", Value: strconv.Itoa(l.Seats), Required: true},
		{Name: "products", Label: "Products", Type: "text", Value: strings.Join(l.Products, " "), Hint: "codes such as G2M G2W", Required: true},
		check("disabled", "Disabled", l.Disabled),
	}
}

func saveLicense(v live.View, d *state.Directory, key string, in input) error {
	changed := state.License{}
	l := d.Licenses.Get(key)
	if key != "" {
		if l == nil {
			return state.ErrNothing
		}
		changed = *l
	}
	if err := takeLicense(&changed, in); err != nil {
		return err
	}
	if l != nil {
		*l = changed
		return nil
	}
	_, err := v.Store.AddLicense(d, changed)
	return err
}

func takeLicense(l *state.License, in input) (err error) {
	if l.Seats, err = in.number("seats"); err != nil {
		return err
	}
	l.Description, l.Products, l.Disabled = in.text("description"), strings.Fields(in.text("products")), in.flag("disabled")
	if l.Description == "" || len(l.Products) == 0 {
		return errors.New("a licence has a description and at least one product")
	}
	return nil
}

// licenseNames are the descriptions of licences.
func licenseNames(d *state.Directory, keys []string) []string {
	var names []string
	for _, key := range keys {
		if l := d.Licenses.Get(key); l != nil {
			names = append(names, l.Description)
		}
	}
	return names
}

func licenseOptions(d *state.Directory) []option {
	var list []option
	for _, l := range d.Licenses {
		list = append(list, option{l.Key, fmt.Sprintf("%s (%d of %d seats in use)", l.Description, d.Taken(l.Key), l.Seats)})
	}
	return list
}

// seatsFor refuses licences that have no seat left for a user, who is nil if new. What the user has may be kept.
func seatsFor(d *state.Directory, u *state.User, wanted []string) error {
	for _, key := range wanted {
		l := d.Licenses.Get(key)
		if l == nil || (u != nil && slices.Contains(u.LicenseKeys, key)) {
			continue // a licence that does not exist is refused with the user
		}
		if d.Taken(key) >= l.Seats {
			return fmt.Errorf("no seat of %s is free: %d of %d are in use", l.Description, d.Taken(key), l.Seats)
		}
	}
	return nil
}
