package controller

import (
	"slices"
	"unique"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
	shareMeta(object)
	if managed, is := o.(engine.Object); is {
		_, status := managed.Managed()
		status.Conditions = slices.Clip(status.Conditions)
		for i := range status.Conditions {
			shareCondition(&status.Conditions[i])
		}
	}
	return o, nil
}

func shareMeta(o metav1.Object) {
	o.SetNamespace(one(o.GetNamespace()))
	labels := o.GetLabels()
	for name, value := range labels {
		labels[name] = one(value)
	}
}

func shareCondition(c *metav1.Condition) {
	c.Type, c.Status = one(c.Type), one(c.Status)
	c.Reason, c.Message = one(c.Reason), one(c.Message)
}

// one returns the copy of a text that all share.
func one[T ~string](text T) T { return unique.Make(text).Value() }
