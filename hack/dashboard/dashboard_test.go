package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// foreign are the series of controller-runtime and of Prometheus' Go client that the dashboard asks for, and their labels.
var foreign = map[string]string{
	"controller_runtime_reconcile_time_seconds_bucket": "controller, le",
	"go_memstats_heap_inuse_bytes":                     "",
	"process_resident_memory_bytes":                    "",
	"workqueue_depth":                                  "name, controller, priority",
	"workqueue_queue_duration_seconds_bucket":          "name, controller, le",
}

func read(t *testing.T, elements ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{root}, elements...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// shipped are the queries of the file, not of the code that wrote it.
func shipped(t *testing.T) []query {
	t.Helper()
	var board struct {
		Panels []struct {
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "config", "grafana", "goto-operator.json")), &board); err != nil {
		t.Fatal(err)
	}
	var out []query
	for _, panel := range board.Panels {
		for _, target := range panel.Targets {
			out = append(out, query{target.Expr, target.LegendFormat})
		}
	}
	if len(out) == 0 {
		t.Fatal("no queries")
	}
	return out
}

func TestTheFileIsCurrent(t *testing.T) {
	want, err := render(sections)
	if err != nil {
		t.Fatal(err)
	}
	if read(t, "config", "grafana", "goto-operator.json") != string(want) {
		t.Error("run make dashboard")
	}
}

var (
	// metric is a name that selects series: whatever has an underscore and is no function, and no label of ours has one.
	metric   = regexp.MustCompile(`\b[a-z]+(?:_[a-z]+)+\b`)
	function = regexp.MustCompile(`\b[a-z_]+\(`)
	variable = regexp.MustCompile(`\$\w+`)
	// documented are a metric of the operator, its type and its labels.
	documented = regexp.MustCompile("(?m)^\\| `(goto_operator_[a-z_]+)` \\| (\\w+) \\| ([a-z, ]+) \\|")
)

// names are the metrics that a query asks for.
func names(expr string) []string {
	return metric.FindAllString(function.ReplaceAllString(variable.ReplaceAllString(expr, ""), "("), -1)
}

// known are the series that there are, and their labels: those of docs/metrics.md that the code has too, and foreign ones.
func known(t *testing.T) map[string]string {
	t.Helper()
	code := read(t, "internal", "metrics", "metrics.go")
	out := maps.Clone(foreign)
	for _, row := range documented.FindAllStringSubmatch(read(t, "docs", "metrics.md"), -1) {
		name, labels := row[1], row[3]
		if !strings.Contains(code, `"`+name+`"`) {
			t.Errorf("docs/metrics.md has %s, the code does not", name)
		}
		if row[2] != "histogram" {
			out[name] = labels
			continue
		}
		out[name+"_bucket"], out[name+"_sum"], out[name+"_count"] = labels+", le", labels, labels
	}
	return out
}

// A panel on a metric that nobody exports is empty, and looks as if all were well.
func TestQueriesAreOnMetricsThatThereAre(t *testing.T) {
	there, asked := known(t), map[string]bool{}
	for _, q := range shipped(t) {
		for _, name := range names(q.expr) {
			asked[stem(name)] = true
			if _, ok := there[name]; !ok {
				t.Errorf("no metric %s", name)
			}
		}
	}
	for name := range there {
		if !asked[stem(name)] {
			t.Errorf("%s is on no panel", name)
		}
	}
}

var part = regexp.MustCompile(`_(bucket|sum|count)$`)

// stem is the histogram that a series belongs to.
func stem(name string) string { return part.ReplaceAllString(name, "") }

var legend = regexp.MustCompile(`{{(\w+)}}`)

// Asked of an operator that exports everything, each query has an answer, which has the labels that its legend names:
// promtool evaluates them. Grafana's variables are a range, and the labels' value.
func TestQueriesAnswer(t *testing.T) {
	promtool := os.Getenv("PROMTOOL")
	if promtool == "" {
		t.Skip("PROMTOOL names no promtool: make test-packaging does")
	}
	chosen := strings.NewReplacer("$__rate_interval", "5m", "$namespace", value, "$account", value)
	var rules, tests []any
	for i, q := range shipped(t) {
		record := fmt.Sprintf("query_%d", i)
		rules = append(rules, map[string]any{"record": record, "expr": chosen.Replace(q.expr)})
		answer := "count(" + record + "{" + legend.ReplaceAllString(strings.Join(legend.FindAllString(q.legend, -1), ","), `$1!=""`) + "}) > bool 0"
		tests = append(tests, map[string]any{
			"expr": answer, "eval_time": "10m", "exp_samples": []any{map[string]any{"labels": "{}", "value": 1}},
		})
	}
	folder := t.TempDir()
	write(t, folder, "rules.yaml", map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": rules}}})
	write(t, folder, "tests.yaml", map[string]any{"rule_files": []string{"rules.yaml"}, "tests": []any{
		map[string]any{"interval": "1m", "input_series": series(known(t)), "promql_expr_test": tests},
	}})
	command := exec.CommandContext(t.Context(), promtool, "test", "rules", "tests.yaml")
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// value is what every label says in the test: the only one that a query asks for by its value is a status.
const value = "429"

// series rise by one a minute.
func series(all map[string]string) []any {
	var out []any
	for name, labels := range all {
		selector := `job="goto-operator", instance="one"`
		for _, label := range strings.FieldsFunc(labels, func(r rune) bool { return r == ',' || r == ' ' }) {
			selector += fmt.Sprintf(", %s=%q", label, value)
		}
		out = append(out, map[string]any{"series": name + "{" + selector + "}", "values": "1+1x10"})
	}
	return out
}

// write puts JSON, which is YAML too, into a file.
func write(t *testing.T, folder, name string, content any) {
	t.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Panels lie beside and under each other: none hides another, and none stands out of the grid of 24 columns.
func TestPanelsDoNotOverlap(t *testing.T) {
	type place struct{ X, Y, W, H int }
	var board struct{ Panels []struct{ GridPos place } }
	if err := json.Unmarshal([]byte(read(t, "config", "grafana", "goto-operator.json")), &board); err != nil {
		t.Fatal(err)
	}
	taken := map[[2]int]bool{}
	for _, panel := range board.Panels {
		p := panel.GridPos
		if p.W == 0 || p.H == 0 || p.X+p.W > 24 {
			t.Errorf("%+v", p)
		}
		for x := p.X; x < p.X+p.W; x++ {
			for y := p.Y; y < p.Y+p.H; y++ {
				if taken[[2]int{x, y}] {
					t.Fatalf("%+v lies on another", p)
				}
				taken[[2]int{x, y}] = true
			}
		}
	}
}
