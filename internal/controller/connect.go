package controller

import (
	"net/http"

	"k8s.io/client-go/rest"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/inflight"
)

// Connect prepares how the operator talks to the API server: how fast is left to the server's own priority and fairness, and of
// changes a few dozen are under way at once, so that the server refuses none.
func Connect(config *rest.Config) {
	config.QPS, config.Burst = -1, -1
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return inflight.Transport(next, v1alpha1.GroupVersion.Group)
	})
}
