package packaging

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

const instance = "app.kubernetes.io/instance"

// selected are the names of objects that one of some selectors finds.
func selected(t *testing.T, all []*unstructured.Unstructured, selectors ...any) []string {
	t.Helper()
	found := map[string]bool{}
	for _, selector := range selectors {
		var s metav1.LabelSelector
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(selector.(map[string]any), &s); err != nil {
			t.Fatal(err)
		}
		by, err := metav1.LabelSelectorAsSelector(&s)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			if by.Matches(labels.Set(o.GetLabels())) {
				found[o.GetName()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// selectorsOf are those among the subjects of a binding, or the targets of a profile.
func selectorsOf(o *unstructured.Unstructured, list string) []any {
	var all []any
	items, _ := field(o, "spec", list).([]any)
	for _, item := range items {
		if s, is := item.(map[string]any)["selector"]; is {
			all = append(all, s)
		}
	}
	return all
}

// labelled are copies of the objects of a kind, with labels of theirs changed.
func labelled(all objects, kind string, by func(map[string]string)) []*unstructured.Unstructured {
	var out []*unstructured.Unstructured
	for _, o := range all {
		if o.GetKind() == kind {
			o = o.DeepCopy()
			l := o.GetLabels()
			by(l)
			o.SetLabels(l)
			out = append(out, o)
		}
	}
	return out
}

func tracked(l map[string]string) { l[instance] = "an-application" }
func untouched(map[string]string) {}
func older(l map[string]string)   { delete(l, "goto-operator.dev/release") }
func anothers(l map[string]string) {
	l["goto-operator.dev/release"], l[instance] = "support", "support"
}

// A team of which everybody has a thing, and one user another one.
const whoHasWhat = `
account: {name: a}
licenses: {all: {product: G2M, everyone: true}, one: {product: G2W}}
settings: {all: {product: G2M, settings: {chatEnabled: true}, everyone: true}, one: {product: G2M, settings: {chatEnabled: false}}}
users: [{email: a@a.test, name: a, licenses: [one], settings: [one]}, {email: b@a.test, name: b}]
`

// Whatever Argo CD writes into the label that it tracks objects by, licences and settings are those users' who are to have them, and not
// another release's. The same holds of users that an older chart has made, of which an upgrade has not come to the objects yet.
func TestWhoIsSelectedWhoeverWritesLabels(t *testing.T) {
	all := parse(t, team(t, whoHasWhat).Manifest)
	for what, c := range map[string]struct {
		by   func(map[string]string)
		want map[string][]string
	}{
		"by Helm":                 {untouched, map[string][]string{"all": {"a", "b"}, "one": {"a"}}},
		"by Argo CD":              {tracked, map[string][]string{"all": {"a", "b"}, "one": {"a"}}},
		"by an older chart":       {older, map[string][]string{"all": {"a", "b"}, "one": {"a"}}},
		"of another release":      {anothers, map[string][]string{"all": nil, "one": nil}},
		"by Argo CD, of the name": {func(l map[string]string) { anothers(l); l[instance] = "sales" }, map[string][]string{"all": nil, "one": nil}},
	} {
		users := labelled(all, "GoToUser", c.by)
		for name, want := range c.want {
			for key, list := range map[string]string{"GoToLicenseBinding/": "subjects", "GoToSettingsProfile/": "targets"} {
				if diff := cmp.Diff(want, selected(t, users, selectorsOf(all[key+name], list)...)); diff != "" {
					t.Errorf("%s, %s%s: %s", what, key, name, diff)
				}
			}
		}
	}
}

// An older binding, whose turn in an upgrade or in the operator's cache has not come, finds the users of the newer chart.
func TestOlderBindingsFindNewerUsers(t *testing.T) {
	users := labelled(parse(t, team(t, whoHasWhat).Manifest), "GoToUser", untouched)
	old := map[string]any{"matchLabels": map[string]any{instance: "sales", "license.goto-operator.dev/one": "true"}}
	if diff := cmp.Diff([]string{"a"}, selected(t, users, old)); diff != "" {
		t.Error(diff)
	}
}

// Prometheus finds the Service, and not that of another release.
func TestServiceMonitorsSelectTheirService(t *testing.T) {
	all := rendered(t, operatorChart, `metrics: {serviceMonitor: {enabled: true}}`)
	selector := field(all["ServiceMonitor/goto-operator-controller-manager"], "spec", "selector")
	for what, c := range map[string]struct {
		by   func(map[string]string)
		want int
	}{"by Helm": {untouched, 1}, "by Argo CD": {tracked, 1}, "of another release": {anothers, 0}} {
		if found := selected(t, labelled(all, "Service", c.by), selector); len(found) != c.want || strings.Contains(strings.Join(found, ""), "simulator") {
			t.Errorf("%s: %v", what, found)
		}
	}
}
