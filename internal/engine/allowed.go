package engine

import (
	"context"

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
	if namespace == ga.Namespace {
		return true, nil
	}
	switch ga.Spec.AllowedNamespaces.From {
	case v1alpha1.NamespacesFromSame:
		return false, nil
	case v1alpha1.NamespacesFromAll:
		return true, nil
	case v1alpha1.NamespacesFromSelector:
		selector, err := metav1.LabelSelectorAsSelector(ga.Spec.AllowedNamespaces.Selector)
		if err != nil {
			return false, &BlockedReference{v1alpha1.ReasonAccountNotAllowed, "the account's spec.allowedNamespaces.selector is not valid"}
		}
		var ns corev1.Namespace
		if err := reader.Get(ctx, types.NamespacedName{Name: namespace}, &ns); err != nil {
			return false, err
		}
		return selector.Matches(labels.Set(ns.Labels)), nil
	}
	return false, nil
}

// NamespaceEnds tells whether a namespace is being deleted.
func NamespaceEnds(ctx context.Context, reader client.Reader, name string) (bool, error) {
	var ns corev1.Namespace
	if err := reader.Get(ctx, types.NamespacedName{Name: name}, &ns); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return !ns.DeletionTimestamp.IsZero(), nil
}
