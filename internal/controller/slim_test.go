package controller

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

func TestSlimTakesWhatNobodyReads(t *testing.T) {
	u := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{
		Name: "fay", Annotations: map[string]string{lastApplied: "{}", v1alpha1.IdentityAnnotation: "{}"},
		ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubectl"}},
	}, Spec: v1alpha1.GoToUserSpec{Email: "fay@example.test"}}
	want := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{
		Name: "fay", Annotations: map[string]string{v1alpha1.IdentityAnnotation: "{}"},
	}, Spec: v1alpha1.GoToUserSpec{Email: "fay@example.test"}}
	got, err := Slim(u)
	if diff := cmp.Diff(any(want), got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	tombstone := toolscache.DeletedFinalStateUnknown{Key: "team/fay"}
	if got, err := Slim(tombstone); err != nil || got != any(tombstone) {
		t.Error(got, err)
	}
}
