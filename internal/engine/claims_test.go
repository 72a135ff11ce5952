package engine

import (
	"context"
	"fmt"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// namedGroups claims what a group is named.
type namedGroups struct {
	Claimer[*v1alpha1.GoToGroup, string]
}

func (namedGroups) Names(g *v1alpha1.GoToGroup) []string { return []string{g.Spec.Name} }

// bucket is a cache in which all objects are in one bucket of the index.
type bucket struct {
	client.Reader

	of string
	t  *testing.T
}

func (b bucket) List(_ context.Context, list client.ObjectList, opts ...client.ListOption) error {
	var o client.ListOptions
	o.ApplyOptions(opts)
	if want := indexClaim + "=" + b.of; o.FieldSelector.String() != want {
		b.t.Errorf("asked for %s, not %s", o.FieldSelector, want)
	}
	groups, _ := list.(*v1alpha1.GoToGroupList)
	groups.Items = []*v1alpha1.GoToGroup{{}, {}}
	groups.Items[0].Spec.Name, groups.Items[1].Spec.Name = "a", neighbour("a")
	return nil
}

// neighbour is another claim in the same bucket.
func neighbour(claim string) string {
	for i := 0; ; i++ {
		if other := fmt.Sprint("other-", i); claimBucket(other) == claimBucket(claim) {
			return other
		}
	}
}

func TestAClaimIsToldFromItsNeighbour(t *testing.T) {
	for _, claim := range []string{"a", neighbour("a")} {
		found, err := withClaim[*v1alpha1.GoToGroup, string](t.Context(), bucket{of: claimBucket("a"), t: t}, namedGroups{}, &v1alpha1.GoToGroupList{}, claim)
		if err != nil || len(found) != 1 || found[0].Spec.Name != claim {
			t.Errorf("%s: %v, %v", claim, found, err)
		}
	}
}
