// Package gotoemailtemplate reconciles GoToEmailTemplate objects with the welcome e-mail templates of a GoTo account.
//
// controller.go says what starts a reconcile and what the operator may do, kind.go what a template is; the rest is in package
// definition. It may not import another kind's package.
package gotoemailtemplate

import (
	"context"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/definition"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

type (
	seen = gotoclient.Template
	kind = definition.Kind[*v1alpha1.GoToEmailTemplate, seen]
)

// newKind is the engine's view of a GoToEmailTemplate.
func newKind(reader client.Reader) kind { return kind{Definition: template{}, Reader: reader} }

// template is what a template is.
type template struct{}

var _ definition.Definition[*v1alpha1.GoToEmailTemplate, seen] = template{}

// New returns an empty GoToEmailTemplate.
func (template) New() *v1alpha1.GoToEmailTemplate { return &v1alpha1.GoToEmailTemplate{} }

// NewList returns an empty list of them.
func (template) NewList() client.ObjectList { return &v1alpha1.GoToEmailTemplateList{} }

// Of are the templates of the account.
func (template) Of(acct *account.Account) *account.Definitions[seen] { return acct.Templates() }

// Wanted is the template of the spec.
func (template) Wanted(e *v1alpha1.GoToEmailTemplate) seen {
	return seen{Title: e.Spec.Title, Subject: e.Spec.Subject, Text: e.Spec.Text}
}

// Name is the title of the spec.
func (template) Name(e *v1alpha1.GoToEmailTemplate) string { return e.Spec.Title }

// Key is the template's key.
func (template) Key(s seen) gotoclient.Key { return s.Key }

// NameOf is the title that the template has in GoTo.
func (template) NameOf(s seen) string { return s.Title }

// Refs are the templates that a reading found changed.
func (template) Refs(c account.Change) []account.NamedRef { return c.Templates }

// Differences are those of title, subject and text; how lines end is none.
func (template) Differences(e *v1alpha1.GoToEmailTemplate, s seen) []engine.Change {
	var out []engine.Change
	for _, f := range []engine.Change{
		{Field: "title", Current: s.Title, Desired: e.Spec.Title},
		{Field: "subject", Current: s.Subject, Desired: e.Spec.Subject},
		{Field: "text", Current: s.Text, Desired: e.Spec.Text},
	} {
		if !gotoclient.SameName(lines(f.Desired), lines(f.Current)) {
			out = append(out, f)
		}
	}
	return out
}

func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// Blocked is never: users have got their mail, and a template in use waits for nothing.
func (template) Blocked(context.Context, *v1alpha1.GoToEmailTemplate, seen) error { return nil }
