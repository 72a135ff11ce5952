package packaging

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/util/jsonpath"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// wide is the width of a terminal that people have.
const wide = 120

// Values as long as they come: a key of GoTo has 19 digits, the name of a user that the chart goto-team makes of an address ends with a
// hash, and people are patient with other names up to here.
const (
	longUser  = "max-manager-example-test-37e8b2e1"
	longName  = "quarterly-business-review"
	longGroup = "Sales Europe, Middle East"
	longMail  = "maximilian.mustermann@acme.test"
	longKey   = "7200000000000000001"
	longest   = 10000 // users of an account
)

var (
	reasons = regexp.MustCompile(`(Reason\w+) += "(\w+)"`)
	used    = regexp.MustCompile(`v1alpha1\.(Reason\w+)`)
)

// longestReason is one of those that the engine, or the controller of a kind, gives.
func longestReason(t *testing.T, kind string) string {
	t.Helper()
	texts := map[string]string{}
	for _, m := range reasons.FindAllStringSubmatch(read(t, "api", "v1alpha1", "conditions.go"), -1) {
		texts[m[1]] = m[2]
	}
	found := ""
	for _, folder := range []string{"engine", "controller/" + strings.ToLower(kind)} {
		files, err := filepath.Glob(filepath.Join(root, "internal", folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			for _, m := range used.FindAllStringSubmatch(read(t, strings.TrimPrefix(file, root)), -1) {
				if len(texts[m[1]]) > len(found) {
					found = texts[m[1]]
				}
			}
		}
	}
	if found == "" {
		t.Fatalf("no reasons of %s", kind)
	}
	return found
}

// long are objects with all that the columns show, without conditions.
func long() map[string][2]string {
	ref := `"accountRef":{"name":"example"}`
	return map[string][2]string{
		"GoToAccount": {`{"credentials":{"secretRef":{"name":"goto"}}}`,
			fmt.Sprintf(`{"accountKey":%q,"snapshot":{"users":%d},"unmanagedUsers":%d}`, longKey, longest, longest)},
		"GoToGroup": {fmt.Sprintf(`{%s,"name":%q}`, ref, longGroup), fmt.Sprintf(`{"groupKey":%q,"members":%d,"totalMembers":%d,"origin":"Created"}`, longKey, longest, longest)},
		"GoToLicenseBinding": {fmt.Sprintf(`{%s,"license":{"key":%q},"subjects":[{"selector":{}}]}`, ref, longKey),
			fmt.Sprintf(`{"licenseKey":%q,"selected":%d,"assigned":%d,"waiting":%d}`, longKey, longest, longest, longest)},
		"GoToMeeting": {fmt.Sprintf(`{%s,"subject":%q,"start":"2035-01-08T09:00:00Z","duration":"30m"}`, ref, strings.Repeat("subject ", 12)+"end"),
			`{"joinURL":"https://meet.goto.com/600000001"}`},
		"GoToAttribute":     {fmt.Sprintf(`{%s,"name":%q}`, ref, longGroup), fmt.Sprintf(`{"attributeKey":%q,"origin":"Created"}`, longKey)},
		"GoToEmailTemplate": {fmt.Sprintf(`{%s,"title":%q,"subject":"s","text":"t"}`, ref, longGroup), fmt.Sprintf(`{"templateKey":%q,"origin":"Created"}`, longKey)},
		"GoToReport": {fmt.Sprintf(`{%s,"kind":"MeetingHistory","schedule":"30 6 * * MON","range":{"last":"30d"}}`, ref),
			fmt.Sprintf(`{"nextRun":"2026-11-30T05:30:00Z","history":[{"due":"2026-11-23T05:30:00Z","finished":"2026-11-23T05:31:00Z","rows":%d}]}`, longest)},
		"GoToSettingsProfile": {fmt.Sprintf(`{%s,"product":"G2M","newUsers":true,"settings":{"chatEnabled":false}}`, ref),
			fmt.Sprintf(`{"selected":%d,"applied":%d,"pending":%d}`, longest, longest, longest)},
		"GoToUser": {fmt.Sprintf(`{%s,"email":%q}`, ref, longMail),
			fmt.Sprintf(`{"userKey":%q,"state":"SUSPENDED","group":{"name":%q},"origin":"Created"}`, longKey, longGroup)},
	}
}

// What kubectl get prints by default has room in a terminal, whatever goes wrong. As kubectl prints it, beside a real API server.
func TestColumnsFitATerminal(t *testing.T) {
	c := start(t)
	c.run(t, "apply", "--server-side", "-k", root+"/config/crd")
	c.served(t)
	c.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team"}})
	long := long()
	for _, crd := range kustomized(t, "crd") {
		if kind := field(crd, "spec", "names", "kind"); long[fmt.Sprint(kind)][0] == "" {
			t.Errorf("no long %s", kind)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(long)) {
		name := longName
		if kind == "GoToUser" {
			name = longUser
		}
		o := &unstructured.Unstructured{Object: map[string]any{}}
		text := fmt.Sprintf(`{"apiVersion":"%s/v1alpha1","kind":%q,"metadata":{"name":%q,"namespace":"team"},"spec":%s}`, own, kind, name, long[kind][0])
		if err := json.Unmarshal([]byte(text), &o.Object); err != nil {
			t.Fatal(err)
		}
		c.create(t, o)
		ready := fmt.Sprintf(`[{"type":"Ready","status":"False","reason":%q,"message":"x","lastTransitionTime":"2026-01-01T00:00:00Z"}]`, longestReason(t, kind))
		status := fmt.Sprintf(`{"status":%s}`, strings.Replace(long[kind][1], "{", `{"conditions":`+ready+",", 1))
		if err := c.Status().Patch(t.Context(), o, client.RawPatch("application/merge-patch+json", []byte(status))); err != nil {
			t.Fatal(err)
		}
		everyColumnShows(t, kind, o)
		for line := range strings.Lines(c.run(t, "get", kind, "-n", "team")) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, " \n")); n > wide {
				t.Errorf("%d characters: %s", n, line)
			}
		}
	}
}

// everyColumnShows something of an object with all values: an empty one would be narrow for the wrong reason.
func everyColumnShows(t *testing.T, kind string, o *unstructured.Unstructured) {
	t.Helper()
	for _, crd := range kustomized(t, "crd") {
		if field(crd, "spec", "names", "kind") != kind {
			continue
		}
		for _, column := range field(crd, "spec", "versions").([]any)[0].(map[string]any)["additionalPrinterColumns"].([]any) {
			c := column.(map[string]any)
			path, shown := jsonpath.New(""), &strings.Builder{}
			err := path.Parse("{" + c["jsonPath"].(string) + "}")
			if err == nil {
				err = path.Execute(shown, o.Object)
			}
			if c["priority"] == nil && (err != nil || shown.Len() == 0) {
				t.Errorf("%s shows nothing as %s: %v", kind, c["name"], err)
			}
		}
	}
}
