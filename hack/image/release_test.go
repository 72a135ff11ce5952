package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// released is where VERSION's release is made, and whether: two builds of everything for every platform take long.
const (
	released = "RELEASE"
	version  = "v1.2.3"
)

// Whoever makes a release again, in another folder, gets the same bytes: all files that the documents name, under checksums that hold.
func TestAReleaseIsTheSameTwice(t *testing.T) {
	if os.Getenv(released) == "" {
		t.Skip(released + " is not set: make test-release does")
	}
	commit := committed(t)
	one, other := clone(t, commit, "one"), clone(t, commit, "in/another/folder")
	refusesWhatIsNoRelease(t, one)
	for _, folder := range []string{one, other} {
		command(t, folder, "make", "release", "VERSION="+version)
		command(t, releaseOf(folder), "sha256sum", "--check", "--strict", "--quiet", "checksums.txt")
	}
	if a, b := sums(t, one), sums(t, other); a != b {
		t.Errorf("checksums in one folder -, in another +:\n%s", cmp.Diff(a, b))
	}
	if diff := cmp.Diff(documented(t), slices.Sorted(slices.Values(names(t, releaseOf(one))))); diff != "" {
		t.Errorf("docs/releasing.md -, release +:\n%s", diff)
	}
	for program := range programs {
		platforms(t, releaseOf(one), program)
	}
}

// refusesWhatIsNoRelease: neither of another version than docs/releasing.md says, nor of what is in no commit.
func refusesWhatIsNoRelease(t *testing.T, folder string) {
	t.Helper()
	stray := filepath.Join(folder, "stray")
	refused := func(version, says string) {
		out, err := at(folder, "make", "release", "VERSION="+version).CombinedOutput()
		if err == nil || !strings.Contains(string(out), says) {
			t.Errorf("%s: want %q, got %v: %s", version, says, err, out)
		}
	}
	refused("1.2.3", "VERSION is to be like v1.2.3, not 1.2.3.")
	if err := os.WriteFile(stray, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(version, "There are changes that are in no commit.")
	if err := os.Remove(stray); err != nil {
		t.Fatal(err)
	}
}

// committed is a commit of the work tree as it is, at a time of its own; no branch has it.
func committed(t *testing.T) string {
	t.Helper()
	git := func(args ...string) string {
		c := at("../..", "git", args...)
		c.Env = append(os.Environ(), "GIT_INDEX_FILE="+filepath.Join(shared, "index"))
		for _, who := range []string{"AUTHOR", "COMMITTER"} {
			c.Env = append(c.Env, "GIT_"+who+"_NAME=test", "GIT_"+who+"_EMAIL=test@example.test", "GIT_"+who+"_DATE=1790000000 +0000")
		}
		out, err := c.Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return strings.TrimSpace(string(out))
	}
	git("add", "--all")
	return git("commit-tree", git("write-tree"), "-m", "release")
}

// clone is a repository of its own, in which the commit is all there is. It borrows the objects of this one, be that shallow or not.
func clone(t *testing.T, commit, name string) string {
	t.Helper()
	objects, err := at("../..", "git", "rev-parse", "--path-format=absolute", "--git-path", "objects").Output()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), name)
	command(t, "../..", "git", "init", "--quiet", folder)
	if err := os.WriteFile(filepath.Join(folder, ".git", "objects", "info", "alternates"), objects, 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, folder, "git", "checkout", "--quiet", "--detach", commit)
	return folder
}

func at(folder, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = folder
	return c
}

func command(t *testing.T, folder, name string, args ...string) {
	t.Helper()
	if out, err := at(folder, name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func releaseOf(folder string) string { return filepath.Join(folder, "dist", "release") }

// sums are the checksums of a release, which name all of it but themselves.
func sums(t *testing.T, folder string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(releaseOf(folder), "checksums.txt"))
	if err != nil {
		t.Fatal(err)
	}
	named := []string{"checksums.txt"}
	for line := range strings.Lines(string(content)) {
		named = append(named, strings.Fields(line)[1])
	}
	slices.Sort(named)
	if diff := cmp.Diff(named, slices.Sorted(slices.Values(names(t, releaseOf(folder))))); diff != "" {
		t.Errorf("checksums -, files +:\n%s", diff)
	}
	return string(content)
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

var (
	rows   = regexp.MustCompile("(?m)^\\| (`[^|]*) \\|")
	quoted = regexp.MustCompile("`([^`]+)`")
)

// documented are the files that docs/releasing.md says a release of the version has.
func documented(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, row := range rows.FindAllStringSubmatch(text(t, "docs/releasing.md"), -1) {
		for _, name := range quoted.FindAllStringSubmatch(row[1], -1) {
			all = append(all, name[1])
		}
	}
	slices.Sort(all)
	return all
}

// platforms says that a release has a program's image for each platform, with the binary that is beside it, and the same roots.
func platforms(t *testing.T, folder, program string) {
	t.Helper()
	all, err := open(filepath.Join(folder, program+"_image.tar"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found, architectures := images(t, all), []string{"amd64", "arm64"}
	if len(found) != len(architectures) {
		t.Fatalf("%s has %d images", program, len(found))
	}
	var trusted []string
	for i, arch := range architectures {
		unpacked := isOf(t, found[i], program, arch)
		same(t, filepath.Join(unpacked, program), filepath.Join(folder, program+"_linux_"+arch))
		trusted = append(trusted, filepath.Join(unpacked, roots))
	}
	same(t, trusted[0], trusted[1])
}
