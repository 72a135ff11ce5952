package gotouser

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// indexNeeds is the index of GoToUsers by what they need of the account's definitions, and by the template of a mail not yet sent.
const indexNeeds = "needs"

// needs are all entries of a user in the index.
func needs(u *v1alpha1.GoToUser) []string {
	var out []string
	for name := range u.Spec.Attributes {
		out = append(out, needsAttribute(engine.AccountName(u).String(), name))
	}
	if len(out) > 0 {
		out = append(out, needsAttributes(u))
	}
	if u.Spec.RoleSets != nil {
		out = append(out, needsRoleSets(u))
	}
	if ref := u.Spec.Welcome().TemplateRef.Name; ref != "" && u.Status.UserKey == "" {
		out = append(out, needsTemplate(u.Namespace, ref))
	}
	return out
}

func needsAttribute(account, name string) string {
	return "attribute/" + account + "/" + gotoclient.FoldName(name)
}

func needsAttributes(u *v1alpha1.GoToUser) string {
	return "attributes/" + engine.AccountName(u).String()
}
func needsRoleSets(u *v1alpha1.GoToUser) string   { return "roleSets/" + engine.AccountName(u).String() }
func needsTemplate(namespace, name string) string { return "template/" + namespace + "/" + name }

// needing are the users who need something.
func needing(ctx context.Context, reader client.Reader, need string) []reconcile.Request {
	return engine.Requests(ctx, reader, &v1alpha1.GoToUserList{}, client.MatchingFields{indexNeeds: need})
}

// redefined are the users who need what a reading of the account found changed.
func redefined(ctx context.Context, reader client.Reader, name string, c account.Change) []reconcile.Request {
	var out []reconcile.Request
	for _, ref := range c.Attributes {
		out = append(out, needing(ctx, reader, needsAttribute(name, ref.Name))...)
	}
	if c.RoleSets {
		out = append(out, needing(ctx, reader, "roleSets/"+name)...)
	}
	return out
}

// attributeMatters lets through that an attribute comes, goes, gets a key or another name.
func attributeMatters() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, _ := e.ObjectOld.(*v1alpha1.GoToAttribute)
		now, _ := e.ObjectNew.(*v1alpha1.GoToAttribute)
		return before.Status.AttributeKey != now.Status.AttributeKey || now.Status.ObservedGeneration != before.Status.ObservedGeneration
	}}
}
