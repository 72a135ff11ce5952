package integration_test

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/goto-operator/goto-operator/test/rights"
)

// asked reads a request as the API server does.
var asked = request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}

// rightOf is the right that a request needs; false for one that is not about a resource, such as discovery.
func rightOf(r *http.Request) (rights.Right, bool) {
	info, err := asked.NewRequestInfo(r)
	if err != nil || !info.IsResourceRequest {
		return rights.Right{}, false
	}
	resource := info.Resource
	if info.Subresource != "" {
		resource += "/" + info.Subresource
	}
	return rights.Right{Verb: info.Verb, Group: info.APIGroup, Resource: resource}, true
}

// granted are the rights that manifests give to the operator's ServiceAccount.
func granted(manifests []unstructured.Unstructured) map[rights.Right]bool {
	GinkgoHelper()
	all, err := rights.Granted(manifests, operatorNamespace, "goto-operator-controller-manager")
	Expect(err).NotTo(HaveOccurred())
	return all
}

func into(o unstructured.Unstructured, typed any) {
	GinkgoHelper()
	Expect(runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, typed)).To(Succeed())
}
