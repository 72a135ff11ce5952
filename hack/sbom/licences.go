package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/licensecheck"
)

// allowed are the licences under which code may be in a binary of this project: all ask for no more than their text and their
// notices to be passed on, which THIRD_PARTY_LICENSES does.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}

// known is the share of a file, in per cent, that must be the text of known licences: below, it says something more.
const known = 75

// licences collects what the modules of all binaries say of their licences. It is the detector of cyclonedx-gomod, whose own
// takes the likeliest of similar texts.
type licences struct {
	repository string
	files      map[string]map[string]bool // text of a licence or notice -> who has it
	wrong      []error
}

// Detect reads the licence of a module from its folder; path, version and folder are the generator's.
func (l *licences) Detect(path, version, dir string) ([]cdx.License, error) {
	files, err := texts(dir)
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for name, text := range files {
		l.keep(text, path+" "+version)
		if scan := licensecheck.Scan([]byte(text)); !isBeside(name) && scan.Percent >= known {
			for _, match := range scan.Match {
				ids[match.ID] = true
			}
		}
	}
	l.judge(path, ids)
	var all []cdx.License
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		all = append(all, cdx.License{ID: id})
	}
	return all, nil
}

func (l *licences) keep(text, owner string) {
	if l.files == nil {
		l.files = map[string]map[string]bool{}
	}
	if l.files[text] == nil {
		l.files[text] = map[string]bool{}
	}
	l.files[text][owner] = true
}

func (l *licences) judge(path string, ids map[string]bool) {
	if len(ids) == 0 {
		l.wrong = append(l.wrong, fmt.Errorf("%s: no licence that is known", path))
	}
	for id := range ids {
		if !slices.Contains(allowed, id) {
			l.wrong = append(l.wrong, fmt.Errorf("%s: %s is not allowed", path, id))
		}
	}
}

// assert states the licences of a component, where the generator has left them as evidence. It does not look for those of the
// project itself and of Go's library, which are in no module cache.
func (l *licences) assert(c *cdx.Component) error {
	if c.Evidence != nil && c.Evidence.Licenses != nil {
		c.Licenses, c.Evidence = c.Evidence.Licenses, nil
		return nil
	}
	dir := l.repository
	if c.Name == "std" {
		dir = runtime.GOROOT() //nolint:staticcheck // the toolchain that `go run` has just used
	} else if c.Type != cdx.ComponentTypeApplication {
		return nil // judged already
	}
	detected, err := l.Detect(c.Name, c.Version, dir)
	choices := cdx.Licenses{}
	for i := range detected {
		choices = append(choices, cdx.LicenseChoice{License: &detected[i]})
	}
	c.Licenses = &choices
	return err
}

// check is what is wrong with the licences of any binary.
func (l *licences) check() error { return errors.Join(l.wrong...) }

// texts are the licences and notices at the top of a module, by the names of their files.
func texts(dir string) (map[string]string, error) {
	entries, err := os.ReadDir(dir)
	all := map[string]string{}
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !isLicence(entry.Name()) && !isBeside(entry.Name()) {
			continue
		}
		content, failed := os.ReadFile(filepath.Join(dir, entry.Name()))
		err = errors.Join(err, failed)
		all[entry.Name()] = strings.TrimSpace(string(content))
	}
	return all, err
}

func isLicence(name string) bool { return begins(name, "LICENSE", "LICENCE", "COPYING") }

// isBeside says whether a file goes with a licence and is none: notices to be passed on, grants of patents.
func isBeside(name string) bool { return begins(name, "NOTICE", "PATENTS") }

func begins(name string, beginnings ...string) bool {
	return filepath.Ext(name) != ".go" && slices.ContainsFunc(beginnings, func(beginning string) bool {
		return strings.HasPrefix(strings.ToUpper(name), beginning)
	})
}

// texts is each text once, after the modules that it is of.
func (l *licences) texts() []byte {
	blocks := make([]string, 0, len(l.files))
	for text, owners := range l.files {
		blocks = append(blocks, strings.Join(slices.Sorted(maps.Keys(owners)), "\n")+"\n\n"+text+"\n")
	}
	slices.Sort(blocks)
	var all bytes.Buffer
	for i, block := range blocks {
		if i > 0 {
			all.WriteString("\n" + strings.Repeat("=", 80) + "\n\n")
		}
		all.WriteString(block)
	}
	return all.Bytes()
}
