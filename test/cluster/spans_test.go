//go:build linux

package cluster

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	fence  = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	opened = regexp.MustCompile("(?ms)^ *```(\\w*)\n(.*?)^ *```$")
	span   = regexp.MustCompile("`([^`]+)`")
	target = regexp.MustCompile(`(?m)^([a-z0-9-]+):`)
)

// tools are those whose commands are looked for within a sentence.
var tools = regexp.MustCompile(`^(kubectl|helm|curl|go|git|docker|skopeo|argocd|flux|sed|hack/[a-z]+\.sh) [a-z-]`)

// within says of commands within a sentence, by how they begin, what runs them, or why nothing here does.
var within = map[string]string{
	"kubectl get -o yaml \\|":       "a backup that loses the status: test/integration restores objects so",
	"kubectl apply":                 "the name of a command, which steps give",
	"kubectl edit":                  "what changes a field by hand: test/packaging, TestLifeOfReleases, does so by another field manager",
	"kubectl replace":               "what not to do: TestReplacedByPUT of each kind sends what it sends",
	"helm upgrade":                  "test/packaging, TestLifeOfReleases",
	"helm rollback":                 "test/packaging, TestLifeOfReleases",
	"helm uninstall":                "test/packaging, TestLifeOfReleases",
	"helm install --take-ownership": "what Helm itself does",
	"argocd app delete":             "needs Argo CD's server: TestADeletedApplication in test/argocd sends what it sends",
	"docker login":                  "needs a registry with a password",
	"skopeo copy":                   "in the place of make push, which hack/image tries with a registry",
	"git tag -s":                    "makes a release",
}

// sentences are a document without its blocks.
func sentences(markdown string) string { return fence.ReplaceAllString(markdown, "") }

// spans are the commands within sentences.
func spans(t *testing.T) []command {
	t.Helper()
	var all []command
	for _, file := range documentFiles(t) {
		for _, found := range span.FindAllStringSubmatch(sentences(file.text), -1) {
			text := strings.Join(strings.Fields(found[1]), " ")
			if tools.MatchString(text) || strings.HasPrefix(text, "make ") {
				all = append(all, command{file.file, text})
			}
		}
	}
	return all
}

// A command within a sentence is run or explained as one in a block is; one of make has its targets in the Makefile.
func TestCommandsWithinSentences(t *testing.T) {
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, found := range target.FindAllStringSubmatch(string(makefile), -1) {
		targets = append(targets, found[1])
	}
	told := map[string]bool{}
	for begins := range within {
		told[begins] = false
	}
	for _, c := range spans(t) {
		if words, is := strings.CutPrefix(c.text, "make "); is {
			for _, word := range strings.Fields(words) {
				if !strings.Contains(word, "=") && !slices.Contains(targets, word) {
					t.Errorf("%s: the Makefile has no target %s", c.file, word)
				}
			}
			continue
		}
		if !isRun(c.text) && !tells(told, c.text) {
			t.Errorf("%s: nothing runs %s", c.file, c.text)
		}
	}
	for begins, there := range told {
		if !there {
			t.Errorf("no sentence has a command that begins with %s", begins)
		}
	}
}

// isRun is true of a command that begins as a step does.
func isRun(text string) bool {
	return slices.ContainsFunc(slices.Concat(inCluster(), byHelm()), func(s step) bool { return strings.HasPrefix(text, s.text) })
}

// tells notes what a table tells of a command; false where that is nothing.
func tells(told map[string]bool, text string) bool {
	found := false
	for begins := range told {
		if strings.HasPrefix(text, begins) {
			told[begins], found = true, true
		}
	}
	return found
}

// Commands are in blocks of sh, which is where the tests look for them.
func TestBlocksOfCommands(t *testing.T) {
	for _, file := range documentFiles(t) {
		for _, found := range opened.FindAllStringSubmatch(file.text, -1) {
			language := found[1]
			if slices.Contains([]string{"bash", "shell", "zsh"}, language) {
				t.Errorf("%s has a block of %s", file.file, language)
			}
			if language == "sh" {
				continue
			}
			for line := range strings.Lines(found[2]) {
				if line = strings.TrimPrefix(strings.TrimSpace(line), "$ "); tools.MatchString(line) || strings.HasPrefix(line, "make ") {
					t.Errorf("%s has a command in a block of %q: %s", file.file, language, line)
				}
			}
		}
	}
}
