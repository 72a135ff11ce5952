// Command image packs static binaries as a container image for several platforms, without a container engine and
// without a base image, and writes it as an archive in OCI layout. The same binaries and the same time are the same bytes.
//
//	go run . --name goto-operator --created 1790000000 --output x.tar linux/amd64=bin/a linux/arm64=bin/b
//	go run . push x.tar registry.example/goto-operator:v0.1.0
//	go run . unpack x.tar folder
//	go run . roots > ca-certificates.crt
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "push":
			return push(args[1:])
		case "unpack":
			return show(args[1:])
		case "roots":
			_, err := os.Stdout.Write(authorities())
			return err
		}
	}
	return pack(args)
}

func pack(args []string) error {
	flags := flag.NewFlagSet("image", flag.ExitOnError)
	s := spec{}
	output := flags.String("output", "", "write the archive to this `file`")
	created := flags.Int64("created", 0, "when it was made, in `seconds` since 1970: the time of the commit")
	flags.StringVar(&s.name, "name", "", "`name` of the image and of the binary in it")
	flags.StringVar(&s.version, "version", "dev", "`version` in its labels")
	flags.StringVar(&s.commit, "commit", "unknown", "`commit` in its labels")
	_ = flags.Parse(args)
	s.created = time.Unix(*created, 0).UTC()
	binaries, err := parse(flags.Args())
	if err != nil {
		return err
	}
	digest, err := write(*output, s, binaries)
	if err != nil {
		return err
	}
	fmt.Printf("%s %s\n", digest, *output)
	return nil
}

// parse reads platform=file; the order is kept, since it is part of the image.
func parse(args []string) ([]binary, error) {
	binaries := make([]binary, 0, len(args))
	for _, arg := range args {
		platform, path, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not platform=file", arg)
		}
		binaries = append(binaries, binary{platform: platform, path: path})
	}
	return binaries, nil
}
