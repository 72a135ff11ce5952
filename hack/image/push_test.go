package main

import (
	"archive/tar"
	"bytes"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// archived is an archive of two platforms whose binaries are a few bytes, and its digest.
func archived(t *testing.T) (path, digest string) {
	t.Helper()
	program, path := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "x.tar")
	if err := os.WriteFile(program, []byte("binary"), 0o755); err != nil {
		t.Fatal(err)
	}
	all, err := write(path, made, []binary{{"linux/amd64", program}, {"linux/arm64", program}})
	if err != nil {
		t.Fatal(err)
	}
	return path, all.String()
}

func TestAPushKeepsTheDigest(t *testing.T) {
	server := httptest.NewServer(registry.New())
	defer server.Close()
	path, want := archived(t)
	reference := strings.TrimPrefix(server.URL, "http://") + "/goto-operator:v1"
	if err := run([]string{"push", path, reference}); err != nil {
		t.Fatal(err)
	}
	arrived(t, reference, want)
}

// The images of both programs get into a registry by the documented command.
func TestMakePushesEachProgram(t *testing.T) {
	server := httptest.NewServer(registry.New())
	defer server.Close()
	path, want := archived(t)
	for _, program := range []string{"goto-operator", "goto-simulator"} {
		folder, reference := t.TempDir(), strings.TrimPrefix(server.URL, "http://")+"/"+program+":v1"
		if err := os.Link(path, filepath.Join(folder, program+".tar")); err != nil {
			t.Fatal(err)
		}
		push := exec.Command("make", "-C", "../..", "push", "PROGRAM="+program, "IMAGES="+folder, "IMG="+reference)
		if out, err := push.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		arrived(t, reference, want)
	}
}

// arrived says that an image of two platforms is in a registry, under its digest.
func arrived(t *testing.T, reference, want string) {
	t.Helper()
	from, err := name.ParseReference(reference)
	if err != nil {
		t.Fatal(err)
	}
	all, err := remote.Index(from)
	if err != nil {
		t.Fatal(err)
	}
	if digest, err := all.Digest(); err != nil || digest.String() != want {
		t.Errorf("the registry has %s, want %s: %v", digest, want, err)
	}
	if err := validate.Index(all); err != nil {
		t.Error(err)
	}
	if n := len(images(t, all)); n != 2 {
		t.Errorf("%d platforms arrived, want 2", n)
	}
}

func TestAnArchiveCannotWriteElsewhere(t *testing.T) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: "../elsewhere"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := unpack(&archive, t.TempDir()); err == nil {
		t.Error("unpacked")
	}
}
