//go:build linux

package cluster

import (
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/hack/rig"
)

// step runs a documented command, given by how it begins, with a reader's own values in it.
type step struct {
	text          string
	with          []string // pairs of what is written and what a reader gives
	before, after func(t *testing.T, w *trial)
	refused       bool // that it is refused is what the document says
}

// trial is a cluster in which a reader follows the documents.
type trial struct {
	*cluster
	sim     *simulated
	scratch string
}

const noDigest = "0000000000000000000000000000000000000000000000000000000000000000"

// inCluster is the way of who installs by kubectl, in order.
func inCluster() []step {
	image := []string{"<registry>", "registry.test", "<tag>", "v1", "<digest>", noDigest, "IMG=…", "IMG=registry.test/goto-operator:v1"}
	inDefault := []string{"-n team", "-n default", "> ", "> $SCRATCH/"}
	return []step{
		{text: "make help"},
		{text: "make deploy IMG=… CONFIG=config/namespaced", with: image, before: namespace("team")},
		{text: "make deploy IMG=<registry>", with: image},
		{text: "make install-manifest", with: image},
		{text: "kubectl apply --server-side -f dist/install.yaml"},
		{text: "kubectl apply --server-side -k config/trial-registry", after: node},
		{text: "kubectl apply -k config/trial/team", after: samplesReady},
		{text: "kubectl get goto -A"},
		{text: "kubectl wait --for=condition=Ready gotousers"},
		{text: "kubectl annotate --overwrite gtaccount example", before: renameByHand, after: nameIsBack},
		{text: "kubectl describe gotouser NAME", with: []string{"NAME", "fay-field"}},
		{text: "kubectl annotate gotouser NAME", with: []string{"NAME", "fay-field"}},
		{text: "kubectl create configmap branding", with: []string{"logo.gif", "logo.gif=$SCRATCH/logo.gif"}, before: logo},
		{text: "kubectl annotate gtaccount example goto-operator.dev/approve-deletions-until"},
		{text: "kubectl annotate gotousers,gotogroups,gotomeetings --all"},
		{text: "kubectl get gotoaccounts,gotousers", with: inDefault},
		{text: "kubectl get secret goto-credentials", with: inDefault},
		{text: "kubectl -n team create secret generic goto-credentials"},
		{text: "kubectl -n team wait gtaccount/example", with: inDefault},
		{text: "kubectl -n team get gtaccount example", with: inDefault},
		{text: "kubectl -n goto-operator-system create secret generic goto-credentials"},
		{text: "helm template charts/goto-operator --set argocd.enabled=true", before: namespace("argocd")},
		{text: "kubectl explain gotouser.spec"},
		{text: "kubectl explain gotomeeting.spec"},
		{text: "kubectl get gtuser -o wide"},
		{text: "kubectl get gtmeeting"},
		{text: "kubectl get gtuser NAME -o wide", with: []string{"NAME", "fay-field"}},
		{text: "kubectl get gtuser NAME -o yaml", with: []string{"NAME", "fay-field"}},
		{text: "kubectl describe gtuser NAME", with: []string{"NAME", "fay-field"}},
		{text: "kubectl describe gtgroup NAME", with: []string{"NAME", "sales"}},
		{text: "kubectl annotate gtaccount NAME --overwrite", with: []string{"NAME", "example"}},
		{text: "kubectl annotate gtgroup NAME --overwrite", with: []string{"NAME", "sales"}},
		{text: "kubectl annotate gtuser NAME --overwrite", with: []string{"NAME", "fay-field"}},
		{text: "kubectl annotate gtreport NAME --overwrite", with: []string{"NAME", "meetings-weekly"}},
		{text: "kubectl annotate gtmeeting NAME --overwrite goto-operator.dev/reconcile-requested-at", with: []string{"NAME", "weekly-sync"}},
		{text: "kubectl annotate gtmeeting NAME --overwrite goto-operator.dev/identity-", with: []string{"NAME", "weekly-sync"}},
		{text: "kubectl patch gtreport NAME --type merge", with: []string{"NAME", "meetings-weekly"}},
		{text: "make undeploy", refused: true},
		{text: "kubectl scale deploy -n goto-operator-system"},
		{text: "kubectl patch gotouser NAME --type=merge", with: []string{"NAME", "fay-field"}},
	}
}

// byHelm is that of who installs by Helm: TestInstalledByHelm goes it.
func byHelm() []step {
	return []step{
		{text: "helm install goto-operator charts/goto-operator",
			with: []string{"<registry>", "registry.test", "sha256:<digest>", "sha256:" + noDigest, "sha256:…", "sha256:" + noDigest}},
		{text: "helm upgrade goto-operator charts/goto-operator", with: []string{"<registry>", "registry.test", "<tag>", "v1"}},
		{text: "helm install sales charts/goto-team",
			with: []string{" team.yaml", " charts/goto-team/ci/example-values.yaml"}},
	}
}

func TestCommandsOfTheDocuments(t *testing.T) {
	w := &trial{cluster: start(t), scratch: t.TempDir()}
	for _, s := range inCluster() {
		w.follow(t, s, "")
	}
}

// follow runs the command of a step, to which more may be added.
func (w *trial) follow(t *testing.T, s step, more string) {
	t.Helper()
	if s.before != nil {
		s.before(t, w)
	}
	text := s.command(t)
	shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", text+more)
	shell.Env = append(w.environment(), "SCRATCH="+w.scratch, "CLIENT_ID=id", "CLIENT_SECRET=secret", "TOKEN=token")
	if out, err := shell.CombinedOutput(); (err != nil) != s.refused {
		t.Fatalf("%s: %v\n%s", text, err, out)
	}
	if s.after != nil {
		s.after(t, w)
	}
}

// command is that of the documents, which tell the same where several do: of a block, and if there is none, within a sentence.
func (s step) command(t *testing.T) string {
	t.Helper()
	for _, where := range [][]command{documented(t), spans(t)} {
		if text := s.among(t, where); text != "" {
			return text
		}
	}
	t.Fatalf("no document has a command that begins with %s", s.text)
	return ""
}

func (s step) among(t *testing.T, where []command) string {
	t.Helper()
	found := ""
	for _, c := range where {
		if !strings.HasPrefix(c.text, s.text) {
			continue
		}
		text := strings.NewReplacer(s.with...).Replace(c.text)
		if found != "" && text != found {
			t.Errorf("%s has another command: %s", c.file, text)
		}
		found = text
	}
	return found
}

// namespace makes one.
func namespace(name string) func(*testing.T, *trial) {
	return func(t *testing.T, w *trial) {
		t.Helper()
		w.kubectl(t, "create", "namespace", name)
	}
}

// samplesReady: all of the samples are Ready.
func samplesReady(t *testing.T, w *trial) {
	t.Helper()
	w.ready(t, w.samples(t, ""))
}

// logo is a file that a reader has.
func logo(t *testing.T, w *trial) {
	t.Helper()
	write(t, w.scratch+"/logo.gif", "GIF89a")
}

// node runs what has been applied: simulator and operator.
func node(t *testing.T, w *trial) {
	t.Helper()
	w.sim = w.simulator(t)
	p := w.run(t, operatorDeployment)
	until(t, "the operator is ready", func() bool { return p.ready() == http.StatusOK })
}

// person is a user as the console shows one.
type person struct {
	Key, Email, FirstName, LastName, Locale, TimeZone, GroupKey string
	LicenseKeys, AdminRoles                                     []string
}

const fay = "fay.field@example.test"

// inGoTo is a user there.
func (s *simulated) inGoTo(t *testing.T, email string) (account string, found person) {
	t.Helper()
	var state struct {
		Accounts []struct {
			Key   string
			Users []person
		}
	}
	s.ask(t, http.MethodGet, "/state", "", &state)
	for _, p := range state.Accounts[0].Users {
		if p.Email == email {
			return state.Accounts[0].Key, p
		}
	}
	t.Fatalf("%s is not in GoTo", email)
	return "", person{}
}

// renameByHand gives a user another last name by the form of the console.
func renameByHand(t *testing.T, w *trial) {
	t.Helper()
	account, p := w.sim.inGoTo(t, fay)
	form := url.Values{
		"email": {p.Email}, "firstName": {p.FirstName}, "lastName": {"Forest"}, "locale": {p.Locale}, "timeZone": {p.TimeZone},
		"groupKey": {p.GroupKey}, "licenseKeys": p.LicenseKeys, "adminRoles": p.AdminRoles,
	}
	response, err := w.sim.http.PostForm(w.sim.url+"/console/accounts/"+account+"/users/"+p.Key, form)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if _, p := w.sim.inGoTo(t, fay); response.StatusCode != http.StatusOK || p.LastName != "Forest" {
		t.Fatalf("%s, and the user is called %s", response.Status, p.LastName)
	}
}

// nameIsBack: the reading has found the change and put it right, and the page of requests shows both.
func nameIsBack(t *testing.T, w *trial) {
	t.Helper()
	until(t, "the user has the name of the GoToUser", func() bool {
		_, p := w.sim.inGoTo(t, fay)
		return p.LastName == "Field"
	})
}

// killed is a program that is killed while a request of its is held, of an account that is in order again.
const killed = `curl -s -X PATCH $ACCOUNT -d '{"free":false,"illegal":false}'
curl -s -H "Authorization: Bearer $TOKEN" $API/admin/rest/v1/accounts/7200000000000000001/users \
  -H 'Content-Type: application/json' -d '{"users":[{"email":"ann@example.test","firstName":"Ann","lastName":"Abt"}]}' &
CLIENT_PID=$!
`

// The commands of the simulator's README follow from each other: one shell runs them all.
func TestCommandsOfTheSimulator(t *testing.T) {
	sim, err := rig.StartSimulator(t.Context(), t.TempDir()+"/log", simulatorBinary, "--listen", rig.AnyPort)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Stop)
	content, err := os.ReadFile("internal/simulator/README.md")
	if err != nil {
		t.Fatal(err)
	}
	script := strings.Join(commandsOf(string(content)), "\n")
	const held = `curl -s "$CONTROL/faults/stop/held`
	script = strings.NewReplacer(held, killed+held, "curl -s", "curl -s --fail-with-body", "state.json", t.TempDir()+"/state.json",
		"http://127.0.0.1:8480", sim.API, "http://127.0.0.1:8481", sim.Control).Replace(script)
	out, err := exec.CommandContext(t.Context(), "bash", "-euxo", "pipefail", "-c", script).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
