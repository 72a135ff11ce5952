// Command sbom writes what is in a release's binaries: for each a bill of materials in CycloneDX's JSON, with the licence of
// every module, and for all together the texts of those licences. A module under a licence that is not allowed, or under none
// that is known, is an error. The same binaries and the same time are the same bytes. It imports nothing of the operator.
//
//	go run . --version v0.1.0 --created 1790000000 --output ../../dist ../../bin/linux/amd64/goto-operator
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("sbom", flag.ExitOnError)
	version := flags.String("version", "", "`version` of the binaries")
	created := flags.Int64("created", 0, "when they were made, in `seconds` since 1970: the time of the commit")
	repository := flags.String("repository", "../..", "`folder` with the project's own licence")
	output := flags.String("output", "", "`folder` to write to")
	_ = flags.Parse(args)
	found := &licences{repository: *repository}
	for _, binary := range flags.Args() {
		if err := write(*output, binary, *version, time.Unix(*created, 0).UTC(), found); err != nil {
			return fmt.Errorf("%s: %w", binary, err)
		}
	}
	return errors.Join(found.check(), os.WriteFile(filepath.Join(*output, "THIRD_PARTY_LICENSES"), found.texts(), 0o644))
}
