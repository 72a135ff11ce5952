package console

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

func groupScreen() screen {
	return screen{
		name: "groups", title: "Groups", one: "group",
		list: listGroups, fields: groupFields, save: saveGroup,
		acts: map[string]func(live.View, *state.Directory, string) error{"delete": deleteGroup},
	}
}

func listGroups(s screen, _ live.View, d *state.Directory, _ string) page {
	t := table{
		Caption: fmt.Sprintf("%d groups", len(d.Groups)), None: "No group.", Head: []string{"Name", "Under", "Members", "Key"},
	}
	members := d.Members()
	for _, g := range d.Groups {
		under := ""
		if parent := d.Groups.Get(g.ParentKey); parent != nil {
			under = parent.Name
		}
		t.Rows = append(t.Rows, row{
			First:   cell{Text: g.Name, Href: s.path(d, g.Key)},
			Cells:   texts(under, strconv.Itoa(len(members[g.Key])), g.Key),
			Buttons: []button{s.button(d, g.Key, "delete", "Delete", g.Name)},
		})
	}
	return page{Intro: "Who is in a group that is deleted is in none then; groups below it are deleted with it.",
		Links: s.adding(d), Tables: []table{t}}
}

// groupFields offers a parent to a new group alone: the service has no way to move one.
func groupFields(d *state.Directory, key string) []field {
	name := field{Name: "name", Label: "Name", Type: "text", Required: true}
	if key == "" {
		return []field{name, {Name: "parentKey", Label: "Under", Type: "select", Options: groupOptions(d, "nothing", roots(d.Groups))}}
	}
	g := d.Groups.Get(key)
	if g == nil {
		return nil
	}
	name.Value = g.Name
	return []field{name}
}

func saveGroup(v live.View, d *state.Directory, key string, in input) error {
	name := in.text("name")
	if name == "" {
		return errors.New("a group has a name")
	}
	for _, other := range d.Groups {
		if other.Name == name && other.Key != key {
			return fmt.Errorf("there is a group called %q", name)
		}
	}
	if key == "" {
		_, err := v.Store.AddGroup(d, state.Group{Name: name, ParentKey: in.text("parentKey")})
		return err
	}
	g := d.Groups.Get(key)
	if g == nil {
		return state.ErrNothing
	}
	g.Name = name
	d.Groups.Sort()
	return nil
}

func deleteGroup(_ live.View, d *state.Directory, key string) error {
	if d.Groups.Get(key) == nil {
		return state.ErrNothing
	}
	d.DropGroups(append(d.Groups.Below(key), key))
	return nil
}

// roots are the groups that are under none.
func roots(all state.Groups) state.Groups {
	var top state.Groups
	for _, g := range all {
		if g.ParentKey == "" {
			top = append(top, g)
		}
	}
	return top
}

// groupOptions offers groups by their names, and first to have none.
func groupOptions(d *state.Directory, none string, groups state.Groups) []option {
	list := []option{{"", none}}
	for _, g := range groups {
		text := g.Name
		if parent := d.Groups.Get(g.ParentKey); parent != nil {
			text = parent.Name + " / " + g.Name
		}
		list = append(list, option{g.Key, text})
	}
	return list
}
