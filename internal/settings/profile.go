package settings

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// longestName of a setting that status has room for.
const longestName = 64

// profile is a GoToSettingsProfile in a plan, with its counts.
type profile struct {
	name     types.NamespacedName
	seen     version
	created  int64 // seconds since 1970
	uid      types.UID
	priority int32
	product  string
	values   map[string]Value
	levels   map[v1alpha1.SettingsLevel]bool // that it writes itself
	err      error
	refused  error // why it writes no level
	observes bool  // writes nothing, and decides nothing
	holds    bool  // is suspended, or names what is not there: what it says is neither written nor left to others
	deleting bool
	restores bool            // what it found, before it goes
	targets  bool            // are users
	withheld map[string]bool // settings that are neither written nor left to others

	users     Users
	conflicts map[conflict]int // on how many users
	own       map[v1alpha1.SettingsLevel]share
	shown     *Profile // as last acted on
}

// version tells two states of a profile apart, as far as the plan depends on it.
type version struct {
	uid        types.UID
	generation int64
	deleting   bool
	found      int // settings, while it is deleted
}

func versionOf(p *v1alpha1.GoToSettingsProfile) version {
	out := version{uid: p.UID, generation: p.Generation, deleting: !p.DeletionTimestamp.IsZero()}
	if out.deleting {
		out.found = len(p.Status.Found)
	}
	return out
}

// aims is true for a profile that is about a level, or has found something there that may have to be put back.
func aims(p *v1alpha1.GoToSettingsProfile) bool {
	return p.Spec.NewUsers || p.Spec.Account || len(p.Status.Found) > 0
}

// levels are those that a profile writes itself: none where it is refused them.
func levels(p *v1alpha1.GoToSettingsProfile, refused error) map[v1alpha1.SettingsLevel]bool {
	out := map[v1alpha1.SettingsLevel]bool{}
	for _, level := range Levels {
		out[level] = Writes(&p.Spec, level) && refused == nil
	}
	return out
}

// newProfile is a profile in a plan. One that is refused the levels has no say in them.
func newProfile(p *v1alpha1.GoToSettingsProfile, refused error) *profile {
	values, err := Values(&p.Spec)
	out := &profile{
		name: client.ObjectKeyFromObject(p), seen: versionOf(p), created: p.CreationTimestamp.Unix(), uid: p.UID, product: string(p.Spec.Product),
		values: values, err: err, observes: p.Spec.ManagementPolicy == v1alpha1.Observe, holds: p.Spec.Suspend || err != nil,
		deleting: !p.DeletionTimestamp.IsZero(), conflicts: map[conflict]int{},
		targets:  len(p.Spec.Targets) > 0,
		restores: p.Spec.DeletionPolicy == v1alpha1.SettingsRestore && !p.Spec.Suspend,
		levels:   levels(p, refused),
	}
	if p.Spec.NewUsers || p.Spec.Account {
		out.refused = refused
	}
	if p.Spec.Priority != nil {
		out.priority = *p.Spec.Priority
	}
	if out.deleting && out.restores && refused == nil {
		out.claim(p.Status.Found)
	}
	return out
}

// claim adds what was found to what the profile says: that is put back whatever the spec says by now, be it nothing that can be used.
func (p *profile) claim(found []v1alpha1.FoundSetting) {
	values := maps.Clone(p.values)
	if values == nil {
		values = map[string]Value{}
	}
	for _, f := range found {
		p.levels[f.Level] = true
		if _, says := values[f.Name]; !says {
			values[f.Name] = Value(f.Value)
		}
	}
	p.values = values
}

// compareProfiles orders those that say something of the same setting: who comes first decides.
func compareProfiles(a, b *profile) int {
	return cmp.Or(
		cmp.Compare(b.priority, a.priority), cmp.Compare(a.created, b.created), cmp.Compare(a.uid, b.uid),
		cmp.Compare(a.name.Namespace, b.name.Namespace), cmp.Compare(a.name.Name, b.name.Name),
	)
}

// Values are the settings that a spec states, by name. Its error is a *engine.StalledError about one that cannot be set. All that it states
// is there all the same, NotShown where that is no value, so that it can be kept from others.
func Values(spec *v1alpha1.GoToSettingsProfileSpec) (map[string]Value, error) {
	out, err := namedValues(spec.Settings)
	for _, name := range slices.Sorted(maps.Keys(spec.Additional)) {
		if bad := addValue(out, name, spec.Additional[name]); err == nil && bad != nil {
			err = &engine.StalledError{Reason: v1alpha1.ReasonInvalidSetting,
				Message: fmt.Sprintf("spec.additional, %s: %v", engine.Bounded(name, longestName), bad)}
		}
	}
	return out, err
}

func namedValues(stated *v1alpha1.MeetingSettings) (map[string]Value, error) {
	out := map[string]Value{}
	if stated == nil {
		return out, nil
	}
	var named map[string]any
	data, err := json.Marshal(stated)
	if err == nil {
		err = json.Unmarshal(data, &named)
	}
	maps.Copy(out, ShownOf(named))
	return out, err
}

func addValue(to map[string]Value, name string, stated v1alpha1.SettingValue) error {
	if err := settable(name, to); err != nil {
		return err
	}
	value, err := stated.Value()
	if to[name] = NotShown; err == nil {
		to[name] = ValueOf(value)
	}
	return err
}

func settable(name string, named map[string]Value) error {
	switch _, twice := named[name]; {
	case name == "" || len(name) > longestName:
		return fmt.Errorf("the name of a setting has 1 to %d characters", longestName)
	case gotoclient.IsEntitlement(name):
		return fmt.Errorf("it says what the licence grants, and cannot be set")
	case twice:
		return fmt.Errorf("spec.settings has it too")
	}
	return nil
}
