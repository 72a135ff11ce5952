package entitlement

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Selection finds which of several objects select a GoToUser, by the rules that bindings select by.
type Selection struct {
	trees  forest
	seats  map[gotoclient.Key]account.Seats
	all    []*definition
	index  index
	having map[string]map[gotoclient.Key][]*definition // by namespace and licence
	vague  map[string][]*definition                    // by namespace, those that may select anybody there
}

// Selected is an object that selects a user, surely or perhaps.
type Selected struct {
	Name types.NamespacedName
	Sure bool
}

// NewSelection is that of no object yet, among the groups and licences of an account.
func NewSelection(groups []*v1alpha1.GoToGroup, seats map[gotoclient.Key]account.Seats) *Selection {
	return &Selection{
		trees: grow(groups), seats: seats, having: map[string]map[gotoclient.Key][]*definition{}, vague: map[string][]*definition{},
	}
}

// Add adds an object. Its error is a *engine.BlockedReference if the targets name something that cannot be used; what they name
// besides is added all the same. Whom such a target would select nobody can say: it may be every user of the namespace.
func (s *Selection) Add(name types.NamespacedName, targets []v1alpha1.SettingsTarget) error {
	d := &definition{name: name}
	s.all, s.index = append(s.all, d), nil
	var failed error
	for _, t := range targets {
		if err := s.target(d, t); failed == nil {
			failed = err
		}
	}
	if failed != nil {
		s.vague[name.Namespace] = append(s.vague[name.Namespace], d)
	}
	return failed
}

func (s *Selection) target(d *definition, t v1alpha1.SettingsTarget) error {
	if t.License == (v1alpha1.LicenseSelector{}) {
		return d.resolveSubjects([]v1alpha1.LicenseSubject{{UserRef: t.UserRef, GroupRef: t.GroupRef, Subgroups: t.Subgroups, Selector: t.Selector}}, s.trees[d.name.Namespace])
	}
	key, err := selectLicense(t.License, s.seats)
	if err != nil {
		return err
	}
	space := s.having[d.name.Namespace]
	if space == nil {
		space = map[gotoclient.Key][]*definition{}
		s.having[d.name.Namespace] = space
	}
	space[key] = append(space[key], d)
	return nil
}

// Of are the objects that select a user, each once. The user in GoTo is the zero value, and not known, where no reading shows it.
func (s *Selection) Of(u *v1alpha1.GoToUser, seen gotoclient.User, known bool) []Selected {
	if s.index == nil {
		s.index = newIndex(s.all, s.trees)
	}
	f, r := factsOf(u), remoteOf(seen, known)
	picks := s.index.picks(&f, &r, nil)
	for _, license := range r.licenses {
		picks = add(picks, true, s.having[u.Namespace][license]...)
	}
	picks = add(picks, false, s.vague[u.Namespace]...)
	out := make([]Selected, len(picks))
	for i, p := range picks {
		out[i] = Selected{p.name, p.sure}
	}
	return out
}

// Able is true for a GoToUser that the operator may change, and that it is not for a person to help first.
func Able(u *v1alpha1.GoToUser) bool {
	f := factsOf(u)
	return f.writable && !f.deleting && !f.stuck
}

// Equal is true for a selection that finds the same, as far as groups and licences have a part in it.
func (s *Selection) Equal(o *Selection) bool {
	sameNames := func(a, b []*definition) bool {
		return slices.EqualFunc(a, b, func(x, y *definition) bool { return x.name == y.name })
	}
	sameKeys := func(a, b map[gotoclient.Key][]*definition) bool { return maps.EqualFunc(a, b, sameNames) }
	return s.trees.equal(o.trees) && maps.EqualFunc(s.vague, o.vague, sameNames) && maps.EqualFunc(s.having, o.having, sameKeys)
}

// Rest lets go of what was kept to answer faster.
func (s *Selection) Rest() {
	for _, space := range s.index {
		clear(space.bySet)
	}
}
