package controller

import (
	"k8s.io/apimachinery/pkg/api/meta"
)

// lastApplied is where kubectl keeps a whole copy of a manifest.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// Slim takes from an object what the operator never reads, before the object is kept in the cache: who manages which field, and the
// copy of its manifest that kubectl keeps. Together they are more than half of a GoToUser. The operator changes objects by
// merge patches of what it has, so that what it has not stays as it is. It never returns an error.
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
	return o, nil
}
