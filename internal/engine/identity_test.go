package engine

import (
	"maps"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// What the cache keeps of an identity says what the annotation said, whatever that is, and a reconcile has the annotation's own words.
func TestWhatStatusSaysIsNotKeptTwice(t *testing.T) {
	known := identity{Account: "1", Key: "7", Origin: v1alpha1.Created}
	for name, row := range map[string]struct {
		text    func(*v1alpha1.GoToUser) string // of the annotation
		others  map[string]string
		implied bool
	}{
		"as status says":               {func(u *v1alpha1.GoToUser) string { return known.text(u) }, nil, true},
		"as status says, among others": {func(u *v1alpha1.GoToUser) string { return known.text(u) }, map[string]string{"team": "sales"}, true},
		"another key": {func(u *v1alpha1.GoToUser) string {
			return identity{Account: "1", Key: "8", Origin: v1alpha1.Created}.text(u)
		}, nil, false},
		"another account": {func(u *v1alpha1.GoToUser) string {
			return identity{Account: "2", Key: "7", Origin: v1alpha1.Created}.text(u)
		}, nil, false},
		"another origin": {func(u *v1alpha1.GoToUser) string {
			return identity{Account: "1", Key: "7", Origin: v1alpha1.Adopted}.text(u)
		}, nil, false},
		"what the kind remembers":      {func(u *v1alpha1.GoToUser) string { id := known; id.Memory = []byte(`{"a":1}`); return id.text(u) }, nil, false},
		"an intent":                    {func(u *v1alpha1.GoToUser) string { return identity{Account: "1", Intent: "fay@example.test"}.text(u) }, nil, false},
		"of an object of another name": {func(u *v1alpha1.GoToUser) string { o := u.DeepCopy(); o.Name = "eve"; return known.text(o) }, nil, false},
		"in other words":               {func(u *v1alpha1.GoToUser) string { return known.text(u) + " " }, nil, false},
		"nothing that can be read":     {func(*v1alpha1.GoToUser) string { return "?" }, nil, false},
		"nothing":                      {func(*v1alpha1.GoToUser) string { return "" }, map[string]string{"team": "sales"}, false},
	} {
		u := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "fay"}}
		u.Status.AccountKey, u.Status.UserKey, u.Status.Origin = "1", "7", v1alpha1.Created
		u.Annotations = maps.Clone(row.others)
		if text := row.text(u); text != "" {
			metav1.SetMetaDataAnnotation(&u.ObjectMeta, v1alpha1.IdentityAnnotation, text)
		}
		kept := u.DeepCopy()
		Imply(kept)
		Imply(kept) // the cache may hand in what it has kept
		if got := kept.Annotations[v1alpha1.IdentityAnnotation] == implied; got != row.implied {
			t.Errorf("%s: implied: %t", name, got)
		}
		if was, is := identityOf(u), identityOf(kept); was.text(u) != is.text(u) {
			t.Errorf("%s: %v became %v", name, was, is)
		}
		read := kept.DeepCopy()
		explicit(read)
		if !maps.Equal(read.Annotations, u.Annotations) {
			t.Errorf("%s: %v became %v", name, u.Annotations, read.Annotations)
		}
	}
	if len(impliedAlone) != 1 || impliedAlone[v1alpha1.IdentityAnnotation] != implied {
		t.Errorf("what all share was changed: %v", impliedAlone)
	}
}
