//go:build linux

package cluster

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/goto-operator/goto-operator/hack/rig"
)

// Where the project says how it is watched.
const (
	monitorFile   = "config/prometheus/service_monitor.yaml"
	rulesFile     = "config/prometheus/rules.yaml"
	serviceFile   = "config/manager/metrics_service.yaml"
	dashboardFile = "config/grafana/goto-operator.json"
)

// endpoint is what a ServiceMonitor says of how to scrape.
type endpoint struct {
	Port, Path, Scheme string
	HonorLabels        bool
	TLSConfig          struct{ InsecureSkipVerify bool }
}

// prometheus is a server that scrapes one Pod of the operator.
type prometheus struct{ url string }

// scrape starts Debian's Prometheus beside a Pod. It scrapes as the ServiceMonitor tells the Prometheus Operator, each second, and
// evaluates the project's rules.
func (c *cluster) scrape(t *testing.T, p *pod, token string) *prometheus {
	t.Helper()
	folder := filepath.Join(c.dir, "prometheus")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	var rules struct{ Spec json.RawMessage }
	load(t, rulesFile, &rules)
	write(t, filepath.Join(folder, "rules.yaml"), string(rules.Spec))
	write(t, filepath.Join(folder, "token"), token)
	config, err := yaml.Marshal(scrapeConfig(t, p))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "prometheus.yaml"), string(config))
	server := &prometheus{url: "http://" + free(t)}
	log := filepath.Join(folder, "log")
	process, err := rig.Start(log, nil, nil, os.Getenv("PROMETHEUS"), "--config.file="+filepath.Join(folder, "prometheus.yaml"),
		"--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+server.url[len("http://"):])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.Stop()
		if t.Failed() {
			t.Logf("Prometheus ended with:\n%s", rig.Tail(log, 20))
		}
	})
	return server
}

// scrapeConfig is what the Prometheus Operator makes of a ServiceMonitor, for one Pod.
func scrapeConfig(t *testing.T, p *pod) map[string]any {
	t.Helper()
	var monitor struct {
		Spec struct{ Endpoints []endpoint }
	}
	load(t, monitorFile, &monitor)
	e := monitor.Spec.Endpoints[0]
	return map[string]any{
		"global":     map[string]any{"scrape_interval": "1s", "evaluation_interval": "1s"},
		"rule_files": []string{"rules.yaml"},
		"scrape_configs": []any{map[string]any{
			"job_name": "goto-operator", "metrics_path": e.Path, "scheme": e.Scheme, "honor_labels": e.HonorLabels,
			"tls_config":     map[string]any{"insecure_skip_verify": e.TLSConfig.InsecureSkipVerify},
			"authorization":  map[string]any{"credentials_file": "token"},
			"static_configs": []any{map[string]any{"targets": []string{p.reachable(t, e.Port)}}},
		}},
	}
}

// reachable is an address of the host that leads to a port of the Service of metrics, and so of a Pod.
func (p *pod) reachable(t *testing.T, port string) string {
	t.Helper()
	var service struct {
		Spec struct {
			Ports []struct{ Name, TargetPort string }
		}
	}
	load(t, serviceFile, &service)
	for _, s := range service.Spec.Ports {
		for _, c := range p.Spec.Containers[0].Ports {
			if s.Name == port && c.Name == s.TargetPort {
				return p.forwarded(t, fmt.Sprintf("127.0.0.1:%d", c.ContainerPort))
			}
		}
	}
	t.Fatalf("the Service has no port %s of the Pod", port)
	return ""
}

// forwarded is an address of the host that leads to one in the Pod, until the test ends.
func (p *pod) forwarded(t *testing.T, target string) string {
	t.Helper()
	l := listen(t)
	t.Cleanup(func() { _ = l.Close() })
	go forward(l, p.box.dial, target)
	return l.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", rig.AnyPort)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// free is an address that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	l := listen(t)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// ask gets the data of an answer of Prometheus' API; false while there is none.
func (s *prometheus) ask(t *testing.T, path string, query url.Values, into any) bool {
	t.Helper()
	response, err := http.Get(s.url + path + "?" + query.Encode())
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: into}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return false
	}
	if answer.Status != "success" {
		t.Fatalf("%s %v: %s", path, query, answer.Error)
	}
	return true
}

// load reads YAML, or JSON, of the repository.
func load(t *testing.T, file string, into any) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(content, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
