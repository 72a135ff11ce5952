package engine

import (
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// ReconcileRequested lets through an update that gives the annotation that asks for a reconcile a new value. Other
// annotations, the operator's own among them, start nothing.
func ReconcileRequested() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation] !=
			e.ObjectNew.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
	}}
}
