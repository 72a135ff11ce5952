package packaging

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// root is the repository.
const root = "../.."

// objects by what identifies them: kind and name.
type objects map[string]*unstructured.Unstructured

// parse reads a stream of YAML documents.
func parse(t *testing.T, text string) objects {
	t.Helper()
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	out := objects{}
	for {
		o := &unstructured.Unstructured{}
		err := decoder.Decode(&o.Object)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if len(o.Object) == 0 {
			continue
		}
		key := o.GetKind() + "/" + o.GetName()
		if out[key] != nil && out[key].GetNamespace() == o.GetNamespace() {
			t.Errorf("%s is there twice", key)
		}
		out[key] = o
	}
}

// kustomized is what a folder of config builds.
func kustomized(t *testing.T, folder string) objects {
	t.Helper()
	return build(t, filesys.MakeFsOnDisk(), filepath.Join(root, "config", folder))
}

// overlay builds a kustomization that names the folders of config as ../folder.
func overlay(t *testing.T, content string) objects {
	t.Helper()
	config, err := filepath.Abs(filepath.Join(root, "config"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	there, err := filepath.Rel(folder, config)
	if err != nil {
		t.Fatal(err)
	}
	content = strings.ReplaceAll(content, "../", there+"/")
	if err := os.WriteFile(filepath.Join(folder, "kustomization.yaml"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return build(t, filesys.MakeFsOnDisk(), folder)
}

func build(t *testing.T, fs filesys.FileSystem, folder string) objects {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, folder)
	if err != nil {
		t.Fatal(err)
	}
	text, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(text))
}

// field of an object; nil where there is none.
func field(o *unstructured.Unstructured, path ...string) any {
	if o == nil {
		return nil
	}
	value, _, _ := unstructured.NestedFieldNoCopy(o.Object, path...)
	return value
}

// read is the content of a file of the repository.
func read(t *testing.T, path ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
