package engine

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// AccountName is the namespace and name of the GoToAccount that an object refers to.
func AccountName(obj Object) types.NamespacedName {
	spec, _ := obj.Managed()
	name := types.NamespacedName{Namespace: spec.AccountRef.Namespace, Name: spec.AccountRef.Name}
	if name.Namespace == "" {
		name.Namespace = obj.GetNamespace()
	}
	return name
}

// policy is what an account says of all objects that use it.
type policy struct {
	observe  bool
	adoption v1alpha1.AdoptionPolicy
}

// mayAdopt asks whether an object may have what exists in GoTo and was not made for it.
func (p policy) mayAdopt(obj Object) error {
	switch {
	case p.adoption == v1alpha1.AdoptNever:
		return &StalledError{Reason: v1alpha1.ReasonAdoptionNotAllowed,
			Message: "this exists in GoTo already, and the account's spec.adoption is Never: delete it there, or allow adoption for a while"}
	case p.adoption == v1alpha1.AdoptAnnotated && !adopts(obj):
		return &StalledError{Reason: v1alpha1.ReasonAdoptionNotAllowed, Message: fmt.Sprintf(
			"this exists in GoTo already, and the account's spec.adoption is Annotated: annotate this object with %s=true to adopt it", v1alpha1.AdoptAnnotation)}
	}
	return nil
}

// mayHave asks about a counterpart that the object did not have so far, and that objects claim. One that was created for this
// very object, and whose creation was not confirmed, needs no leave; an intent from before the object was made is no such
// thing.
func (p policy) mayHave(obj Object, origin v1alpha1.Origin) error {
	_, at := CreateIntent(obj)
	made := obj.GetCreationTimestamp()
	if origin == v1alpha1.Created && !at.IsZero() && !at.Before(made.Time) {
		return nil
	}
	return p.mayAdopt(obj)
}

// accounts are those that objects use.
type accounts struct {
	reader   client.Reader
	registry *account.Registry
	watched  func(namespace string) bool // nil where all are
}

func (r *Reconciler[O, W, S]) accounts() accounts { return accounts{r.Client, r.Registry, r.Watched} }

// get reads a GoToAccount. In a namespace that is not watched there is none to read.
func (a accounts) get(ctx context.Context, name types.NamespacedName, ga *v1alpha1.GoToAccount) error {
	if a.watched != nil && !a.watched(name.Namespace) {
		return apierrors.NewNotFound(v1alpha1.GroupVersion.WithResource("gotoaccounts").GroupResource(), name.String())
	}
	return a.reader.Get(ctx, name, ga)
}

// absent is the error about a GoToAccount that is not there, or where nobody looks.
func (a accounts) absent(name types.NamespacedName) error {
	if a.watched != nil && !a.watched(name.Namespace) {
		return &BlockedReference{v1alpha1.ReasonAccountNotWatched,
			fmt.Sprintf("the operator does not watch namespace %s, where GoToAccount %s is said to be; see its flag --watch-namespaces", name.Namespace, name.Name)}
	}
	return &BlockedReference{v1alpha1.ReasonAccountNotFound, fmt.Sprintf("there is no GoToAccount %s", name)}
}

// of finds the live account of an object. It makes no request to GoTo: connecting is the GoToAccount's own work.
func (a accounts) of(ctx context.Context, obj Object) (*account.Account, policy, error) {
	name := AccountName(obj)
	var ga v1alpha1.GoToAccount
	if err := a.get(ctx, name, &ga); err != nil {
		if apierrors.IsNotFound(err) {
			err = a.absent(name)
		}
		return nil, policy{}, err
	}
	if err := a.usable(ctx, &ga, obj); err != nil {
		return nil, policy{}, err
	}
	acct, ok := a.registry.Get(string(ga.UID))
	if !ok {
		return nil, policy{}, notReady(&ga)
	}
	p := policy{observe: ga.Spec.ManagementPolicy == v1alpha1.Observe, adoption: ga.Spec.Adoption}
	return acct, p, sameCounterpart(obj, acct.Key())
}

// usable says why an object may not use an account, or not now.
func (a accounts) usable(ctx context.Context, ga *v1alpha1.GoToAccount, obj Object) error {
	name := client.ObjectKeyFromObject(ga)
	allowed, err := Allowed(ctx, a.reader, ga, obj.GetNamespace())
	switch {
	case err != nil:
		return err
	case !allowed:
		return &BlockedReference{v1alpha1.ReasonAccountNotAllowed,
			fmt.Sprintf("GoToAccount %s does not allow namespace %s in spec.allowedNamespaces", name, obj.GetNamespace())}
	case ga.Spec.Suspend:
		return &BlockedReference{v1alpha1.ReasonAccountSuspended, fmt.Sprintf("GoToAccount %s is suspended", name)}
	}
	return nil
}

// inUse tells whether an account is in use.
func (a accounts) inUse(ga *v1alpha1.GoToAccount) bool {
	_, ok := a.registry.Get(string(ga.UID))
	return ok
}

// connecting is true while it is not known whether the account of an object will be in use.
func (a accounts) connecting(obj Object) bool {
	var ga v1alpha1.GoToAccount
	err := a.get(context.Background(), AccountName(obj), &ga)
	return err == nil && !ga.Spec.Suspend && !a.registry.Settled(string(ga.UID)) || err != nil && !apierrors.IsNotFound(err)
}

// named is a name as accounts are told apart by.
func named(account string) types.NamespacedName {
	namespace, name, _ := strings.Cut(account, "/")
	return types.NamespacedName{Namespace: namespace, Name: name}
}

// notReady is the error about an account that is not in use.
func notReady(ga *v1alpha1.GoToAccount) error {
	ready := meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Status == metav1.ConditionTrue {
		return errStarting
	}
	return &BlockedReference{v1alpha1.ReasonAccountNotReady,
		fmt.Sprintf("GoToAccount %s is not Ready: %s", client.ObjectKeyFromObject(ga), ready.Reason)}
}

// sameCounterpart refuses to conclude anything about a counterpart in another account than the one it is in: there it would
// look as if it were gone.
func sameCounterpart(obj Object, key gotoclient.Key) error {
	_, status := obj.Managed()
	known := gotoclient.Key(status.AccountKey)
	if known == "" {
		known = identityOf(obj).Account
	}
	if known == "" || known == key {
		return nil
	}
	return &BlockedReference{v1alpha1.ReasonAccountKeyMismatch, fmt.Sprintf(
		"the counterpart of this object is in GoTo account %s, and its GoToAccount is now account %s: nothing is read or written. For a counterpart in the new account make a new object",
		known, key)}
}
