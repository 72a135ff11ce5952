package packaging

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// wholesale are the lists of objects that one manager owns as a whole, and why.
var wholesale = map[string]string{
	"GoToMeeting.spec.coorganizers":                                     "an item is a userRef or a key, so that no field of it is always there to be a key of the list",
	"GoToLicenseBinding.spec.subjects":                                  "an item is a userRef, a groupRef or a selector, so that no field of it is always there",
	"GoToLicenseBinding.spec.subjects[].selector.matchExpressions":      "Kubernetes' own type",
	"GoToAccount.spec.allowedNamespaces.selector.matchExpressions":      "Kubernetes' own type",
	"GoToAccount.spec.wholeAccountNamespaces.selector.matchExpressions": "Kubernetes' own type",
	"GoToAccount.status.deletions.recent":                               "the operator alone writes status, and two deletions may have the same kind and time",
	"GoToSettingsProfile.spec.targets":                                  "an item is a userRef, a groupRef, a selector or a licence, so that no field of it is always there",
	"GoToSettingsProfile.spec.targets[].selector.matchExpressions":      "Kubernetes' own type",
	"GoToSettingsProfile.status.conflicts":                              "the operator alone writes status",
	"GoToSettingsProfile.status.found":                                  "the operator alone writes status",
	"GoToReport.status.history":                                         "the operator alone writes status",
	"GoToReport.status.history[].files":                                 "the operator alone writes status",
}

// Every list says how the changes of two managers are merged: sets and maps by item, and what is merged as a whole has a reason.
func TestEveryListSaysHowItIsMerged(t *testing.T) {
	seen := 0
	for _, o := range kustomized(t, "crd") {
		for _, version := range field(o, "spec", "versions").([]any) {
			schema := field(&unstructured.Unstructured{Object: version.(map[string]any)}, "schema", "openAPIV3Schema").(map[string]any)
			seen += lists(t, field(o, "spec", "names", "kind").(string), schema)
		}
	}
	if seen < 20 {
		t.Errorf("only %d lists", seen)
	}
}

// lists counts the lists under a schema, and complains of those that do not say how they are merged.
func lists(t *testing.T, path string, schema map[string]any) int {
	t.Helper()
	n := 0
	properties, _ := schema["properties"].(map[string]any)
	for name, property := range properties {
		n += lists(t, path+"."+name, property.(map[string]any))
	}
	items, is := schema["items"].(map[string]any)
	if !is {
		return n
	}
	kind, keys := schema["x-kubernetes-list-type"], schema["x-kubernetes-list-map-keys"]
	switch {
	case items["type"] != "object" && (kind == "set" || kind == "atomic"):
	case items["type"] == "object" && kind == "map" && keys != nil:
	case items["type"] == "object" && kind == "atomic" && wholesale[path] != "":
	default:
		t.Errorf("%s is a list of %v of type %v", path, items["type"], kind)
	}
	return n + 1 + lists(t, path+"[]", items)
}

// shared is an object of which two managers each apply a part, and what it then has.
type shared struct {
	kind, first, second string
	both                map[string]any
}

// sharedObjects have a case for every list in a spec that is merged by item, beside fields of their own.
var sharedObjects = []shared{
	{"GoToAccount", `{credentials: {secretRef: {name: goto}}, allowedAdminRoles: [RUN_REPORTS]}`, `{resyncInterval: 20m, allowedAdminRoles: [ADD_USERS], allowedRoleSets: [Auditors]}`,
		map[string]any{"allowedAdminRoles": []any{"RUN_REPORTS", "ADD_USERS"}, "allowedRoleSets": []any{"Auditors"}, "resyncInterval": "20m"}},
	{"GoToAttribute", `{accountRef: {name: example}, name: room}`, `{deletionPolicy: Orphan}`, map[string]any{"deletionPolicy": "Orphan", "name": "room"}},
	{"GoToEmailTemplate", `{accountRef: {name: example}, title: Welcome, subject: Hello, text: Welcome}`, `{deletionPolicy: Orphan}`,
		map[string]any{"deletionPolicy": "Orphan", "title": "Welcome"}},
	{"GoToReport", `{accountRef: {name: example}, kind: MeetingHistory, range: {last: 30d}, formats: [xlsx]}`, `{keep: 3, formats: [csv]}`,
		map[string]any{"formats": []any{"xlsx", "csv"}, "keep": int64(3)}},
	{"GoToSettingsProfile", `{accountRef: {name: example}, product: G2M, settings: {chatEnabled: false}, targets: [{selector: {}}]}`, `{priority: 7}`,
		map[string]any{"priority": int64(7), "product": "G2M"}},
	{"GoToGroup", `{accountRef: {name: example}, name: Sales}`, `{deletionPolicy: Orphan}`, map[string]any{"deletionPolicy": "Orphan", "name": "Sales"}},
	{"GoToLicenseBinding", `{accountRef: {name: example}, license: {product: G2M}, subjects: [{selector: {}}]}`, `{priority: 7}`, map[string]any{"priority": int64(7)}},
	{"GoToMeeting", `{accountRef: {name: example}, subject: Weekly, start: "2035-01-08T09:00:00Z", duration: 30m}`, `{coorganizers: [{key: "7"}]}`,
		map[string]any{"coorganizers": []any{map[string]any{"key": "7"}}, "subject": "Weekly"}},
	{"GoToUser", `{accountRef: {name: example}, email: a@b.test, adminRoles: [RUN_REPORTS], managedGroupKeys: ["1"], products: [G2M]}`,
		`{locale: de_DE, adminRoles: [ADD_USERS], managedGroupKeys: ["2"], products: [G2W], roleSets: [Auditors]}`,
		map[string]any{"email": "a@b.test", "locale": "de_DE", "adminRoles": []any{"RUN_REPORTS", "ADD_USERS"},
			"managedGroupKeys": []any{"1", "2"}, "products": []any{"G2M", "G2W"}}},
}

// Two managers, such as a chart that owns a user's address and a tool that labels it and adds roles, do not fight: each may apply its
// part again and again without force, nothing of the other's goes, and nothing is written.
func TestTwoManagersDoNotFight(t *testing.T) {
	c := start(t)
	c.run(t, "apply", "--server-side", "-k", root+"/config/crd")
	c.served(t)
	c.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team"}})
	covered, shares := "", map[string]bool{}
	for _, s := range sharedObjects {
		shares[s.kind] = true
		covered += s.second
		first, second := part(t, s.kind, "chart", s.first), part(t, s.kind, "tool", s.second)
		c.run(t, "apply", "--server-side", "--field-manager=helm", "-f", first)
		c.run(t, "apply", "--server-side", "--field-manager=tool", "-f", second)
		merged := c.shared(t, s.kind)
		for name, want := range s.both {
			if diff := cmp.Diff(want, field(merged, "spec", name)); diff != "" {
				t.Errorf("%s.%s:\n%s", s.kind, name, diff)
			}
		}
		if merged.GetLabels()["chart"] == "" || merged.GetLabels()["tool"] == "" {
			t.Errorf("%s has the labels %v", s.kind, merged.GetLabels())
		}
		c.run(t, "apply", "--server-side", "--field-manager=helm", "-f", first)
		c.run(t, "apply", "--server-side", "--field-manager=tool", "-f", second)
		if again := c.shared(t, s.kind); again.GetResourceVersion() != merged.GetResourceVersion() {
			t.Errorf("%s is written again and again", s.kind)
		}
	}
	for _, o := range kustomized(t, "crd") {
		if kind := field(o, "spec", "names", "kind").(string); !shares[kind] {
			t.Errorf("no two managers share a %s", kind)
		}
	}
	for _, name := range sets(t) {
		if !strings.Contains(covered, name) {
			t.Errorf("no two managers share %s", name)
		}
	}
}

// part is a manifest of what one manager applies, and labels.
func part(t *testing.T, kind, label, spec string) string {
	t.Helper()
	return file(t, fmt.Sprintf("{apiVersion: %s/v1alpha1, kind: %s, metadata: {name: shared, namespace: team, labels: {%s: x}}, spec: %s}", own, kind, label, spec))
}

func (c *cluster) shared(t *testing.T, kind string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(own + "/v1alpha1")
	o.SetKind(kind)
	if err := c.Get(t.Context(), client.ObjectKey{Namespace: "team", Name: "shared"}, o); err != nil {
		t.Fatal(err)
	}
	return o
}

// sets are the names of the lists in specs that are merged by item.
func sets(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, o := range kustomized(t, "crd") {
		version := field(o, "spec", "versions").([]any)[0].(map[string]any)
		spec := field(&unstructured.Unstructured{Object: version}, "schema", "openAPIV3Schema", "properties", "spec", "properties").(map[string]any)
		for name, property := range spec {
			if kind := property.(map[string]any)["x-kubernetes-list-type"]; kind == "set" || kind == "map" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	if len(names) < 4 {
		t.Errorf("only %v", names)
	}
	return names
}
