package live

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

// LoadFile replaces the whole state by that of a JSON file, as Load does.
func (w *World) LoadFile(path string) error {
	data, err := os.ReadFile(path) //nolint:gosec // the caller names the file; that is the purpose
	if err != nil {
		return err
	}
	// A misspelt field is an error: the file was probably written by hand.
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var in state.State
	if err := decoder.Decode(&in); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := w.Load(in); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// SaveFile writes the whole state to a JSON file. A reader sees the old file or the new one, never a part.
func (w *World) SaveFile(path string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return writeState(path, w.store.State())
}

// persist keeps the state file current. A failure is logged and not reported to the API's caller, to whom a disk means nothing.
func (w *World) persist() {
	if w.file == "" {
		return
	}
	if err := writeState(w.file, w.store.State()); err != nil {
		w.logger.Error("state file not written", "file", w.file, "error", err)
	}
}

func writeState(path string, in state.State) (err error) {
	data, err := json.MarshalIndent(in, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(append(data, '\n')); err != nil {
		_ = f.Close()
		return err
	}
	if err = f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
