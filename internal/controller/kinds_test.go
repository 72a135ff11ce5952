package controller

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
)

// A kind of the API without a controller would be accepted by the API server and never be looked at.
func TestEveryManagedKindHasAController(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	var known, listed []string
	for _, o := range engine.Kinds(scheme) {
		known = append(known, o.GetObjectKind().GroupVersionKind().Kind)
	}
	for _, k := range kinds {
		listed = append(listed, k.name)
	}
	if diff := cmp.Diff(known, listed); diff != "" {
		t.Errorf("the kinds of the API and those that have a controller differ (-API +controllers):\n%s", diff)
	}
}

// A kind that is added costs little in its folder: what is more belongs to the engine, or to a package that knows no kind.
func TestANewKindIsSmall(t *testing.T) {
	const most = 400
	for _, kind := range []string{"gotoattribute", "gotoemailtemplate", "gotoreport", "gotosettingsprofile"} {
		if n := linesIn(t, kind); n == 0 || n > most {
			t.Errorf("%s has %d lines beside its tests, of %d at most", kind, n, most)
		}
	}
}

// linesIn are the lines of a folder's Go files that are no tests.
func linesIn(t *testing.T, folder string) (lines int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(data, []byte("\n"))
	}
	return lines
}

func TestConcurrency(t *testing.T) {
	for _, c := range []struct {
		list string
		want string // "" where the list is refused
	}{
		{"GoToUser=7", "GoToAttribute=4,GoToEmailTemplate=4,GoToGroup=8,GoToLicenseBinding=4,GoToMeeting=20,GoToReport=4,GoToSettingsProfile=4,GoToUser=7"},
		{"GoToMeeting=1, GoToUser=2", "GoToAttribute=4,GoToEmailTemplate=4,GoToGroup=8,GoToLicenseBinding=4,GoToMeeting=1,GoToReport=4,GoToSettingsProfile=4,GoToUser=2"},
		{"", ""},
		{"GoToUser", ""},
		{"GoToUser=0", ""},
		{"GoToUser=many", ""},
		{"GoToAccount=2", ""},
		{"gotouser=2", ""},
	} {
		got := DefaultConcurrency()
		if err := got.Set(c.list); (err != nil) != (c.want == "") {
			t.Errorf("%q: error %v", c.list, err)
		} else if err == nil && got.String() != c.want {
			t.Errorf("%q becomes %s, not %s", c.list, got, c.want)
		}
	}
}

func TestAKindThatIsNotNamedKeepsItsDefault(t *testing.T) {
	few := Concurrency{"GoToUser": 3}
	got := Concurrency{}
	for _, k := range kinds {
		got[k.name] = few.of(k)
	}
	want := DefaultConcurrency()
	want["GoToUser"] = 3
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
