package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// schema is what the README takes from a schema of values.
type schema struct {
	Description string            `json:"description"`
	Properties  map[string]schema `json:"properties"`
	Items       *schema           `json:"items"`
	Enum        []string          `json:"enum"`
	// Others are the properties of a map, which have names of their own.
	Others others `json:"additionalProperties"`
}

// others is a schema, or false for none.
type others struct{ schema *schema }

// UnmarshalJSON reads either.
func (o *others) UnmarshalJSON(data []byte) error {
	if text := string(data); text == "true" || text == "false" {
		return nil
	}
	return json.Unmarshal(data, &o.schema)
}

// readme writes README.md of a chart: README.md.in, and a table of its values.
func readme(repository *os.Root, chart string) error {
	intro, err := repository.ReadFile(path.Join(chart, "README.md.in"))
	if err != nil {
		return err
	}
	text, err1 := repository.ReadFile(path.Join(chart, "values.schema.json"))
	defaults, err2 := repository.ReadFile(path.Join(chart, "values.yaml"))
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
	return write(repository, path.Join(chart, "README.md"), out.Bytes())
}

// rows of the values below one of them, in the order of their names. What a list or a map of objects holds is listed under it.
func rows(above string, s schema, value any) []string {
	var out []string
	held, _ := value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if above == "" && name == "global" {
			continue
		}
		at, property := strings.TrimPrefix(above+"."+name, "."), s.Properties[name]
		switch {
		case property.Items != nil && len(property.Items.Properties) > 0:
			out = append(out, row(at, property, held[name]))
			out = append(out, rows(at+"[]", *property.Items, nil)...)
		case property.Others.schema != nil && len(property.Others.schema.Properties) > 0:
			out = append(out, row(at, property, held[name]))
			out = append(out, rows(at+".<name>", *property.Others.schema, nil)...)
		case len(property.Properties) > 0:
			out = append(out, row(at, property, nil))
			out = append(out, rows(at, property, held[name])...)
		default:
			out = append(out, row(at, property, held[name]))
		}
	}
	return out
}

func row(name string, s schema, value any) string {
	said := s.Description
	if len(s.Enum) > 0 {
		said += " One of: " + strings.Trim(strings.Join(s.Enum, ", "), ", ") + "."
	}
	return fmt.Sprintf("| %s | %s | %s |", code(name), shown(value), strings.ReplaceAll(said, "|", `\|`))
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
	return code(string(text))
}

func code(text string) string { return "`" + text + "`" }
