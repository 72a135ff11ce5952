package packaging

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// texts are annotations, which promtool compares too: what an alert says is for people, and no business of this test.
var texts = regexp.MustCompile(`"annotations":\{[^{}]*(\{\{[^{}]*\}\}[^{}]*)*\}`)

// Whatever alert there is, there is something that it is seen to fire on.
func TestEveryAlertIsSeenToFire(t *testing.T) {
	there, seen := alerts(t), seenToFire(t)
	if diff := cmp.Diff(there, seen); len(there) == 0 || diff != "" {
		t.Errorf("alerts -, seen to fire +:\n%s", diff)
	}
}

// alerts are those that the rules have.
func alerts(t *testing.T) map[string]bool {
	t.Helper()
	var rules struct {
		Spec struct {
			Groups []struct{ Rules []struct{ Alert string } }
		}
	}
	unmarshal(t, &rules, "config", "prometheus", "rules.yaml")
	all := map[string]bool{}
	for _, group := range rules.Spec.Groups {
		for _, rule := range group.Rules {
			all[rule.Alert] = true
		}
	}
	return all
}

// seenToFire are the alerts that one of promtool's tests expects.
func seenToFire(t *testing.T) map[string]bool {
	t.Helper()
	var cases struct {
		Tests []struct {
			Alerts []struct {
				Name     string           `json:"alertname"`
				Expected []map[string]any `json:"exp_alerts"`
			} `json:"alert_rule_test"`
		}
	}
	unmarshal(t, &cases, "test", "packaging", "testdata", "alerts.yaml")
	all := map[string]bool{}
	for _, c := range cases.Tests {
		for _, alert := range c.Alerts {
			if len(alert.Expected) > 0 {
				all[alert.Name] = true
			}
		}
	}
	return all
}

func unmarshal(t *testing.T, into any, path ...string) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, path...)), into); err != nil {
		t.Fatal(err)
	}
}

// Alerts fire on what they are for, after the time they say, and on nothing else: promtool's own tests.
func TestAlertsFire(t *testing.T) {
	promtool := os.Getenv("PROMTOOL")
	if promtool == "" {
		t.Skip("PROMTOOL names no promtool: make test-packaging does")
	}
	var rule struct {
		Spec json.RawMessage `json:"spec"`
	}
	unmarshal(t, &rule, "config", "prometheus", "rules.yaml")
	folder := t.TempDir()
	for name, content := range map[string][]byte{
		"rules.yaml": texts.ReplaceAll(rule.Spec, []byte(`"annotations":{}`)),
		"tests.yaml": []byte(read(t, "test", "packaging", "testdata", "alerts.yaml")),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"check", "rules", "rules.yaml"}, {"test", "rules", "tests.yaml"}} {
		command := exec.CommandContext(t.Context(), promtool, args...)
		command.Dir = folder
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v: %s", args, err, out)
		}
	}
}
