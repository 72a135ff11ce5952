package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// object is what matters here of an object of any kind.
type object struct {
	metav1.TypeMeta `json:",inline"`

	Metadata metav1.ObjectMeta `json:"metadata,omitzero"`
	Spec     struct {
		Credentials struct {
			SecretRef struct {
				Name string `json:"name,omitempty"`
			} `json:"secretRef,omitzero"`
		} `json:"credentials,omitzero"`
	} `json:"spec,omitzero"`
	Status struct {
		Origin v1alpha1.Origin `json:"origin,omitempty"`
	} `json:"status,omitzero"`
}

// ours is true for a finalizer of the operator's.
func ours(finalizer string) bool {
	return strings.HasPrefix(finalizer, v1alpha1.GroupVersion.Group+"/")
}

// created is true for an object whose counterpart the operator made.
func (o object) created() bool { return o.Status.Origin == v1alpha1.Created }

// managed are the objects that hold something in GoTo, or that nobody but the operator can let go.
func managed(all []object) []object {
	var out []object
	for _, o := range all {
		if o.created() || slices.ContainsFunc(o.Metadata.Finalizers, ours) {
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(a, b object) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Metadata.Namespace, b.Metadata.Namespace), cmp.Compare(a.Metadata.Name, b.Metadata.Name))
	})
	return out
}

func headline(held []object) string {
	created := 0
	for _, o := range held {
		if o.created() {
			created++
		}
	}
	return fmt.Sprintf("The operator holds %d objects; the counterparts of %d of them it created in GoTo itself:", len(held), created)
}

// shownNames is how many objects of one kind and namespace are named.
const shownNames = 5

// table counts the objects, which are sorted, by kind and namespace, and names a few.
func table(held []object) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "\n  KIND\tNAMESPACE\tOBJECTS\tCREATED IN GOTO\tNAMES")
	for len(held) > 0 {
		first := held[0]
		n := slices.IndexFunc(held, func(o object) bool {
			return o.Kind != first.Kind || o.Metadata.Namespace != first.Metadata.Namespace
		})
		if n < 0 {
			n = len(held)
		}
		fmt.Fprintln(w, row(held[:n]))
		held = held[n:]
	}
	_ = w.Flush()
	return out.String()
}

// row is the line of objects of one kind and namespace.
func row(objects []object) string {
	created, names := 0, []string(nil)
	for _, o := range objects {
		if o.created() {
			created++
		}
		names = append(names, o.Metadata.Name)
	}
	if more := len(names) - shownNames; more > 0 {
		names = append(names[:shownNames], fmt.Sprintf("and %d more", more))
	}
	first := objects[0]
	return fmt.Sprintf("  %s\t%s\t%d\t%d\t%s", first.Kind, first.Metadata.Namespace, len(objects), created, strings.Join(names, ", "))
}
