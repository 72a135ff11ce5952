package packaging

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
)

// saying are the empty maps and lists that say something where they are, by kind and path, and what.
var saying = map[string]string{
	"CustomResourceDefinition":                            "CRDs are those of config, to the letter",
	"GoToAccount.spec.allowedNamespaces.selector":         "every namespace",
	"GoToAccount.spec.wholeAccountNamespaces.selector":    "every namespace",
	"GoToMeeting.spec.coorganizers":                       "takes all away",
	"GoToSettingsProfile.spec.settings.dialOutCountries":  "no country",
	"GoToSettingsProfile.spec.settings.tollCountries":     "no country",
	"GoToSettingsProfile.spec.settings.tollFreeCountries": "no country",
	"GoToUser.spec.adminRoles":                            "takes all away",
	"GoToUser.spec.managedGroupKeys":                      "removes the limit",
	"GoToUser.spec.roleSets":                              "takes all away",
	"NetworkPolicy.spec.egress[].to[].namespaceSelector":  "the cluster's names are served in whatever namespace",
}

// Nothing is rendered empty that says nothing, be a value empty or not: `range: {}` is refused by the API server only once the rest of a
// release is there, and `resources: {}` looks like something.
func TestNothingIsRenderedEmpty(t *testing.T) {
	found := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(everyValue)) {
		c, schema := load(t, name), schemaOf(t, name)
		noneEmpty(t, name+", without values", variation(t, c, map[string]any{}, ""), found)
		whole := map[string]string{}
		for _, with := range everyValue[name] {
			whole[with] = outcome(c, values(t, with))
			noneEmpty(t, name+", with everything", parse(t, whole[with]), found)
		}
		for _, path := range nodesOf(schema, "") {
			for how, by := range waysOut(t, c, schema, path) {
				for _, with := range everyValue[name] {
					if less := values(t, with); put(less, steps(path), by) {
						noneEmpty(t, name+", "+path+" "+how, variation(t, c, less, whole[with]), found)
						break
					}
				}
			}
		}
	}
	for place := range saying {
		if !found[place] {
			t.Errorf("%s is never empty", place)
		}
	}
}

// waysOut are those to have no value at a path: to say nothing of it, to say that it is empty, and, where the chart has a default, that
// there is to be none.
func waysOut(t *testing.T, c *chart.Chart, schema map[string]any, path string) map[string]func(any) any {
	t.Helper()
	all := map[string]func(any) any{"unsaid": gone}
	if slices.Contains([]any{"object", "array", "string"}, below(schema, path)["type"]) {
		all["empty"] = emptied
	}
	byDefault := func(was any) any {
		all["null"] = func(any) any { return nil }
		if held, is := was.(map[string]any); is {
			all["of nulls"] = func(any) any { return nulls(held) }
		}
		return was
	}
	put(values(t, read(t, "charts", c.Name(), "values.yaml")), steps(path), byDefault)
	return all
}

// emptied is an empty map, list or text in the place of one.
func emptied(was any) any {
	switch was.(type) {
	case map[string]any:
		return map[string]any{}
	case []any:
		return []any{}
	}
	return ""
}

// nulls take all defaults out of a map.
func nulls(defaults map[string]any) map[string]any {
	out := map[string]any{}
	for key := range defaults {
		out[key] = nil
	}
	return out
}

// noneEmpty complains of what is empty in objects.
func noneEmpty(t *testing.T, what string, all objects, found map[string]bool) {
	t.Helper()
	for key, o := range all {
		if o.GetKind() == "CustomResourceDefinition" {
			found[o.GetKind()] = true
			continue
		}
		for _, at := range empties(o.Object, o.GetKind()) {
			found[at] = true
			if saying[at] == "" {
				t.Errorf("%s: %s is empty in %s", what, at, key)
			}
		}
	}
}

// empties are the paths of empty maps and lists, without the names of what is in maps of schemas.
func empties(value any, at string) []string {
	var all []string
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 0 {
			return []string{at}
		}
		for name, held := range v {
			all = append(all, empties(held, at+"."+name)...)
		}
	case []any:
		if len(v) == 0 {
			return []string{at}
		}
		for _, item := range v {
			all = append(all, empties(item, at+"[]")...)
		}
	case nil:
		return []string{at}
	}
	return all
}

// nodesOf are the paths of everything below a schema.
func nodesOf(schema map[string]any, at string) []string {
	var all []string
	for step, held := range parts(schema) {
		if path := strings.TrimPrefix(at+step, "."); !strings.HasSuffix(path, "[]") && !strings.HasSuffix(path, "{}") {
			all = append(all, path)
		}
		all = append(all, nodesOf(held, at+step)...)
	}
	return all
}
