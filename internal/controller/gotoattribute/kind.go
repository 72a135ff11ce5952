// Package gotoattribute reconciles GoToAttribute objects with the custom attributes of a GoTo account.
//
// controller.go says what starts a reconcile and what the operator may do, kind.go what an attribute is; the rest is in package
// definition. It may not import another kind's package.
package gotoattribute

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/definition"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

type (
	seen = gotoclient.Attribute
	kind = definition.Kind[*v1alpha1.GoToAttribute, seen]
)

// newKind is the engine's view of a GoToAttribute.
func newKind(reader client.Reader) kind {
	return kind{Definition: attribute{reader}, Reader: reader}
}

// attribute is what an attribute is.
type attribute struct{ reader client.Reader }

var _ definition.Definition[*v1alpha1.GoToAttribute, seen] = attribute{}

// New returns an empty GoToAttribute.
func (attribute) New() *v1alpha1.GoToAttribute { return &v1alpha1.GoToAttribute{} }

// NewList returns an empty list of them.
func (attribute) NewList() client.ObjectList { return &v1alpha1.GoToAttributeList{} }

// Of are the attributes of the account.
func (attribute) Of(acct *account.Account) *account.Definitions[seen] { return acct.Attributes() }

// Wanted is the attribute of that name.
func (attribute) Wanted(a *v1alpha1.GoToAttribute) seen { return seen{Name: a.Spec.Name} }

// Name is the name of the spec.
func (attribute) Name(a *v1alpha1.GoToAttribute) string { return a.Spec.Name }

// Key is the attribute's key.
func (attribute) Key(s seen) gotoclient.Key { return s.Key }

// NameOf is the name that the attribute has in GoTo.
func (attribute) NameOf(s seen) string { return s.Name }

// Refs are the attributes that a reading found changed.
func (attribute) Refs(c account.Change) []account.NamedRef { return c.Attributes }

// Differences is the name.
func (attribute) Differences(a *v1alpha1.GoToAttribute, s seen) []engine.Change {
	if gotoclient.SameName(a.Spec.Name, s.Name) {
		return nil
	}
	return []engine.Change{{Field: "name", Current: s.Name, Desired: a.Spec.Name}}
}

// Blocked is true while GoToUsers name the attribute: their values would go with it. It is known by the name that it has in GoTo, and by that
// of the spec, which may not have got there.
func (k attribute) Blocked(ctx context.Context, a *v1alpha1.GoToAttribute, s seen) error {
	for _, name := range []string{s.Name, a.Spec.Name} {
		n, err := engine.Count(ctx, k.reader, a, &v1alpha1.GoToUserList{}, client.MatchingFields{indexAttribute: gotoclient.FoldName(name)})
		if err != nil {
			return err
		}
		if n > 0 {
			return &engine.WaitingError{Reason: v1alpha1.ReasonInUse,
				Message: fmt.Sprintf("%d GoToUsers still have a value of attribute %q in their spec; take it out there first", n, name)}
		}
	}
	return nil
}
