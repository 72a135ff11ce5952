package gotoemailtemplate

import (
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/goto-operator/goto-operator/internal/engine"
)

// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotoemailtemplates,verbs=list;watch;patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotoemailtemplates/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Setup adds the controller to a manager.
func Setup(mgr ctrl.Manager, o engine.Options) error {
	o.Name = "gotoemailtemplate"
	b, r, err := engine.Setup(mgr, newKind(mgr.GetClient()), o)
	if err != nil {
		return err
	}
	return b.Complete(r)
}
