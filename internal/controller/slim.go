package controller

import (
	"unique"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
)

// lastApplied is where kubectl keeps a whole copy of a manifest.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// Slim takes from an object what the operator never reads, before the object is kept in the cache: who manages which field, and the
// copy of its manifest that kubectl keeps. Together they are more than half of a GoToUser. The operator changes objects by
// merge patches of what it has, so that what it has not stays as it is. Of what thousands of objects say alike, such as the text of a
// condition, one copy is kept. It never returns an error.
func Slim(o any) (any, error) {
	object, err := meta.Accessor(o)
	if err != nil {
		return o, nil //nolint:nilerr // a tombstone, which is kept as it is
	}
	object.SetManagedFields(nil)
	if annotations := object.GetAnnotations(); annotations[lastApplied] != "" {
		delete(annotations, lastApplied)
		object.SetAnnotations(annotations)
	}
	o = exact(o) // from here on nothing is written that another object may have: an object of a list that is watched comes by twice
	if object, is := o.(metav1.Object); is {
		shareMeta(object)
	}
	if user, is := o.(*v1alpha1.GoToUser); is {
		shareUser(user)
	}
	if managed, is := o.(engine.Object); is {
		shareManaged(managed.Managed())
		engine.Pack(managed)
	}
	if user, is := o.(*v1alpha1.GoToUser); is {
		shareLists(user)
	}
	return o, nil
}

// alike are the lists of users, who are most of what is in memory.
var alike = newLists()

// shareLists keeps one of each list that users have alike: the conditions alone are a seventh of a user.
func shareLists(u *v1alpha1.GoToUser) {
	u.SetSelfLink(oneText(alike, u.GetSelfLink())) // see engine.Pack
	u.Labels = oneSet(alike, u.Labels)
	u.Finalizers = oneList(alike, u.Finalizers)
	u.Status.Conditions = oneList(alike, u.Status.Conditions)
	u.Status.Products = oneList(alike, u.Status.Products)
	u.Status.LicenseKeys = oneList(alike, u.Status.LicenseKeys)
	u.Status.PlacedGroupKeys = oneList(alike, u.Status.PlacedGroupKeys)
	for i := range u.Status.GivenLicenses {
		u.Status.GivenLicenses[i].Bindings = oneList(alike, u.Status.GivenLicenses[i].Bindings)
	}
}

// exact is a copy without the room that a decoder leaves at the end of each list.
func exact(o any) any {
	if object, is := o.(runtime.Object); is {
		return object.DeepCopyObject()
	}
	return o
}

func shareMeta(o metav1.Object) {
	o.SetNamespace(one(o.GetNamespace()))
	labels := o.GetLabels()
	for name, value := range labels {
		labels[name] = one(value)
	}
	shareAll(o.GetFinalizers())
}

// shareManaged is about what every managed kind has.
func shareManaged(spec *v1alpha1.ManagedSpec, status *v1alpha1.ManagedStatus) {
	share(&spec.AccountRef.Name)
	share(&spec.AccountRef.Namespace)
	share(&spec.DeletionPolicy)
	share(&spec.ManagementPolicy)
	share(&status.AccountKey)
	share(&status.Origin)
	for i := range status.Conditions {
		shareCondition(&status.Conditions[i])
	}
}

// shareUser is about users, of which there are tens of thousands: all but what is a user's own.
func shareUser(u *v1alpha1.GoToUser) {
	share(&u.Kind)
	share(&u.APIVersion)
	share(&u.Spec.AdminRolesMatch)
	share(&u.Spec.GroupRef.Name)
	share(&u.Spec.GroupKey)
	share(&u.Spec.RecreatePolicy)
	share(&u.Status.State)
	share(&u.Status.Group.Key)
	share(&u.Status.Group.Name)
	shareAll(u.Status.Products)
	shareAll(u.Status.LicenseKeys)
	shareAll(u.Status.PlacedGroupKeys)
	for i := range u.Status.GivenLicenses {
		share(&u.Status.GivenLicenses[i].Key)
		shareAll(u.Status.GivenLicenses[i].Bindings)
	}
}

func shareCondition(c *metav1.Condition) {
	share(&c.Type)
	share(&c.Status)
	share(&c.Reason)
	share(&c.Message)
}

func share[T ~string](text *T) { *text = one(*text) }

func shareAll[T ~string](texts []T) {
	for i := range texts {
		share(&texts[i])
	}
}

// one returns the copy of a text that all share.
func one[T ~string](text T) T { return unique.Make(text).Value() }
