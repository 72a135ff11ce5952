package whole

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// The brake's defaults: of few users three may be deleted in an hour.
const (
	brakeWindow = time.Hour
	brakeLimit  = 3
)

// unseenLicense is how long after a person gave a licence the operator may not know of it yet, and write its list over it.
const unseenLicense = 2 * time.Minute

func (s *story) noteLosses(r simulator.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.given {
		u, there := s.Sim.User(acct, key)
		switch _, known := s.lost[key]; {
		case !there: // deleted, and with all that it had
			delete(s.given, key)
			delete(s.lost, key)
		case r.Operation == simulator.OpUpdateUsers && !known && !slices.Contains(u.LicenseKeys, ofMeets):
			s.lost[key] = time.Now()
		}
	}
}

func (s *story) noteDeletion(r simulator.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Operation == simulator.OpDeleteUsers && r.Status/100 == 2 && time.Now().After(s.approved) {
		s.deleted = append(s.deleted, time.Now())
	}
}

// broken says that a promise is, after what has happened.
func (s *story) broken(format string, args ...any) {
	s.Helper()
	s.Fatalf("%s\n%s\nafter\n%s", fmt.Sprintf(format, args...), s.standing(), strings.Join(s.told, "\n"))
}

// holds fails where a promise is broken.
func (s *story) holds(*rapid.T) {
	s.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isNamed("")
	seen := map[string]bool{}
	for _, u := range s.Sim.Users(acct) {
		if email := strings.ToLower(u.Email); seen[email] {
			s.broken("two users have the address %s", email)
		} else {
			seen[email] = true
		}
	}
	for key := range s.theirs {
		if _, there := s.Sim.User(acct, key); !there {
			s.broken("the operator has deleted user %s, which a person made", key)
		}
	}
	for key, at := range s.lost {
		if at.Sub(s.given[key]) > unseenLicense {
			s.broken("the operator has taken from user %s at %s the licence that a person gave at %s", key, at, s.given[key])
		}
	}
	s.brakes()
	s.owners()
	s.definitions()
	if n := s.gate.changed(); n-s.changes > mostChanges {
		s.broken("%d writes since the step before, the last of which\n%s", n-s.changes, s.gate.latest())
	}
	s.changes = s.gate.changed()
}

// mostChanges is more than a step, of two hours at most, should ask for with a handful of objects.
const mostChanges = 500

// brakes fails if more was deleted in some hour than the brake allows.
func (s *story) brakes() {
	s.Helper()
	for i := brakeLimit; i < len(s.deleted); i++ {
		if s.deleted[i].Sub(s.deleted[i-brakeLimit]) < brakeWindow {
			s.broken("%d users were deleted within %s", brakeLimit+1, s.deleted[i].Sub(s.deleted[i-brakeLimit]))
		}
	}
}

// owners fails if two objects are in sync with one user.
func (s *story) owners() {
	s.Helper()
	owner := map[v1alpha1.Key]string{}
	for _, name := range names {
		u := newUser(name)
		if s.ready(u) != "True/Synced" {
			continue
		}
		if other, owned := owner[u.Status.UserKey]; owned {
			s.broken("%s and %s are both in sync with user %s", other, name, u.Status.UserKey)
		}
		owner[u.Status.UserKey] = name
	}
}

// passing are reasons of Ready that an object must not have for ever.
var passing = []string{
	"unknown", "False/" + v1alpha1.ReasonRetrying, "False/" + v1alpha1.ReasonDeleting, "False/" + v1alpha1.ReasonDeletionBrake,
}

// refused counts the objects that GoTo refuses, or for which it has no path: they are tried again at each resync.
func (s *story) refused() int {
	said := s.standing()
	n := 0
	for _, reason := range []string{v1alpha1.ReasonRefused, v1alpha1.ReasonForbidden, v1alpha1.ReasonEndpointUnverified} {
		n += strings.Count(said, " Stalled True "+reason)
	}
	return n
}

// rests ends the faults, and fails unless everything comes to rest, as it is asked for, at no cost from then on.
func (s *story) rests() {
	s.Helper()
	s.Sim.ClearFaults()
	s.API.Lag(0)
	s.manage(v1alpha1.Manage)
	s.approved = time.Now().Add(23 * time.Hour)
	s.annotate(s.approved.Format(time.RFC3339))
	s.settles()
	for _, name := range names {
		u := newUser(name)
		said := s.ready(u)
		if slices.Contains(passing, said) {
			s.broken("GoToUser %s is still %s", name, said)
		}
		if seen, _ := s.Sim.User(acct, string(u.Status.UserKey)); said == "True/Synced" && (seen.Email != u.Spec.Email || seen.LastName != u.Spec.LastName) {
			s.broken("GoToUser %s is in sync, and GoTo has %s, %s", name, seen.Email, seen.LastName)
		}
		if said == "True/Synced" {
			s.values(u)
		}
		s.hasSettings(u)
	}
	s.oneMeetingEach()
	s.Sim.ResetLog()
	s.gate.arm(0, strike{})
	s.changes = 0
	s.Wait(time.Hour)
	const tries = 7 * 3 // at each resync an intent, a request, and the intent taken back
	if n := s.gate.changed(); n > tries*s.refused() {
		s.broken("%d writes in an hour in which nothing happens:\n%s", n, s.gate.latest())
	}
	s.holds(nil)
}

// settles waits until nothing has been changed for longer than what was learned of the service is believed, or for five hours.
func (s *story) settles() {
	const look, looks, quiet = 15 * time.Minute, 20, 5
	for still, n := 0, 0; still < quiet && n < looks; n++ {
		was := s.gate.changed()
		s.renewLostToken()
		s.Wait(look)
		still++
		if s.gate.changed() != was {
			still = 0
		}
	}
}

// oneMeetingEach fails if there are more meetings than objects: all are made by the operator, and go with their object, unless that goes while
// the account is only observed.
func (s *story) oneMeetingEach() {
	s.Helper()
	objects := len(slices.DeleteFunc(slices.Clone(meetings), func(name string) bool { return !s.there(newMeeting(name, time.Time{})) }))
	if made := s.Sim.Meetings(acct); len(made) > objects && !s.watched {
		s.broken("%d meetings for %d objects: %v", len(made), objects, made)
	}
}
