package packaging

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

var blocks = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// manifests are the blocks of the documents that are whole objects.
func manifests(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	all := map[string][]string{}
	for _, path := range files {
		for _, block := range blocks.FindAllStringSubmatch(read(t, "docs", filepath.Base(path)), -1) {
			for _, text := range strings.Split(block[1], "\n---\n") {
				var head struct{ APIVersion, Kind string }
				if err := yaml.Unmarshal([]byte(text), &head); err != nil {
					t.Errorf("%s: %v", path, err)
				}
				all[head.APIVersion+" "+head.Kind] = append(all[head.APIVersion+" "+head.Kind], text)
			}
		}
	}
	return all
}

// What the documents show of the project's kinds the API server would take.
func TestObjectsInTheDocumentsAreValid(t *testing.T) {
	seen := 0
	for what, texts := range manifests(t) {
		if !strings.HasPrefix(what, own) {
			continue
		}
		for _, text := range texts {
			valid(t, parse(t, text))
			seen++
		}
	}
	if seen < 10 {
		t.Errorf("only %d objects", seen)
	}
}

// The overlay of the documents is that of the tests, with an image in it.
func TestTheOverlayInTheDocumentsBuilds(t *testing.T) {
	for _, text := range manifests(t)["kustomize.config.k8s.io/v1beta1 Kustomization"] {
		all := overlay(t, strings.NewReplacer("../config/", "../", "sha256:…", "sha256:"+strings.Repeat("0", 64)).Replace(text))
		valid(t, all)
		if image := container(all[manager])["image"]; !strings.HasPrefix(image.(string), "registry.example/goto-operator@") {
			t.Errorf("it runs %s", image)
		}
	}
}

// externalSecret has the fields of external-secrets.io/v1 that the documents use, by its documentation.
type externalSecret struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   map[string]string `json:"metadata"`
	Spec       struct {
		RefreshInterval string            `json:"refreshInterval"`
		SecretStoreRef  map[string]string `json:"secretStoreRef"`
		Target          struct {
			Name           string `json:"name"`
			CreationPolicy string `json:"creationPolicy"`
		} `json:"target"`
		Data []struct {
			SecretKey string `json:"secretKey"`
			RemoteRef struct {
				Key      string `json:"key"`
				Property string `json:"property"`
			} `json:"remoteRef"`
		} `json:"data"`
	} `json:"spec"`
}

// External Secrets writes the keys that it is told to, and the refresh token is the operator's.
func TestExternalSecretsLeavesTheRefreshTokenAlone(t *testing.T) {
	texts := manifests(t)["external-secrets.io/v1 ExternalSecret"]
	if len(texts) != 1 {
		t.Fatalf("%d examples", len(texts))
	}
	var s externalSecret
	if err := yaml.UnmarshalStrict([]byte(texts[0]), &s); err != nil {
		t.Fatal(err)
	}
	if s.Spec.Target.CreationPolicy != "Merge" {
		t.Errorf("it owns the whole Secret: %s", s.Spec.Target.CreationPolicy)
	}
	for _, d := range s.Spec.Data {
		if d.SecretKey != "client-id" && d.SecretKey != "client-secret" {
			t.Errorf("it writes %s", d.SecretKey)
		}
	}
}

// application has the fields of argoproj.io/v1alpha1 that the documents use, by its documentation.
type application struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   map[string]string `json:"metadata"`
	Spec       struct {
		Project           string              `json:"project"`
		Source            map[string]string   `json:"source"`
		Destination       map[string]string   `json:"destination"`
		IgnoreDifferences []ignoredDifference `json:"ignoreDifferences"`
		SyncPolicy        struct {
			SyncOptions []string `json:"syncOptions"`
		} `json:"syncPolicy"`
	} `json:"spec"`
}

type ignoredDifference struct {
	Kind         string   `json:"kind"`
	Name         string   `json:"name"`
	JSONPointers []string `json:"jsonPointers"`
}

// Argo CD compares the refresh token with nothing, and does not write it either.
func TestArgoCDLeavesTheRefreshTokenAlone(t *testing.T) {
	texts := manifests(t)["argoproj.io/v1alpha1 Application"]
	if len(texts) != 1 {
		t.Fatalf("%d examples", len(texts))
	}
	var a application
	if err := yaml.UnmarshalStrict([]byte(texts[0]), &a); err != nil {
		t.Fatal(err)
	}
	want := []ignoredDifference{{Kind: "Secret", Name: "goto-credentials", JSONPointers: []string{"/data/refresh-token"}}}
	if diff := cmp.Diff(want, a.Spec.IgnoreDifferences); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"RespectIgnoreDifferences=true"}, a.Spec.SyncPolicy.SyncOptions); diff != "" {
		t.Error(diff)
	}
}
