//go:build linux

package cluster

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// metric is a type, and the labels of each of its series.
type metric struct{ Type, Labels string }

// later are the metrics of docs/metrics.md that an operator in order does not have yet, and why.
var later = map[string]string{}

// quiet are the queries of the dashboard, by a part of them, that have no answer while all is in order, and why.
var quiet = map[string]string{
	`status="429"`: "GoTo has throttled nothing",
}

// observed: what the running operator exports is what docs/metrics.md says, by name, type and labels; and a real Prometheus that scrapes
// it answers what the dashboard asks, and finds nothing to alert on.
func (c *cluster) observed(t *testing.T, p *pod, token string) {
	t.Helper()
	if os.Getenv("PROMETHEUS") == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("PROMETHEUS names no Prometheus: make test-cluster does")
		}
		t.Log("PROMETHEUS names no Prometheus: make test-cluster does")
		return
	}
	server := c.scrape(t, p, token)
	until(t, "it is scraped twice", func() bool { return len(server.values(t, `goto_operator_build_info offset 2s`)) > 0 })
	exported, want := server.exported(t), documentedMetrics(t)
	for name := range later {
		if _, is := exported[name]; is || want[name] == (metric{}) {
			t.Errorf("%s is there, or in no document", name)
		}
		delete(want, name)
	}
	if diff := cmp.Diff(want, exported); diff != "" {
		t.Errorf("docs/metrics.md, and what is exported (-docs +exported):\n%s", diff)
	}
	namesExist(t, exported)
	for _, q := range append(dashboard(t), alerts(t)...) {
		q.labelsExist(t, exported)
	}
	for _, q := range dashboard(t) {
		server.answers(t, q)
	}
	server.alertsOnNothing(t)
}

// values are the series that answer a query, each by its labels.
func (s *prometheus) values(t *testing.T, expr string) []map[string]string {
	t.Helper()
	var answer struct {
		Result []struct{ Metric map[string]string }
	}
	if !s.ask(t, "/api/v1/query", url.Values{"query": {expr}}, &answer) {
		return nil
	}
	found := make([]map[string]string, 0, len(answer.Result))
	for _, r := range answer.Result {
		found = append(found, r.Metric)
	}
	return found
}

// exported are the operator's own metrics, as they came.
func (s *prometheus) exported(t *testing.T) map[string]metric {
	t.Helper()
	var series []map[string]string
	s.ask(t, "/api/v1/series", url.Values{"match[]": {`{__name__=~"goto_operator_.+"}`}}, &series)
	var types map[string][]struct{ Type string }
	s.ask(t, "/api/v1/metadata", nil, &types)
	found := map[string]metric{}
	for _, labels := range series {
		name := labels["__name__"]
		if _, known := types[name]; !known {
			name = stem(name)
		}
		m := metric{types[name][0].Type, own(labels)}
		if before, is := found[name]; is && before != m {
			t.Errorf("%s is exported as %v and as %v", name, before, m)
		}
		found[name] = m
	}
	return found
}

// own are the names of the labels that the operator itself gives a series, sorted.
func own(labels map[string]string) string {
	names := slices.Sorted(maps.Keys(labels))
	names = slices.DeleteFunc(names, func(name string) bool {
		return slices.Contains([]string{"__name__", "instance", "job", "le"}, name)
	})
	return strings.Join(names, ", ")
}

var part = regexp.MustCompile(`_(bucket|sum|count)$`)

// stem is the histogram that a series is of.
func stem(name string) string { return part.ReplaceAllString(name, "") }

// row is one of the table of docs/metrics.md.
var row = regexp.MustCompile("(?m)^\\| `(goto_operator_[a-z_]+)` \\| (\\w+) \\| ([a-z, ]+) \\|")

func documentedMetrics(t *testing.T) map[string]metric {
	t.Helper()
	content, err := os.ReadFile("docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]metric{}
	for _, columns := range row.FindAllStringSubmatch(string(content), -1) {
		labels := strings.Split(columns[3], ", ")
		slices.Sort(labels)
		found[columns[1]] = metric{columns[2], strings.Join(labels, ", ")}
	}
	return found
}

var ours = regexp.MustCompile(`\bgoto_operator_[a-z_]*[a-z]\b`)

// namesExist: whatever document, alert or panel names a metric names one that is exported.
func namesExist(t *testing.T, exported map[string]metric) {
	t.Helper()
	files := []string{rulesFile, dashboardFile, "test/packaging/testdata/alerts.yaml"}
	for _, pattern := range append(documents, "docs/adr/*.md") {
		more, _ := filepath.Glob(pattern)
		files = append(files, more...)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range ours.FindAllString(string(content), -1) {
			if _, is := exported[stem(name)]; !is && exported[name] == (metric{}) && later[name] == "" {
				t.Errorf("%s names %s, which is not exported", file, name)
			}
		}
	}
}

// question is a query, where it is from, and the labels that are shown of its answer.
type question struct {
	from, expr string
	shown      []string
}

var shown = regexp.MustCompile(`{{-? ?(?:\$labels\.)?(\w+) ?-?}}`)

func placeholders(text string) []string {
	var names []string
	for _, found := range shown.FindAllStringSubmatch(text, -1) {
		names = append(names, found[1])
	}
	return names
}

// choice is how Grafana asks for the values of a label.
var choice = regexp.MustCompile(`^label_values\((.+), *(\w+)\)$`)

// dashboard are the queries of the dashboard's panels and of its variables, all of whose values are chosen.
func dashboard(t *testing.T) []question {
	t.Helper()
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr, LegendFormat string }
		}
		Templating struct {
			List []struct{ Name, Type, Query string }
		}
	}
	load(t, dashboardFile, &board)
	all := strings.NewReplacer("$__rate_interval", "1m", "$namespace", ".*", "$account", ".*")
	var found []question
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			found = append(found, question{p.Title, all.Replace(target.Expr), placeholders(target.LegendFormat)})
		}
	}
	for _, v := range board.Templating.List {
		if v.Type == "query" {
			of := choice.FindStringSubmatch(v.Query)
			found = append(found, question{"the variable " + v.Name, all.Replace(of[1]), of[2:]})
		}
	}
	return found
}

// alerts are the expressions of the project's rules.
func alerts(t *testing.T) []question {
	t.Helper()
	var rules struct {
		Spec struct {
			Groups []struct {
				Rules []struct {
					Alert, Expr string
					Annotations map[string]string
				}
			}
		}
	}
	load(t, rulesFile, &rules)
	var found []question
	for _, g := range rules.Spec.Groups {
		for _, r := range g.Rules {
			found = append(found, question{r.Alert, r.Expr, placeholders(fmt.Sprint(r.Annotations))})
		}
	}
	return found
}

var (
	grouped  = regexp.MustCompile(`\bby \(([^)]*)\)`)
	compared = regexp.MustCompile(`(\w+) ?(?:=~|!~|!=|=)"`)
)

// labelsExist: a query on a metric of the operator names no label that the metric does not have.
func (q question) labelsExist(t *testing.T, exported map[string]metric) {
	t.Helper()
	if strings.Contains(q.expr, "_runtime_") || strings.Contains(q.expr, "workqueue_") {
		return // of labels that are not the operator's own: whether it has an answer with what is shown of it tells as much
	}
	there := []string{"instance", "job", "le"}
	for _, name := range ours.FindAllString(q.expr, -1) {
		there = append(there, strings.Split(exported[stem(name)].Labels, ", ")...)
		there = append(there, strings.Split(exported[name].Labels, ", ")...)
	}
	named := slices.Clone(q.shown)
	for _, list := range grouped.FindAllStringSubmatch(q.expr, -1) {
		named = append(named, strings.Split(list[1], ", ")...)
	}
	for _, matcher := range compared.FindAllStringSubmatch(q.expr, -1) {
		named = append(named, matcher[1])
	}
	for _, label := range named {
		if !slices.Contains(there, label) {
			t.Errorf("%s: no metric of %s has the label %s", q.from, q.expr, label)
		}
	}
}

// answers: a query of the dashboard has series, with the labels that it shows.
func (s *prometheus) answers(t *testing.T, q question) {
	t.Helper()
	for silent := range quiet {
		if strings.Contains(q.expr, silent) {
			if found := s.values(t, q.expr); len(found) > 0 {
				t.Errorf("%s: %s is said to have no answer, and has %v", q.from, q.expr, found)
			}
			return
		}
	}
	found := s.values(t, q.expr)
	if len(found) == 0 {
		t.Errorf("%s: nothing answers %s", q.from, q.expr)
	}
	for _, labels := range found {
		for _, name := range q.shown {
			if labels[name] == "" {
				t.Errorf("%s: %v, an answer to %s, has no %s", q.from, labels, q.expr, name)
			}
		}
	}
}

// alertsOnNothing: Prometheus evaluates every rule, and none so much as waits to fire.
func (s *prometheus) alertsOnNothing(t *testing.T) {
	t.Helper()
	type rule struct{ Name, State, Health, LastError string }
	var answer struct{ Groups []struct{ Rules []rule } }
	evaluated := func(r rule) bool { return r.Health != "unknown" }
	until(t, "the rules are evaluated", func() bool {
		return s.ask(t, "/api/v1/rules", nil, &answer) && len(answer.Groups) > 0 && !slices.ContainsFunc(answer.Groups[0].Rules,
			func(r rule) bool { return !evaluated(r) })
	})
	if got, want := len(answer.Groups[0].Rules), len(alerts(t)); got != want {
		t.Errorf("%d rules, not %d", got, want)
	}
	for _, r := range answer.Groups[0].Rules {
		if r.Health != "ok" || r.State != "inactive" {
			t.Errorf("%+v, of a team that is Ready", r)
		}
	}
}
