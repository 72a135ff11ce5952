package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/google/go-cmp/cmp"
)

// content is what an image is, but for the bytes of its files.
type content struct {
	Files, Entrypoint, Labels []string
	User                      string
}

var (
	continued = regexp.MustCompile(`\\\n\s*`)
	copied    = regexp.MustCompile(`(?m)^COPY --from=build \S+ /(\S+)$`)
	account   = regexp.MustCompile(`(?m)^USER (\S+)$`)
	entry     = regexp.MustCompile(`(?m)^ENTRYPOINT \["(.+)"\]$`)
	label     = regexp.MustCompile(`(\S+)="[^"]*"`)
)

// dockerfile is what the last stage of the Dockerfile makes, from nothing.
func dockerfile(t *testing.T) content {
	t.Helper()
	_, last, found := strings.Cut(continued.ReplaceAllString(text(t, "Dockerfile"), ""), "\nFROM scratch\n")
	if !found || strings.Contains(last, "\nRUN ") {
		t.Fatal("the last stage begins with something, or runs something")
	}
	c := content{User: group(account, last), Entrypoint: strings.Split(group(entry, last), `", "`)}
	for _, file := range copied.FindAllStringSubmatch(last, -1) {
		c.Files = append(c.Files, file[1])
	}
	for line := range strings.Lines(last) {
		if labels, is := strings.CutPrefix(line, "LABEL "); is {
			for _, l := range label.FindAllStringSubmatch(labels, -1) {
				c.Labels = append(c.Labels, l[1])
			}
		}
	}
	slices.Sort(c.Files)
	slices.Sort(c.Labels)
	return c
}

func group(pattern *regexp.Regexp, text string) string {
	if found := pattern.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

func text(t *testing.T, name string) string {
	t.Helper()
	found, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(found)
}

func contentOf(t *testing.T, one v1.Image) content {
	t.Helper()
	names, err := files(one, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	config := configOf(t, one).Config
	return content{Files: names, Entrypoint: config.Entrypoint, User: config.User, Labels: slices.Sorted(maps.Keys(config.Labels))}
}

// Who builds with Docker gets the same files, user, entrypoint and labels as who makes the image without.
func TestTheDockerfileMakesTheSame(t *testing.T) {
	if diff := cmp.Diff(dockerfile(t), contentOf(t, packed(t, "goto-operator")[0])); diff != "" {
		t.Errorf("the image (+) is not that of the Dockerfile (-):\n%s", diff)
	}
}

// built is how Go is told to build, but for the values of versions and where the binary goes.
var built = regexp.MustCompile(`build ((?:-trimpath|-buildvcs=false|-tags \S+|-ldflags|\s)+)(?:"|')(-s -w)`)

// Docker, make and the tests build with the same flags: time zones in it, static, without paths.
func TestOneWayToBuild(t *testing.T) {
	want := []string{"-trimpath -buildvcs=false -tags timetzdata -ldflags", "-s -w"}
	for _, name := range []string{"Dockerfile", "Makefile"} {
		found := built.FindStringSubmatch(continued.ReplaceAllString(text(t, name), ""))
		if found == nil || strings.TrimSpace(found[1]) != want[0] || found[2] != want[1] {
			t.Errorf("%s builds with %q, not %q", name, found, want)
		}
	}
	if !strings.Contains(text(t, "Dockerfile"), "RUN CGO_ENABLED=0 ") {
		t.Error("Docker's binary is not static")
	}
}
