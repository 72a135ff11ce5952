package engine

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
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

// connect finds the live account of an object. It makes no request to GoTo: connecting is the GoToAccount's own work.
func (r *Reconciler[O, W, S]) connect(ctx context.Context, obj O) (*account.Account, error) {
	name := AccountName(obj)
	var ga v1alpha1.GoToAccount
	if err := r.Client.Get(ctx, name, &ga); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, &BlockedReference{v1alpha1.ReasonAccountNotFound, fmt.Sprintf("there is no GoToAccount %s", name)}
		}
		return nil, err
	}
	allowed, err := r.allowed(ctx, &ga, obj.GetNamespace())
	if err != nil {
		return nil, err
	}
	if !allowed {
		return nil, &BlockedReference{v1alpha1.ReasonAccountNotAllowed,
			fmt.Sprintf("GoToAccount %s does not allow namespace %s in spec.allowedNamespaces", name, obj.GetNamespace())}
	}
	if ga.Spec.Suspend {
		return nil, &BlockedReference{v1alpha1.ReasonAccountNotReady, fmt.Sprintf("GoToAccount %s is suspended", name)}
	}
	if acct, ok := r.Registry.Get(string(ga.UID)); ok {
		return acct, nil
	}
	ready := meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Status == metav1.ConditionTrue {
		return nil, errStarting
	}
	return nil, &BlockedReference{v1alpha1.ReasonAccountNotReady, fmt.Sprintf("GoToAccount %s is not Ready: %s", name, ready.Reason)}
}

func (r *Reconciler[O, W, S]) allowed(ctx context.Context, ga *v1alpha1.GoToAccount, namespace string) (bool, error) {
	return Allowed(ctx, r.Client, ga, namespace)
}
