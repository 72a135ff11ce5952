package state

import (
	"fmt"
	"slices"
)

// Definition is something that an account defines for all its users: a custom attribute, a welcome e-mail template, or a custom role.
type Definition struct {
	// Key of an attribute or template; the id of a custom role, which may be any text that a path can hold.
	Key string `json:"key"`
	// Name of an attribute or custom role, and title of a template.
	Name string `json:"name"`
	// Subject and Text are a template's.
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Definitions are those of one kind.
type Definitions []Definition

// Get returns the one with that key, nil if there is none.
func (d Definitions) Get(key string) *Definition {
	return d.first(func(other Definition) bool { return other.Key == key })
}

// Named returns the one with that name, nil if there is none.
func (d Definitions) Named(name string) *Definition {
	return d.first(func(other Definition) bool { return other.Name == name })
}

func (d Definitions) first(is func(Definition) bool) *Definition {
	if i := slices.IndexFunc(d, is); i >= 0 {
		return &d[i]
	}
	return nil
}

// Defined are the definitions of an account.
type Defined struct {
	Attributes Definitions `json:"attributes,omitempty"`
	Templates  Definitions `json:"templates,omitempty"`
	RoleSets   Definitions `json:"roleSets,omitempty"`
}

func (d Defined) clone() Defined {
	return Defined{slices.Clone(d.Attributes), slices.Clone(d.Templates), slices.Clone(d.RoleSets)}
}

// all are those whose keys are given out.
func (d Defined) all() []Definition { return slices.Concat(d.Attributes, d.Templates) }

func (d Defined) check() error {
	for _, definition := range d.all() {
		if !IsKey(definition.Key) {
			return fmt.Errorf("%q is no key of an attribute or template", definition.Key)
		}
	}
	return nil
}

// Define puts a definition into one list of an account and returns its key, chosen when empty.
func (s *Store) Define(list *Definitions, d Definition) string {
	if d.Key == "" {
		d.Key = s.NewKey(DefinitionKeys)
	}
	s.keys.note(DefinitionKeys, d.Key)
	*list = append(*list, d)
	return d.Key
}

// DropAttribute removes an attribute and the users' values of it.
func (d *Directory) DropAttribute(key string) {
	d.Attributes = slices.DeleteFunc(d.Attributes, func(a Definition) bool { return a.Key == key })
	for _, u := range d.Users {
		delete(u.Attributes, key)
	}
}

// Complete gives those a key that have none.
func (s *Store) Complete(list Definitions) {
	for i := range list {
		if list[i].Key == "" {
			list[i].Key = s.NewKey(DefinitionKeys)
		}
		s.keys.note(DefinitionKeys, list[i].Key)
	}
}
