package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// schema is what the README takes from a schema of values.
type schema struct {
	Type        string            `json:"type"`
	Description string            `json:"description"`
	Properties  map[string]schema `json:"properties"`
	Items       *schema           `json:"items"`
	Enum        []string          `json:"enum"`
}

// readme writes README.md of a chart: README.md.in, and a table of its values.
func readme(chart string) error {
	intro, err := os.ReadFile(filepath.Join(chart, "README.md.in"))
	if err != nil {
		return err
	}
	text, err1 := os.ReadFile(filepath.Join(chart, "values.schema.json"))
	defaults, err2 := os.ReadFile(filepath.Join(chart, "values.yaml"))
	var (
		described schema
		values    map[string]any
	)
	err = errors.Join(err1, err2, json.Unmarshal(text, &described), yaml.Unmarshal(defaults, &values))
	if err != nil {
		return err
	}
	out := bytes.NewBufferString("<!-- Generated from README.md.in, values.yaml and values.schema.json: run make charts. -->\n")
	out.Write(intro)
	out.WriteString("\n## Values\n\n| value | default | what it is |\n|---|---|---|\n")
	for _, line := range rows("", described, values) {
		fmt.Fprintln(out, line)
	}
	return write(filepath.Join(chart, "README.md"), out.Bytes())
}

// rows of the values below a path, in the order of their names. What a list or a map of objects holds is listed under it.
func rows(path string, s schema, value any) []string {
	var out []string
	held, _ := value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if path == "" && name == "global" {
			continue
		}
		at, property := strings.TrimPrefix(path+"."+name, "."), s.Properties[name]
		switch {
		case property.Items != nil && len(property.Items.Properties) > 0:
			out = append(out, row(at, property, held[name]))
			out = append(out, rows(at+"[]", *property.Items, nil)...)
		case len(property.Properties) > 0:
			out = append(out, row(at, property, nil))
			out = append(out, rows(at, property, held[name])...)
		default:
			out = append(out, row(at, property, held[name]))
		}
	}
	return out
}

func row(path string, s schema, value any) string {
	said := s.Description
	if len(s.Enum) > 0 {
		said += " One of: " + strings.Trim(strings.Join(s.Enum, ", "), ", ") + "."
	}
	return fmt.Sprintf("| `%s` | %s | %s |", path, shown(value), strings.ReplaceAll(said, "|", `\|`))
}

// shown is a default as the table has it.
func shown(value any) string {
	if value == nil {
		return ""
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return "`" + string(text) + "`"
}
