// Package gitops tests what Argo CD and Flux are told of the operator's kinds: the scripts in the Lua engine that Argo CD uses, and
// kstatus, over objects that the operator itself has made (test/whole); and the examples for both. It may not import the operator.
package gitops

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
	"sigs.k8s.io/yaml"

	"github.com/goto-operator/goto-operator/test/gitops/customizations"
)

const repository = "../.."

// What is generated is current, so that all kinds share one source, and a new kind joins; and nothing else is there.
func TestGenerated(t *testing.T) {
	files, err := customizations.Files(os.DirFS(repository))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(repository, name)); err != nil || string(got) != want {
			t.Errorf("%s is not current (%v): run make argocd", name, err)
		}
	}
	for _, name := range filesBelow(t, path.Dir(folders)) {
		if _, is := files[name]; !is {
			t.Errorf("%s is left over: run make argocd", name)
		}
	}
}

// Every object that the operator made is judged by one line of the table, and no line judges nothing. Of the states that every kind
// comes to, none lacks a kind.
func TestEveryObjectIsExpectedToBeSomehow(t *testing.T) {
	judged, every := map[customizations.Expectation]int{}, []string{
		"applied", "unconnected", "ready", "observed", "edited", "retrying", "stalled", "suspended", "deleted",
	}
	for _, kind := range kinds(t) {
		made, err := customizations.Objects(os.DirFS(repository), kind)
		if err != nil {
			t.Fatal(err)
		}
		for state := range made {
			e, is := customizations.Expected(state, kind)
			if !is {
				t.Errorf("nothing is expected of a %s that is %s", kind, state)
			}
			judged[e]++
		}
		for _, state := range every {
			if made[state] == nil {
				t.Errorf("there is no %s that is %s", kind, state)
			}
		}
	}
	for _, e := range customizations.Expectations {
		if judged[e] == 0 {
			t.Errorf("%v judges nothing", e)
		}
	}
}

// Flux waits by kstatus, and so do kubectl's helpers.
func TestKstatus(t *testing.T) {
	for _, kind := range kinds(t) {
		made, err := customizations.Objects(os.DirFS(repository), kind)
		if err != nil {
			t.Fatal(err)
		}
		for state, object := range made {
			want, _ := customizations.Expected(state, kind)
			got, err := status.Compute(asKubernetesHoldsIt(t, object))
			if err != nil || got.Status.String() != want.Kstatus {
				t.Errorf("%s %s is %v, want %s: %v", state, kind, got, want.Kstatus, err)
			}
		}
	}
}

// asKubernetesHoldsIt has whole numbers as such, which kstatus insists on.
func asKubernetesHoldsIt(t *testing.T, object map[string]any) *unstructured.Unstructured {
	t.Helper()
	text, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	text, err = yaml.YAMLToJSON(text)
	u := &unstructured.Unstructured{}
	if err != nil || u.UnmarshalJSON(text) != nil {
		t.Fatal(err, string(text))
	}
	return u
}

// Beside a health.lua is health_test.yaml, as in Argo CD's own repository, and each of its cases holds.
func TestHealthAsArgoCDTestsIt(t *testing.T) {
	for _, kind := range kinds(t) {
		var file struct {
			Tests []struct {
				InputPath    string         `json:"inputPath"`
				HealthStatus map[string]any `json:"healthStatus"`
			} `json:"tests"`
		}
		decode(t, read(t, path.Join(folders, kind, "health_test.yaml")), &file)
		for _, c := range file.Tests {
			got := run(t, kind, "health.lua", tested(t, kind, c.InputPath))
			if diff := cmp.Diff(c.HealthStatus, got); diff != "" {
				t.Errorf("%s, %s:\n%s", kind, c.InputPath, diff)
			}
		}
		if len(file.Tests) < 5 {
			t.Errorf("%s has %d cases", kind, len(file.Tests))
		}
	}
}

// In the folder of a kind's actions is action_test.yaml, as in Argo CD's own repository, and each of its cases holds. Argo CD lets
// an action change more than is expected of it; here it may not.
func TestActionsAsArgoCDTestsThem(t *testing.T) {
	for _, kind := range kinds(t) {
		file := actionTests(t, kind)
		for _, c := range file.DiscoveryTests {
			got := run(t, kind, "actions/discovery.lua", tested(t, kind, "actions/"+c.InputPath))
			want := map[string]any{}
			for _, action := range c.Result {
				want[action.Name] = map[string]any{"disabled": action.Disabled}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s offers for %s:\n%s", kind, c.InputPath, diff)
			}
		}
		for _, c := range file.ActionTests {
			got := run(t, kind, path.Join("actions", c.Action, "action.lua"), tested(t, kind, "actions/"+c.InputPath))
			want := tested(t, kind, "actions/"+c.ExpectedOutputPath)
			if diff := cmp.Diff(normal(want), normal(got)); diff != "" {
				t.Errorf("%s makes of the %s %s:\n%s", c.Action, kind, c.InputPath, diff)
			}
		}
	}
}

// actionFile is Argo CD's action_test.yaml.
type actionFile struct {
	DiscoveryTests []struct {
		InputPath string `json:"inputPath"`
		Result    []struct {
			Name     string `json:"name"`
			Disabled bool   `json:"disabled"`
		} `json:"result"`
	} `json:"discoveryTests"`
	ActionTests []struct {
		Action             string `json:"action"`
		InputPath          string `json:"inputPath"`
		ExpectedOutputPath string `json:"expectedOutputPath"`
	} `json:"actionTests"`
}

// actionTests reads it, and complains of an action that it does not try.
func actionTests(t *testing.T, kind string) actionFile {
	t.Helper()
	var file actionFile
	decode(t, read(t, path.Join(folders, kind, "actions/action_test.yaml")), &file)
	tried := map[string]bool{}
	for _, c := range file.ActionTests {
		tried[c.Action] = true
	}
	scripts, err := fs.Glob(os.DirFS(filepath.Join(repository, folders, kind)), "actions/*/action.lua")
	if err != nil || len(scripts) != len(tried) || len(file.DiscoveryTests) != 2 {
		t.Errorf("%s has %v and tries %v: %v", kind, scripts, tried, err)
	}
	return file
}

// normal is an object without the time that an action writes, as Argo CD's own test takes such times out, and without what is
// empty.
func normal(o map[string]any) any {
	annotations, _ := o["metadata"].(map[string]any)["annotations"].(map[string]any)
	for _, name := range customizations.Times {
		if annotations[name] != nil {
			annotations[name] = customizations.Moment
		}
	}
	return bare(o)
}

func bare(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, item := range v {
			if item = bare(item); item != nil {
				out[key] = item
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i := range out {
			out[i] = bare(out[i])
		}
		if len(out) == 0 {
			return nil
		}
		return out
	}
	return value
}

// A reconcile is asked for now, and the brake released for an hour.
func TestTimesOfActions(t *testing.T) {
	for _, kind := range kinds(t) {
		within(t, annotation(t, kind, "reconcile", "reconcile-requested-at"), 0)
	}
	within(t, annotation(t, "GoToAccount", "approve-deletions", "approve-deletions-until"), time.Hour)
}

func annotation(t *testing.T, kind, action, name string) string {
	t.Helper()
	changed := run(t, kind, path.Join("actions", action, "action.lua"), object(t, "ready", kind))
	text, _, _ := unstructured.NestedString(changed, "metadata", "annotations", "goto-operator.dev/"+name)
	return text
}

func within(t *testing.T, text string, ahead time.Duration) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if off := time.Until(at) - ahead; err != nil || off.Abs() > time.Minute {
		t.Errorf("%q is %s off: %v", text, off, err)
	}
}

// object is what the operator made of a kind, in a state.
func object(t *testing.T, state, kind string) map[string]any {
	t.Helper()
	return objectOf(t, path.Join("test/gitops/testdata/objects", state, kind+".yaml"))
}

// tested is an object of the files by which Argo CD tests a kind.
func tested(t *testing.T, kind, name string) map[string]any {
	t.Helper()
	return objectOf(t, path.Join(folders, kind, name))
}

func objectOf(t *testing.T, name string) map[string]any {
	t.Helper()
	var o map[string]any
	decode(t, read(t, name), &o)
	return o
}

// filesBelow lists the files of a folder of the repository, and of those below it.
func filesBelow(t *testing.T, folder string) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(repository), folder, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found = append(found, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
