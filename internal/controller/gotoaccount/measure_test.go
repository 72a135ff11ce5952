package gotoaccount

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/metrics"
)

// The metrics show every account that somebody wants to work, also one that was never connected.
func TestMeasured(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	named := func(name string, change func(*v1alpha1.GoToAccount)) *v1alpha1.GoToAccount {
		ga := &v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: name}}
		change(ga)
		return ga
	}
	r := New(Config{Client: fake.NewClientBuilder().WithScheme(scheme).WithObjects(
		named("never-connected", func(*v1alpha1.GoToAccount) {}),
		named("ready", func(ga *v1alpha1.GoToAccount) {
			ga.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue}}
			ga.Status.Deletions.Waiting = 3
		}),
		named("suspended", suspended),
	).Build()})
	want := []metrics.Account{
		{NamespacedName: types.NamespacedName{Namespace: "team", Name: "never-connected"}},
		{NamespacedName: types.NamespacedName{Namespace: "team", Name: "ready"}, Ready: true, DeletionsWaiting: 3},
	}
	if diff := cmp.Diff(want, r.Measured()); diff != "" {
		t.Error(diff)
	}
}
