package engine

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// Allowed tells whether the objects of a namespace may use an account. Its error is a *BlockedReference where the
// account's selector is not valid, or that of reading the namespace.
func Allowed(ctx context.Context, reader client.Reader, ga *v1alpha1.GoToAccount, namespace string) (bool, error) {
	return among(ctx, reader, ga, ga.Spec.AllowedNamespaces, namespace, &BlockedReference{v1alpha1.ReasonAccountNotAllowed,
		"the account's spec.allowedNamespaces.selector is not valid"})
}

// WholeAccount returns nil if the objects of a namespace may be about an account as a whole, and not about some of its users alone, a
// *BlockedReference if they may not, or the error of reading the account or the namespace.
func WholeAccount(ctx context.Context, reader client.Reader, account types.NamespacedName, namespace string) error {
	var ga v1alpha1.GoToAccount
	if err := reader.Get(ctx, account, &ga, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	refusal := &BlockedReference{v1alpha1.ReasonWholeAccountDenied,
		fmt.Sprintf("GoToAccount %s does not let objects of namespace %s be about the whole account: see its spec.wholeAccountNamespaces",
			account, namespace)}
	for _, allowed := range []v1alpha1.AllowedNamespaces{ga.Spec.AllowedNamespaces, ga.Spec.WholeAccountNamespaces} {
		may, err := among(ctx, reader, &ga, allowed, namespace, refusal)
		switch {
		case err != nil:
			return err
		case !may:
			return refusal
		}
	}
	return nil
}

// among tells whether a namespace is among some, of which the account's own always is one; invalid is the error about a selector.
func among(ctx context.Context, reader client.Reader, ga *v1alpha1.GoToAccount, some v1alpha1.AllowedNamespaces, namespace string, invalid error) (bool, error) {
	switch {
	case namespace == ga.Namespace, some.From == v1alpha1.NamespacesFromAll:
		return true, nil
	case some.From != v1alpha1.NamespacesFromSelector:
		return false, nil
	}
	selector, err := metav1.LabelSelectorAsSelector(some.Selector)
	if err != nil {
		return false, invalid
	}
	var ns corev1.Namespace
	if err := reader.Get(ctx, types.NamespacedName{Name: namespace}, &ns); err != nil {
		return false, err
	}
	return selector.Matches(labels.Set(ns.Labels)), nil
}

// labelsMatter is true if an account lets the objects of a namespace do something else by some labels of it than by others.
func labelsMatter(ga *v1alpha1.GoToAccount, namespace string, before, now labels.Set) bool {
	for _, some := range []v1alpha1.AllowedNamespaces{ga.Spec.AllowedNamespaces, ga.Spec.WholeAccountNamespaces} {
		selector, err := metav1.LabelSelectorAsSelector(some.Selector) // none matches nothing, and one that is not valid likewise
		if err == nil && namespace != ga.Namespace && selector.Matches(before) != selector.Matches(now) {
			return true
		}
	}
	return false
}

// NamespaceEnds tells whether a namespace is being deleted.
func NamespaceEnds(ctx context.Context, reader client.Reader, name string) (bool, error) {
	var ns corev1.Namespace
	if err := reader.Get(ctx, types.NamespacedName{Name: name}, &ns); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return !ns.DeletionTimestamp.IsZero(), nil
}
