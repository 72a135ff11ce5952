//go:build linux

package cluster

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

const connectFile = "docs/connect.md"

// connects follows docs/connect.md to an account that is only watched, as it stands there: the Secret with a personal access token, the
// GoToAccount, the wait. GoTo gets no request from it that could change something.
func (c *cluster) connects(t *testing.T, sim *simulated) {
	t.Helper()
	content, err := os.ReadFile(connectFile)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Now()
	_, before := sim.requests(t)
	c.kubectl(t, "create", "namespace", "team")
	given := 0
	for _, text := range commandsOf(string(content)) {
		if strings.HasPrefix(text, "kubectl -n team create secret") {
			c.must(t, "", "env", "CLIENT_ID="+simulator.DefaultClientID, "CLIENT_SECRET="+simulator.DefaultClientSecret,
				"TOKEN="+simulator.DefaultPersonalAccessToken, "bash", "-euc", text)
			c.apply(t, manifest(t, string(content), "GoToAccount"))
			given++
		}
		if strings.HasPrefix(text, "kubectl -n team wait") || strings.HasPrefix(text, "kubectl -n team get") {
			out := c.must(t, "", "bash", "-euc", text)
			if strings.Contains(text, "-o yaml") && (!strings.Contains(out, "managementPolicy: Observe") || !strings.Contains(out, "users:")) {
				t.Errorf("the account shows no users:\n%s", out)
			}
			given++
		}
	}
	if given != 3 {
		t.Errorf("%d commands of %s were given, not 3", given, connectFile)
	}
	if _, after := sim.requests(t); len(after) != len(before) {
		t.Errorf("%d requests wrote to GoTo, of an account that is only watched", len(after)-len(before))
	}
	t.Logf("%s: an account that is watched after %s", connectFile, time.Since(from).Round(100*time.Millisecond))
	c.kubectl(t, "-n", "team", "delete", "gtaccount", "example")
}

// manifest is the block of YAML in a document that has an object of a kind.
func manifest(t *testing.T, markdown, kind string) string {
	t.Helper()
	for _, found := range opened.FindAllStringSubmatch(markdown, -1) {
		if found[1] == "yaml" && strings.Contains(found[2], "kind: "+kind+"\n") {
			return found[2]
		}
	}
	t.Fatalf("no %s in a block", kind)
	return ""
}

// firstError is a row of the table of first errors, and known one of docs/troubleshooting.md.
var (
	firstError = regexp.MustCompile(`(?m)^\| ([A-Z][A-Za-z, ]+) \| [^|]+ \|$`)
	known      = regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\|")
)

// What docs/connect.md says of a first error, troubleshooting says more of.
func TestFirstErrorsAreKnown(t *testing.T) {
	var reasons []string
	for _, d := range documentFiles(t) {
		if d.file == "docs/troubleshooting.md" {
			for _, found := range known.FindAllStringSubmatch(d.text, -1) {
				reasons = append(reasons, found[1])
			}
		}
	}
	content, err := os.ReadFile(connectFile)
	if err != nil {
		t.Fatal(err)
	}
	rows := firstError.FindAllStringSubmatch(string(content), -1)
	for _, found := range rows {
		for _, reason := range strings.Split(found[1], ", ") {
			if !slices.Contains(reasons, reason) {
				t.Errorf("%s has a reason that is not known: %s", connectFile, reason)
			}
		}
	}
	if len(rows) < 7 {
		t.Errorf("%d reasons", len(rows))
	}
}
