//go:build linux

package cluster

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// documents are those whose commands are looked at.
var documents = []string{"README.md", "CONTRIBUTING.md", "docs/*.md", "charts/*/README.md", "internal/simulator/README.md"}

// command is one that a document tells its reader to give.
type command struct{ file, text string }

// comment is the end of a line that tells what the command is for.
var comment = regexp.MustCompile(`(^|\s+)# .*$`)

// document is a file and what is in it.
type document struct{ file, text string }

func documentFiles(t *testing.T) []document {
	t.Helper()
	var all []document
	for _, pattern := range documents {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, document{file, string(content)})
		}
	}
	return all
}

// documented are all commands in the blocks of shell of the documents.
func documented(t *testing.T) []command {
	t.Helper()
	var all []command
	for _, d := range documentFiles(t) {
		for _, text := range commandsOf(d.text) {
			all = append(all, command{d.file, text})
		}
	}
	return all
}

// commandsOf reads the fenced blocks of shell in Markdown. A command goes on where a line ends with a backslash, a pipe or an open quote.
func commandsOf(markdown string) []string {
	var all []string
	inside, open := "", ""
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		if language, fence := strings.CutPrefix(line, "```"); fence {
			if inside == "" {
				inside = language + "."
			} else {
				inside = ""
			}
			continue
		}
		if inside != "sh." {
			continue
		}
		open += comment.ReplaceAllString(line, "")
		switch {
		case strings.HasSuffix(open, `\`):
			open = strings.TrimSuffix(open, `\`)
		case strings.HasSuffix(open, "|"), strings.Count(open, "'")%2 == 1:
			open += " "
		case open != "":
			all, open = append(all, open), ""
		}
	}
	return all
}

func TestCommandsOfADocument(t *testing.T) {
	got := commandsOf("```sh\none   # why\n\ntwo \\\n  more\n```\n```yaml\nnot: this\n```\n  ```sh\n  curl -d '{\n  }' | # and\n  three\n  ```\n```\nnor this\n```\n")
	if want := []string{"one", "two more", "curl -d '{ }' | three"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// elsewhere says of commands, by how they begin, why they are not run here.
var elsewhere = map[string]string{
	"make demo":                       ".ci/run runs it with DEMO=once",
	"make test":                       ".ci/run runs it",
	"KUBEBUILDER_ASSETS=$(hack/contr": "make test-integration runs the same tests",
	"curl -sS -u \"$CLIENT_ID":        "TestInstalledByKubectl gives it, at the simulator, with the code of a consent there",
	"make release":                    "make test-release runs it, in folders of its own",
	"git checkout v1.2.3":             "needs a release",
	"diff <(sort checksums.txt)":      "needs a release",
	"sha256sum --check":               "needs a release",
	"cosign verify-blob":              "needs a release, which a workflow of GitHub has signed",
	"gh attestation verify":           "needs a release, of which GitHub attests how it was built",
	"sed '1s/^":                       "test/packaging runs it, TestUsersOfACSVFile",
}

// Every command of the documents is run by a test or told above why not, and nothing is told of a command that is not there.
func TestEveryCommandIsRunOrJustified(t *testing.T) {
	told := map[string]bool{}
	for begins := range elsewhere {
		told[begins] = false
	}
	for _, s := range slices.Concat(inCluster(), byHelm()) {
		told[s.text] = false
	}
	for _, c := range append(documented(t), spans(t)...) {
		if c.file == "internal/simulator/README.md" {
			continue // TestCommandsOfTheSimulator runs it whole
		}
		if !tells(told, c.text) && !slices.Contains(spans(t), c) {
			t.Errorf("%s: no test runs %s", c.file, c.text)
		}
	}
	for begins, there := range told {
		if !there {
			t.Errorf("no document has a command that begins with %s", begins)
		}
	}
}
