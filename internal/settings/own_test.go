package settings

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// own decides chat and toll-free numbers for new users, and chat for the account.
func own(shown map[v1alpha1.SettingsLevel]Shown) *Own {
	chat, free := setting("G2M", "chatEnabled", false), setting("G2M", "tollFreeEnabled", true)
	return &Own{Shown: shown, Profile: Profile{Decides: map[v1alpha1.SettingsLevel][]Setting{
		v1alpha1.LevelNewUsers: {chat, free}, v1alpha1.LevelAccount: {chat},
	}}}
}

// What GoTo shows otherwise at a level is written there; of a level that could not be read nothing is.
func TestChangesAtTheLevels(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		shown   map[v1alpha1.SettingsLevel]Shown
		changes []engine.Change
		refused []string
	}{
		"not read": {},
		"all there": {shown: map[v1alpha1.SettingsLevel]Shown{
			v1alpha1.LevelNewUsers: {"chatEnabled": "false", "tollFreeEnabled": "true"}, v1alpha1.LevelAccount: {"chatEnabled": "false"},
		}},
		"otherwise": {
			shown: map[v1alpha1.SettingsLevel]Shown{v1alpha1.LevelNewUsers: {"chatEnabled": "true", "tollFreeEnabled": "true"}, v1alpha1.LevelAccount: nil},
			changes: []engine.Change{
				{Field: "newUsers.chatEnabled", Current: "true", Desired: "false"}, {Field: "account.chatEnabled", Current: "not shown", Desired: "false"},
			},
		},
		"not granted": {
			shown:   map[v1alpha1.SettingsLevel]Shown{v1alpha1.LevelNewUsers: {"chatEnabled": "false", "tollFreeEnabled": "false", "tollFreeAccessible": "false"}},
			refused: []string{"tollFreeEnabled"},
		},
	} {
		o := own(row.shown)
		var refused []string
		for _, r := range o.Refused() {
			refused = append(refused, r.Name)
		}
		if d := cmp.Diff(row.changes, o.Changes()); d != "" || !slices.Equal(refused, row.refused) {
			t.Errorf("%s: refused %v, %s", name, refused, d)
		}
		if all := len(o.Among(v1alpha1.LevelNewUsers, row.changes)) + len(o.Among(v1alpha1.LevelAccount, row.changes)); all != len(row.changes) {
			t.Errorf("%s: %d are written of %d", name, all, len(row.changes))
		}
	}
}

// What was there before the first write is put back, and nothing else: not what a second write found, nor what is no affair of the profile
// any more.
func TestFound(t *testing.T) {
	t.Parallel()
	p := &v1alpha1.GoToSettingsProfile{Spec: v1alpha1.GoToSettingsProfileSpec{
		NewUsers: true, Settings: &v1alpha1.MeetingSettings{ChatEnabled: new(false)},
		Additional: map[string]v1alpha1.SettingValue{"tollFreeEnabled": v1alpha1.NewSettingValue("true")},
	}}
	for _, before := range []Value{"true", `"off"`} {
		o := own(map[v1alpha1.SettingsLevel]Shown{v1alpha1.LevelNewUsers: {"chatEnabled": before, "tollFreeEnabled": "true"}, v1alpha1.LevelAccount: {"chatEnabled": before}})
		for _, level := range Levels {
			o.RecordFound(p, level, o.Among(level, o.Changes()))
		}
	}
	now := own(map[v1alpha1.SettingsLevel]Shown{v1alpha1.LevelNewUsers: {"chatEnabled": "false"}, v1alpha1.LevelAccount: {"chatEnabled": "true"}})
	if d := cmp.Diff(gotoclient.Settings{"chatEnabled": true}, now.ToRestore(p, v1alpha1.LevelNewUsers)); d != "" {
		t.Error(d)
	}
	if set := now.ToRestore(p, v1alpha1.LevelAccount); len(set) > 0 {
		t.Errorf("the account, which has what it had, gets %v", set)
	}
	if ForgetFound(p); len(p.Status.Found) != 1 || p.Status.Found[0].Level != v1alpha1.LevelNewUsers {
		t.Errorf("of a profile of new users: %+v", p.Status.Found)
	}
	p.Spec.Settings = nil
	if ForgetFound(p); p.Status.Found != nil {
		t.Errorf("of nothing: %+v", p.Status.Found)
	}
}
