package packaging

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// helm is one that people run, and what it calls its flags: to take back what fails, to replace objects, to apply at the server, and to
// take a field back that somebody else has written. Helm 3 has no word for the last two: it leaves such a field as it is.
type helm struct {
	path, atomic              string
	force, serverSide, regain []string
}

// helms are those that the charts are tried with, as programs.
func helms(t *testing.T) map[string]helm {
	t.Helper()
	all := map[string]helm{
		"Helm 3": {path: os.Getenv("HELM3"), atomic: "--atomic", force: []string{"--force"}},
		"Helm 4": {
			path: os.Getenv("HELM4"), atomic: "--rollback-on-failure", force: []string{"--force-replace", "--server-side=false"},
			serverSide: []string{"--server-side=true"}, regain: []string{"--server-side=true", "--force-conflicts"},
		},
	}
	for name, h := range all {
		if h.path == "" && os.Getenv("CI") != "" {
			t.Fatalf("nothing says where %s is: make test-packaging does", name)
		}
		if h.path == "" {
			t.Skipf("nothing says where %s is: make test-packaging does", name)
		}
	}
	return all
}

// run returns what it prints, and what it complains of as an error.
func (h helm) run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var said strings.Builder
	command := exec.CommandContext(t.Context(), h.path, args...)
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, said.String())
	}
	return string(out), nil
}

// template is what it renders of a chart with values, hooks included.
func (h helm) template(t *testing.T, chart, with string) (string, error) {
	t.Helper()
	return h.run(t, "template", "sales", folderOf(chart), "--namespace=goto", "--kube-version=v1.37.0", "--values="+file(t, with))
}

var between = regexp.MustCompile(`\s*(\n---\n|$)`)

func folderOf(chart string) string { return filepath.Join(root, "charts", chart) }

func TestLint(t *testing.T) {
	charts, err := filepath.Glob(folderOf("*"))
	if err != nil || len(charts) == 0 {
		t.Fatal(err, charts)
	}
	for name, h := range helms(t) {
		if _, err := h.run(t, append([]string{"lint", "--strict", "--quiet"}, charts...)...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The same values are the same documents, whichever Helm reads them, in the same order; how many empty lines are between them is Helm's.
func TestHelmsRenderTheSame(t *testing.T) {
	for chart, sets := range everyValue {
		for _, with := range sets {
			outcomes := map[string][]string{}
			for name, h := range helms(t) {
				out, err := h.template(t, chart, with)
				if err != nil || !strings.Contains(out, "kind: ") {
					t.Errorf("%s: %v: %s", name, err, out)
				}
				out = between.ReplaceAllString(out, "\n---\n")
				outcomes[out] = append(outcomes[out], name)
			}
			if all := slices.Collect(maps.Keys(outcomes)); len(all) != 1 {
				t.Errorf("%s: %d ways\n%s", chart, len(all), cmp.Diff(all[0], all[len(all)-1]))
			}
		}
	}
}

// What one refuses the others do, by schema, template and the message on keys without quotes.
func TestHelmsRefuseTheSame(t *testing.T) {
	for with, says := range map[string]string{
		`groups: {on: {displayName: On call}}`:                  "under a key in quotes",
		`users: [{email: a@a.test, mail: x}]`:                   "mail",
		report(`kind: Attendees, last: 7d, from: "2035-01-01"`): "set both from and to",
		`{account: {name: a}, meetings: {m: {subject: S, start: "2035-01-08T09:00:00Z", end: "2035-01-08T09:00:00Z"}}}`: "end must be after start",
	} {
		for name, h := range helms(t) {
			if _, err := h.template(t, teamChart, with); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s, with %s\nwant a message with %q, got: %v", name, with, says, err)
			}
		}
	}
}
