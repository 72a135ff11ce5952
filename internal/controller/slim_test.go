package controller

import (
	"testing"
	"unsafe"

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

// What objects say alike is in memory once.
func TestSlimSharesWhatIsAlike(t *testing.T) {
	read := func() *v1alpha1.GoToUser {
		u := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: string([]byte("team")), Labels: map[string]string{"team": string([]byte("sales"))}}}
		u.Status.Conditions = append(make([]metav1.Condition, 0, 4), metav1.Condition{
			Type: string([]byte("Ready")), Status: metav1.ConditionStatus([]byte("True")), Reason: string([]byte("Synced")), Message: string([]byte("GoTo holds what the spec says")),
		})
		if _, err := Slim(u); err != nil {
			t.Error(err)
		}
		return u
	}
	a, b := read(), read()
	texts := func(u *v1alpha1.GoToUser) []string {
		c := u.Status.Conditions[0]
		return []string{u.Namespace, u.Labels["team"], c.Type, string(c.Status), c.Reason, c.Message}
	}
	for i, text := range texts(a) {
		if other := texts(b)[i]; text != other || unsafe.StringData(text) != unsafe.StringData(other) {
			t.Errorf("%q is kept twice", text)
		}
	}
	if room := cap(a.Status.Conditions); room != 1 {
		t.Errorf("room for %d conditions", room)
	}
}
