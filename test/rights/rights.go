// Package rights compares what manifests grant to the operator with what it asks an API server for: enough, and nothing that is
// never used. The tests of the operator's binary and of the installed operator share it.
//
// It imports nothing of the project: it looks at manifests and at what an API server has seen.
package rights

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// Right is to do one thing with one resource, as RBAC names them; a subresource is behind a slash.
type Right struct{ Verb, Group, Resource string }

// UsedUnseen are rights that are used without a request of the operator's own, or not in every life, and why.
var UsedUnseen = map[Right]string{
	{"update", "goto-operator.dev", "gotomeetings/finalizers"}: "the admission of the meetings' Secrets asks for it: OwnerReferencesPermissionEnforcement",
	{"update", "goto-operator.dev", "gotoreports/finalizers"}:  "likewise, of the Secrets of reports",
	{"patch", "events.k8s.io", "events"}:                       "client-go counts an event up that is told again of the same version of an object",
}

// Granted are the rights that manifests give to a ServiceAccount. Its error tells of a binding for anybody else, or of a manifest that
// is no role.
func Granted(manifests []unstructured.Unstructured, namespace, serviceAccount string) (map[Right]bool, error) {
	wanted := []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: namespace, Name: serviceAccount}}
	bound := map[string]bool{}
	for _, o := range manifests {
		if o.GetKind() != "RoleBinding" && o.GetKind() != "ClusterRoleBinding" {
			continue
		}
		var b rbacv1.RoleBinding // a ClusterRoleBinding has the same fields
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &b); err != nil {
			return nil, err
		}
		if !slices.Equal(b.Subjects, wanted) {
			return nil, fmt.Errorf("%s %s is for %v", o.GetKind(), b.Name, b.Subjects)
		}
		bound[b.RoleRef.Kind+" "+b.RoleRef.Name] = true
	}
	return ofRoles(manifests, bound)
}

// ofRoles are the rights of the roles that are bound, by kind and name.
func ofRoles(manifests []unstructured.Unstructured, bound map[string]bool) (map[Right]bool, error) {
	out := map[Right]bool{}
	for _, o := range manifests {
		if !bound[o.GetKind()+" "+o.GetName()] {
			continue
		}
		var role rbacv1.Role // a ClusterRole has the same fields
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &role); err != nil {
			return nil, err
		}
		for _, rule := range role.Rules {
			maps.Copy(out, expand(rule))
		}
	}
	return out, nil
}

func expand(rule rbacv1.PolicyRule) map[Right]bool {
	out := map[Right]bool{}
	for _, group := range rule.APIGroups {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				out[Right{verb, group, resource}] = true
			}
		}
	}
	return out
}

// Unused are the rights that were granted and that no request of an operator asked for, in order. Who watches has to be able to list:
// client-go has an API server that can do so stream the list, and asks for it from others.
func Unused(granted, used map[Right]bool) []Right {
	var out []Right
	for _, r := range slices.SortedFunc(maps.Keys(granted), compare) {
		streamed := r.Verb == "list" && used[Right{"watch", r.Group, r.Resource}]
		if _, unseen := UsedUnseen[r]; !used[r] && !streamed && !unseen {
			out = append(out, r)
		}
	}
	return out
}

func compare(a, b Right) int {
	return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Verb, b.Verb))
}
