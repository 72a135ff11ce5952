// Package customizations makes what Argo CD is to know of each kind of goto-operator.dev from one set of Lua scripts. It may not
// import the operator: the kinds are those of the CRDs.
package customizations

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

const (
	group   = "goto-operator.dev"
	account = "GoToAccount"
	source  = "config/argocd/lua"
	folders = "config/argocd/resource_customizations"
	// Fragment is the file with what goes into the ConfigMap argocd-cm.
	Fragment = "config/argocd/argocd-cm.yaml"
)

const header = "# Generated from config/argocd/lua: run make argocd.\n"

// Scripts are the Lua sources, which all kinds share.
type Scripts struct {
	Health, Discovery string
	// Actions by name.
	Actions map[string]string
}

// Kinds lists the kinds of the CRDs in config/crd/bases of a repository, sorted. The error is of a file that cannot be read.
func Kinds(repository fs.FS) ([]string, error) {
	names, err := fs.Glob(repository, "config/crd/bases/*.yaml")
	kinds := make([]string, 0, len(names))
	for _, name := range names {
		var crd struct {
			Spec struct {
				Names struct{ Kind string }
			}
		}
		content, readErr := fs.ReadFile(repository, name)
		err = errors.Join(err, readErr, yaml.Unmarshal(content, &crd))
		kinds = append(kinds, crd.Spec.Names.Kind)
	}
	slices.Sort(kinds)
	return kinds, err
}

// Read returns the scripts of a repository. The error is of a file that cannot be read.
func Read(repository fs.FS) (Scripts, error) {
	health, err1 := fs.ReadFile(repository, path.Join(source, "health.lua"))
	discovery, err2 := fs.ReadFile(repository, path.Join(source, "discovery.lua"))
	names, err3 := fs.Glob(repository, path.Join(source, "actions/*.lua"))
	scripts := Scripts{Health: string(health), Discovery: string(discovery), Actions: map[string]string{}}
	err := errors.Join(err1, err2, err3)
	for _, name := range names {
		content, readErr := fs.ReadFile(repository, name)
		err = errors.Join(err, readErr)
		scripts.Actions[strings.TrimSuffix(path.Base(name), ".lua")] = string(content)
	}
	return scripts, err
}

// ActionsOf lists the actions of a kind, sorted: the brake is an account's.
func (s Scripts) ActionsOf(kind string) []string {
	var names []string
	for name := range s.Actions {
		if name != "approve-deletions" || kind == account {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Files returns all generated files of a repository by path. The error is of a source that cannot be read.
func Files(repository fs.FS) (map[string]string, error) {
	kinds, err1 := Kinds(repository)
	scripts, err2 := Read(repository)
	fragment, err3 := fragmentOf(kinds, scripts)
	files := map[string]string{Fragment: fragment}
	err := errors.Join(err1, err2, err3)
	for _, kind := range kinds {
		tests, testErr := testsOf(repository, kind, scripts)
		err = errors.Join(err, testErr)
		for name, content := range tests {
			files[path.Join(folders, group, kind, name)] = content
		}
		for name, content := range scriptsOf(kind, scripts) {
			files[path.Join(folders, group, kind, name)] = content
		}
	}
	return files, err
}

// scriptsOf returns the scripts of a kind, by the path that they have in Argo CD's own repository.
func scriptsOf(kind string, scripts Scripts) map[string]string {
	files := map[string]string{"health.lua": scripts.Health, "actions/discovery.lua": scripts.Discovery}
	for _, action := range scripts.ActionsOf(kind) {
		files[path.Join("actions", action, "action.lua")] = scripts.Actions[action]
	}
	return files
}

// Write replaces the generated files of a repository. The error is of a file that cannot be written.
func Write(repository *os.Root, files map[string]string) error {
	if err := repository.RemoveAll(folders); err != nil {
		return err
	}
	for name, content := range files {
		err := errors.Join(repository.MkdirAll(path.Dir(name), 0o755), repository.WriteFile(name, []byte(content), 0o644))
		if err != nil {
			return err
		}
	}
	return nil
}

// fragmentOf has a key for each kind: the keys of a ConfigMap have no wildcards, and Argo CD's single key resource.customizations,
// which has, would replace what somebody else put there.
func fragmentOf(kinds []string, scripts Scripts) (string, error) {
	data := map[string]string{}
	for _, kind := range kinds {
		actions, err := actionsOf(kind, scripts)
		if err != nil {
			return "", err
		}
		data[fmt.Sprintf("resource.customizations.health.%s_%s", group, kind)] = scripts.Health
		data[fmt.Sprintf("resource.customizations.actions.%s_%s", group, kind)] = actions
	}
	out, err := yaml.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "argocd-cm"}, "data": data,
	})
	return header + string(out), err
}

func actionsOf(kind string, scripts Scripts) (string, error) {
	type definition struct {
		Name   string `json:"name"`
		Script string `json:"action.lua"`
	}
	var definitions []definition
	for _, name := range scripts.ActionsOf(kind) {
		definitions = append(definitions, definition{name, scripts.Actions[name]})
	}
	out, err := yaml.Marshal(map[string]any{"discovery.lua": scripts.Discovery, "definitions": definitions})
	return string(out), err
}
