package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

// A kind that nobody has heard of yet gets the roles of any kind.
func TestRolesOfAKind(t *testing.T) {
	for _, c := range []struct {
		kind string
		want map[string]string // what each role may do, by name
	}{
		{"GoToEmailTemplate", map[string]string{
			"gotoemailtemplate-admin":  "gotoemailtemplates: create delete deletecollection get list patch update watch",
			"gotoemailtemplate-editor": "gotoemailtemplates: create delete get list patch update watch",
			"gotoemailtemplate-viewer": "gotoemailtemplates: get list watch",
		}},
		{"GoToAccount", map[string]string{
			"gotoaccount-admin":  "gotoaccounts: create delete deletecollection get list patch update watch",
			"gotoaccount-viewer": "gotoaccounts: get list watch",
		}},
	} {
		files, err := render([]string{c.kind})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for name, content := range files {
			if name == "kustomization.yaml" {
				continue
			}
			role := parse(t, content)
			got[role.Name] = role.Rules[0].Resources[0] + ": " + strings.Join(role.Rules[0].Verbs, " ")
			if diff := cmp.Diff([]string{"get"}, role.Rules[1].Verbs); diff != "" || len(role.Rules) != 2 {
				t.Errorf("%s may do more with the status than read it: %v", role.Name, role.Rules)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// What is not in the kustomization is not installed, and what reaches no built-in role is of use to nobody.
func TestEveryRoleIsInstalledAndReachesABuiltInRole(t *testing.T) {
	files, err := render(kinds())
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Resources []string }
	if err := yaml.Unmarshal(files["kustomization.yaml"], &list); err != nil {
		t.Fatal(err)
	}
	delete(files, "kustomization.yaml")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(files)), list.Resources); diff != "" {
		t.Error(diff)
	}
	reached := map[string]string{"admin": "admin", "editor": "edit", "viewer": "view"}
	for name, content := range files {
		role := parse(t, content)
		_, level, _ := strings.Cut(role.Name, "-")
		want := map[string]string{"rbac.authorization.k8s.io/aggregate-to-" + reached[level]: "true"}
		if diff := cmp.Diff(want, role.Labels); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func parse(t *testing.T, content []byte) rbacv1.ClusterRole {
	t.Helper()
	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict(content, &role); err != nil {
		t.Fatal(err)
	}
	return role
}
