package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
)

func packed(t *testing.T, name string) []byte {
	t.Helper()
	output := t.TempDir()
	args := []string{"--version=v1.2.3-rc.1", "--created=1790000000", "--registry=registry.example/tools", "--output=" + output, filepath.Join("../../../charts", name)}
	if err := run(args); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(output, name+"-1.2.3-rc.1.tgz"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// times are those of the files in an archive, in seconds since 1970.
func times(t *testing.T, content []byte) map[int64]bool {
	t.Helper()
	unpacked, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	found := map[int64]bool{}
	for r := tar.NewReader(unpacked); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		found[header.ModTime.Unix()] = true
	}
}

// images are those of values that have no registry, or that of the release.
func images(values map[string]any) (found []string) {
	for key, value := range values {
		switch v := value.(type) {
		case map[string]any:
			found = append(found, images(v)...)
		case string:
			if key == "repository" && strings.HasPrefix(path.Base(v), "goto-") {
				found = append(found, v)
			}
		}
	}
	return found
}

func TestAChartIsPackedUnderItsVersion(t *testing.T) {
	for _, name := range []string{"goto-operator", "goto-team"} {
		first := packed(t, name)
		if !bytes.Equal(first, packed(t, name)) {
			t.Errorf("%s: two archives of one chart differ", name)
		}
		if at := times(t, first); len(at) != 1 || !at[1790000000] {
			t.Errorf("%s: files of the times %v", name, at)
		}
		got, err := loader.LoadArchive(bytes.NewReader(first))
		if err != nil {
			t.Fatal(err)
		}
		want, err := loader.LoadDir(filepath.Join("../../../charts", name))
		if err != nil {
			t.Fatal(err)
		}
		if got.Metadata.Version != "1.2.3-rc.1" || got.AppVersion() != "v1.2.3-rc.1" {
			t.Errorf("%s: version %s of %s", name, got.Metadata.Version, got.AppVersion())
		}
		for _, image := range images(want.Values) {
			if !slices.Contains(images(got.Values), "registry.example/tools/"+image) {
				t.Errorf("%s: images %v, want %s in the registry", name, images(got.Values), image)
			}
		}
		if len(got.Templates) != len(want.Templates) || len(got.Files) != len(want.Files) || got.Schema == nil {
			t.Errorf("%s: %d templates and %d files, want %d and %d", name, len(got.Templates), len(got.Files), len(want.Templates), len(want.Files))
		}
	}
}

func TestAVersionThatIsNoneIsRefused(t *testing.T) {
	if err := run([]string{"--version=latest", "--output=" + t.TempDir(), "../../../charts/goto-team"}); err == nil {
		t.Error("packed as version latest")
	}
}
