package settings

import (
	"slices"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// Levels are those that a profile writes itself.
var Levels = []v1alpha1.SettingsLevel{v1alpha1.LevelNewUsers, v1alpha1.LevelAccount}

// Writes is true if a profile writes a level itself.
func Writes(spec *v1alpha1.GoToSettingsProfileSpec, level v1alpha1.SettingsLevel) bool {
	return level == v1alpha1.LevelNewUsers && spec.NewUsers || level == v1alpha1.LevelAccount && spec.Account
}

// decideLevels finds, for new users and for the account, which profile decides which setting. One that is being deleted and puts back
// what it found decides until it is gone: who comes after finds what was there before it.
func decideLevels(profiles []*profile) {
	slices.SortFunc(profiles, compareProfiles)
	for _, level := range Levels {
		decided := map[Setting]Setting{}
		for _, p := range profiles {
			if p.levels[level] && !p.observes && (!p.deleting || p.restores) {
				p.decideLevel(level, decided)
			}
		}
	}
	for _, p := range profiles {
		if p.observes {
			for _, level := range Levels {
				if p.levels[level] {
					p.decideLevel(level, map[Setting]Setting{}) // as if it were alone, for its status
				}
			}
		}
	}
}

func (p *profile) decideLevel(level v1alpha1.SettingsLevel, decided map[Setting]Setting) {
	if p.own == nil {
		p.own = map[v1alpha1.SettingsLevel]share{}
	}
	p.own[level] = p.share(decided, !p.holds || p.deleting) // to put back, neither targets nor spec have to be usable
}
