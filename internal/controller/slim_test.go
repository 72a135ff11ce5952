package controller

import (
	"fmt"
	"reflect"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

func TestSlimTakesWhatNobodyReads(t *testing.T) {
	u := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{
		Name: "fay", Annotations: map[string]string{lastApplied: "{}", "team": "sales"},
		ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubectl"}},
	}, Spec: v1alpha1.GoToUserSpec{Email: "fay@example.test"}}
	want := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{
		Name: "fay", Annotations: map[string]string{"team": "sales"},
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

// What objects say alike is in memory once, whichever field says it.
func TestSlimSharesWhatIsAlike(t *testing.T) {
	a, b := cached(t, 1), cached(t, 2)
	texts := map[string]string{}
	eachText(reflect.ValueOf(a).Elem(), "", func(path, text string) { texts[path] = text })
	eachText(reflect.ValueOf(b).Elem(), "", func(path, text string) {
		if other := texts[path]; text == other && text != "" && unsafe.StringData(text) != unsafe.StringData(other) {
			t.Errorf("%s: %q is kept twice", path, text)
		}
	})
	if len(texts) < 50 {
		t.Errorf("%d texts are no user", len(texts))
	}
	if room := cap(a.Status.Conditions); room != len(a.Status.Conditions) {
		t.Errorf("room for %d conditions", room)
	}
}

// eachText calls with every text in a value, and where it stands; the names of labels and annotations are the runtime's.
func eachText(v reflect.Value, path string, call func(path, text string)) {
	switch v.Kind() { //nolint:exhaustive // nothing else holds a text
	case reflect.String:
		call(path, v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			eachText(v.Field(i), path+"."+v.Type().Field(i).Name, call)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), fmt.Sprint(path, "[", i, "]"), call)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			eachText(v.MapIndex(key), path+"."+key.String(), call)
		}
	}
}
