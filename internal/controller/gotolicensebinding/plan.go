package gotolicensebinding

import (
	"k8s.io/apimachinery/pkg/api/equality"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/planning"
)

// setupPlans adds the controller of the plans that bindings are part of.
func setupPlans(mgr ctrl.Manager, planner *entitlement.Planner, registry *account.Registry) error {
	return planning.Setup(mgr, planner, registry, planning.Options{
		Name: "licenseplan", Users: entitlement.Matters,
		Watches: []planning.Watch{
			{Object: &v1alpha1.GoToLicenseBinding{}, Differ: func(before, now client.Object) bool {
				return planning.Generation(before, now) || !equality.Semantic.DeepEqual(before.GetFinalizers(), now.GetFinalizers())
			}},
			{Object: &v1alpha1.GoToAccount{}, Differ: planning.Generation},
		},
	})
}
