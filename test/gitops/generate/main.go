// Command generate writes what Argo CD is to know of each kind of goto-operator.dev from the scripts in config/argocd/lua: the
// fragment of argocd-cm, and the folders of Argo CD's own repository. It imports nothing of the operator.
//
//	go run ./generate ../..
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/goto-operator/goto-operator/test/gitops/customizations"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run replaces what was generated: a kind that is gone leaves nothing.
func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: generate REPOSITORY")
	}
	repository, err := os.OpenRoot(args[0])
	if err != nil {
		return err
	}
	defer repository.Close()
	files, err := customizations.Files(repository.FS())
	if err != nil {
		return err
	}
	return customizations.Write(repository, files)
}
