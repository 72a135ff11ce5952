package packaging

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yannh/kubeconform/pkg/resource"
	"github.com/yannh/kubeconform/pkg/validator"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
)

// own is the API group of the project, monitoring that of the Prometheus Operator.
const (
	own        = "goto-operator.dev"
	monitoring = "monitoring.coreos.com"
)

// foreignCRDs names the folder of the CRDs of others, which hack/crds.sh makes.
const foreignCRDs = "FOREIGN_CRDS"

// valid says that objects are of types that there are, with fields that these have: those of the project and of the Prometheus Operator by
// the schemas of the CRDs, those of Kubernetes by its own types.
func valid(t *testing.T, all objects) {
	t.Helper()
	if len(all) == 0 {
		t.Fatal("nothing to look at")
	}
	conforms(t, conformer(t), "", all)
}

// conforms says so of objects by a validator that there is; what is of which they are.
func conforms(t *testing.T, conform validator.Validator, what string, all objects) {
	t.Helper()
	for name, o := range all {
		text, err := json.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		switch group := o.GroupVersionKind().Group; group {
		case own, monitoring:
			if group == monitoring && os.Getenv(foreignCRDs) == "" {
				continue
			}
			if r := conform.ValidateResource(resource.Resource{Bytes: text}); r.Status != validator.Valid {
				t.Errorf("%s%s: %v", what, name, r.Err)
			}
		default:
			if _, _, err := builtIn.Decode(text, nil, nil); err != nil {
				t.Errorf("%s%s: %v", what, name, err)
			}
		}
	}
}

var builtIn = func() runtime.Decoder {
	types := runtime.NewScheme()
	if err := scheme.AddToScheme(types); err != nil {
		panic(err)
	}
	if err := apiextensionsv1.AddToScheme(types); err != nil {
		panic(err)
	}
	return serializer.NewCodecFactory(types, serializer.EnableStrict).UniversalDeserializer()
}()

// monitored are the CRDs of the Prometheus Operator; none where nobody says where they are.
func monitored(t *testing.T) objects {
	t.Helper()
	folder, all := os.Getenv(foreignCRDs), objects{}
	if folder == "" {
		if os.Getenv("CI") != "" {
			t.Fatal(foreignCRDs + " names no CRDs of the Prometheus Operator: make test-packaging does")
		}
		return all
	}
	for _, kind := range []string{"servicemonitors", "prometheusrules"} {
		content, err := os.ReadFile(filepath.Join(folder, monitoring+"_"+kind+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(all, parse(t, string(content)))
	}
	return all
}

// conformer is kubeconform with the schemas of config/crd and of the Prometheus Operator.
func conformer(t *testing.T) validator.Validator {
	t.Helper()
	folder, all := t.TempDir(), kustomized(t, "crd")
	maps.Copy(all, monitored(t))
	for _, o := range all {
		kind := strings.ToLower(field(o, "spec", "names", "kind").(string))
		for _, version := range field(o, "spec", "versions").([]any) {
			v := &unstructured.Unstructured{Object: version.(map[string]any)}
			s := closed(field(v, "schema", "openAPIV3Schema"))
			text, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, kind+".json"), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	v, err := validator.New([]string{filepath.Join(folder, "{{.ResourceKind}}.json")}, validator.Opts{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// closed is a schema in which an object has the properties that are named, as the API server sees it. What is embedded
// without a schema, such as metadata, is open.
func closed(schema any) any {
	switch s := schema.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range s {
			out[key] = closed(value)
		}
		if _, ok := s["properties"].(map[string]any); ok && s["type"] == "object" {
			out["additionalProperties"] = false
		}
		return out
	case []any:
		out := make([]any, len(s))
		for i := range s {
			out[i] = closed(s[i])
		}
		return out
	}
	return schema
}

func TestManifestsAreValid(t *testing.T) {
	valid(t, kustomized(t, "default"))
	valid(t, kustomized(t, "namespaced"))
	valid(t, kustomized(t, "samples"))
	valid(t, kustomized(t, "trial-registry"))
	valid(t, kustomized(t, "trial/team"))
	valid(t, overlay(t, everything))
	valid(t, rendered(t, operatorChart, `{account: {create: true}, simulator: {enabled: true}, networkPolicy: {enabled: true}}`))
	valid(t, parse(t, installed(t, operatorChart, "acme", "goto", allOperatorValues).Manifest))
}

// A check that finds nothing wrong with anything is none.
func TestInvalidManifestsAreFound(t *testing.T) {
	if os.Getenv(foreignCRDs) == "" {
		t.Skip(foreignCRDs + " names no CRDs of the Prometheus Operator: make test-packaging does")
	}
	conform := conformer(t)
	for _, text := range []string{
		`{"apiVersion":"goto-operator.dev/v1alpha1","kind":"GoToUser","metadata":{"name":"a"},"spec":{"accountRef":{"name":"a"}}}`,
		`{"apiVersion":"goto-operator.dev/v1alpha1","kind":"GoToUser","metadata":{"name":"a"},"spec":{"accountRef":{"name":"a"},"email":"a@b.test","mail":"x"}}`,
		`{"apiVersion":"monitoring.coreos.com/v1","kind":"ServiceMonitor","metadata":{"name":"a"},"spec":{"endpoints":[{"ports":"https"}],"selector":{}}}`,
		`{"apiVersion":"monitoring.coreos.com/v1","kind":"ServiceMonitor","metadata":{"name":"a"},"spec":{"endpoints":[{"port":"https"}]}}`,
		`{"apiVersion":"monitoring.coreos.com/v1","kind":"PrometheusRule","metadata":{"name":"a"},"spec":{"groups":[{"rules":[{"alert":"A","expr":"1","for":"soon"}]}]}}`,
	} {
		if r := conform.ValidateResource(resource.Resource{Bytes: []byte(text)}); r.Status != validator.Invalid {
			t.Errorf("%s: %v %v", text, r.Status, r.Err)
		}
	}
	if _, _, err := builtIn.Decode([]byte(`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"datum":{}}`), nil, nil); err == nil {
		t.Error("a Secret may have any field")
	}
}
