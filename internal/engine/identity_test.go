package engine

import (
	"maps"
	"reflect"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// What the cache keeps of an object says what its annotations said, whatever that is, and a reconcile has them as they were.
func TestPackedObjectsSayTheSame(t *testing.T) {
	for name, annotations := range map[string]map[string]string{
		"nothing":                nil,
		"another annotation":     {"team": "sales"},
		"an identity":            {v1alpha1.IdentityAnnotation: `{"for":"GoToUser/team/fay","key":"7","origin":"Created"}`},
		"an identity and others": {v1alpha1.IdentityAnnotation: `{"for":"GoToUser/team/fay","key":"7"}`, "team": "sales"},
		"an intent":              {v1alpha1.IdentityAnnotation: `{"for":"GoToUser/team/fay","intent":"fay@example.test"}`},
		"another's identity":     {v1alpha1.IdentityAnnotation: `{"for":"GoToUser/team/eve","key":"7"}`},
		"nothing to be read":     {v1alpha1.IdentityAnnotation: "?"},
	} {
		u := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "fay", Annotations: annotations}}
		kept := u.DeepCopy()
		Pack(kept)
		Pack(kept) // the cache may hand in what it has kept
		if was, is := identityOf(u), identityOf(kept); !reflect.DeepEqual(was, is) {
			t.Errorf("%s: %v became %v", name, was, is)
		}
		if _, packs := annotations[v1alpha1.IdentityAnnotation]; packs && len(annotations) == 1 && kept.Annotations != nil {
			t.Errorf("%s: %v is kept", name, kept.Annotations)
		}
		unpack(kept)
		if !maps.Equal(kept.Annotations, annotations) || kept.GetSelfLink() != "" {
			t.Errorf("%s: %v became %v, %q", name, annotations, kept.Annotations, kept.GetSelfLink())
		}
	}
}
