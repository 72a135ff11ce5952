package whole

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// Profiles of a random schedule, the higher first: what they say of chat is not the same.
var profiles = []string{"strict", "loose"}

func (s *story) applyProfile(t *rapid.T) {
	name, vip := s.one(t, profiles, "name"), s.one(t, []string{"yes", "no"}, "vip")
	p := newProfile(name, v1alpha1.MeetingSettings{ChatEnabled: new(name != "strict")})
	newUsers, restore := s.one(t, rarely, "new users") == "yes", s.one(t, rarely, "restore") == "yes"
	s.apply(p, func() {
		p.Spec.Targets = []v1alpha1.SettingsTarget{{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"vip": vip}}}}
		p.Spec.NewUsers, p.Spec.DeletionPolicy = newUsers, v1alpha1.SettingsOrphan
		if name == "strict" {
			p.Spec.Priority = new(int32(1))
		}
		if restore {
			p.Spec.DeletionPolicy = v1alpha1.SettingsRestore
		}
	})
}

func (s *story) deleteProfile(t *rapid.T) {
	s.remove(newProfile(s.one(t, profiles, "name"), v1alpha1.MeetingSettings{}))
}

func (s *story) consoleEditsSetting(t *rapid.T) {
	if u, there := s.userInGoTo(t); there {
		s.Sim.EditSettings(acct, u.Key, "G2M", "chatEnabled", s.one(t, []string{"on", "off"}, "chat") == "on")
	}
}

// hasSettings fails if a user is said to have the settings that profiles give, and GoTo shows another value of the first that does.
func (s *story) hasSettings(u *v1alpha1.GoToUser) {
	s.Helper()
	if !s.there(u) || s.ready(u) != "True/Synced" || !meta.IsStatusConditionTrue(u.Status.Conditions, v1alpha1.ConditionSettingsApplied) {
		return
	}
	for _, name := range profiles {
		p := newProfile(name, v1alpha1.MeetingSettings{})
		if !s.there(p) || p.Spec.Targets[0].Selector.MatchLabels["vip"] != u.Labels["vip"] {
			continue
		}
		if got := s.Sim.UserSettings(acct, string(u.Status.UserKey), "G2M")["chatEnabled"]; got != *p.Spec.Settings.ChatEnabled {
			s.broken("GoToUser %s has the settings of profile %s, and chatEnabled is %v", u.Name, name, got)
		}
		return
	}
}
