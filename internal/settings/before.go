package settings

import (
	"context"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/planning"
)

// Before is what another profile found of a setting at a level, where it wrote something else.
type Before struct {
	Level        v1alpha1.SettingsLevel
	Name         string
	Wrote, Found Value
	TakesOver    bool // it writes the setting again when nobody before it decides it
}

// before is what the other profiles of an account that put back what they found have found. One that may not be about the whole account
// has no say in that either: who edits it could make it up.
func (p *Planner) before(ctx context.Context, o *v1alpha1.GoToSettingsProfile, plan *Plan, refused map[string]error) ([]Before, error) {
	name := engine.AccountName(o)
	var list v1alpha1.GoToSettingsProfileList
	if err := p.reader.List(ctx, &list, planning.OfAccount(name)...); err != nil {
		return nil, err
	}
	var out []Before
	for _, other := range list.Items {
		if other.UID == o.UID || other.Spec.Product != o.Spec.Product || other.Spec.DeletionPolicy != v1alpha1.SettingsRestore {
			continue
		}
		if err := p.mayAim(ctx, name, other, refused); err != nil {
			return nil, err
		}
		if refused[other.Namespace] == nil {
			out = append(out, plan.beforeOf(other)...)
		}
	}
	return out, nil
}

func (p *Plan) beforeOf(o *v1alpha1.GoToSettingsProfile) []Before {
	values, err := Values(&o.Spec)
	if err != nil {
		return nil
	}
	made := p.profiles[client.ObjectKeyFromObject(o)]
	known := made != nil && made.seen == versionOf(o)
	var out []Before
	for _, f := range o.Status.Found {
		if value, says := values[f.Name]; says {
			out = append(out, Before{f.Level, f.Name, value, Value(f.Value), known && made.takesOver(f.Level, f.Name)})
		}
	}
	return out
}

// takesOver is true for a profile that writes a setting of a level as soon as nobody before it decides it.
func (p *profile) takesOver(level v1alpha1.SettingsLevel, name string) bool {
	return p.levels[level] && !p.deleting && !p.observes && !p.holds && !p.withheld[name]
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
