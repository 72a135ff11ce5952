package main

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// show writes the files of an archive's image into a folder, of the image for this machine, and prints how a container engine is to run
// it, as JSON.
func show(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: image unpack ARCHIVE FOLDER")
	}
	layout, err := os.MkdirTemp("", "image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(layout)
	all, err := open(args[0], layout)
	if err != nil {
		return err
	}
	one, err := forThisMachine(all)
	if err != nil {
		return err
	}
	config, err := one.ConfigFile()
	if err != nil {
		return err
	}
	if _, err := files(one, args[1]); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(config.Config)
}

func forThisMachine(all v1.ImageIndex) (v1.Image, error) {
	manifest, err := all.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, m := range manifest.Manifests {
		if m.Platform.Architecture == runtime.GOARCH {
			return all.Image(m.Digest)
		}
	}
	return nil, errors.New("no image for " + runtime.GOARCH)
}

// files unpacks an image into a folder and returns the names, in the order of its layers.
func files(one v1.Image, folder string) ([]string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var names []string
	err = each(one, func(header *tar.Header, content io.Reader) error {
		names = append(names, filepath.ToSlash(header.Name))
		if err := extract(root, header.Name, content); err != nil {
			return err
		}
		return root.Chmod(header.Name, os.FileMode(header.Mode))
	})
	return names, err
}

// each goes through the files of an image, in the order of its layers.
func each(one v1.Image, do func(header *tar.Header, content io.Reader) error) error {
	content := mutate.Extract(one)
	defer content.Close()
	for r := tar.NewReader(content); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = do(header, r)
		}
		if err != nil {
			return err
		}
	}
}
