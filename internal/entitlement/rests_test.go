package entitlement

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// An account without bindings rests once that is known, until there is one.
func TestAnAccountWithoutBindingsRests(t *testing.T) {
	o := newOffice(t)
	if o.Rests(example) {
		t.Error("nobody has looked yet")
	}
	o.refresh(t)
	if !o.Rests(example) {
		t.Error("there is nothing to plan, and it does not rest")
	}
	b := &v1alpha1.GoToLicenseBinding{ObjectMeta: metav1.ObjectMeta{Namespace: example.Namespace, Name: "all"}, Spec: v1alpha1.GoToLicenseBindingSpec{
		ManagedSpec: v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: example.Name}}, License: v1alpha1.LicenseSelector{Key: webinars},
		Subjects: []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{}}},
	}}
	if err := o.kube.Create(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	o.refresh(t)
	if o.Rests(example) {
		t.Error("it rests beside a binding")
	}
	if err := o.kube.Delete(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	for range 2 { // what it gave is let go of first
		o.refresh(t)
	}
	if !o.Rests(example) {
		t.Error("the binding is gone, and it does not rest")
	}
}
