package main

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// arguments are those of docker build, and what BuildKit adds.
var arguments = map[string]string{"VERSION": made.version, "COMMIT": made.commit, "TARGETOS": "linux", "TARGETARCH": here}

// BuildKit itself says what image it would make of the Dockerfile; only files are not made by it.
func TestTheDockerfileHasTheSameConfiguration(t *testing.T) {
	platform := ocispecs.Platform{OS: "linux", Architecture: here}
	result, err := dockerfile2llb.Dockerfile2LLB(t.Context(), []byte(text(t, "Dockerfile")), dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{BuildArgs: arguments}, TargetPlatform: &platform, MetaResolver: anyBase{},
	})
	if err != nil {
		t.Fatal(err)
	}
	config := configOf(t, packed(t, "goto-operator")[0])
	if diff := cmp.Diff(object(t, result.Image.Config), object(t, config.Config)); diff != "" {
		t.Errorf("the image (+) is not that of the Dockerfile (-):\n%s", diff)
	}
	if result.Image.OS != config.OS || result.Image.Architecture != config.Architecture {
		t.Errorf("Docker's is for %s/%s, and the other for %s/%s", result.Image.OS, result.Image.Architecture, config.OS, config.Architecture)
	}
}

// anyBase stands for a registry: what the image has does not come from a base.
type anyBase struct{}

func (anyBase) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return ref, "", []byte(`{}`), nil
}

// object is a configuration as it is in an image.
func object(t *testing.T, config any) map[string]any {
	t.Helper()
	content, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(content, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Who builds with Docker gets the same files as who makes the image without, byte for byte: its commands are run, without an engine, in a
// folder with what they copy from the repository and no more.
func TestTheDockerfileMakesTheSameFiles(t *testing.T) {
	stages := stagesOf(t)
	if len(stages) != 2 || stages[0].Name != "build" || stages[1].BaseName != "scratch" {
		t.Fatalf("%d stages, of which the last begins with %s", len(stages), stages[len(stages)-1].BaseName)
	}
	b := builder{root: t.TempDir()}
	for _, c := range stages[0].Commands {
		b.do(t, c)
	}
	unpacked, copied := isOf(t, packed(t, "goto-operator")[0], "goto-operator", here), []string{}
	for _, c := range stages[1].Commands {
		switch c := c.(type) {
		case *instructions.CopyCommand:
			alike(t, filepath.Join(b.root, c.SourcePaths[0]), filepath.Join(unpacked, c.DestPath))
			copied = append(copied, strings.TrimPrefix(c.DestPath, "/"))
		case *instructions.RunCommand, *instructions.AddCommand:
			t.Errorf("the last stage runs or adds something: %v", c)
		}
	}
	slices.Sort(copied)
	if diff := cmp.Diff(copied, []string{roots, "goto-operator"}); diff != "" {
		t.Errorf("files of Docker -, of the other +:\n%s", diff)
	}
}

// alike: two files have the same bytes and mode.
func alike(t *testing.T, one, other string) {
	t.Helper()
	same(t, one, other)
	a, err1 := os.Stat(one)
	b, err2 := os.Stat(other)
	if err1 != nil || err2 != nil || a.Mode() != b.Mode() {
		t.Errorf("%s and %s have different modes, %v and %v: %v %v", one, other, a, b, err1, err2)
	}
}

func stagesOf(t *testing.T) []instructions.Stage {
	t.Helper()
	parsed, err := parser.Parse(strings.NewReader(text(t, "Dockerfile")))
	if err != nil {
		t.Fatal(err)
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	return stages
}

// builder does what the first stage says, in a folder that stands for its root.
type builder struct{ root, at string }

func (b *builder) do(t *testing.T, command instructions.Command) {
	t.Helper()
	switch c := command.(type) {
	case *instructions.WorkdirCommand:
		b.at = filepath.Join(b.root, c.Path)
	case *instructions.CopyCommand:
		for _, from := range c.SourcePaths {
			b.copy(t, from, c.DestPath)
		}
	case *instructions.RunCommand:
		b.run(t, strings.Join(c.CmdLine, " "))
	case *instructions.ArgCommand:
	default:
		t.Errorf("what does %s do?", c.Name())
	}
}

// run runs all but the download, which takes modules of the tests as well.
func (b *builder) run(t *testing.T, line string) {
	t.Helper()
	if line == "go mod download" {
		return
	}
	c := exec.Command("sh", "-c", strings.ReplaceAll(line, " /", " "+b.root+"/"))
	c.Dir, c.Env = b.at, os.Environ()
	for name, value := range arguments {
		c.Env = append(c.Env, name+"="+value)
	}
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", line, err, out)
	}
}

// copy copies what .dockerignore lets through.
func (b *builder) copy(t *testing.T, from, to string) {
	t.Helper()
	patterns, err := ignorefile.ReadAll(strings.NewReader(text(t, ".dockerignore")))
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(to, "/") {
		to = filepath.Join(to, filepath.Base(from))
	}
	err = filepath.WalkDir(filepath.Join("../..", from), func(path string, e fs.DirEntry, err error) error {
		name := strings.TrimPrefix(filepath.ToSlash(path), "../../")
		if skip, _ := ignored.MatchesOrParentMatches(name); err != nil || e.IsDir() || skip {
			return err
		}
		target := filepath.Join(b.at, to, strings.TrimPrefix(name, from))
		content, err := os.ReadFile(path)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(target), 0o755)
		}
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, name string) string {
	t.Helper()
	found, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(found)
}

// make builds as the tests do, and packs the same bytes: static, with time zones, without paths.
func TestMakePacksTheSame(t *testing.T) {
	packed(t, made.name)
	folder := t.TempDir()
	c := exec.Command("make", "-C", "../..", "image-"+made.name, "VERSION="+made.version, "COMMIT="+made.commit,
		"SOURCE_DATE_EPOCH=1790000000", "BIN="+folder, "IMAGES="+folder)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	same(t, archives[made.name], filepath.Join(folder, made.name+".tar"))
}
