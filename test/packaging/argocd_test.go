package packaging

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const withArgoCD = `argocd: {enabled: true}`

// Argo CD reads a ConfigMap by its name and its labels, and is told the same by the chart as by the component of config/argocd.
func TestArgoCDIsToldTheSameByChartAndConfig(t *testing.T) {
	for name := range rendered(t, operatorChart, `{}`) {
		if strings.HasPrefix(name, "ConfigMap/") {
			t.Errorf("%s is there unasked", name)
		}
	}
	got := rendered(t, operatorChart, withArgoCD)["ConfigMap/argocd-cm"]
	want := parse(t, read(t, "config", "argocd", "argocd-cm.yaml"))["ConfigMap/argocd-cm"]
	if diff := cmp.Diff(field(want, "data"), field(got, "data")); diff != "" || field(got, "data") == nil {
		t.Errorf("config -, chart +:\n%s", diff)
	}
	labels := map[string]string{"app.kubernetes.io/name": "argocd-cm", "app.kubernetes.io/part-of": "argocd"}
	if diff := cmp.Diff(labels, got.GetLabels()); diff != "" || got.GetNamespace() != "argocd" {
		t.Errorf("in the namespace %q:\n%s", got.GetNamespace(), diff)
	}
	other := rendered(t, operatorChart, `argocd: {enabled: true, name: fragment, namespace: "", labels: {app.kubernetes.io/name: null, app.kubernetes.io/part-of: null}}`)["ConfigMap/fragment"]
	if other == nil || other.GetNamespace() != operatorNamespace || len(other.GetLabels()) != 0 {
		t.Errorf("under another name: %v", other)
	}
}

// What the chart renders goes into an argocd-cm that others keep too, by server-side apply, and neither takes from the other. Helm
// itself refuses it, rather than to take over what is not its own.
func TestTheFragmentJoinsWhatIsThere(t *testing.T) {
	c := start(t)
	c.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "argocd"}}, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: operatorNamespace}})
	theirs := file(t, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}}\ndata: {url: https://argocd.test}\n")
	ours := rendered(t, operatorChart, withArgoCD)["ConfigMap/argocd-cm"]
	text, err := ours.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	c.run(t, "apply", "--server-side", "--field-manager=argocd", "-f", theirs)
	for name, h := range helms(t) {
		c.by = h
		if err := c.install(t, operatorChart, "goto-operator", operatorNamespace, withArgoCD); err == nil || !strings.Contains(err.Error(), "argocd-cm") {
			t.Errorf("%s takes argocd-cm over: %v", name, err)
		}
	}
	c.run(t, "apply", "--server-side", "--field-manager=goto-operator", "-f", file(t, string(text)))
	c.run(t, "apply", "--server-side", "--field-manager=argocd", "-f", theirs)
	held := &unstructured.Unstructured{}
	held.SetGroupVersionKind(ours.GroupVersionKind())
	if err := c.Get(t.Context(), client.ObjectKeyFromObject(ours), held); err != nil {
		t.Fatal(err)
	}
	want := ours.DeepCopy().Object["data"].(map[string]any)
	want["url"] = "https://argocd.test"
	if diff := cmp.Diff(any(want), field(held, "data")); diff != "" {
		t.Error(diff)
	}
}

// file holds a manifest for kubectl.
func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manifest.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
