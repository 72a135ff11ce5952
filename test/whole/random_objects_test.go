package whole

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

var (
	bindings = []string{"vips", "all"}
	meetings = []string{"mon", "tue"}
)

func (s *story) onObjects() acting {
	return acting{
		"apply a group": s.applyGroup, "delete a group": s.deleteGroup,
		"apply a binding": s.applyBinding, "delete a binding": s.deleteBinding,
		"apply a meeting": s.applyMeeting, "delete a meeting": s.deleteMeeting,
		"apply a report": s.applyReport, "delete a report": s.deleteReport,
		"apply a profile": s.applyProfile, "delete a profile": s.deleteProfile,
	}
}

// applyGroup makes a group, of which the crew is one of sales, or gives it another name.
func (s *story) applyGroup(t *rapid.T) {
	g := newGroup(s.one(t, groups, "name"))
	inGoTo := s.one(t, []string{"Sales", "Operations", "Crew"}, "in GoTo")
	s.apply(g, func() {
		g.Spec.Name = inGoTo
		if g.Name == "crew" {
			g.Spec.ParentRef.Name = "sales"
		}
	})
}

func (s *story) deleteGroup(t *rapid.T) { s.remove(newGroup(s.one(t, groups, "name"))) }

func (s *story) applyBinding(t *rapid.T) {
	b := newBinding(s.one(t, bindings, "name"), ofWebs)
	subject := s.subject(t)
	priority, suspended := s.number(t, []int{0, 1}, "priority"), s.one(t, rarely, "suspended") == "yes"
	s.apply(b, func() {
		b.Spec.Subjects, b.Spec.Suspend = []v1alpha1.LicenseSubject{subject}, suspended
		b.Spec.Priority = new(int32(priority))
	})
}

// subject is whom a binding selects, by labels or all more often than by name or by group.
func (s *story) subject(t *rapid.T) v1alpha1.LicenseSubject {
	switch s.one(t, []string{"labels", "labels", "all", "all", "user", "group", "subgroups"}, "by") {
	case "all":
		return everybody
	case "user":
		return v1alpha1.LicenseSubject{UserRef: v1alpha1.UserReference{Name: s.one(t, names, "user")}}
	case "group":
		return v1alpha1.LicenseSubject{GroupRef: v1alpha1.GroupReference{Name: s.one(t, groups, "group")}}
	case "subgroups":
		return v1alpha1.LicenseSubject{GroupRef: v1alpha1.GroupReference{Name: "sales"}, Subgroups: v1alpha1.IncludeSubgroups}
	}
	return v1alpha1.LicenseSubject{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"vip": s.one(t, either, "vip")}}}
}

func (s *story) deleteBinding(t *rapid.T) { s.remove(newBinding(s.one(t, bindings, "name"), ofWebs)) }

// Meetings are far away, so that none is over.
func (s *story) applyMeeting(t *rapid.T) {
	m := newMeeting(s.one(t, meetings, "name"), time.Date(2040, 1, 2, 9, 0, 0, 0, time.UTC))
	subject := s.one(t, []string{"Sync", "Retro"}, "subject")
	s.apply(m, func() { m.Spec.Subject = subject })
}

func (s *story) deleteMeeting(t *rapid.T) {
	s.remove(newMeeting(s.one(t, meetings, "name"), time.Time{}))
}

// A report once, or each year; it changes nothing in GoTo, whatever happens to it.
func (s *story) applyReport(t *rapid.T) {
	r := newReport("usage")
	schedule := s.one(t, []string{"", "@yearly"}, "schedule")
	s.apply(r, func() { r.Spec.Schedule = schedule })
}

func (s *story) deleteReport(*rapid.T) { s.remove(newReport("usage")) }
