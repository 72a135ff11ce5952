package engine

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
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

	of  string
	has []*v1alpha1.GoToGroup
	t   *testing.T
}

func (b bucket) List(_ context.Context, list client.ObjectList, opts ...client.ListOption) error {
	var o client.ListOptions
	o.ApplyOptions(opts)
	if want := indexClaim + "=" + b.of; o.FieldSelector.String() != want {
		b.t.Errorf("asked for %s, not %s", o.FieldSelector, want)
	}
	groups, _ := list.(*v1alpha1.GoToGroupList)
	groups.Items = b.has
	return nil
}

func group(name string, uid types.UID, made time.Time) *v1alpha1.GoToGroup {
	return &v1alpha1.GoToGroup{ObjectMeta: metav1.ObjectMeta{UID: uid, CreationTimestamp: metav1.NewTime(made)}, Spec: v1alpha1.GoToGroupSpec{Name: name}}
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
	now := time.Now()
	has := []*v1alpha1.GoToGroup{group("a", "1", now), group(neighbour("a"), "2", now)}
	for _, claim := range []string{"a", neighbour("a")} {
		found, err := withClaim[*v1alpha1.GoToGroup, string](t.Context(), bucket{of: claimBucket("a"), has: has, t: t}, namedGroups{}, &v1alpha1.GoToGroupList{}, claim)
		if err != nil || len(found) != 1 || found[0].Spec.Name != claim {
			t.Errorf("%s: %v, %v", claim, found, err)
		}
	}
}

// An index has no order. Whoever waits for the first of several says whom: that would change with every look, and be written.
func TestWhoHasAClaimComesInOneOrder(t *testing.T) {
	now := time.Now()
	oldest, a, b := group("a", "3", now.Add(-time.Hour)), group("a", "1", now), group("a", "2", now)
	for _, has := range [][]*v1alpha1.GoToGroup{{oldest, a, b}, {b, a, oldest}, {a, oldest, b}} {
		found, err := withClaim[*v1alpha1.GoToGroup, string](t.Context(), bucket{of: claimBucket("a"), has: has, t: t}, namedGroups{}, &v1alpha1.GoToGroupList{}, "a")
		if err != nil || !slices.Equal(found, []*v1alpha1.GoToGroup{oldest, a, b}) {
			t.Errorf("%v, %v", found, err)
		}
	}
}
