package entitlement

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// binding is a GoToLicenseBinding on its way through the plan.
type binding struct {
	*v1alpha1.GoToLicenseBinding

	license   gotoclient.Key
	frozen    bool // gives nothing new and takes nothing away
	taking    bool // is being deleted, and takes away what it gave
	selectors []labels.Selector
	groups    []groupSubject
	names     map[string]bool
	plan      Binding
}

type groupSubject struct {
	name      string
	key       gotoclient.Key
	subgroups bool
}

// prepare resolves what the bindings name.
func prepare(in Input) []*binding {
	var out []*binding
	for i := range in.Bindings {
		b := &binding{GoToLicenseBinding: &in.Bindings[i], names: map[string]bool{}}
		if !b.DeletionTimestamp.IsZero() {
			if b.Spec.Suspend || b.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan {
				continue // it leaves what it gave, like one that is gone
			}
			b.taking, b.license = true, gotoclient.Key(b.Status.LicenseKey)
			b.plan.License = b.license
			out = append(out, b)
			continue
		}
		b.license, b.plan.Err = selectLicense(b.Spec.License, in.Seats)
		if err := b.resolveSubjects(in.Groups); b.plan.Err == nil {
			b.plan.Err = err
		}
		b.plan.License = b.license
		// What has no finalizer yet could go without taking back what it gave.
		b.plan.Claimed = controllerutil.ContainsFinalizer(b, v1alpha1.Finalizer)
		b.frozen = b.Spec.Suspend || b.plan.Err != nil || !b.plan.Claimed
		out = append(out, b)
	}
	return out
}

func (b *binding) resolveSubjects(groups []v1alpha1.GoToGroup) error {
	for _, s := range b.Spec.Subjects {
		switch {
		case s.UserRef.Name != "":
			b.names[s.UserRef.Name] = true
		case s.Selector != nil:
			selector, err := metav1.LabelSelectorAsSelector(s.Selector)
			if err != nil {
				return &engine.BlockedReference{Reason: v1alpha1.ReasonRefused, Message: "a selector in spec.subjects is not valid: " + err.Error()}
			}
			b.selectors = append(b.selectors, selector)
		case s.GroupRef.Name != "":
			i := slices.IndexFunc(groups, func(g v1alpha1.GoToGroup) bool { return g.Namespace == b.Namespace && g.Name == s.GroupRef.Name })
			if i < 0 {
				return &engine.BlockedReference{Reason: v1alpha1.ReasonGroupNotFound, Message: "there is no GoToGroup " + s.GroupRef.Name + " of the same account"}
			}
			b.groups = append(b.groups, groupSubject{s.GroupRef.Name, gotoclient.Key(groups[i].Status.GroupKey), s.Subgroups == v1alpha1.IncludeSubgroups})
		}
	}
	return nil
}

func (b *binding) priority() int32 {
	if b.Spec.Priority != nil {
		return *b.Spec.Priority
	}
	return 0
}

func (b *binding) selects(u *user, groups []v1alpha1.GoToGroup) bool {
	if b.Namespace != u.Namespace {
		return false
	}
	if b.names[u.Name] {
		return true
	}
	for _, s := range b.selectors {
		if s.Matches(labels.Set(u.Labels)) {
			return true
		}
	}
	return slices.ContainsFunc(b.groups, func(g groupSubject) bool { return g.holds(u, groups) })
}

// holds is true for a user whose spec puts it into the group, or who is there while the spec names no group.
func (g groupSubject) holds(u *user, groups []v1alpha1.GoToGroup) bool {
	switch {
	case u.Spec.GroupRef.Name != "":
		return u.Spec.GroupRef.Name == g.name || (g.subgroups && slices.ContainsFunc(groups, func(o v1alpha1.GoToGroup) bool {
			return o.Namespace == u.Namespace && o.Name == u.Spec.GroupRef.Name &&
				(o.Spec.ParentRef.Name == g.name || (g.key != "" && gotoclient.Key(o.Spec.ParentKey) == g.key))
		}))
	case g.key == "":
		return false
	case u.Spec.GroupKey != "":
		return gotoclient.Key(u.Spec.GroupKey) == g.key || (g.subgroups && slices.Contains(u.remote.GroupKeyPath, g.key))
	}
	return u.remote.GroupKey == g.key || (g.subgroups && slices.Contains(u.remote.GroupKeyPath, g.key))
}
