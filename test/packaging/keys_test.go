package packaging

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// misread are keys that YAML takes for something else where they are not quoted, and what becomes of them.
var misread = map[string]string{"on": "true", "No": "false", "007": "7", "-1": "-1", "1e30": "1e+30", "0x1F": "31", ".inf": ".inf"}

// Keys are texts: where a chart lets them be any, one that YAML has changed is refused, with a word on quotes.
func TestKeysOfFreeMapsAreTexts(t *testing.T) {
	tried := 0
	for name := range everyValue {
		c := load(t, name)
		for _, at := range free(schemaOf(t, name), "") {
			if strings.HasPrefix(at, "global") { // Helm's, and other charts'
				continue
			}
			tried++
			for key, becomes := range misread {
				with := standing(at, "{"+key+`: "1"}`)
				if _, err := template(c, "sales", "team", values(t, with)); err == nil || !refusedFor(err.Error(), at, becomes) {
					t.Errorf("%s\n%v", with, err)
				}
			}
		}
	}
	t.Logf("%d maps", tried)
	if tried < 20 {
		t.Errorf("only %d maps", tried)
	}
}

// In quotes they are texts, up to the object.
func TestKeysInQuotesAreTaken(t *testing.T) {
	all := rendered(t, operatorChart, `podLabels: {"on": a, "No": b, "007": c, "1e30": d, "0x1F": e}`)
	got := field(all[manager], "spec", "template", "metadata", "labels").(map[string]any)
	maps.DeleteFunc(got, func(key string, _ any) bool { return strings.HasPrefix(key, "app.kubernetes.io/") })
	if diff := cmp.Diff(map[string]any{"on": "a", "No": "b", "007": "c", "1e30": "d", "0x1F": "e"}, got); diff != "" {
		t.Error(diff)
	}
}

// free are the paths of all maps below a schema whose keys may be any, and of what has no schema: there a map may be in it too.
func free(schema map[string]any, at string) []string {
	var all []string
	if _, closed := schema["additionalProperties"].(bool); schema["type"] == "object" && !closed {
		all = append(all, strings.TrimPrefix(at, "."))
		if schema["additionalProperties"] == nil {
			all = append(all, strings.TrimPrefix(at+".below[].further", "."))
		}
	}
	for step, key := range map[string]string{"[]": "items", "{}": "additionalProperties"} {
		if held, is := schema[key].(map[string]any); is {
			all = append(all, free(held, at+step)...)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		all = append(all, free(properties[name].(map[string]any), at+"."+name)...)
	}
	return all
}

// standing is a text of values in which something stands at a path.
func standing(at, what string) string {
	for _, step := range slices.Backward(steps(at)) {
		switch step {
		case "[]":
			what = "[" + what + "]"
		case "{}":
			what = "{x: " + what + "}"
		default:
			what = "{" + step + ": " + what + "}"
		}
	}
	return what
}

// refusedFor says that a message is about that key at that path, and says what to do.
func refusedFor(message, at, key string) bool {
	place := strings.NewReplacer("[]", "0", "{}", "x").Replace(strings.Join(append(steps(at), key), "/"))
	return strings.Contains(message, "at '/"+place+"': value must be 'under a key in quotes")
}
