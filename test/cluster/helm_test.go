//go:build linux

package cluster

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/hack/rig"
	"github.com/goto-operator/goto-operator/test/rights"
)

// teamObjects are how many charts/goto-team/ci/example-values.yaml makes; the account comes with the operator's chart.
const teamObjects = 7

// The operator as its chart installs it, with the simulator that the chart has for trials, and a team as its chart makes it.
func TestInstalledByHelm(t *testing.T) {
	w := &trial{cluster: start(t)}
	c, way := w.cluster, byHelm()
	spans := c.collects(t)
	w.follow(t, way[0], " --set extraEnv[0].name=OTEL_EXPORTER_OTLP_ENDPOINT,extraEnv[0].value=http://"+collectorAddress)
	c.kubectl(t, "wait", "crd", "--all", "--for=condition=Established", "--timeout=1m")
	w.follow(t, way[1], "")
	sim := c.simulator(t)
	replicas := []*pod{c.run(t, operatorDeployment), c.run(t, operatorDeployment)}
	for _, p := range replicas {
		until(t, p.Name+" is ready", func() bool { return p.ready() == http.StatusOK && p.live() == http.StatusOK })
	}

	w.follow(t, way[2], "")
	c.ready(t, 1+teamObjects)
	want := map[string]int{"ops@example.test": 1, "fay.field@example.test": 1, "max.manager@example.test": 1}
	if diff := cmp.Diff(want, sim.users(t)); diff != "" {
		t.Errorf("users in GoTo:\n%s", diff)
	}
	c.traced(t, spans)
	c.metrics(t, c.leader(t, replicas))
	c.sameRights(t)
	for _, p := range replicas {
		if code := p.stop(t); code != 0 {
			t.Errorf("%s ends with %d", p.Name, code)
		}
	}
}

// simulator runs the one of the chart, and makes it known to the Pods that come after it.
func (c *cluster) simulator(t *testing.T) *simulated {
	t.Helper()
	p := c.run(t, "goto-operator-simulator")
	until(t, "the simulator answers", func() bool { return p.get("http://127.0.0.1:8481/healthz", "") == http.StatusOK })
	const name = "goto-operator-simulator." + rig.OperatorNamespace + ".svc"
	c.services = append(c.services, service{names: []string{name}, port: "8480", dial: p.box.dial, target: "127.0.0.1:8480"})
	return &simulated{url: "http://127.0.0.1:8481", http: p.http}
}

// sameRights: the chart's are those of config/default, of which each is used, and nothing was refused.
func (c *cluster) sameRights(t *testing.T) {
	t.Helper()
	chart, err := rights.Granted(parse(t, c.must(t, "", helmBinary, "get", "manifest", "goto-operator", "--namespace", rig.OperatorNamespace)),
		rig.OperatorNamespace, rig.OperatorServiceAccount)
	if err != nil {
		t.Fatal(err)
	}
	config, err := rights.Granted(parse(t, c.kubectl(t, "kustomize", "config/default")), rig.OperatorNamespace, rig.OperatorServiceAccount)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config, chart); diff != "" {
		t.Errorf("rights of the chart:\n%s", diff)
	}
	if _, refused := c.asked(t, rig.OperatorServiceAccount); len(refused) > 0 {
		t.Errorf("refused: %v", refused)
	}
}
