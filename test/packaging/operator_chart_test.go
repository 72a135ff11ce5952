package packaging

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const operatorChart = "goto-operator"

// Chart and config are two ways to the same objects: whatever is in the one is in the other, and says the same.
func TestChartAndConfigAgree(t *testing.T) {
	for name, c := range map[string]struct {
		config objects
		values string
	}{
		"default":    {kustomized(t, "default"), `{}`},
		"namespaced": {kustomized(t, "namespaced"), `watchNamespaces: [team]`},
		"trial":      {kustomized(t, "trial"), `{simulator: {enabled: true}}`},
		"components": {overlay(t, everything), `{crds: {install: false}, networkPolicy: {enabled: true}, metrics: {serviceMonitor: {enabled: true}, rules: {enabled: true}, dashboard: {enabled: true}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			want, got := compared(c.config), compared(rendered(t, operatorChart, c.values))
			delete(want, "Namespace/goto-operator-system") // Helm makes the namespace itself
			delete(got, "Secret/goto-operator-simulator")  // the samples bring their own
			if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
				t.Fatalf("config -, chart +:\n%s", diff)
			}
			for key := range want {
				if diff := cmp.Diff(want[key], got[key]); diff != "" {
					t.Errorf("%s: config -, chart +:\n%s", key, diff)
				}
			}
		})
	}
}

// Grafana's sidecar takes what has its label and nothing else.
func TestGrafanaFindsTheDashboard(t *testing.T) {
	for way, all := range map[string]objects{
		"config": overlay(t, everything), "chart": rendered(t, operatorChart, `metrics: {dashboard: {enabled: true}}`),
	} {
		dashboard := all["ConfigMap/goto-operator-dashboard"]
		if dashboard == nil || dashboard.GetLabels()["grafana_dashboard"] != "1" {
			t.Errorf("%s: %v", way, dashboard)
		}
	}
}

// compared are objects without what a way of installing adds: its labels, the release in selectors, and the image.
func compared(all objects) map[string]any {
	out := map[string]any{}
	for key, o := range all {
		o = o.DeepCopy()
		labels, annotations := o.GetLabels(), o.GetAnnotations()
		maps.DeleteFunc(labels, func(key, _ string) bool { return !strings.HasPrefix(key, "rbac.authorization") })
		delete(annotations, "helm.sh/resource-policy")
		o.SetLabels(labels)
		o.SetAnnotations(annotations)
		withoutInstance(o.Object)
		if o.GetKind() == "Deployment" {
			container(o)["image"] = ""
		}
		out[key] = o.Object
	}
	return out
}

// withoutInstance takes the release out of labels and selectors, wherever they are.
func withoutInstance(value any) {
	switch v := value.(type) {
	case map[string]any:
		delete(v, instance)
		delete(v, "goto-operator.dev/release")
		for _, held := range v {
			withoutInstance(held)
		}
	case []any:
		for _, held := range v {
			withoutInstance(held)
		}
	}
}

// container of a Deployment.
func container(o *unstructured.Unstructured) map[string]any {
	return field(o, "spec", "template", "spec", "containers").([]any)[0].(map[string]any)
}

func TestOperatorChartRefuses(t *testing.T) {
	refusals(t, operatorChart, map[string]string{
		`replica: 3`:              "replica",
		`replicas: "3"`:           "replicas",
		`image: {digest: latest}`: "digest",
		`image: {tag: 1.10}`:      "tag",
		`account: {accountKey: 7200000000000000001}`:                                     "accountKey",
		`account: {refreshToken: secret}`:                                                "refreshToken",
		`account: {managementPolicy: Off}`:                                               "managementPolicy",
		`watchNamespaces: team`:                                                          "watchNamespaces",
		`watchNamespaces: [Team]`:                                                        "watchNamespaces",
		`extraEnv: [{name: DEBUG, value: on}]`:                                           "extraEnv",
		`extraEnv: [{name: A, value: "1"}, {name: A, value: "2"}]`:                       "extraEnv: A is there twice",
		`extraEnv: [{name: GOMEMLIMIT, value: 1GiB}]`:                                    "extraEnv: GOMEMLIMIT is there twice, or is the chart's own",
		`{proxy: {https: "http://p.test"}, extraEnv: [{name: NO_PROXY, value: p.test}]}`: "extraEnv: NO_PROXY is there twice",
		`watchNamespaces: [team, team]`:                                                  "watchNamespaces",
		`imagePullSecrets: [{name: a}, {name: a}]`:                                       "imagePullSecrets",
		`podLabels: {cost: 007}`:                                                         "podLabels",
		`{account: {create: true}, watchNamespaces: [team]}`:                             "watchNamespaces does not have",
		`crds: {keep: false}`:                                                            "keep",
	})
}

// Who removes the release keeps the kinds and the account: with them would go what they stand for in GoTo.
func TestNothingThatHoldsSomethingInGoToGoesWithTheRelease(t *testing.T) {
	kept := map[string]int{}
	for name, o := range rendered(t, operatorChart, `account: {create: true}`) {
		if kind := o.GetKind(); kind == "CustomResourceDefinition" || strings.HasPrefix(kind, "GoTo") {
			kept[kind]++
			if o.GetAnnotations()["helm.sh/resource-policy"] != "keep" {
				t.Errorf("%s goes with the release", name)
			}
		}
	}
	if kept["CustomResourceDefinition"] == 0 || kept["GoToAccount"] != 1 {
		t.Error(kept)
	}
}

// A refresh token in a release would be put back by each upgrade and rollback, dead. So none can be in one.
func TestNoReleaseHoldsARefreshToken(t *testing.T) {
	for name, o := range rendered(t, operatorChart, `{account: {create: true}, simulator: {enabled: true}}`) {
		if o.GetKind() != "Secret" {
			continue
		}
		if data, _ := field(o, "stringData").(map[string]any); name != "Secret/goto-operator-simulator" || data["refresh-token"] != nil {
			t.Errorf("%s: %v", name, data)
		}
	}
}

var defaultHosts = regexp.MustCompile(`DefaultHosts = "(.*)"`)

// The flag replaces the operator's own list, so that the chart has to repeat it.
func TestMoreHostsAreAllowedBesideGoTosOwn(t *testing.T) {
	own := defaultHosts.FindStringSubmatch(read(t, "internal", "controller", "gotoaccount", "hosts.go"))[1]
	args := container(rendered(t, operatorChart, `{extraAllowedHosts: [proxy.test], simulator: {enabled: true}}`)[manager])["args"].([]any)
	want := "--allowed-hosts=" + own + ",proxy.test,http://goto-operator-simulator.goto-operator-system.svc:8480"
	if !slices.Contains(args, any(want)) {
		t.Errorf("no %s in %v", want, args)
	}
}

// allOperatorValues use every value of the chart.
const allOperatorValues = `
crds: {install: false}
rbac: {people: false}
image: {repository: registry.example/goto-operator, digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
imagePullSecrets: [{name: pull}]
replicas: 1
watchNamespaces: [goto, sales, "007"]
concurrency: {GoToUser: 400}
logging: {level: debug, encoder: console}
extraArgs: [--zap-stacktrace-level=panic]
extraEnv: [{name: "ON", value: "on"}]
proxy: {https: "http://proxy.test:3128", none: internal.test}
caBundle: {configMap: company-ca}
account: {create: true, name: acme, accountKey: "7200000000000000001", allowedNamespaces: {from: Selector, selector: {matchLabels: {goto: "yes"}}}}
metrics: {serviceMonitor: {enabled: true, labels: {release: prometheus}}}
networkPolicy: {enabled: true, extraEgress: [{ports: [{port: 3128, protocol: TCP}]}]}
podLabels: {cost: "007"}
priorityClassName: system-cluster-critical
nodeSelector: {kubernetes.io/os: linux}
tolerations: [{key: dedicated, operator: Exists}]
affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchFields: [{key: metadata.name, operator: In, values: [a]}]}}]}}
serviceAccount: {annotations: {example.test/role: goto}}
podAnnotations: {example.test/scrape: "no"}
podDisruptionBudget: {enabled: false}
simulator: {enabled: true}
`

// What an installation with everything in it looks like.
func TestOperatorChartSnapshot(t *testing.T) {
	r := installed(t, operatorChart, "acme", "goto", allOperatorValues)
	snapshot(t, "operator.yaml", r.Manifest)
	snapshot(t, "operator-notes.txt", r.Info.Notes)
}
