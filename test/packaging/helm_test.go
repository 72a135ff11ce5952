package packaging

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/release"
)

var update = flag.Bool("update", false, "write the snapshots under testdata anew")

// load reads a chart from its folder.
func load(t *testing.T, name string) *chart.Chart {
	t.Helper()
	c, err := loader.Load(filepath.Join(root, "charts", name))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// template does what helm template does.
func template(c *chart.Chart, name, namespace string, values map[string]any) (*release.Release, error) {
	return dry(name, namespace).Run(c, values)
}

// dry is an installation that asks no cluster.
func dry(name, namespace string) *action.Install {
	install := action.NewInstall(&action.Configuration{Log: func(string, ...any) {}})
	install.DryRun, install.ClientOnly, install.Replace = true, true, true
	install.ReleaseName, install.Namespace = name, namespace
	install.KubeVersion = &chartutil.KubeVersion{Version: "v1.37.0", Major: "1", Minor: "37"}
	return install
}

// values of a text in YAML, read as Helm reads a values file.
func values(t *testing.T, text string) map[string]any {
	t.Helper()
	out, err := chartutil.ReadValues([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// installed is a release of a chart with the given values.
func installed(t *testing.T, chartName, name, namespace, with string) *release.Release {
	t.Helper()
	r, err := template(load(t, chartName), name, namespace, values(t, with))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rendered are the objects of a release; its hooks are not among them.
func rendered(t *testing.T, chartName, with string) objects {
	t.Helper()
	return parse(t, installed(t, chartName, "goto-operator", "goto-operator-system", with).Manifest)
}

// refusals says that each of the values is refused, with a message that names what is wrong.
func refusals(t *testing.T, chartName string, cases map[string]string) {
	t.Helper()
	c := load(t, chartName)
	for with, want := range cases {
		if _, err := template(c, "refused", "default", values(t, with)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nwant a message with %q, got: %v", with, want, err)
		}
	}
}

// snapshot compares text with a file under testdata.
func snapshot(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-update writes it anew):\n%s", file, diff)
	}
}

// What each template of a chart makes is in a snapshot of helm-unittest, which writes one that is missing and complains of nothing.
func TestEveryTemplateHasASnapshot(t *testing.T) {
	for _, name := range []string{operatorChart, teamChart} {
		var suite struct {
			Tests []struct{ It, Template string }
		}
		var taken map[string]any
		unmarshal(t, &suite, "charts", name, "tests", "snapshot_test.yaml")
		unmarshal(t, &taken, "charts", name, "tests", "__snapshot__", "snapshot_test.yaml.snap")
		var templates, with []string
		for _, file := range load(t, name).Templates {
			if !strings.HasPrefix(filepath.Base(file.Name), "_") {
				templates = append(templates, strings.TrimPrefix(file.Name, "templates/"))
			}
		}
		for _, c := range suite.Tests {
			if taken[c.It] != nil {
				with = append(with, strings.TrimPrefix(c.Template, "templates/"))
			}
		}
		slices.Sort(templates)
		slices.Sort(with)
		if diff := cmp.Diff(templates, with); diff != "" {
			t.Errorf("templates -, with a snapshot +:\n%s", diff)
		}
	}
}

// open are the values of any form, and why.
var open = map[string]string{
	"goto-operator.affinity":                    "Kubernetes' own type",
	"goto-operator.extraEnv[].valueFrom":        "Kubernetes' own type",
	"goto-operator.global":                      "Helm's, and other charts'",
	"goto-operator.networkPolicy.extraEgress[]": "Kubernetes' own type",
	"goto-operator.tolerations[]":               "Kubernetes' own type",
	"goto-team.global":                          "Helm's, and other charts'",
	"goto-team.uninstall.tolerations[]":         "Kubernetes' own type",
}

// Whoever mistypes a value is told, and every value is described.
func TestSchemasAreStrictAndSayWhatEachValueIs(t *testing.T) {
	charts, err := filepath.Glob(filepath.Join(root, "charts", "*"))
	if err != nil {
		t.Fatal(err)
	}
	stale := maps.Clone(open)
	for _, path := range charts {
		c := load(t, filepath.Base(path))
		s := schemaOf(t, c.Name())
		strict(t, c.Name(), s, stale)
		described(t, c.Name(), s, c.Values)
	}
	for path := range stale {
		t.Errorf("%s is not open", path)
	}
}

// strict says that nothing below a schema takes what nobody knows, but for what is open.
func strict(t *testing.T, path string, s map[string]any, stale map[string]string) {
	t.Helper()
	others, typed := s["additionalProperties"].(map[string]any)
	switch {
	case typed:
		strict(t, path+"{}", others, stale)
	case s["type"] == nil:
		t.Errorf("%s may be anything", path)
	case s["type"] == "object" && s["additionalProperties"] != false:
		if open[path] == "" {
			t.Errorf("%s takes properties that nobody knows", path)
		}
		delete(stale, path)
	case s["type"] == "array" && s["items"] == nil:
		t.Errorf("%s takes items that nobody knows", path)
	}
	if items, is := s["items"].(map[string]any); is {
		strict(t, path+"[]", items, stale)
	}
	properties, _ := s["properties"].(map[string]any)
	for name, property := range properties {
		p := property.(map[string]any)
		if text, _ := p["description"].(string); text == "" {
			t.Errorf("%s.%s has no description", path, name)
		}
		strict(t, path+"."+name, p, stale)
	}
}

// described says that each default is a property of the schema.
func described(t *testing.T, path string, s, values map[string]any) {
	t.Helper()
	properties, _ := s["properties"].(map[string]any)
	for name, value := range values {
		property, ok := properties[name].(map[string]any)
		if !ok {
			if len(properties) > 0 {
				t.Errorf("%s.%s is not in the schema", path, name)
			}
			continue
		}
		if held, ok := value.(map[string]any); ok {
			described(t, path+"."+name, property, held)
		}
	}
}

// Names of releases and namespaces may look like numbers, and a number is no name.
func TestAReleaseThatIsCalledANumber(t *testing.T) {
	for name, with := range map[string]string{
		operatorChart: allOperatorValues,
		teamChart:     read(t, "charts", teamChart, "ci", "example-values.yaml"),
	} {
		v := values(t, with)
		delete(v, "watchNamespaces")
		r, err := template(load(t, name), "1e3", "007", v)
		if err != nil {
			t.Fatal(err)
		}
		for key, o := range parse(t, r.Manifest+"\n"+hooks(r)) {
			if kind := o.GetKind(); o.GetNamespace() != "007" && !strings.HasPrefix(kind, "Cluster") && kind != "CustomResourceDefinition" {
				t.Errorf("%s is in the namespace %q", key, o.GetNamespace())
			}
			if o.GetLabels()["app.kubernetes.io/instance"] != "1e3" {
				t.Errorf("%s is of the release %q", key, o.GetLabels()["app.kubernetes.io/instance"])
			}
		}
		valid(t, parse(t, r.Manifest+"\n"+hooks(r)))
	}
}
