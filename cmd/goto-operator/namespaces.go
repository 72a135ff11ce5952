package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/internal/controller"
)

// namespaces of a comma-separated list.
func namespaces(list string) map[string]cache.Config {
	var out map[string]cache.Config
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			if out == nil {
				out = map[string]cache.Config{}
			}
			out[name] = cache.Config{}
		}
	}
	return out
}

// watched tells whether a namespace is one of these; nil where there are none, which means all.
func watched(only map[string]cache.Config) func(namespace string) bool {
	if len(only) == 0 {
		return nil
	}
	return func(namespace string) bool {
		_, named := only[namespace]
		return named
	}
}

// restrict makes a manager that works in a few namespaces do without what it has no right to.
//
// Namespaces themselves are cluster-scoped: who works with Roles may read one by its name, and can neither list nor watch
// them. Then one is read when an account asks for its labels, and that these change starts nothing.
func restrict(ctx context.Context, config *rest.Config, o *ctrl.Options) error {
	if len(o.Cache.DefaultNamespaces) == 0 {
		return nil
	}
	may, err := mayWatchNamespaces(ctx, config, o.Scheme)
	if err != nil || may {
		return err
	}
	o.Cache.NewInformer = withoutNamespaces
	o.Client.Cache = &client.CacheOptions{DisableFor: []client.Object{&corev1.Namespace{}}}
	return nil
}

// mayWatchNamespaces asks the API server whether the operator may list and watch Namespaces.
func mayWatchNamespaces(ctx context.Context, config *rest.Config, scheme *runtime.Scheme) (bool, error) {
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return false, err
	}
	for _, verb := range []string{"list", "watch"} {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: verb, Resource: "namespaces"},
		}}
		if err := c.Create(ctx, review); err != nil {
			return false, fmt.Errorf("asking whether Namespaces can be watched: %w", err)
		}
		if !review.Status.Allowed {
			return false, nil
		}
	}
	return true, nil
}

// withoutNamespaces makes informers of which the one for Namespaces has nothing and asks nobody.
func withoutNamespaces(
	source toolscache.ListerWatcher, o runtime.Object, resync time.Duration, indexers toolscache.Indexers,
) toolscache.SharedIndexInformer {
	if _, ok := o.(*corev1.Namespace); ok {
		source = nothing{}
	}
	return controller.NewInformer(source, o, resync, indexers)
}

// nothing lists and watches no Namespace at all.
type nothing struct{}

// List is empty.
func (nothing) List(metav1.ListOptions) (runtime.Object, error) {
	return &corev1.NamespaceList{ListMeta: metav1.ListMeta{ResourceVersion: "1"}}, nil
}

// Watch says nothing until it is stopped.
func (nothing) Watch(metav1.ListOptions) (watch.Interface, error) { return watch.NewFake(), nil }

// IsWatchListSemanticsUnSupported keeps client-go from waiting for a watch to bring what List has.
func (nothing) IsWatchListSemanticsUnSupported() bool { return true }
