package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/CycloneDX/cyclonedx-gomod/pkg/generate/bin"
	"github.com/rs/zerolog"
)

const generator = "github.com/CycloneDX/cyclonedx-gomod"

// write makes the bill of one binary from what Go's linker noted in it, in a file of the binary's name.
func write(output, binary, version string, created time.Time, found *licences) error {
	bill, err := bill(binary, version, created, found)
	if err != nil {
		return err
	}
	var content bytes.Buffer
	if err := cdx.NewBOMEncoder(&content, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bill); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(output, filepath.Base(binary)+".cdx.json"), content.Bytes(), 0o644)
}

func bill(binary, version string, created time.Time, found *licences) (*cdx.BOM, error) {
	g, err := bin.NewGenerator(binary, bin.WithLogger(zerolog.Nop()), bin.WithIncludeStdlib(true),
		bin.WithLicenseDetector(found), bin.WithVersionOverride(version))
	if err != nil {
		return nil, err
	}
	bill, err := g.Generate()
	if err != nil {
		return nil, err
	}
	bill.Metadata.Timestamp = created.Format(time.RFC3339)
	bill.Metadata.Tools = &cdx.ToolsChoice{Components: &[]cdx.Component{tool()}}
	if err := found.assert(bill.Metadata.Component); err != nil {
		return nil, err
	}
	for i := range *bill.Components {
		if err := found.assert(&(*bill.Components)[i]); err != nil {
			return nil, err
		}
	}
	return bill, nil
}

// tool is the generator as it was linked into this program.
func tool() cdx.Component {
	t := cdx.Component{Type: cdx.ComponentTypeApplication, Name: generator}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == generator {
				t.Version = m.Version
			}
		}
	}
	return t
}
