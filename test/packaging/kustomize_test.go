package packaging

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// everything is config/operator with every component.
const everything = `
namespace: goto-operator-system
namePrefix: goto-operator-
resources: [../rbac, ../manager]
components: [../network-policy, ../prometheus, ../grafana]
labels:
- pairs: {app.kubernetes.io/name: goto-operator, app.kubernetes.io/instance: goto-operator, app.kubernetes.io/part-of: goto-operator, app.kubernetes.io/managed-by: kustomize}
`

var recommended = []string{"component", "instance", "managed-by", "name", "part-of"}

func TestEverythingIsLabelled(t *testing.T) {
	for what, all := range map[string]objects{
		"default": kustomized(t, "default"), "namespaced": kustomized(t, "namespaced"), "components": overlay(t, everything),
		"trial": kustomized(t, "trial"), "chart": rendered(t, operatorChart, `{account: {create: true}, simulator: {enabled: true}}`),
	} {
		for name, o := range all {
			for _, label := range recommended {
				if o.GetLabels()["app.kubernetes.io/"+label] == "" {
					t.Errorf("%s: %s has no label %s", what, name, label)
				}
			}
		}
	}
}

func TestComponentsJoinTheInstallation(t *testing.T) {
	plain, all := kustomized(t, "operator"), overlay(t, everything)
	var more []string
	for name, o := range all {
		if plain[name] == nil {
			more = append(more, name)
			if o.GetNamespace() != "goto-operator-system" {
				t.Errorf("%s is in the namespace %q", name, o.GetNamespace())
			}
		}
	}
	slices.Sort(more)
	want := []string{
		"ConfigMap/goto-operator-dashboard",
		"NetworkPolicy/goto-operator-allow-egress", "NetworkPolicy/goto-operator-allow-metrics",
		"PrometheusRule/goto-operator-controller-manager", "ServiceMonitor/goto-operator-controller-manager",
	}
	if diff := cmp.Diff(want, more); diff != "" {
		t.Error(diff)
	}
}

// selecting are the paths of what selects the operator's Pods, by the objects that do.
var selecting = map[string][]string{
	"NetworkPolicy/goto-operator-allow-egress":             {"spec", "podSelector", "matchLabels"},
	"NetworkPolicy/goto-operator-allow-metrics":            {"spec", "podSelector", "matchLabels"},
	"PodDisruptionBudget/goto-operator-controller-manager": {"spec", "selector", "matchLabels"},
	"Service/goto-operator-controller-manager-metrics":     {"spec", "selector"},
	manager: {"spec", "selector", "matchLabels"},
}

const manager = "Deployment/goto-operator-controller-manager"

// What a policy, a Service, a budget or a spread selects is the operator's Pods: a selector that matches nothing says nothing.
func TestSelectorsMatchThePods(t *testing.T) {
	for way, all := range map[string]objects{
		"config": overlay(t, everything), "chart": rendered(t, operatorChart, `networkPolicy: {enabled: true}`),
	} {
		pods := field(all[manager], "spec", "template", "metadata", "labels").(map[string]any)
		for name, path := range selecting {
			matches(t, way+": "+name, pods, field(all[name], path...))
		}
		spreads, _ := field(all[manager], "spec", "template", "spec", "topologySpreadConstraints").([]any)
		if len(spreads) != 2 {
			t.Errorf("%s: %d spreads", way, len(spreads))
		}
		for _, spread := range spreads {
			s := &unstructured.Unstructured{Object: spread.(map[string]any)}
			matches(t, way+": the spread over "+field(s, "topologyKey").(string), pods, field(s, "labelSelector", "matchLabels"))
		}
	}
}

// matches says that a selector selects Pods by their labels.
func matches(t *testing.T, what string, pods map[string]any, by any) {
	t.Helper()
	selector, _ := by.(map[string]any)
	if len(selector) == 0 {
		t.Errorf("%s selects everything", what)
	}
	for key, value := range selector {
		if pods[key] != value {
			t.Errorf("%s selects %s=%v, which the Pods do not have", what, key, value)
		}
	}
}

var metric = regexp.MustCompile(`goto_operator_[a-z_]+`)

// An alert on a metric that nobody exports never fires.
func TestAlertsAreOnMetricsThatThereAre(t *testing.T) {
	documented := read(t, "docs", "metrics.md")
	rules := read(t, "config", "prometheus", "rules.yaml")
	exported := ""
	files, err := filepath.Glob(filepath.Join(root, "internal", "metrics", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			exported += string(content)
		}
	}
	found := metric.FindAllString(rules, -1)
	if len(found) == 0 {
		t.Fatal("the alerts name no metric")
	}
	for _, name := range found {
		if !strings.Contains(documented, "| `"+name+"` |") || !strings.Contains(exported, `"`+name+`"`) {
			t.Errorf("no metric %s", name)
		}
	}
}

// The people's roles reach the built-in ones, for every kind that has a CRD.
func TestRolesOfEveryKindAreAggregated(t *testing.T) {
	all := kustomized(t, "default")
	for name, o := range all {
		if o.GetKind() != "CustomResourceDefinition" {
			continue
		}
		kind := field(o, "spec", "names", "singular").(string)
		for level, role := range map[string]string{"viewer": "view", "editor": "edit", "admin": "admin"} {
			if kind == "gotoaccount" && level == "editor" {
				continue // what an account says is for admins
			}
			r := all["ClusterRole/goto-operator-"+kind+"-"+level]
			if r == nil || r.GetLabels()["rbac.authorization.k8s.io/aggregate-to-"+role] != "true" {
				t.Errorf("%s: no role that reaches %s", name, role)
			}
		}
	}
}

// A trial with images of a registry is config/trial, where no image is left that only a node may have.
func TestATrialTakesItsImagesFromARegistry(t *testing.T) {
	want, got := kustomized(t, "trial"), kustomized(t, "trial-registry")
	for deployment, image := range map[string]string{manager: "goto-operator", "Deployment/goto-operator-simulator": "goto-simulator"} {
		if from := container(want[deployment])["image"]; from != image+":latest" {
			t.Errorf("config/trial runs %s", from)
		}
		container(want[deployment])["image"] = "registry.example/" + image + ":v1"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSamplesAreInTheirKustomization(t *testing.T) {
	var list struct{ Resources []string }
	if err := yaml.Unmarshal([]byte(read(t, "config", "samples", "Kustomization")), &list); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "config", "samples", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	if diff := cmp.Diff(files, list.Resources); diff != "" {
		t.Error(diff)
	}
	kustomized(t, "samples")
}

// What a person types who has kubectl and this repository, at a real API server. Applied again, it changes nothing.
func TestKubectlApplies(t *testing.T) {
	c := start(t)
	config := filepath.Join(root, "config")
	c.run(t, "apply", "--server-side", "-k", filepath.Join(config, "default"))
	c.served(t)
	c.run(t, "apply", "-k", filepath.Join(config, "samples"))
	made := c.managed(t)
	if len(made) < 30 {
		t.Errorf("%d objects", len(made))
	}
	c.run(t, "apply", "--server-side", "-k", filepath.Join(config, "default"))
	for _, again := range []string{
		c.run(t, "apply", "-k", filepath.Join(config, "samples")),
		c.run(t, "apply", "-f", filepath.Join(config, "samples")),
	} {
		for line := range strings.Lines(again) {
			if !strings.HasSuffix(line, "unchanged\n") && !strings.HasPrefix(line, "secret/") { // stringData is written each time
				t.Error(line)
			}
		}
	}
	for key, o := range c.managed(t) {
		if o.GetGeneration() != 1 || o.GetUID() != made[key].GetUID() {
			t.Errorf("%s: generation %d", key, o.GetGeneration())
		}
	}
}

// Somebody leaves --server-side out: what kubectl then keeps of each object in an annotation of it has room there, which ends at 256 KiB.
// Applied again, nothing changes; and server-side afterwards there is no conflict.
func TestKubectlAppliesAsAClient(t *testing.T) {
	c := start(t)
	install := file(t, c.run(t, "kustomize", filepath.Join(root, "config", "default")))
	c.run(t, "apply", "-f", install)
	c.served(t)
	samples := []string{"apply", "-k", filepath.Join(root, "config", "samples")}
	c.run(t, samples...)
	for _, again := range [][]string{{"apply", "-f", install}, samples} {
		for line := range strings.Lines(c.run(t, again...)) {
			// stringData is written each time, and so does kubectl send the selector of a budget, which changes nothing.
			if !strings.HasSuffix(line, "unchanged\n") && !strings.HasPrefix(line, "secret/") && !strings.HasPrefix(line, "poddisruptionbudget.policy/") {
				t.Error(line)
			}
		}
	}
	largest := 0
	for _, o := range parse(t, c.run(t, "get", "crds", "-o", "yaml"))["List/"].Object["items"].([]any) {
		annotations := o.(map[string]any)["metadata"].(map[string]any)["annotations"].(map[string]any)
		largest = max(largest, len(annotations["kubectl.kubernetes.io/last-applied-configuration"].(string)))
	}
	t.Logf("the largest CRD takes %d bytes of its annotations", largest)
	if largest == 0 || largest > 1<<17 {
		t.Errorf("%d bytes: half of what annotations may have is gone", largest)
	}
	c.run(t, "apply", "--server-side", "-f", install)
}

// kubectl explain has something to say of every field.
func TestEveryFieldIsDescribed(t *testing.T) {
	fields := 0
	for name, o := range kustomized(t, "crd") {
		for _, version := range field(o, "spec", "versions").([]any) {
			root := version.(map[string]any)["schema"].(map[string]any)["openAPIV3Schema"]
			fields += explained(t, name, root.(map[string]any))
		}
	}
	if fields < 100 {
		t.Errorf("only %d fields", fields)
	}
}

// explained counts the fields under a schema, and complains of those without a description.
func explained(t *testing.T, path string, schema map[string]any) int {
	t.Helper()
	n := 0
	properties, _ := schema["properties"].(map[string]any)
	for name, property := range properties {
		p := property.(map[string]any)
		if p["description"] == nil && name != "metadata" { // the API server describes it itself
			t.Errorf("%s.%s has no description", path, name)
		}
		n += 1 + explained(t, path+"."+name, p)
	}
	if items, ok := schema["items"].(map[string]any); ok {
		n += explained(t, path+"[]", items)
	}
	return n
}

// Whoever is woken by an alert finds what to do under its name, and nothing is explained that never fires.
func TestEveryAlertIsExplained(t *testing.T) {
	var alerts, explained []string
	for _, found := range regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(read(t, "config", "prometheus", "rules.yaml"), -1) {
		alerts = append(alerts, found[1])
	}
	for _, found := range regexp.MustCompile(`(?m)^### (GoTo\w+)$`).FindAllStringSubmatch(read(t, "docs", "operations.md"), -1) {
		explained = append(explained, found[1])
	}
	if diff := cmp.Diff(alerts, explained); diff != "" {
		t.Errorf("alerts -, explained +:\n%s", diff)
	}
}
