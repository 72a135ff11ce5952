// Command dashboard writes the Grafana dashboard of the operator's metrics, as JSON. It is a module of its own, so that the
// operator does not depend on Grafana's; it imports nothing of the operator.
//
//	go run . ../../config/grafana/goto-operator.json
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: dashboard FILE")
	}
	content, err := render(sections)
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], content, 0o644)
}
