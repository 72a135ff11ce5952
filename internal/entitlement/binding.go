package entitlement

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Binding is what a plan says of one GoToLicenseBinding.
type Binding struct {
	License gotoclient.Key
	// Err is a *engine.BlockedReference if the binding names something that cannot be used. It then changes nothing: who
	// has the licence through it keeps it.
	Err error
	// Selected, Assigned, Waiting and Failed count users as the binding's status does; Working those that neither have the
	// licence yet nor wait nor failed.
	Selected, Assigned, Waiting, Failed, Working int
	// Claimed is false as long as the binding has no finalizer: it gives nothing yet.
	Claimed bool
	// Holding are the users, selected or not, for whom it is recorded that this binding gave them a licence, and who can be
	// worked on. Braked are those of them that wait for the deletion brake.
	Holding, Braked int
}

func (b Binding) differs(shown Binding) bool {
	if fmt.Sprint(b.Err) != fmt.Sprint(shown.Err) {
		return true
	}
	b.Err, shown.Err = nil, nil
	return b != shown
}

// binding is a GoToLicenseBinding in a plan, with its counts.
type binding struct {
	*definition

	counts Binding
	shown  *Binding // as last acted on
}

// said is what the plan says of the binding.
func (b *binding) said() Binding {
	out := b.counts
	out.License, out.Err, out.Claimed = b.license, b.err, b.claimed
	return out
}

// definition is what a GoToLicenseBinding says, with what it names looked up. It is not changed once it is made.
type definition struct {
	attributes

	name      types.NamespacedName
	of        *binding
	err       error
	seen      version
	selectors []labels.Selector
	groups    []groupSubject
	users     []string // by name
}

// attributes of a binding concern all whom it selects.
type attributes struct {
	uid      types.UID
	license  gotoclient.Key
	priority int32
	fail     bool // rather than wait
	frozen   bool // gives nothing new and takes nothing away
	begins   bool // is frozen until its finalizer is set, which is the first thing that its own reconcile does
	taking   bool // is being deleted, and takes away what it gave
	claimed  bool
}

type groupSubject struct {
	name      string
	subgroups bool
}

// version tells two states of a GoToLicenseBinding apart, as far as the plan depends on it.
type version struct {
	uid        types.UID
	generation int64
	deleting   bool
	claimed    bool
	license    v1alpha1.Key
}

func versionOf(b *v1alpha1.GoToLicenseBinding) version {
	return version{b.UID, b.Generation, !b.DeletionTimestamp.IsZero(), controllerutil.ContainsFinalizer(b, v1alpha1.Finalizer), b.Status.LicenseKey}
}

// letsGo is true for a binding that is being deleted and leaves what it gave, like one that is gone.
func letsGo(b *v1alpha1.GoToLicenseBinding) bool {
	return !b.DeletionTimestamp.IsZero() && (b.Spec.Suspend || b.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan)
}

// define looks up what a binding names. What cannot be looked up freezes it.
func define(b *v1alpha1.GoToLicenseBinding, groups forest, in *Input) *definition {
	d := &definition{name: client.ObjectKeyFromObject(b), seen: versionOf(b)}
	d.uid = b.UID
	if d.seen.deleting {
		d.taking, d.license = true, gotoclient.Key(b.Status.LicenseKey)
		return d
	}
	d.license, d.err = selectLicense(b.Spec.License, in.Seats)
	if err := d.resolveSubjects(b.Spec.Subjects, groups[b.Namespace]); d.err == nil {
		d.err = err
	}
	if b.Spec.Priority != nil {
		d.priority = *b.Spec.Priority
	}
	d.fail = b.Spec.OnExhausted == v1alpha1.OnExhaustedFail
	// What has no finalizer yet could go without taking back what it gave. Where nothing is given none is set.
	d.claimed = d.seen.claimed || in.Observe
	able := !b.Spec.Suspend && d.err == nil
	d.frozen, d.begins = !able || !d.claimed, able && !d.claimed
	return d
}

func (d *definition) resolveSubjects(subjects []v1alpha1.LicenseSubject, groups *tree) error {
	for _, s := range subjects {
		switch {
		case s.UserRef.Name != "":
			d.users = append(d.users, s.UserRef.Name)
		case s.Selector != nil:
			selector, err := metav1.LabelSelectorAsSelector(s.Selector)
			if err != nil {
				return &engine.BlockedReference{Reason: v1alpha1.ReasonRefused, Message: "a selector in spec.subjects is not valid: " + err.Error()}
			}
			d.selectors = append(d.selectors, selector)
		case s.GroupRef.Name != "":
			if !groups.has(s.GroupRef.Name) {
				return &engine.BlockedReference{Reason: v1alpha1.ReasonGroupNotFound, Message: "there is no GoToGroup " + s.GroupRef.Name + " of the same account"}
			}
			d.groups = append(d.groups, groupSubject{s.GroupRef.Name, s.Subgroups == v1alpha1.IncludeSubgroups})
		}
	}
	return nil
}

// current is true if a binding in its present state would be defined the same.
func (d *definition) current(o *definition) bool {
	return d.seen == o.seen && d.attributes == o.attributes && fmt.Sprint(d.err) == fmt.Sprint(o.err)
}
