package whole

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/yaml"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

var export = flag.Bool("export", false, "write the objects that the tests of test/gitops judge, rather than compare them")

// moment is a time, which is not the same each time by a second, and definition the key of an attribute or a template, which is given to
// whichever is made first.
var (
	moment     = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
	definition = regexp.MustCompile(`75\d{17}`)
)

// The objects by which the health scripts for Argo CD are judged are those that the operator makes.
func TestObjectsForGitOps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, objects := New(t), oneOfEach()
		for _, o := range objects {
			w.create(o)
		}
		w.exported("applied", objects...)
		w.Start()
		w.areReady(objects...)
		w.Wait(time.Minute)
		w.exported("ready", objects...)
		w.patchEach(objects, `{"spec":{"suspend":true}}`)
		w.exported("suspended", objects...)
		w.patchEach(objects, `{"spec":{"suspend":false}}`)
		w.exportTroubles()
		w.Stop()
	})
}

// areReady waits until each of them is.
func (w *World) areReady(objects ...client.Object) {
	w.Helper()
	for _, o := range objects {
		w.Until("ready", func() bool { return w.conditionOf(o, "Ready") == "True" })
	}
}

// patchEach changes one object after the other, the account last.
func (w *World) patchEach(objects []client.Object, merge string) {
	w.Helper()
	for _, o := range slices.Backward(objects) {
		w.patch(o, merge)
		w.Wait(time.Minute)
	}
}

func (w *World) exportTroubles() {
	w.Helper()
	second := newUser("second")
	second.Spec.Email = newUser("fay").Spec.Email
	w.create(second)
	w.Until("the second is stalled", func() bool { return w.conditionOf(second, "Stalled") == "True" })
	w.exported("stalled", second)
	w.remove(second)
	scarce := newBinding("scarce", simulator.DefaultWebinarLicenseKey, everybody)
	for i := range 10 {
		w.create(newUser(fmt.Sprintf("user-%d", i)))
		w.Wait(10 * time.Second) // one after the other, so that keys are the same each time
	}
	w.Wait(time.Minute)
	last := newUser("user-last")
	w.create(scarce)
	w.Wait(time.Minute)
	w.create(last)
	w.Wait(time.Minute)
	w.exported("waiting", last, scarce)
	w.remove(scarce)
	w.Wait(time.Minute)
	w.exportBlocked()
}

// exportBlocked deletes more than the brake allows, as a prune does: one delete after the other.
func (w *World) exportBlocked() {
	w.Helper()
	for i := range 10 {
		w.remove(newUser(fmt.Sprintf("user-%d", i)))
		w.Wait(time.Second)
	}
	w.Wait(time.Minute)
	if n := len(w.Sim.Users(acct)); n < 7 {
		w.Errorf("the brake left %d users", n)
	}
	w.exported("blocked", newUser("user-9"))
}

func (w *World) patch(o client.Object, merge string) {
	w.Helper()
	w.must(w.Kube.Patch(w.Context(), o, client.RawPatch("application/merge-patch+json", []byte(merge))))
}

func (w *World) live(o client.Object) *unstructured.Unstructured {
	w.Helper()
	gvk, err := apiutil.GVKForObject(o, w.scheme)
	w.must(err)
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(gvk)
	w.must(w.Kube.Get(w.Context(), client.ObjectKeyFromObject(o), u))
	return u
}

func (w *World) conditionOf(o client.Object, name string) string {
	w.Helper()
	conditions, _, _ := unstructured.NestedSlice(w.live(o).Object, "status", "conditions")
	for _, c := range conditions {
		if fields, _ := c.(map[string]any); fields["type"] == name {
			return fmt.Sprint(fields["status"])
		}
	}
	return ""
}

// exported compares objects, without what is the API server's own, with the files that are kept of them.
func (w *World) exported(state string, objects ...client.Object) {
	w.Helper()
	for _, o := range objects {
		u := w.live(o)
		for _, field := range []string{"uid", "resourceVersion", "managedFields"} {
			unstructured.RemoveNestedField(u.Object, "metadata", field)
		}
		unstructured.RemoveNestedField(u.Object, "metadata", "annotations", v1alpha1.IdentityAnnotation)
		got, err := yaml.Marshal(u.Object)
		w.must(err)
		got = moment.ReplaceAll(got, []byte("2000-01-01T00:00:00Z"))
		got = definition.ReplaceAll(got, []byte("7500000000000000001"))
		file := filepath.Join("..", "gitops", "testdata", "objects", state, u.GetKind()+".yaml")
		if *export {
			w.must(os.MkdirAll(filepath.Dir(file), 0o755))
			w.must(os.WriteFile(file, got, 0o644))
			continue
		}
		want, err := os.ReadFile(file)
		w.must(err)
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			w.Errorf("%s is not what is kept (-want +got):\n%s", file, diff)
		}
	}
}
