package settings

import (
	"cmp"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Setting is one that a user is to have.
type Setting struct {
	Product, Name string
	Value         Value
	Profile       string // that decides it
}

// Field is the name of it, as in status.drift of a GoToUser.
func (s Setting) Field() string { return FieldPrefix + s.Product + "." + s.Name }

// FieldPrefix begins the names of fields that are settings.
const FieldPrefix = "settings."

// Wanted is what the profiles that select a user make of its settings. Users whom the same profiles select share one. The zero
// value, and nil, want nothing. It is not changed once it is made.
type Wanted struct {
	Settings []Setting // by product and name

	by      []share // of the profiles that surely select the user, who goes first first
	watched []*profile
}

// unread is what is wanted of a user whose settings the account is only about to read.
var unread = &Wanted{}

// Unread is true as long as the account is about to read the settings: nothing is known of what the user has.
func (w *Wanted) Unread() bool { return w == unread }

// share is what a profile has of the settings of a user.
type share struct {
	*profile

	decides []Setting
	lost    []conflict
}

// conflict is a setting that another profile decides.
type conflict struct{ name, by string }

// pick is a profile that selects a user, surely or perhaps.
type pick struct {
	*profile

	sure bool
}

// wantedOf finds who decides what of a user's settings. What is said by a profile that only may select the user, or that holds, is
// left alone: it is neither written nor left to those who come after.
func wantedOf(picks []pick) *Wanted {
	slices.SortFunc(picks, func(a, b pick) int { return compareProfiles(a.profile, b.profile) })
	w := &Wanted{}
	decided := map[Setting]Setting{} // by product and name alone
	for _, p := range picks {
		switch {
		case p.deleting:
			continue
		case p.observes:
			if p.sure {
				w.watched = append(w.watched, p.profile)
			}
			continue
		}
		sh := p.share(decided, p.sure && !p.holds)
		if p.sure {
			w.by = append(w.by, sh)
		}
		w.Settings = append(w.Settings, sh.decides...)
	}
	slices.SortFunc(w.Settings, compareSettings)
	return w
}

func compareSettings(a, b Setting) int {
	return cmp.Or(strings.Compare(a.Product, b.Product), strings.Compare(a.Name, b.Name))
}

// share is what the profile says, less what those before it have decided. Who says the same as they do loses nothing.
func (p *profile) share(decided map[Setting]Setting, writes bool) share {
	out := share{profile: p}
	for name, value := range p.values {
		at, is := Setting{Product: p.product, Name: name}, Setting{p.product, name, value, p.name.String()}
		by, taken := decided[at]
		switch {
		case taken && by.Value != value:
			out.lost = append(out.lost, conflict{name, by.Profile})
		case taken:
		case writes && !p.withheld[name]:
			out.decides = append(out.decides, is)
		}
		if !taken {
			decided[at] = is
		}
	}
	slices.SortFunc(out.decides, compareSettings)
	slices.SortFunc(out.lost, compareConflicts)
	return out
}

func compareConflicts(a, b conflict) int {
	return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.by, b.by))
}

func (w *Wanted) equal(o *Wanted) bool {
	if w == nil || o == nil {
		return w.none() && o.none()
	}
	return slices.Equal(w.Settings, o.Settings)
}

func (w *Wanted) none() bool { return w == nil || len(w.Settings) == 0 }

// Refusal is a setting that a user cannot have.
type Refusal struct {
	Setting

	Reason string // a condition's
	Why    string // for people
}

// Assessment is what a user lacks of what it is to have.
type Assessment struct {
	Lacking []Lack    // can be written
	Refused []Refusal // cannot
	Unknown bool      // nothing is known of what the user has
}

// Lack is a setting that GoTo shows otherwise, or not at all.
type Lack struct {
	Setting

	Current Value
}

// Change is the correction of what lacks, by the name that a status has for it.
func (l *Lack) Change(field string) engine.Change {
	current := string(l.Current)
	if l.Current == NotShown {
		current = "not shown"
	}
	return engine.Change{Field: field, Current: current, Desired: string(l.Value)}
}

// Assess compares what a user is to have with what GoTo shows. Of a user whose record has no settings nothing is known; one whose
// record has nil for a product has none of it; what else it does not show may be written.
func Assess(w *Wanted, record Record) Assessment {
	var out Assessment
	if w.none() {
		return out
	}
	if record == nil {
		return Assessment{Unknown: true}
	}
	for _, s := range w.Settings {
		shown, has := record[s.Product]
		switch refusal := s.refusal(shown, !has || shown != nil); {
		case shown[s.Name] == s.Value:
		case refusal.Reason != "":
			out.Refused = append(out.Refused, refusal)
		default:
			out.Lacking = append(out.Lacking, Lack{s, shown[s.Name]})
		}
	}
	return out
}

// refusal says why a setting cannot be written; one without reason where it can.
func (s Setting) refusal(shown Shown, product bool) Refusal {
	if !product {
		return Refusal{s, v1alpha1.ReasonSettingNotEntitled, "the user has no settings of " + s.Product + ", which come with a licence for it"}
	}
	name := gotoclient.EntitlementOf(s.Name)
	switch granted, told := shown[name]; {
	case !told || name == "":
	case granted == "false" && s.Value == "true":
		return Refusal{s, v1alpha1.ReasonSettingNotEntitled, name + " is false: the licence or the account does not grant it"}
	default:
		if beyond := Beyond(s.Value, granted); len(beyond) > 0 {
			return Refusal{s, v1alpha1.ReasonCountryNotAllowed, name + " lacks " + strings.Join(beyond, ", ")}
		}
	}
	return Refusal{}
}

// Beyond are the words of a list that are not in another.
func Beyond(list, allowed Value) []string {
	among := allowed.words()
	return slices.DeleteFunc(list.words(), func(word string) bool { return slices.Contains(among, word) })
}
