package console

import (
	"maps"
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/simulator/switches"
)

func (c *Console) switches(w http.ResponseWriter, r *http.Request) {
	c.render(w, r, http.StatusOK, switchPage(switchForm(c.World.Switches())))
}

func switchPage(f form) page {
	return page{
		Title:   "Switches",
		Intro:   "On these points nobody knows for certain what GoTo does, or sources differ. A position is a choice and not a fact.",
		Buttons: []button{{Label: "All to their defaults", Action: Root + "switches/defaults"}},
		Form:    &f,
	}
}

func switchForm(s switches.Switches) form {
	f := form{Title: "Positions", Action: Root + "switches", Submit: "Save"}
	now, positions := s.Map(), switches.Positions()
	for _, name := range switches.Names() {
		one := field{Name: name, Label: name, Type: "select", Value: now[name], Options: options(positions[name])}
		if switches.Open(name) {
			one.Type, one.Options = "text", nil
		}
		if now[name] != positions[name][0] {
			one.Hint = "changed; the default is " + positions[name][0]
		}
		f.Fields = append(f.Fields, one)
	}
	return f
}

// setSwitches puts every switch that the form has into its position, or none where one is refused.
func (c *Console) setSwitches(w http.ResponseWriter, r *http.Request) {
	in, err := read(w, r)
	if err == nil {
		err = c.World.TrySwitches(func(s *switches.Switches) error { return takeSwitches(s, in) })
	}
	if err == nil {
		move(w, r, Root+"switches", "saved")
		return
	}
	p := switchPage(switchForm(c.World.Switches()).filled(in))
	p.Problem = err.Error()
	c.render(w, r, http.StatusBadRequest, p)
}

func takeSwitches(s *switches.Switches, in input) error {
	for _, name := range slices.Sorted(maps.Keys(in.Values)) {
		if err := s.Set(name, in.text(name)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Console) resetSwitches(w http.ResponseWriter, r *http.Request) {
	_ = c.World.TrySwitches(func(s *switches.Switches) error { // the defaults are positions
		*s = switches.Default()
		return nil
	})
	move(w, r, Root+"switches", "defaults")
}
