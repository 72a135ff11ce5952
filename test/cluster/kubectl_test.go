//go:build linux

package cluster

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/goto-operator/goto-operator/hack/rig"
	"github.com/goto-operator/goto-operator/test/rights"
)

// operatorDeployment is its name by either way of installing.
const operatorDeployment = "goto-operator-controller-manager"

// samples are how many objects config/samples has, of a kind or, where that is empty, of all the project's.
func (c *cluster) samples(t *testing.T, kind string) int {
	t.Helper()
	count := 0
	for _, o := range parse(t, c.kubectl(t, "kustomize", "config/samples")) {
		if strings.HasPrefix(o.GetAPIVersion(), "goto-operator.dev/") && (kind == "" || o.GetKind() == kind) {
			count++
		}
	}
	return count
}

// The operator as dist/install.yaml installs it, in front of a GoTo that has GoTo's own names.
func TestInstalledByKubectl(t *testing.T) {
	c := start(t)
	sim := c.gotoItself(t)
	c.must(t, "", "make", "--no-print-directory", "install-manifest")
	text, err := os.ReadFile("dist/install.yaml")
	if err != nil {
		t.Fatal(err)
	}
	manifests := parse(t, string(text))
	first := c.readiness(t, manifests)
	second := c.run(t, operatorDeployment)
	until(t, "the second replica is ready", func() bool { return second.ready() == http.StatusOK })

	c.applySamples(t)
	c.ready(t, c.samples(t, ""))
	if got, want := len(sim.users(t)), c.samples(t, "GoToUser"); got != want {
		t.Errorf("%d users in GoTo, not %d", got, want)
	}
	c.observed(t, first, c.metrics(t, first))
	c.connects(t, sim)
	c.everyRight(t, sim, manifests)
	c.handOver(t, sim, []*pod{first, second})
}

// readiness starts the first replica without the right to see its objects: it lives, and is not ready, until it has seen them.
func (c *cluster) readiness(t *testing.T, manifests []unstructured.Unstructured) *pod {
	t.Helper()
	c.apply(t, asYAML(t, without(manifests, "ClusterRoleBinding", "goto-operator-manager-rolebinding")))
	c.kubectl(t, "wait", "crd", "--all", "--for=condition=Established", "--timeout=1m")
	p := c.run(t, operatorDeployment)
	until(t, "it lives", func() bool { return p.live() == http.StatusOK })
	until(t, "it has asked for what it may not see", func() bool {
		_, refused := c.asked(t, rig.OperatorServiceAccount)
		return slices.ContainsFunc(refused, func(r string) bool { return strings.Contains(r, "gotousers") })
	})
	if got := p.ready(); got != http.StatusInternalServerError {
		t.Errorf("without a view of its objects /readyz answers %d", got)
	}
	c.apply(t, asYAML(t, manifests))
	until(t, "it is ready", func() bool { return p.ready() == http.StatusOK })
	c.pardon(t)
	return p
}

func asYAML(t *testing.T, all []unstructured.Unstructured) string {
	t.Helper()
	var out strings.Builder
	for _, o := range all {
		text, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "---\n%s", text)
	}
	return out.String()
}

// applySamples applies config/samples for GoTo's own endpoints: without its addresses.
func (c *cluster) applySamples(t *testing.T) {
	t.Helper()
	folder := filepath.Join(c.dir, "samples")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	samples, err := filepath.Rel(folder, filepath.Join(here, "config", "samples"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "kustomization.yaml"), fmt.Sprintf(`
resources: [%s]
patches:
- target: {kind: GoToAccount}
  patch: '[{"op": "remove", "path": "/spec/endpoints/api"}, {"op": "remove", "path": "/spec/endpoints/token"}]'
`, samples))
	c.kubectl(t, "apply", "-k", folder)
}

// metrics are for callers that may read them: it returns the token of one.
func (c *cluster) metrics(t *testing.T, p *pod) (token string) {
	t.Helper()
	for _, name := range []string{"stranger", "scraper"} {
		c.kubectl(t, "-n", rig.OperatorNamespace, "create", "serviceaccount", name)
	}
	c.kubectl(t, "create", "clusterrolebinding", "scraper", "--clusterrole=goto-operator-metrics-reader",
		"--serviceaccount="+rig.OperatorNamespace+":scraper")
	token = c.token(t, "scraper", nil)
	for _, caller := range []struct {
		token string
		want  int
	}{
		{"", http.StatusUnauthorized}, {"made up", http.StatusUnauthorized},
		{c.token(t, "stranger", nil), http.StatusForbidden}, {token, http.StatusOK},
	} {
		if got := p.get("https://127.0.0.1:8443/metrics", caller.token); got != caller.want {
			t.Errorf("metrics answer %d, not %d", got, caller.want)
		}
	}
	return token
}

// everyRight lives on until each right is used: a refresh token rotates and is saved, a meeting is over and goes. Nothing was refused.
func (c *cluster) everyRight(t *testing.T, sim *simulated, manifests []unstructured.Unstructured) {
	t.Helper()
	begin := time.Now().UTC().Add(5 * time.Second).Truncate(time.Second)
	c.apply(t, fmt.Sprintf(`
apiVersion: goto-operator.dev/v1alpha1
kind: GoToMeeting
metadata: {name: over, namespace: default}
spec: {accountRef: {name: example}, subject: Over, start: %q, end: %q, ttlSecondsAfterEnd: 0}
`, begin.Format(time.RFC3339), begin.Add(3*time.Second).Format(time.RFC3339)))
	c.looksForLogo(t)
	before := c.kubectl(t, "get", "secret", "goto-credentials", "-o", "jsonpath={.data.refresh-token}")
	sim.ask(t, http.MethodPost, "/clock/advance", `{"by":"432h"}`, nil)
	c.kubectl(t, "annotate", "gtaccount", "example", "goto-operator.dev/reconcile-requested-at=now")
	until(t, "the new refresh token is saved", func() bool {
		return c.kubectl(t, "get", "secret", "goto-credentials", "-o", "jsonpath={.data.refresh-token}") != before
	})
	until(t, "the meeting is over and gone", func() bool {
		return c.kubectl(t, "get", "gotomeetings", "over", "--ignore-not-found", "-o", "name") == ""
	})
	granted, err := rights.Granted(manifests, rig.OperatorNamespace, rig.OperatorServiceAccount)
	if err != nil {
		t.Fatal(err)
	}
	used, refused := c.asked(t, rig.OperatorServiceAccount)
	if unused := rights.Unused(granted, used); len(unused) > 0 {
		t.Errorf("rights that nothing asks for: %v", unused)
	}
	if len(refused) > 0 {
		t.Errorf("refused: %v", refused)
	}
}

// looksForLogo: the operator reads the ConfigMap that an account's logo is in. There is none, and the account is left as it was.
func (c *cluster) looksForLogo(t *testing.T) {
	t.Helper()
	patch := func(settings string) {
		c.kubectl(t, "patch", "gtaccount", "example", "--type=merge", "--patch", `{"spec":{"settings":`+settings+`}}`)
	}
	patch(`{"logo":{"configMapRef":{"name":"pictures","key":"logo.gif"}}}`)
	until(t, "the ConfigMap is read", func() bool {
		used, _ := c.asked(t, rig.OperatorServiceAccount)
		return used[rights.Right{Verb: "get", Resource: "configmaps"}]
	})
	patch("null")
}

// bulk has a newcomer of each number, in YAML.
func bulk(from, to int) string {
	var out strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&out, `---
apiVersion: goto-operator.dev/v1alpha1
kind: GoToUser
metadata: {name: new-%[1]d, namespace: default}
spec: {accountRef: {name: example}, email: new-%[1]d@example.test, firstName: New, lastName: "%[1]d"}
`, i)
	}
	return out.String()
}

const newcomers = 30

// handOver ends the leader in the middle of creating users, first as a rollout does and then as the loss of a node does. Each user is there
// once, and was asked for once.
func (c *cluster) handOver(t *testing.T, sim *simulated, replicas []*pod) {
	t.Helper()
	for i, end := range []struct {
		what            string
		by              func(*pod)
		atLeast, atMost time.Duration
	}{
		{"SIGTERM", func(p *pod) { c.drain(t, sim, p) }, 0, leaseDuration},
		{"SIGKILL", func(p *pod) { p.kill(); sim.release(t, "stop") }, leaseDuration / 2, 20 * time.Second}, // when the lease has run out
	} {
		leads := c.leader(t, replicas)
		sim.ask(t, http.MethodPost, "/faults", `{"id":"stop","kind":"block","operation":"createUsers","count":1}`, nil)
		c.apply(t, bulk(i*newcomers, (i+1)*newcomers))
		sim.holds(t, "stop")
		ended := time.Now()
		end.by(leads)
		replicas = slices.DeleteFunc(replicas, func(p *pod) bool { return p == leads })
		until(t, "the other one leads", func() bool { return c.holder(t) == replicas[0].Name })
		took := time.Since(ended)
		t.Logf("%s: another replica leads after %s", end.what, took.Round(100*time.Millisecond))
		if took < end.atLeast || took > end.atMost {
			t.Errorf("%s: another replica leads after %s", end.what, took)
		}
		c.ready(t, c.samples(t, "")+(i+1)*newcomers)
		replicas = append(replicas, c.run(t, operatorDeployment))
	}
	there, asked := sim.users(t), sim.created(t)
	for i := range 2 * newcomers {
		email := fmt.Sprintf("new-%d@example.test", i)
		if there[email] != 1 || asked[email] != 1 {
			t.Errorf("%s is there %d times, and was asked for %d times", email, there[email], asked[email])
		}
	}
}

// drain ends a replica while GoTo keeps an answer back: it waits for that, and exits with 0.
func (c *cluster) drain(t *testing.T, sim *simulated, p *pod) {
	t.Helper()
	code := make(chan int)
	go func() { code <- p.stop(t) }()
	until(t, "it knows that it is to stop", func() bool {
		log, err := os.ReadFile(p.log)
		return err == nil && strings.Contains(string(log), "Stopping and waiting for")
	})
	select {
	case <-p.done:
		t.Error("it did not wait for the answer of GoTo")
	default:
	}
	sim.release(t, "stop")
	if got := <-code; got != 0 {
		t.Errorf("its exit code is %d", got)
	}
}

// leaseDuration is for how long a replica that says nothing more keeps the lease.
const leaseDuration = 15 * time.Second

// holder is the Pod that leads.
func (c *cluster) holder(t *testing.T) string {
	t.Helper()
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: rig.OperatorNamespace, Name: "goto-operator.goto-operator.dev"}}
	if err := c.Client.Get(t.Context(), client.ObjectKeyFromObject(lease), lease); err != nil || lease.Spec.HolderIdentity == nil {
		return ""
	}
	name, _, _ := strings.Cut(*lease.Spec.HolderIdentity, "_")
	return name
}

func (c *cluster) leader(t *testing.T, replicas []*pod) *pod {
	t.Helper()
	holder := c.holder(t)
	i := slices.IndexFunc(replicas, func(p *pod) bool { return p.Name == holder })
	if i < 0 {
		t.Fatalf("%q leads, which is no replica", holder)
	}
	return replicas[i]
}
