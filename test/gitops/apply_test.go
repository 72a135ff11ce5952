package gitops

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

// cluster is an API server with the CRDs of the project, of Argo CD and of Flux, and the namespaces that the examples expect.
func cluster(t *testing.T) client.Client {
	t.Helper()
	foreign := os.Getenv("FOREIGN_CRDS")
	if os.Getenv("KUBEBUILDER_ASSETS") == "" || foreign == "" {
		t.Skip("KUBEBUILDER_ASSETS and FOREIGN_CRDS name no control plane and no CRDs: make test-packaging does")
	}
	paths := []string{filepath.Join(repository, "config", "crd", "bases")}
	for _, pattern := range []string{"application*-crd.yaml", "*.toolkit.fluxcd.io_*.yaml"} {
		files, err := filepath.Glob(filepath.Join(foreign, pattern))
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		paths = append(paths, files...)
	}
	ctrllog.SetLogger(logr.Discard())
	env := &envtest.Environment{CRDDirectoryPaths: paths, ErrorIfCRDPathMissing: true, ControlPlaneStartTimeout: time.Minute}
	t.Cleanup(func() { _ = env.Stop() })
	config, err := env.Start()
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	c, err := client.New(config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"goto", "argocd", "flux-system"} {
		if err := c.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// accepted is the answer of the API server to a manifest, of which it is to have every field. What it takes is taken away again: two
// examples are two ways to the same.
func accepted(t *testing.T, c client.Client, text string, change func(*unstructured.Unstructured)) error {
	t.Helper()
	o := &unstructured.Unstructured{}
	decode(t, []byte(text), &o.Object)
	if o.GetNamespace() == "" {
		o.SetNamespace("goto")
	}
	change(o)
	if err := c.Create(t.Context(), o, client.FieldValidation(metav1.FieldValidationStrict)); err != nil {
		return err
	}
	return c.Delete(t.Context(), o)
}

// An API server with Argo CD's and Flux's own CRDs takes every example as it is, with strict validation of its fields; and it does not
// take just anything.
func TestExamplesAreTaken(t *testing.T) {
	c := cluster(t)
	taken := map[string]int{}
	for i, m := range below(t, examples) {
		for _, spoilt := range []func(*unstructured.Unstructured){
			func(o *unstructured.Unstructured) { o.Object["odd"] = "field" },
			func(o *unstructured.Unstructured) { _ = unstructured.SetNestedField(o.Object, "field", "spec", "odd") },
		} {
			err := accepted(t, c, m.text, func(o *unstructured.Unstructured) {
				o.SetName(fmt.Sprintf("spoilt-%d", i))
				spoilt(o)
			})
			if err == nil {
				t.Errorf("%s: a %s may have any field", m.file, m.Kind)
			}
		}
		if err := accepted(t, c, m.text, func(*unstructured.Unstructured) {}); err != nil {
			t.Errorf("%s: %v", m.file, err)
		}
		taken[m.Kind]++
	}
	t.Logf("taken: %v", taken)
}
