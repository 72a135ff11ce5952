package settings

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Own is what a profile has to do at the levels that it writes itself: what the plan has it decide there, beside what GoTo shows.
type Own struct {
	Profile

	// Shown are the levels that could be read.
	Shown map[v1alpha1.SettingsLevel]Shown
}

// ReadOwn reads the levels of which a profile decides something. Its error is why it could not read those that Shown lacks.
func ReadOwn(ctx context.Context, from *account.Settings, product string, plan Profile) (Own, error) {
	out := Own{plan, map[v1alpha1.SettingsLevel]Shown{}}
	var unread error
	for _, level := range Levels {
		if _, decides := plan.Decides[level]; !decides {
			continue
		}
		get := from.NewUsers
		if level == v1alpha1.LevelAccount {
			get = from.Account
		}
		shown, err := get(ctx, product)
		if err != nil {
			unread = errors.Join(unread, err)
			continue
		}
		out.Shown[level] = ShownOf(shown)
	}
	return out, unread
}

// assess compares what the profile decides at a level with what GoTo shows; nothing is known of a level that could not be read.
func (o *Own) assess(level v1alpha1.SettingsLevel) Assessment {
	shown, read := o.Shown[level]
	decides := o.Decides[level]
	if !read || len(decides) == 0 {
		return Assessment{}
	}
	if shown == nil {
		shown = Shown{}
	}
	return Assess(&Wanted{Settings: decides}, Record{decides[0].Product: shown})
}

// fieldOf names a setting at a level, as in status.drift.
func fieldOf(level v1alpha1.SettingsLevel, name string) string {
	if level == v1alpha1.LevelAccount {
		return "account." + name
	}
	return "newUsers." + name
}

// Changes are what differs at the levels.
func (o *Own) Changes() []engine.Change {
	var out []engine.Change
	for _, level := range Levels {
		for _, l := range o.assess(level).Lacking {
			out = append(out, l.Change(fieldOf(level, l.Name)))
		}
	}
	return out
}

// Refused are the settings that the account does not grant at the levels.
func (o *Own) Refused() []Refusal {
	var out []Refusal
	for _, level := range Levels {
		out = append(out, o.assess(level).Refused...)
	}
	return out
}

// Among are the settings of a level that changes name, with the values that they are to have.
func (o *Own) Among(level v1alpha1.SettingsLevel, changes []engine.Change) gotoclient.Settings {
	out := gotoclient.Settings{}
	for _, d := range o.Decides[level] {
		if slices.ContainsFunc(changes, func(c engine.Change) bool { return c.Field == fieldOf(level, d.Name) }) {
			out[d.Name] = d.Value.JSON()
		}
	}
	return out
}

const (
	// mostFound that status has room for.
	mostFound = 256
	// longestFound is the longest value that is kept to be put back.
	longestFound = 2048
)

// RecordFound notes in the status what GoTo shows of settings of a level that are about to be written for the first time.
func (o *Own) RecordFound(p *v1alpha1.GoToSettingsProfile, level v1alpha1.SettingsLevel, set gotoclient.Settings) {
	for _, name := range slices.Sorted(maps.Keys(set)) {
		value := o.foundBefore(level, name)
		if len(value) > longestFound {
			value = NotShown // it cannot be put back either
		}
		if len(p.Status.Found) < mostFound {
			AddFound(p, v1alpha1.FoundSetting{Level: level, Name: name, Value: string(value)})
		}
	}
}

// UnrecordFound takes back what was noted since before of settings that the profile was to write and that GoTo does not show. Of a level that
// could not be read nothing is taken back.
func (o *Own) UnrecordFound(p, before *v1alpha1.GoToSettingsProfile) {
	p.Status.Found = slices.DeleteFunc(p.Status.Found, func(f v1alpha1.FoundSetting) bool {
		return found(before, f.Level, f.Name) == nil && o.lacks(f.Level, f.Name)
	})
}

func (o *Own) lacks(level v1alpha1.SettingsLevel, name string) bool {
	shown, read := o.Shown[level]
	return read && slices.ContainsFunc(o.Decides[level], func(d Setting) bool { return d.Name == name && d.Value != shown[name] })
}

// AddFound notes what was found of a setting, unless the status has it already.
func AddFound(p *v1alpha1.GoToSettingsProfile, f v1alpha1.FoundSetting) {
	if found(p, f.Level, f.Name) == nil {
		p.Status.Found = append(p.Status.Found, f)
	}
}

func found(p *v1alpha1.GoToSettingsProfile, level v1alpha1.SettingsLevel, name string) *v1alpha1.FoundSetting {
	i := slices.IndexFunc(p.Status.Found, func(f v1alpha1.FoundSetting) bool { return f.Level == level && f.Name == name })
	if i < 0 {
		return nil
	}
	return &p.Status.Found[i]
}

// ForgetFound forgets what was found of settings of which the profile no longer says anything: they are no concern of it any more.
func ForgetFound(p *v1alpha1.GoToSettingsProfile) {
	values, err := Values(&p.Spec)
	if err != nil {
		return
	}
	p.Status.Found = slices.DeleteFunc(p.Status.Found, func(f v1alpha1.FoundSetting) bool {
		_, says := values[f.Name]
		return !says || !Writes(&p.Spec, f.Level)
	})
	if len(p.Status.Found) == 0 {
		p.Status.Found = nil
	}
}

// ToRestore are the settings of a level as they were found, where the profile decides them, no other is about to, and GoTo shows something
// else.
func (o *Own) ToRestore(p *v1alpha1.GoToSettingsProfile, level v1alpha1.SettingsLevel) gotoclient.Settings {
	shown, read := o.Shown[level]
	out := gotoclient.Settings{}
	for _, d := range o.Decides[level] {
		if o.leftToAnother(level, d.Name) {
			continue
		}
		if f := found(p, level, d.Name); read && f != nil && f.Value != "" && shown[d.Name] != Value(f.Value) {
			out[d.Name] = Value(f.Value).JSON()
		}
	}
	return out
}

// Left are the settings, by the names that a status has for them, that stay as the profile has them though it would put back what it found:
// GoTo showed nothing that could be, or the profile may not write the level any more.
func (o *Own) Left(p *v1alpha1.GoToSettingsProfile) []string {
	var out []string
	for _, f := range p.Status.Found {
		decides, may := o.Decides[f.Level]
		stays := Value(f.Value) == NotShown && o.Shown[f.Level][f.Name] != NotShown && !o.leftToAnother(f.Level, f.Name) &&
			slices.ContainsFunc(decides, func(d Setting) bool { return d.Name == f.Name })
		if stays || !may {
			out = append(out, fieldOf(f.Level, f.Name))
		}
	}
	return out
}
