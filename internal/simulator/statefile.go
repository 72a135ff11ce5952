package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// LoadFile replaces the whole state by that of a JSON file, as [Simulator.Load] does.
func (s *Simulator) LoadFile(path string) error {
	data, err := os.ReadFile(path) //nolint:gosec // the caller names the file; that is the purpose
	if err != nil {
		return err
	}
	// A misspelt field is an error: the file was probably written by hand.
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var state State
	if err := decoder.Decode(&state); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := s.Load(state); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// SaveFile writes the whole state to a JSON file. A reader sees the old file or the new one, never a part.
func (s *Simulator) SaveFile(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return writeState(path, s.state())
}

// persist keeps the state file current. A failure is logged and not reported to the API's caller, to whom a disk means nothing.
func (s *Simulator) persist() {
	if s.stateFile == "" {
		return
	}
	if err := writeState(s.stateFile, s.state()); err != nil {
		s.logger.Error("state file not written", "file", s.stateFile, "error", err)
	}
}

func writeState(path string, state State) (err error) {
	data, err := json.MarshalIndent(state, "", "  ")
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
