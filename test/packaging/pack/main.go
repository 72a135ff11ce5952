// Command pack packages the charts as `helm package` does, under the version of a release, with its images in their registry. The archives
// are the same bytes for the same charts and time. It imports nothing of the operator.
//
//	go run ./pack --version v0.1.0 --created 1790000000 --registry ghcr.io/goto-operator --output ../../dist ../../charts/*
package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("pack", flag.ExitOnError)
	version := flags.String("version", "", "`version` of the charts and of the application in them")
	created := flags.Int64("created", 0, "when they were made, in `seconds` since 1970: the time of the commit")
	registry := flags.String("registry", "", "`registry` of the images")
	output := flags.String("output", "", "`folder` to write to")
	_ = flags.Parse(args)
	for _, chart := range flags.Args() {
		if err := pack(*output, chart, *version, *registry, time.Unix(*created, 0).UTC()); err != nil {
			return fmt.Errorf("%s: %w", chart, err)
		}
	}
	return nil
}

// own are the images of this project in a chart's values, which have no registry there.
var own = regexp.MustCompile(`(?m)^( *repository: )(goto-\S+)$`)

// pack lets Helm make the archive, and writes it once more with one time for all files: Helm takes the time of day.
func pack(output, folder, version, registry string, created time.Time) error {
	c, err := loader.LoadDir(folder)
	if err != nil {
		return err
	}
	c.Metadata.Version, c.Metadata.AppVersion = strings.TrimPrefix(version, "v"), version
	for _, f := range c.Raw {
		if f.Name == chartutil.ValuesfileName && registry != "" {
			f.Data = own.ReplaceAll(f.Data, []byte("${1}"+registry+"/${2}"))
		}
	}
	work, err := os.MkdirTemp("", "pack-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	made, err := chartutil.Save(c, work)
	if err != nil {
		return err
	}
	return dated(work, output, filepath.Base(made), created)
}

// dated copies an archive from one folder to another.
func dated(from, to, name string, created time.Time) error {
	in, err := os.OpenInRoot(from, name)
	if err != nil {
		return err
	}
	defer in.Close()
	unpacked, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	folder, err := os.OpenRoot(to)
	if err != nil {
		return err
	}
	defer folder.Close()
	out, err := folder.Create(name)
	if err != nil {
		return err
	}
	packed := gzip.NewWriter(out)
	packed.Header = unpacked.Header // Helm's mark of a chart
	archive := tar.NewWriter(packed)
	return errors.Join(redate(archive, tar.NewReader(unpacked), created), archive.Close(), packed.Close(), out.Close())
}

func redate(to *tar.Writer, from *tar.Reader, created time.Time) error {
	for {
		header, err := from.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		header.ModTime = created
		if err := to.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.Copy(to, from); err != nil {
			return err
		}
	}
}
