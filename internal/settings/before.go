package settings

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/planning"
)

// Before is what another profile found of a setting at a level, where it wrote something else.
type Before struct {
	Level        v1alpha1.SettingsLevel
	Name         string
	Wrote, Found Value
	TakesOver    bool // it writes the setting again when nobody before it decides it
}

// before is what the other profiles of an account that put back what they found have found.
func (p *Planner) before(ctx context.Context, name types.NamespacedName, o *v1alpha1.GoToSettingsProfile) ([]Before, error) {
	var list v1alpha1.GoToSettingsProfileList
	if err := p.reader.List(ctx, &list, planning.OfAccount(name)...); err != nil {
		return nil, err
	}
	var out []Before
	for i := range list.Items {
		if other := &list.Items[i]; other.UID != o.UID && other.Spec.Product == o.Spec.Product && other.Spec.DeletionPolicy == v1alpha1.SettingsRestore {
			out = append(out, beforeOf(other)...)
		}
	}
	return out, nil
}

func beforeOf(p *v1alpha1.GoToSettingsProfile) []Before {
	values, err := Values(&p.Spec)
	if err != nil {
		return nil
	}
	active := p.DeletionTimestamp.IsZero() && !p.Spec.Suspend && p.Spec.ManagementPolicy != v1alpha1.Observe
	var out []Before
	for _, f := range p.Status.Found {
		if value, says := values[f.Name]; says {
			out = append(out, Before{f.Level, f.Name, value, Value(f.Value), active && Writes(&p.Spec, f.Level)})
		}
	}
	return out
}

// foundBefore is what was there before all profiles of a setting that is shown now: what another one found, if what is there is of its
// writing.
func (o *Own) foundBefore(level v1alpha1.SettingsLevel, name string) Value {
	shown := o.Shown[level][name]
	for _, b := range o.Before {
		if b.Level == level && b.Name == name && b.Wrote == shown {
			return b.Found
		}
	}
	return shown
}

// leftToAnother is true for a setting that another profile writes again once this one is gone, and of which it knows what was there before
// both.
func (o *Own) leftToAnother(level v1alpha1.SettingsLevel, name string) bool {
	return slices.ContainsFunc(o.Before, func(b Before) bool { return b.Level == level && b.Name == name && b.TakesOver })
}
