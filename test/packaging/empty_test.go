package packaging

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// saying are the empty maps and lists that say something where they are, by kind and path, and what.
var saying = map[string]string{
	"CustomResourceDefinition":                            "CRDs are those of config, to the letter",
	"GoToAccount.spec.allowedNamespaces.selector":         "every namespace",
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
		c := load(t, name)
		noneEmpty(t, name+", without values", variation(t, c, map[string]any{}, ""), found)
		for _, with := range everyValue[name] {
			whole := outcome(c, values(t, with))
			noneEmpty(t, name+", with everything", parse(t, whole), found)
			for _, path := range nodesOf(schemaOf(t, name), "") {
				if less := values(t, with); put(less, steps(path), emptied) {
					noneEmpty(t, name+", without "+path, variation(t, c, less, whole), found)
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

// emptied is an empty map, list or text in the place of one; what is none of them stays.
func emptied(was any) any {
	switch was.(type) {
	case map[string]any:
		return map[string]any{}
	case []any:
		return []any{}
	case string:
		return ""
	}
	return was
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
