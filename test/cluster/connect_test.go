//go:build linux

package cluster

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

const connectFile = "docs/connect.md"

// connects follows docs/connect.md as it stands there: to an account that is only watched, by a personal access token and by a consent, and
// from there to one that is managed.
func (c *cluster) connects(t *testing.T, sim *simulated) {
	t.Helper()
	content, err := os.ReadFile(connectFile)
	if err != nil {
		t.Fatal(err)
	}
	c.kubectl(t, "create", "namespace", "team")
	c.watches(t, sim, string(content))
	sim.ask(t, http.MethodPost, "/accounts/"+simulator.DefaultAccountKey+"/users", `{"email":"`+hire+`","firstName":"New","lastName":"Hire"}`, nil)
	c.consents(t, sim, string(content))
	c.manages(t, sim)
	c.kubectl(t, "-n", "team", "delete", "gtaccount", "example")
}

// watches makes the Secret with a personal access token and the GoToAccount, and waits. GoTo gets no request from it that could change
// something.
func (c *cluster) watches(t *testing.T, sim *simulated, content string) {
	t.Helper()
	from := time.Now()
	_, before := sim.requests(t)
	given := 0
	for _, text := range commandsOf(content) {
		if strings.HasPrefix(text, "kubectl -n team create secret") {
			c.must(t, "", "env", "CLIENT_ID="+simulator.DefaultClientID, "CLIENT_SECRET="+simulator.DefaultClientSecret,
				"TOKEN="+simulator.DefaultPersonalAccessToken, "bash", "-euc", text)
			c.apply(t, manifest(t, content, "GoToAccount"))
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
}

// The consent, as the document has it.
var (
	consentPage = regexp.MustCompile(`https://authentication\.logmeininc\.com/oauth/authorize\?\S+`)
	sentBack    = regexp.MustCompile(`[?&]code=([^&\s]+)`)
	refresh     = regexp.MustCompile(`"refresh_token":\s*"([^"]+)"`)
)

// consents takes the browser's place, and gives the account the refresh token that the document's command gets for the code.
func (c *cluster) consents(t *testing.T, sim *simulated, content string) {
	t.Helper()
	const back = "https://example.test/back"
	here := strings.NewReplacer("https://authentication.logmeininc.com", sim.api, "CLIENT_ID&", simulator.DefaultClientID+"&", "REDIRECT_URI&", back+"&")
	page := here.Replace(consentPage.FindString(content))
	code := sentBack.FindStringSubmatch(c.must(t, "", "curl", "-sS", "--fail", "-o", "/dev/null", "-w", "%{redirect_url}", page))
	if code == nil {
		t.Fatalf("%s gives no code", page)
	}
	for _, text := range commandsOf(content) {
		if strings.HasPrefix(text, "curl -sS -u") {
			token := refresh.FindStringSubmatch(c.must(t, "", "env", "CLIENT_ID="+simulator.DefaultClientID, "CLIENT_SECRET="+simulator.DefaultClientSecret,
				"REDIRECT_URI="+back, "CODE="+code[1], "bash", "-euc", strings.NewReplacer("https://authentication.logmeininc.com", sim.api).Replace(text)))
			c.kubectl(t, "-n", "team", "patch", "secret", "goto-credentials", "--type=merge",
				"-p", `{"data":{"personal-access-token":null},"stringData":{"refresh-token":"`+token[1]+`"}}`)
			c.kubectl(t, "-n", "team", "patch", "gtaccount", "example", "--type=merge", "-p", `{"spec":{"credentials":{"grant":"RefreshToken"}}}`)
			c.kubectl(t, "-n", "team", "wait", "gtaccount/example", "--for=jsonpath={.status.observedGeneration}=2", "--timeout=1m")
			c.kubectl(t, "-n", "team", "wait", "gtaccount/example", "--for=condition=Ready", "--timeout=1m")
			return
		}
	}
	t.Errorf("%s does not say how a code is exchanged", connectFile)
}

const hire = "new.hire@example.test"

// manages goes from watching to managing: what would be changed is said while the account is watched, and changed once it is managed.
func (c *cluster) manages(t *testing.T, sim *simulated) {
	t.Helper()
	_, before := sim.requests(t)
	c.apply(t, `
apiVersion: goto-operator.dev/v1alpha1
kind: GoToUser
metadata: {name: new.hire, namespace: team}
spec: {accountRef: {name: example}, email: `+hire+`, firstName: New, lastName: Field}
`)
	c.kubectl(t, "-n", "team", "wait", "gtuser/new.hire", "--for=jsonpath={.status.drift[0].field}=lastName", "--timeout=1m")
	if _, p := sim.inGoTo(t, hire); p.LastName != "Hire" {
		t.Errorf("%+v, while the account is watched", p)
	}
	if _, after := sim.requests(t); len(after) != len(before) {
		t.Errorf("%v wrote to GoTo, of an account that is only watched", after[len(before):])
	}
	c.kubectl(t, "-n", "team", "patch", "gtaccount", "example", "--type=merge", "-p", `{"spec":{"managementPolicy":"Manage"}}`)
	c.kubectl(t, "-n", "team", "wait", "gtuser/new.hire", "--for=condition=Ready", "--timeout=1m")
	until(t, "GoTo has what the manifest says", func() bool { _, p := sim.inGoTo(t, hire); return p.LastName == "Field" })
	c.kubectl(t, "-n", "team", "delete", "gtuser", "new.hire")
	if _, p := sim.inGoTo(t, hire); p.LastName != "Field" {
		t.Errorf("what was found went with its object: %+v", p)
	}
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
