package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

var made = spec{name: "goto-simulator", version: "v1", commit: "c", created: time.Unix(1790000000, 0).UTC()}

// compile builds the simulator as the Makefile does: the smaller of the two binaries.
func compile(t *testing.T) []binary {
	t.Helper()
	var built []binary
	for _, arch := range []string{"amd64", "arm64"} {
		path := filepath.Join(t.TempDir(), arch)
		command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags=timetzdata", "-ldflags=-s -w", "-o", path, "./cmd/goto-simulator")
		command.Dir = "../.."
		command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		built = append(built, binary{"linux/" + arch, path})
	}
	return built
}

func TestSameBytesTwice(t *testing.T) {
	var archives [][]byte
	for range 2 {
		path := filepath.Join(t.TempDir(), "x.tar")
		if _, err := write(path, made, compile(t)); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		archives = append(archives, content)
	}
	t.Logf("%d bytes", len(archives[0]))
	if !bytes.Equal(archives[0], archives[1]) {
		t.Error("two archives of one source differ")
	}
}

// packed makes an archive and returns the image of each platform in it.
func packed(t *testing.T) []v1.Image {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.tar")
	if _, err := write(path, made, compile(t)); err != nil {
		t.Fatal(err)
	}
	all, err := open(path, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(all); err != nil {
		t.Error(err)
	}
	return images(t, all)
}

func images(t *testing.T, all v1.ImageIndex) []v1.Image {
	t.Helper()
	manifest, err := all.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var found []v1.Image
	for _, m := range manifest.Manifests {
		one, err := all.Image(m.Digest)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, one)
	}
	return found
}

// files unpacks into the folder and returns the names, in order.
func files(t *testing.T, in io.Reader, folder string) []string {
	t.Helper()
	var names []string
	for r := tar.NewReader(in); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			slices.Sort(names)
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		path := filepath.Join(folder, header.Name)
		if err := errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, os.FileMode(header.Mode))); err != nil {
			t.Fatal(err)
		}
		names = append(names, header.Name)
	}
}

func TestWhatIsInIt(t *testing.T) {
	for i, one := range packed(t) {
		config, err := one.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.Architecture != []string{"amd64", "arm64"}[i] || config.Config.User != "65532:65532" {
			t.Errorf("image %d is of %s, run as %s", i, config.Architecture, config.Config.User)
		}
		names := files(t, mutate.Extract(one), t.TempDir())
		if want := []string{"etc/ssl/certs/ca-certificates.crt", "goto-simulator"}; !slices.Equal(names, want) {
			t.Errorf("files: %v, want %v", names, want)
		}
	}
	if !x509.NewCertPool().AppendCertsFromPEM(authorities()) {
		t.Error("no certificate in the bundle")
	}
}

// The binary finds nothing beside it but the image's own files, and is nobody.
func TestRunsAsItsUser(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("only root may change the root folder")
		}
		t.Skip("only root may change the root folder")
	}
	folder, err := os.MkdirTemp("/tmp", "rootfs-") //nolint:usetesting // who is not root must be able to enter it
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	files(t, mutate.Extract(packed(t)[0]), folder)
	command := exec.Command("/goto-simulator", "--help")
	command.Dir = "/"
	command.Env = []string{}
	command.SysProcAttr = &syscall.SysProcAttr{
		Chroot: folder, Credential: &syscall.Credential{Uid: 65532, Gid: 65532},
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET,
	}
	out, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "admin-listen") {
		t.Errorf("%v: %s", err, out)
	}
}
