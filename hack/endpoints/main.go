// Command endpoints writes docs/goto-api/endpoints.md: every operation that the client has, where it is, and what that
// rests on. It imports the client and nothing else of the project.
//
//	go run ./hack/endpoints docs/goto-api/endpoints.md
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "endpoints:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: endpoints FILE")
	}
	return os.WriteFile(args[0], []byte(render()), 0o644)
}
