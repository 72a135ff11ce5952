package gotosettingsprofile

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/settings"
)

// field names a setting at a level, as in status.drift.
func field(level v1alpha1.SettingsLevel, name string) string {
	if level == v1alpha1.LevelAccount {
		return "account." + name
	}
	return "newUsers." + name
}

// notShown stands for a setting that GoTo does not show at a level.
const notShown = "not shown"

// assess compares what the profile decides at a level with what GoTo shows; nothing is known of a level that could not be read.
func (s *seen) assess(level v1alpha1.SettingsLevel) settings.Assessment {
	shown, read := s.shown[level]
	if !read || len(s.plan.Decides[level]) == 0 {
		return settings.Assessment{}
	}
	if shown == nil {
		shown = settings.Shown{}
	}
	decides := s.plan.Decides[level]
	return settings.Assess(&settings.Wanted{Settings: decides}, settings.Record{decides[0].Product: shown})
}

func (s *seen) changes() []engine.Change {
	var out []engine.Change
	for _, level := range settings.Levels {
		for _, l := range s.assess(level).Lacking {
			current := string(l.Current)
			if l.Current == settings.NotShown {
				current = notShown
			}
			out = append(out, engine.Change{Field: field(level, l.Name), Current: current, Desired: string(l.Value)})
		}
	}
	return out
}

// among are the settings of a level that changes name.
func (s *seen) among(level v1alpha1.SettingsLevel, changes []engine.Change) gotoclient.Settings {
	out := gotoclient.Settings{}
	for _, d := range s.plan.Decides[level] {
		if slices.ContainsFunc(changes, func(c engine.Change) bool { return c.Field == field(level, d.Name) }) {
			out[d.Name] = d.Value.JSON()
		}
	}
	return out
}

// mostFound that status has room for.
const mostFound = 256

// longestFound is the longest value that is kept to be put back.
const longestFound = 2048

// recordFound notes what GoTo shows of settings that are about to be written for the first time.
func (s *seen) recordFound(p *v1alpha1.GoToSettingsProfile, changes []engine.Change) {
	for _, level := range settings.Levels {
		for _, name := range slices.Sorted(maps.Keys(s.among(level, changes))) {
			value := string(s.shown[level][name])
			if found(p, level, name) == nil && len(p.Status.Found) < mostFound && len(value) <= longestFound {
				p.Status.Found = append(p.Status.Found, v1alpha1.FoundSetting{Level: level, Name: name, Value: value})
			}
		}
	}
}

func found(p *v1alpha1.GoToSettingsProfile, level v1alpha1.SettingsLevel, name string) *v1alpha1.FoundSetting {
	i := slices.IndexFunc(p.Status.Found, func(f v1alpha1.FoundSetting) bool { return f.Level == level && f.Name == name })
	if i < 0 {
		return nil
	}
	return &p.Status.Found[i]
}

// forgetFound forgets what was found of settings of which the profile no longer says anything: they are no concern of it any more.
func forgetFound(p *v1alpha1.GoToSettingsProfile) {
	values, err := settings.Values(&p.Spec)
	if err != nil {
		return
	}
	writes := map[v1alpha1.SettingsLevel]bool{v1alpha1.LevelNewUsers: p.Spec.NewUsers, v1alpha1.LevelAccount: p.Spec.Account}
	p.Status.Found = slices.DeleteFunc(p.Status.Found, func(f v1alpha1.FoundSetting) bool {
		_, says := values[f.Name]
		return !says || !writes[f.Level]
	})
	if len(p.Status.Found) == 0 {
		p.Status.Found = nil
	}
}

// toRestore are the settings of a level as they were found, where the profile decides them and GoTo shows something else.
func (s *seen) toRestore(p *v1alpha1.GoToSettingsProfile, level v1alpha1.SettingsLevel) gotoclient.Settings {
	shown, read := s.shown[level]
	out := gotoclient.Settings{}
	for _, d := range s.plan.Decides[level] {
		if f := found(p, level, d.Name); read && f != nil && f.Value != "" && shown[d.Name] != settings.Value(f.Value) {
			out[d.Name] = settings.Value(f.Value).JSON()
		}
	}
	return out
}

// memory is what of the status has to survive its loss.
type memory struct {
	Found []v1alpha1.FoundSetting `json:"found,omitempty"`
}

// Memory is what was there before the profile.
func (Kind) Memory(p *v1alpha1.GoToSettingsProfile) any { return memory{p.Status.Found} }

// Recall adds what the status lacks.
func (Kind) Recall(p *v1alpha1.GoToSettingsProfile, data json.RawMessage) {
	var m memory
	if json.Unmarshal(data, &m) != nil {
		return
	}
	for _, f := range m.Found {
		if found(p, f.Level, f.Name) == nil {
			p.Status.Found = append(p.Status.Found, f)
		}
	}
}

func announcement(p *v1alpha1.GoToSettingsProfile, set gotoclient.Settings) string {
	return fmt.Sprintf("from %s on, settings of %s are written to the account, which may overwrite those of all its users: %s",
		p.Status.Announced.Add(announceFor).UTC().Format(time.RFC3339), p.Spec.Product, strings.Join(slices.Sorted(maps.Keys(set)), ", "))
}

func (s *seen) report(p *v1alpha1.GoToSettingsProfile) {
	st, n := &p.Status, s.plan.Users
	st.Selected, st.Applied, st.Pending = count(n.Selected), count(n.Applied), count(n.Pending)
	st.Refused, st.NotEntitled, st.Overridden = count(n.Refused), count(n.NotEntitled), count(n.Overridden)
	st.Conflicts = s.plan.Conflicts
}

func count(n int) *int64 {
	v := int64(n)
	return &v
}

func (s *seen) judge(p *v1alpha1.GoToSettingsProfile) ([]metav1.Condition, error) {
	forgetFound(p)
	announced := metav1.Condition{Type: v1alpha1.ConditionAccountWriteAnnounced, Status: metav1.ConditionUnknown}
	set := s.among(v1alpha1.LevelAccount, s.changes())
	switch {
	case len(set) == 0:
		p.Status.Announced = nil
	case p.Status.Announced != nil:
		announced.Status, announced.Reason, announced.Message = metav1.ConditionTrue, v1alpha1.ReasonAnnounced, announcement(p, set)
	}
	applied, err := s.standing(p)
	return []metav1.Condition{announced, applied}, err
}

// standing says how far the settings are where they are to be. That a licence does not grant one is no reason to wait.
func (s *seen) standing(p *v1alpha1.GoToSettingsProfile) (metav1.Condition, error) {
	n := s.plan.Users
	out := metav1.Condition{Type: v1alpha1.ConditionSettingsApplied, Status: metav1.ConditionFalse}
	var err error
	switch refused := s.refused(); {
	case s.plan.Err != nil:
		out.Status, err = metav1.ConditionUnknown, s.plan.Err
	case len(s.nowhere) > 0:
		out.Reason, out.Message = v1alpha1.ReasonCountryNotAllowed, s.nowhereText()
		err = &engine.StalledError{Reason: out.Reason, Message: out.Message}
	case n.Denied > 0:
		out.Reason, out.Message = v1alpha1.ReasonEndpointUnverified, fmt.Sprintf("%d of %d users wait for the account's spec.endpoints: "+
			"nobody has verified how settings are written", n.Denied, n.Selected)
		err = &engine.StalledError{Reason: out.Reason, Message: out.Message}
	case n.Pending > 0:
		out.Reason, out.Message = v1alpha1.ReasonApplying, fmt.Sprintf("%d of %d users have the settings", n.Applied, n.Selected)
		err = &engine.WaitingError{Reason: out.Reason, Message: out.Message}
	case n.Refused > 0:
		out.Reason = v1alpha1.ReasonUsersNotReady
		out.Message = fmt.Sprintf("%d of %d users are suspended, only observed or stalled, and do not have the settings", n.Refused, n.Selected)
		err = &engine.WaitingError{Reason: out.Reason, Message: out.Message}
	case n.NotEntitled > 0:
		out.Reason, out.Message = v1alpha1.ReasonSettingNotEntitled, fmt.Sprintf("the licences of %d of %d users do not grant every setting", n.NotEntitled, n.Selected)
	case len(refused) > 0:
		out.Reason, out.Message = refused[0].Reason, refused[0].Why
	default:
		out.Status, out.Reason, out.Message = metav1.ConditionTrue, v1alpha1.ReasonApplied, "the settings are where they are to be"
	}
	if p.Spec.Suspend {
		out.Status = metav1.ConditionUnknown
	}
	return out, errors.Join(s.unread, err)
}

// refused are the settings that the account does not grant at the levels that the profile writes.
func (s *seen) refused() []settings.Refusal {
	var out []settings.Refusal
	for _, level := range settings.Levels {
		out = append(out, s.assess(level).Refused...)
	}
	return out
}

func (s *seen) nowhereText() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(s.nowhere)) {
		parts = append(parts, fmt.Sprintf("the account has no numbers of %s, which %s names", s.nowhere[name], name))
	}
	return strings.Join(parts, "; ")
}
