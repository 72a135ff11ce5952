package controller

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
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
	if len(texts) < 48 {
		t.Errorf("%d texts are no user", len(texts))
	}
	if &a.Status.Conditions[0] != &b.Status.Conditions[0] || reflect.ValueOf(a.Labels).Pointer() != reflect.ValueOf(b.Labels).Pointer() {
		t.Error("conditions and labels that are alike are kept twice")
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

// What objects share is not written any more: an object of a list that is watched comes by twice, beside those who read others that share with it.
func TestWhatIsSharedIsNotWritten(t *testing.T) {
	shared := cached(t, 1)
	label := ""
	for label = range shared.Labels {
		shared.Labels[label] = strings.Clone(shared.Labels[label])
	}
	texts := map[string]*string{
		"finalizer": &shared.Finalizers[0], "product": &shared.Status.Products[0], "condition": &shared.Status.Conditions[0].Message,
		"licence": (*string)(&shared.Status.LicenseKeys[0]),
	}
	before := map[string]*byte{"label": unsafe.StringData(shared.Labels[label])}
	for name, text := range texts {
		*text = strings.Clone(*text)
		before[name] = unsafe.StringData(*text)
	}
	again := *shared
	if _, err := Slim(&again); err != nil {
		t.Fatal(err)
	}
	for name, text := range texts {
		if unsafe.StringData(*text) != before[name] {
			t.Errorf("%s was written", name)
		}
	}
	if unsafe.StringData(shared.Labels[label]) != before["label"] {
		t.Error("a label was written")
	}
}

// What differs in the least is not shared, and not even if it came by the same hash.
func TestOnlyWhatIsTheSameIsShared(t *testing.T) {
	l := newLists()
	kept := oneList(l, []string{"a", "b"})
	for _, other := range [][]string{{"a", "b", "c"}, {"b", "a"}, {"ab"}, {"a"}, nil} {
		if got := oneList(l, slices.Clone(other)); !slices.Equal(got, other) {
			t.Errorf("%q became %q", other, got)
		}
	}
	if got := oneList(l, []string{"a", "b"}); &got[0] != &kept[0] {
		t.Error("a list is kept twice")
	}
	if got := oneOf(l, 7, []string{"c"}, slices.Equal); !slices.Equal(oneOf(l, 7, []string{"d"}, slices.Equal), []string{"d"}) || got[0] != "c" {
		t.Error("another list of the same hash was taken for it")
	}
	a, b := oneSet(l, map[string]string{"x": "1", "y": "2"}), oneSet(l, map[string]string{"x": "2", "y": "1"})
	if a["x"] != "1" || b["x"] != "2" {
		t.Error("labels with other values are taken for the same")
	}
}
