package gotosettingsprofile

import (
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/planning"
	"github.com/goto-operator/goto-operator/internal/settings"
)

// setupPlans adds the controller of the plans that profiles are part of.
func setupPlans(mgr ctrl.Manager, planner *settings.Planner, registry *account.Registry) error {
	return planning.Setup(mgr, planner, registry, planning.Options{
		Name: "settingsplan", Users: settings.Matters,
		Watches: []planning.Watch{{Object: &v1alpha1.GoToSettingsProfile{}, Differ: func(before, now client.Object) bool {
			return planning.Generation(before, now) || before.GetDeletionTimestamp().IsZero() != now.GetDeletionTimestamp().IsZero()
		}}, {Object: &v1alpha1.GoToAccount{}, Differ: planning.Generation}}, // which may allow other namespaces
	})
}
