package integration_test

import (
	"maps"
	"net/http"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// right is to do one thing with one resource, as RBAC names them.
type right struct{ verb, group, resource string }

// usedUnseen are rights that are used without a request of the operator's own, or not in every life.
var usedUnseen = map[right]string{
	{"update", "goto-operator.dev", "gotoreports/finalizers"}:  "likewise, of the reports' Secrets",
	{"update", "goto-operator.dev", "gotomeetings/finalizers"}: "the admission of the meetings' Secrets asks for it: OwnerReferencesPermissionEnforcement",
	{"patch", "events.k8s.io", "events"}:                       "client-go counts an event up that is told again of the same version of an object",
}

// asked reads a request as the API server does.
var asked = request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}

// rightOf is the right that a request needs; false for one that is not about a resource, such as discovery.
func rightOf(r *http.Request) (right, bool) {
	info, err := asked.NewRequestInfo(r)
	if err != nil || !info.IsResourceRequest {
		return right{}, false
	}
	resource := info.Resource
	if info.Subresource != "" {
		resource += "/" + info.Subresource
	}
	return right{info.Verb, info.APIGroup, resource}, true
}

// granted are the rights that manifests give to the operator's ServiceAccount.
func granted(manifests []unstructured.Unstructured) map[right]bool {
	GinkgoHelper()
	bound := map[string]bool{}
	for _, o := range manifests {
		if o.GetKind() == "RoleBinding" || o.GetKind() == "ClusterRoleBinding" {
			var b rbacv1.RoleBinding // a ClusterRoleBinding has the same fields
			into(o, &b)
			Expect(b.Subjects).To(Equal([]rbacv1.Subject{{Kind: "ServiceAccount", Namespace: operatorNamespace, Name: "goto-operator-controller-manager"}}))
			bound[b.RoleRef.Kind+" "+b.RoleRef.Name] = true
		}
	}
	out := map[right]bool{}
	for _, o := range manifests {
		if !bound[o.GetKind()+" "+o.GetName()] {
			continue
		}
		var role rbacv1.Role // likewise
		into(o, &role)
		for _, rule := range role.Rules {
			maps.Copy(out, expand(rule))
		}
	}
	return out
}

func expand(rule rbacv1.PolicyRule) map[right]bool {
	out := map[right]bool{}
	for _, group := range rule.APIGroups {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				out[right{verb, group, resource}] = true
			}
		}
	}
	return out
}

func into(o unstructured.Unstructured, typed any) {
	GinkgoHelper()
	Expect(runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, typed)).To(Succeed())
}

// unused are the rights that were granted and that no request of an operator asked for. Who watches has to be able to list:
// client-go has an API server that can do so stream the list, and asks for it from others.
func unused(granted, used map[right]bool) []right {
	var out []right
	for _, r := range slices.SortedFunc(maps.Keys(granted), compareRights) {
		streamed := r.verb == "list" && used[right{"watch", r.group, r.resource}]
		if _, unseen := usedUnseen[r]; !used[r] && !streamed && !unseen {
			out = append(out, r)
		}
	}
	return out
}

func compareRights(a, b right) int {
	return slices.Compare([]string{a.group, a.resource, a.verb}, []string{b.group, b.resource, b.verb})
}
