package packaging

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// Types and schemas do not know all that an API server refuses: ports that there are not, labels that are none, CEL. So one is given every
// component of config, and both charts with all their values; what is the Prometheus Operator's it does not know.
func TestAPIServersTakeEverything(t *testing.T) {
	c := start(t)
	c.run(t, "apply", "--server-side", "-k", filepath.Join(root, "config", "default"))
	c.served(t)
	c.takes(t, "components", documents(t, overlay(t, everything)))
	for name, sets := range everyValue {
		for _, with := range sets {
			r, err := template(load(t, name), "sales", "goto", values(t, with))
			if err != nil {
				t.Fatal(err)
			}
			c.takes(t, name, r.Manifest+hooks(r))
		}
	}
}

// takes says that the API server takes each document of a text, by server-side apply with its strict validation.
func (c *cluster) takes(t *testing.T, what, text string) {
	t.Helper()
	taken := slices.DeleteFunc(strings.Split(text, "---\n"), func(document string) bool {
		return strings.TrimSpace(document) == "" || strings.Contains(document, "apiVersion: "+monitoring)
	})
	if len(taken) < 4 {
		t.Errorf("%s: only %d documents", what, len(taken))
	}
	c.namespaces(t, text)
	c.run(t, "apply", "--server-side", "--filename="+file(t, strings.Join(taken, "\n---\n")))
}

var namespaced = regexp.MustCompile(`(?m)^  namespace: "?([-a-z0-9]+)"?$`)

// namespaces makes those that objects of a text are in.
func (c *cluster) namespaces(t *testing.T, text string) {
	t.Helper()
	all := map[string]bool{}
	for _, found := range namespaced.FindAllStringSubmatch(text, -1) {
		all[found[1]] = true
	}
	var there corev1.NamespaceList
	if err := c.List(t.Context(), &there); err != nil {
		t.Fatal(err)
	}
	for _, n := range there.Items {
		delete(all, n.Name)
	}
	for name := range all {
		c.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
}

// documents are objects as documents of YAML.
func documents(t *testing.T, all objects) string {
	t.Helper()
	var out strings.Builder
	for _, key := range slices.Sorted(maps.Keys(all)) {
		text, err := yaml.Marshal(all[key].Object)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n" + string(text))
	}
	return out.String()
}
