package packaging

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"sigs.k8s.io/yaml"
)

// texts are annotations, which promtool compares too: what an alert says is for people, and no business of this test.
var texts = regexp.MustCompile(`"annotations":\{[^{}]*(\{\{[^{}]*\}\}[^{}]*)*\}`)

// Alerts fire on what they are for, after the time they say, and on nothing else: promtool's own tests.
func TestAlertsFire(t *testing.T) {
	promtool := os.Getenv("PROMTOOL")
	if promtool == "" {
		t.Skip("PROMTOOL names no promtool: make test-packaging does")
	}
	var rule struct {
		Spec json.RawMessage `json:"spec"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "config", "prometheus", "rules.yaml")), &rule); err != nil {
		t.Fatal(err)
	}
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
