package gotouser

import (
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/goto-operator/goto-operator/internal/engine"
)

// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotousers,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotousers/status,verbs=patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotousers/finalizers,verbs=update
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch

// Setup adds the controller to a manager. A reconcile that creates or changes a user waits for the batch it is part of, so
// the concurrency should be several times the batch size.
func Setup(mgr ctrl.Manager, o engine.Options) error {
	o.Name = "gotouser"
	b, r, err := engine.Setup(mgr, byProvisioning{}, o)
	if err != nil {
		return err
	}
	return b.Complete(r)
}
