package gotolicensebinding

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// selecting is a binding for users with a label.
func selecting(t *testing.T, w *world, label string) *v1alpha1.GoToLicenseBinding {
	t.Helper()
	return kindtest.Apply(t, w.Kube, &v1alpha1.GoToLicenseBinding{ObjectMeta: metav1.ObjectMeta{Name: "webinars"}}, func(b *v1alpha1.GoToLicenseBinding) {
		b.Spec.AccountRef.Name, b.Spec.License.Key = kindtest.Account, simulator.DefaultWebinarLicenseKey
		b.Spec.Subjects = []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{label: "yes"}}}}
	})
}

// TestWalk lets something go wrong at every request and every write of a binding's life. It writes nothing to GoTo itself.
func TestWalk(t *testing.T) {
	t.Parallel()
	kindtest.Walk(t, newWorld, func(t *testing.T, w *world) {
		t.Helper()
		for _, label := range []string{"webinars", "trainings"} {
			b := selecting(t, w, label)
			w.Until(t, b, kindtest.Ready)
			if b.Status.LicenseKey != simulator.DefaultWebinarLicenseKey || b.Status.Selected == nil {
				t.Errorf("%s: %+v", label, b.Status)
			}
		}
		b := selecting(t, w, "trainings")
		if err := w.Kube.Delete(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		w.Until(t, b, kindtest.Gone)
	})
}
