package whole

import (
	"pgregory.net/rapid"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

var (
	attributes = []string{"room", "floor"}
	templates  = []string{"welcome", "hello"}
)

func (s *story) onDefinitions() acting {
	return acting{
		"apply an attribute": s.applyAttribute, "delete an attribute": s.deleteAttribute,
		"apply a template": s.applyTemplate, "delete a template": s.deleteTemplate,
	}
}

// applyAttribute makes an attribute or gives it one of two names, which the other one may have.
func (s *story) applyAttribute(t *rapid.T) {
	a := newAttribute(s.one(t, attributes, "name"))
	inGoTo := s.one(t, attributes, "in GoTo")
	s.apply(a, func() { a.Spec.Name = inGoTo })
}

func (s *story) deleteAttribute(t *rapid.T) {
	s.remove(newAttribute(s.one(t, attributes, "name")))
}

// applyValue gives a user a value, whether the attribute is there or not, and names the template of a mail.
func (s *story) applyValue(t *rapid.T) {
	u := newUser(s.one(t, names, "name"))
	attribute, value := s.one(t, attributes, "attribute"), s.one(t, []string{"7", "8"}, "value")
	template := s.one(t, templates, "template")
	s.apply(u, func() {
		u.Spec.Attributes = map[string]v1alpha1.AttributeValue{attribute: v1alpha1.AttributeValue(value)}
		u.Spec.WelcomeEmail = &v1alpha1.WelcomeEmail{TemplateRef: v1alpha1.TemplateReference{Name: template}}
	})
}

func (s *story) applyTemplate(t *rapid.T) {
	e := newTemplate(s.one(t, templates, "name"))
	text := s.one(t, []string{"Welcome.", "Good day."}, "text")
	s.apply(e, func() { e.Spec.Text = text })
}

func (s *story) deleteTemplate(t *rapid.T) {
	s.remove(newTemplate(s.one(t, templates, "name")))
}

// definitions fails if GoTo has two attributes, or templates, of one name.
func (s *story) definitions() {
	s.Helper()
	account := s.Sim.State().Accounts[0]
	for _, list := range []simulator.Definitions{account.Attributes, account.Templates} {
		seen := map[string]bool{}
		for _, d := range list {
			if seen[d.Name] {
				s.broken("two definitions are called %s", d.Name)
			}
			seen[d.Name] = true
		}
	}
}

// values fails if a user is in sync, and GoTo has another value than its spec.
func (s *story) values(u *v1alpha1.GoToUser) {
	s.Helper()
	account := s.Sim.State().Accounts[0]
	seen, _ := s.Sim.User(acct, string(u.Status.UserKey))
	for name, value := range u.Spec.Attributes {
		if a := account.Attributes.Named(name); a == nil || seen.Attributes[a.Key] != string(value) {
			s.broken("GoToUser %s is in sync, and GoTo has %v", u.Name, seen.Attributes)
		}
	}
}
