package controller

import (
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/inflight"
)

// Connect prepares how the operator talks to the API server: how fast is left to the server's own priority and fairness.
func Connect(config *rest.Config) { config.QPS, config.Burst = -1, -1 }

// Cache is what the operator keeps of the API server's objects, in these namespaces or in all, and who is told of their events.
func Cache(namespaces map[string]cache.Config) cache.Options {
	return cache.Options{DefaultNamespaces: namespaces, DefaultTransform: Slim, NewInformer: NewInformer}
}

// NewClient is how a manager makes its client: of changes of the operator's objects a dozen of a sort are under way at once, so that the server
// refuses none.
func NewClient(config *rest.Config, options client.Options) (client.Client, error) {
	c, err := client.New(config, options)
	if err != nil {
		return nil, err
	}
	return inflight.Client(c, v1alpha1.GroupVersion.Group), nil
}
