package engine

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"unicode"

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
		"an old account's":       {v1alpha1.IdentityAnnotation: `{"for":"GoToUser/team/fay","account":"1","key":"8","origin":"Adopted"}`},
		"a memory":               {v1alpha1.IdentityAnnotation: `{"for":"GoToUser/team/fay","account":"2","key":"7","origin":"Created","memory":{"given":[{"key":"7","bindings":["all"]}]}}`},
		"spaces in it":           {v1alpha1.IdentityAnnotation: ` { "for" : "GoToUser/team/fay", "key":"7" } `},
		"lines of its own":       {v1alpha1.IdentityAnnotation: "{\"for\":\"GoToUser/team/fay\",\n\t\"key\":\"7\"}"},
		"nothing to be read":     {v1alpha1.IdentityAnnotation: "?"},
		"a character of control": {v1alpha1.IdentityAnnotation: "\x00\x01\u0085"},
		"an empty text":          {v1alpha1.IdentityAnnotation: ""},
	} {
		for _, status := range []v1alpha1.GoToUserStatus{{}, {UserKey: "7", ManagedStatus: v1alpha1.ManagedStatus{AccountKey: "2", Origin: v1alpha1.Created}}} {
			packs(t, name, &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "fay", Annotations: annotations}, Status: status})
		}
	}
}

func packs(t *testing.T, name string, u *v1alpha1.GoToUser) {
	t.Helper()
	kept, text := u.DeepCopy(), u.Annotations[v1alpha1.IdentityAnnotation]
	Pack(kept)
	Pack(kept) // the cache may hand in what it has kept
	if was, is := identityOf(u), identityOf(kept); !reflect.DeepEqual(was, is) {
		t.Errorf("%s: %v became %v", name, was, is)
	}
	if text != "" && len(u.Annotations) == 1 && !strings.ContainsFunc(text, unicode.IsControl) && (kept.Annotations != nil || len(kept.GetSelfLink()) > len(text)) {
		t.Errorf("%s: %v is kept, %q", name, kept.Annotations, kept.GetSelfLink())
	}
	unpack(kept)
	if !maps.Equal(kept.Annotations, u.Annotations) || kept.GetSelfLink() != "" {
		t.Errorf("%s: %v became %v, %q", name, u.Annotations, kept.Annotations, kept.GetSelfLink())
	}
}
