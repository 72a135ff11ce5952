package reportstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// Directory stores reports as files below a directory, in namespace/name. Nothing is written outside of it, whatever the names are and
// whoever puts links there.
type Directory struct {
	Path  string
	Owner Owner
}

// Put writes each file beside its place, and then moves it there.
func (d Directory) Put(_ context.Context, due time.Time, files []File) ([]string, error) {
	root, err := os.OpenRoot(d.Path)
	if err != nil {
		return nil, unavailable(err)
	}
	defer root.Close()
	if err := root.MkdirAll(d.folder(), 0o750); err != nil {
		return nil, unavailable(err)
	}
	var where []string
	for _, f := range files {
		name := path.Join(d.folder(), d.Owner.fileName(due, f.Format))
		if err := replace(root, name, f.Data); err != nil {
			return nil, unavailable(err)
		}
		where = append(where, name)
	}
	return where, nil
}

func (d Directory) folder() string { return path.Join(d.Owner.Namespace, d.Owner.Name) }

// replace puts data where whoever reads sees either what was there before, or all of it.
func replace(root *os.Root, name string, data []byte) error {
	next := path.Join(path.Dir(name), part(path.Base(name)))
	f, err := root.OpenFile(next, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = root.Rename(next, name)
	}
	if err != nil {
		return errors.Join(err, root.Remove(next))
	}
	return nil
}

// part is the name of a file while it is written.
func part(name string) string { return "." + name + ".part" }

// Prune deletes files that are too old, what a process that was killed has left half written, and the folder with the last one.
func (d Directory) Prune(_ context.Context, keep int) error {
	root, err := os.OpenRoot(d.Path)
	if err != nil {
		return unavailable(err)
	}
	defer root.Close()
	names, err := list(root, d.folder())
	for _, name := range append(d.Owner.tooOld(names, keep), d.Owner.unfinished(names)...) {
		err = errors.Join(err, root.Remove(path.Join(d.folder(), name)))
	}
	if err != nil {
		return unavailable(err)
	}
	if keep == 0 {
		_ = root.Remove(d.folder()) // it stays while something is in it
		_ = root.Remove(d.Owner.Namespace)
	}
	return nil
}

// unfinished are those of the names that are parts of an object's files.
func (o Owner) unfinished(names []string) (parts []string) {
	for _, name := range names {
		whole := strings.TrimSuffix(strings.TrimPrefix(name, "."), ".part")
		if _, mine := o.dueOf(whole); mine && name == part(whole) {
			parts = append(parts, name)
		}
	}
	return parts
}

// list are the names in a folder; none where there is no such folder.
func list(root *os.Root, folder string) ([]string, error) {
	entries, err := fs.ReadDir(root.FS(), folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

// unavailable is the error of a directory, without the names in it.
func unavailable(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return fmt.Errorf("%w: directory of the operator: %s: %w", ErrUnavailable, at.Op, at.Err)
	}
	return fmt.Errorf("%w: directory of the operator: %w", ErrUnavailable, err)
}
