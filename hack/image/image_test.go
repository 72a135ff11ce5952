package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

var made = spec{name: "goto-simulator", version: "v1", commit: "c", created: time.Unix(1790000000, 0).UTC()}

// here is what an image of this machine's platform is for.
const here = runtime.GOARCH

// of is the same image of another program.
func of(program string) spec {
	s := made
	s.name = program
	return s
}

// compile builds a program as the Makefile does.
func compile(t *testing.T, program string, architectures ...string) []binary {
	t.Helper()
	var built []binary
	for _, arch := range architectures {
		path := filepath.Join(t.TempDir(), arch)
		command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags=timetzdata,grpcnotrace",
			"-ldflags=-s -w -X main.version=v1 -X main.commit=c", "-o", path, "./cmd/"+program)
		command.Dir = "../.."
		command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		built = append(built, binary{"linux/" + arch, path})
	}
	return built
}

// programs are what there are images of: the smaller one is built for every platform, the larger one for this machine's.
var programs = map[string][]string{"goto-simulator": {"amd64", "arm64"}, "goto-operator": {here}}

// largest is how many bytes an image of one platform has at most, compressed. It is a quarter more where something calls methods by
// reflection, as templates do: then the linker keeps all that are exported.
const largest = 22 << 20

// shared is a folder of all tests, and archives are what is in it, by program.
var (
	shared   string
	archives = map[string]string{}
)

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "images-")
	if err != nil {
		panic(err)
	}
	shared = folder
	status := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(status)
}

// Another build of the same source is the same archive, whose digests hold.
func TestSameBytesTwice(t *testing.T) {
	for program, architectures := range programs {
		packed(t, program)
		again := filepath.Join(t.TempDir(), "x.tar")
		digest, err := write(again, of(program), compile(t, program, architectures...))
		if err != nil {
			t.Fatal(err)
		}
		size := same(t, archives[program], again)
		t.Logf("%s: %d bytes for %v, %s", program, size, architectures, digest)
		if size/len(architectures) > largest {
			t.Errorf("%s has %d bytes", program, size)
		}
		all, err := open(again, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if err := validate.Index(all); err != nil {
			t.Error(err)
		}
		if got, err := all.Digest(); err != nil || got != digest {
			t.Errorf("the archive of %s has %s, and %s was printed: %v", program, got, digest, err)
		}
	}
}

// same compares two files, and returns how long they are.
func same(t *testing.T, one, other string) int {
	t.Helper()
	a, err1 := os.ReadFile(one)
	b, err2 := os.ReadFile(other)
	if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
		t.Errorf("%s and %s differ: %v %v", one, other, err1, err2)
	}
	return len(a)
}

// packed returns the image of each platform in the archive of a program, which all tests share.
func packed(t *testing.T, program string) []v1.Image {
	t.Helper()
	if archives[program] == "" {
		path := filepath.Join(shared, program+".tar")
		if _, err := write(path, of(program), compile(t, program, programs[program]...)); err != nil {
			t.Fatal(err)
		}
		archives[program] = path
	}
	all, err := open(archives[program], t.TempDir())
	if err != nil {
		t.Fatal(err)
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

func configOf(t *testing.T, one v1.Image) *v1.ConfigFile {
	t.Helper()
	config, err := one.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func TestWhatIsInIt(t *testing.T) {
	for program, architectures := range programs {
		for i, one := range packed(t, program) {
			isOf(t, one, program, architectures[i])
		}
	}
	if !x509.NewCertPool().AppendCertsFromPEM(authorities()) {
		t.Error("no certificate in the bundle")
	}
}

// isOf says that an image is that of a program and an architecture, and nothing else, and returns the folder that it unpacks it into.
func isOf(t *testing.T, one v1.Image, program, arch string) string {
	t.Helper()
	config := configOf(t, one)
	if config.OS != "linux" || config.Architecture != arch || config.Config.User != "65532:65532" ||
		!slices.Equal(config.Config.Entrypoint, []string{"/" + program}) {
		t.Errorf("an image of %s is of %s, runs %v as %s", program, config.Architecture, config.Config.Entrypoint, config.Config.User)
	}
	want := []string{"-rw-r--r-- 0:0 " + roots, "-rwxr-xr-x 0:0 " + program}
	if diff := cmp.Diff(want, listed(t, one)); diff != "" {
		t.Errorf("files of %s for %s, want -, got +:\n%s", program, arch, diff)
	}
	folder := t.TempDir()
	if _, err := files(one, folder); err != nil {
		t.Fatal(err)
	}
	builtAs(t, filepath.Join(folder, program), arch)
	return folder
}

// listed are the files of an image, with mode and owner.
func listed(t *testing.T, one v1.Image) []string {
	t.Helper()
	var all []string
	err := each(one, func(header *tar.Header, _ io.Reader) error {
		all = append(all, fmt.Sprintf("%v %d:%d %s", header.FileInfo().Mode(), header.Uid, header.Gid, header.Name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// machines are the architectures, as an ELF file says them.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// builtAs: a binary is for the architecture, static, has the time zones in it, and no path of the machine that built it.
func builtAs(t *testing.T, path, arch string) {
	t.Helper()
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	dynamic := slices.ContainsFunc(file.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC })
	if file.Machine != machines[arch] || dynamic {
		t.Errorf("%s is for %v, not %s; linked when it runs: %v", path, file.Machine, arch, dynamic)
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if settings["CGO_ENABLED"] != "0" || settings["-tags"] != "timetzdata,grpcnotrace" || settings["-trimpath"] != "true" {
		t.Errorf("built with %v", settings)
	}
}

// The binary finds nothing beside it but the image's own files, and is nobody, in namespaces of its own.
func TestRunsAsItsUser(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("only root may change the root folder")
		}
		t.Skip("only root may change the root folder")
	}
	for program, run := range map[string]struct{ arg, says string }{
		"goto-simulator": {"--help", "admin-listen"},
		"goto-operator":  {"--version", "goto-operator v1 (commit c, " + runtime.Version() + ")"},
	} {
		out, err := inside(t, packed(t, program)[slices.Index(programs[program], here)], run.arg)
		if err != nil || !strings.Contains(out, run.says) {
			t.Errorf("%s: %v: %s", program, err, out)
		}
	}
}

// inside runs what an image is for, as its user.
func inside(t *testing.T, one v1.Image, args ...string) (string, error) {
	t.Helper()
	folder, err := os.MkdirTemp("/tmp", "rootfs-") //nolint:usetesting // who is not root must be able to enter it
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := files(one, folder); err != nil {
		t.Fatal(err)
	}
	var user syscall.Credential
	config := configOf(t, one).Config
	if _, err := fmt.Sscanf(config.User, "%d:%d", &user.Uid, &user.Gid); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(config.Entrypoint[0], append(config.Entrypoint[1:], args...)...)
	command.Dir = "/"
	command.Env = []string{}
	command.SysProcAttr = &syscall.SysProcAttr{
		Chroot: folder, Credential: &user, Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET,
	}
	out, err := command.CombinedOutput()
	return string(out), err
}
