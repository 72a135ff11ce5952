package packaging

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
)

// specOf is the schema of the spec of a kind, by its resource.
func specOf(t *testing.T, resource string) map[string]any {
	t.Helper()
	return below(objectOf(t, resource), "spec")
}

// objectOf is the schema of the objects of a kind, by its resource.
func objectOf(t *testing.T, resource string) map[string]any {
	t.Helper()
	crd := parse(t, read(t, "config", "crd", "bases", "goto-operator.dev_"+resource+".yaml"))["CustomResourceDefinition/"+resource+".goto-operator.dev"]
	version := field(crd, "spec", "versions").([]any)[0].(map[string]any)
	return version["schema"].(map[string]any)["openAPIV3Schema"].(map[string]any)
}

// schemaOf is the schema of the values of a chart.
func schemaOf(t *testing.T, name string) map[string]any {
	t.Helper()
	var schema map[string]any
	if err := json.Unmarshal([]byte(read(t, "charts", name, "values.schema.json")), &schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

// steps of a path such as a.b[].c{}: [] stands for the items of a list, and {} for what a map holds.
func steps(path string) []string {
	return strings.Split(strings.NewReplacer("[]", ".[]", "{}", ".{}").Replace(path), ".")
}

// below is the schema of what stands at a path in another one, or nil.
func below(schema map[string]any, path string) map[string]any {
	for _, step := range steps(path) {
		var next any
		switch step {
		case "[]":
			next = schema["items"]
		case "{}":
			next = schema["additionalProperties"]
		default:
			held, _ := schema["properties"].(map[string]any)
			next = held[step]
		}
		schema, _ = next.(map[string]any)
	}
	return schema
}

// parts are the schemas below one, by their steps; none where it is that of a single value, or of a list or map of such.
func parts(schema map[string]any) map[string]map[string]any {
	out := map[string]map[string]any{}
	properties, _ := schema["properties"].(map[string]any)
	for name, property := range properties {
		out["."+name] = property.(map[string]any)
	}
	for step, key := range map[string]string{"[]": "items", "{}": "additionalProperties"} {
		if held, _ := schema[key].(map[string]any); held["properties"] != nil {
			out[step] = held
		}
	}
	return out
}

// fieldsOf are the paths of all single values below a schema, and of the lists and maps of such.
func fieldsOf(schema map[string]any, at string) []string {
	held := parts(schema)
	if len(held) == 0 {
		return []string{strings.TrimPrefix(at, ".")}
	}
	var all []string
	for _, step := range slices.Sorted(maps.Keys(held)) {
		all = append(all, fieldsOf(held[step], at+step)...)
	}
	return all
}

// leaves notes the paths of a schema at which a value has something.
func leaves(schema map[string]any, value any, at string, found map[string]bool) {
	held := parts(schema)
	switch v := value.(type) {
	case map[string]any:
		for name, below := range v {
			if next := held["."+name]; next != nil {
				leaves(next, below, at+"."+name, found)
			}
		}
	case []any:
		for _, item := range v {
			if held["[]"] != nil {
				leaves(held["[]"], item, at+"[]", found)
			}
		}
	}
	if len(held) == 0 {
		found[strings.TrimPrefix(at, ".")] = true
	}
}

// follows says that a value is bound by all that a field is bound by.
func follows(t *testing.T, name string, want, got map[string]any) {
	t.Helper()
	for _, bound := range []string{"type", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "maxProperties"} {
		if want[bound] != nil && sorted(want[bound]) != sorted(got[bound]) {
			t.Errorf("%s: %s is %v, and of the values %v", name, bound, want[bound], got[bound])
		}
	}
	if want["x-kubernetes-list-type"] == "set" && got["uniqueItems"] != true {
		t.Errorf("%s: the values may have an item twice", name)
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if items, is := want[key].(map[string]any); is {
			of, _ := got[key].(map[string]any)
			follows(t, name+"[]", items, of)
		}
	}
}

// sorted is a bound as a text, the same for each order of an enumeration.
func sorted(bound any) string {
	list, is := bound.([]any)
	if !is {
		text, _ := json.Marshal(bound) // a number looks the same here, whatever it was decoded to
		return string(text)
	}
	var all []string
	for _, item := range list {
		all = append(all, fmt.Sprint(item))
	}
	slices.Sort(all)
	return fmt.Sprint(all)
}

// outcome of values: what is rendered, hooks included, or why nothing is.
func outcome(c *chart.Chart, with map[string]any) string {
	r, err := template(c, "sales", "goto", with)
	if err != nil {
		return err.Error()
	}
	return r.Manifest + hooks(r)
}

// variation of values: what is rendered otherwise than of the whole, hooks included; nothing where the schema refuses it.
func variation(t *testing.T, c *chart.Chart, with map[string]any, whole string) objects {
	t.Helper()
	r, err := template(c, "sales", "goto", with)
	if err != nil {
		return nil
	}
	var other []string
	for _, text := range strings.Split(r.Manifest+hooks(r), "---\n") {
		if !strings.Contains(whole, text) {
			other = append(other, text)
		}
	}
	return parse(t, strings.Join(other, "---\n"))
}

// put puts something in the place of what is at a path of values, wherever lists and maps have it, and tells whether there was anything.
func put(value any, path []string, by func(was any) any) bool {
	switch v := value.(type) {
	case []any:
		there := false
		for _, item := range v {
			there = put(item, path[1:], by) || there
		}
		return there
	case map[string]any:
		return putInto(v, path, by)
	}
	return false
}

func putInto(held map[string]any, path []string, by func(was any) any) bool {
	if path[0] == "{}" {
		return put(slices.Collect(maps.Values(held)), append([]string{"[]"}, path[1:]...), by)
	}
	if len(path) > 1 {
		return put(held[path[0]], path[1:], by)
	}
	if held[path[0]] == nil {
		return false
	}
	held[path[0]] = by(held[path[0]])
	if held[path[0]] == (nothing{}) {
		delete(held, path[0])
	}
	return true
}

// nothing in the place of a value takes it out, so that the default counts.
type nothing struct{}

func gone(any) any { return nothing{} }
