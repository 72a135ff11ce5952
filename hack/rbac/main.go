// Command rbac writes the ClusterRoles that let people view, edit and administer the objects of each kind, and the
// kustomization of their folder. The kinds are those of the API's scheme.
//
//	go run ./hack/rbac config/rbac/kinds
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rbac:", err)
		os.Exit(1)
	}
}

// run replaces what is in the folder: a kind that is gone leaves no role.
func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: rbac FOLDER")
	}
	files, err := render(kinds())
	if err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(args[0], "*.yaml"))
	if err != nil {
		return err
	}
	for _, path := range old {
		err = errors.Join(err, os.Remove(path))
	}
	for name, content := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(args[0], name), content, 0o644))
	}
	return err
}
