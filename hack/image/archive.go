package main

import (
	"archive/tar"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// write makes the archive and returns the digest of the image, by which a Deployment names it.
func write(output string, s spec, binaries []binary) (v1.Hash, error) {
	all, err := index(s, binaries)
	if err != nil {
		return v1.Hash{}, err
	}
	folder, err := os.MkdirTemp("", "image-")
	if err != nil {
		return v1.Hash{}, err
	}
	defer os.RemoveAll(folder)
	if err := save(folder, s, all); err != nil {
		return v1.Hash{}, err
	}
	if err := archive(output, folder, s.created); err != nil {
		return v1.Hash{}, err
	}
	return all.Digest()
}

func save(folder string, s spec, all v1.ImageIndex) error {
	path, err := layout.Write(folder, empty.Index)
	if err != nil {
		return err
	}
	return path.AppendIndex(all, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": s.version}))
}

// archive packs the folder in the order of names, with one time for all.
func archive(output, folder string, created time.Time) error {
	out, err := os.Create(output)
	if err != nil {
		return err
	}
	defer out.Close()
	w := tar.NewWriter(out)
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return add(w, folder, path, created)
	})
	if err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return out.Close()
}

func add(w *tar.Writer, folder, path string, created time.Time) error {
	name, err := filepath.Rel(folder, path)
	if err != nil {
		return err
	}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	header := tar.Header{Name: filepath.ToSlash(name), Mode: 0o644, Size: info.Size(), ModTime: created, Format: tar.FormatPAX}
	if err := w.WriteHeader(&header); err != nil {
		return err
	}
	_, err = io.Copy(w, in)
	return err
}
