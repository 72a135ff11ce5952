package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// The test is a binary of Go modules itself.
func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestABillNamesEveryModuleWithItsLicence(t *testing.T) {
	b, err := bill(self(t), "v1.2.3", time.Unix(1790000000, 0).UTC(), &licences{repository: "../.."})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{b.Metadata.Component.Version: id(*b.Metadata.Component)}
	for _, c := range *b.Components {
		got[c.Name] = id(c)
	}
	for name, want := range map[string]string{
		"v1.2.3": "Apache-2.0", "std": "BSD-3-Clause", "github.com/CycloneDX/cyclonedx-go": "Apache-2.0",
		"github.com/google/licensecheck": "BSD-3-Clause", "github.com/rs/zerolog": "MIT",
	} {
		if got[name] != want {
			t.Errorf("%s is under %q, want %s", name, got[name], want)
		}
	}
	if b.Metadata.Timestamp != "2026-09-21T14:13:20Z" {
		t.Errorf("made at %s", b.Metadata.Timestamp)
	}
}

func id(c cdx.Component) string {
	if c.Licenses == nil || len(*c.Licenses) != 1 {
		return ""
	}
	return (*c.Licenses)[0].License.ID
}

func TestSameBytesTwice(t *testing.T) {
	var runs []string
	for range 2 {
		output := t.TempDir()
		if err := run([]string{"--version=v1.2.3", "--created=1790000000", "--output=" + output, self(t)}); err != nil {
			t.Fatal(err)
		}
		var all string
		for _, name := range []string{filepath.Base(self(t)) + ".cdx.json", "THIRD_PARTY_LICENSES"} {
			content, err := os.ReadFile(filepath.Join(output, name))
			if err != nil {
				t.Fatal(err)
			}
			all += string(content)
		}
		runs = append(runs, all)
	}
	if runs[0] != runs[1] {
		t.Error("two bills of one binary differ")
	}
	if want := "golang.org/x/sys v"; !strings.Contains(runs[0], want) {
		t.Errorf("no %q among the licences", want)
	}
}

const mpl = "This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0. If a copy of the MPL was not " +
	"distributed with this file, You can obtain one at http://mozilla.org/MPL/2.0/."

func TestWhatIsNotAllowedIsRefused(t *testing.T) {
	apache, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ file, text, want string }{
		"allowed":       {"LICENSE", string(apache), ""},
		"copyleft":      {"COPYING", mpl, "MPL-2.0 is not allowed"},
		"words of ours": {"LICENSE.txt", "Ask us before you use this.", "no licence that is known"},
		"mostly ours":   {"LICENSE", string(apache) + strings.Repeat(" and you owe us a drink", 1000), "no licence that is known"},
		"none":          {"README", string(apache), "no licence that is known"},
		"only a notice": {"NOTICE", string(apache), "no licence that is known"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, l := t.TempDir(), &licences{}
			if err := os.WriteFile(filepath.Join(dir, c.file), []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := l.Detect("example.com/m", "v1", dir); err != nil {
				t.Fatal(err)
			}
			if err := l.check(); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
