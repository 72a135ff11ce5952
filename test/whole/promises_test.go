package whole

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
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

// strict holds the operator to the promises as well that are young: who has made whom, and in what order values leave. One story in a few
// hundred goes against them, and is to be read: so far the promise was what did not fit.
var strict = os.Getenv("STRICT") != ""

// broken says that a promise is, after what has happened.
func (s *story) broken(format string, args ...any) {
	s.Helper()
	s.Logf(format, args...) // for where the end of the operator that still runs is what is told
	s.Fatalf("%s\n%s", fmt.Sprintf(format, args...), s.standing())
}

// wrong keeps the first promise that a request has broken, until the step is over.
func (s *story) wrong(format string, args ...any) {
	if s.first == "" {
		s.first = time.Now().Format("15:04:05.000 ") + fmt.Sprintf(format, args...)
	}
}

// holds fails where a promise is broken.
func (s *story) holds(*rapid.T) {
	s.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isNamed("")
	s.isBare()
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
	if s.first != "" {
		s.broken("%s", s.first)
	}
	s.owners()
	s.definitions()
	if n := s.gate.changed() - s.changes; n > mostChanges && n > mostChanges+s.retried() {
		s.broken("%d writes since the step before, the last of which\n%s", n, s.gate.latest())
	}
	s.changes, s.held = s.gate.changed(), time.Now()
}

// mostChanges is more than a step, of two hours at most, should ask for with a handful of objects of which GoTo refuses none.
const mostChanges = 500

// retried is what those that it refuses may have asked for since the step before, where the account is read every minute.
func (s *story) retried() int {
	return triesPerReading * s.refused() * int(time.Since(s.held)/time.Minute+1)
}

// owners fails if two objects are in sync with one user.
func (s *story) owners() {
	s.Helper()
	owner := map[v1alpha1.Key]string{}
	for _, name := range names {
		u := newUser(name)
		said := s.ready(u)
		s.knowsItsOwn(u)
		if said != "True/Synced" {
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
	s.faultless()
	s.wholeAccount()
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
			s.hasSeat(u)
		}
		s.hasSettings(u)
	}
	s.oneMeetingEach()
	s.Sim.ResetLog()
	s.gate.arm(0, strike{})
	s.changes = 0
	s.Wait(time.Hour)
	if n := s.gate.changed(); n > 7*triesPerReading*s.refused() {
		s.broken("%d writes in an hour in which nothing happens:\n%s", n, s.gate.latest())
	}
	s.holds(nil)
}

// triesPerReading is what an object costs that GoTo refuses: at each resync an intent, a request, and the intent taken back.
const triesPerReading = 3

// faultless ends all that fails by itself.
func (s *story) faultless() {
	s.Sim.ClearFaults()
	s.API.Lag(0)
	s.refusals.set(0, 0)
}

// settles waits until nothing has been changed for longer than what was learned of the service is believed, or for five hours, and fails if
// that took more than it should.
func (s *story) settles() {
	s.Helper()
	const look, looks, quiet = 15 * time.Minute, 20, 5
	asked, worked, n := s.gate.changed(), s.reconciles.Load(), 0
	for still := 0; still < quiet && n < looks; n++ {
		was := s.gate.changed()
		s.renewLostToken()
		s.Wait(look)
		still++
		if s.gate.changed() != was {
			still = 0
		}
	}
	retried := int64(triesPerReading * s.refused() * n * int(look/(10*time.Minute)+1))
	asked, worked = s.gate.changed()-asked, s.reconciles.Load()-worked
	if int64(asked) > mostToSettle+retried || worked > mostToSettle+retried {
		s.broken("after the faults %d writes and %d reconciles until all was at rest, the last of which\n%s", asked, worked, s.gate.latest())
	}
}

// mostToSettle is how many writes, and how many reconciles, a handful of objects may take to come to rest after the worst. Most were 49.
const mostToSettle = 150

// oneMeetingEach fails if there are more meetings than objects: all are made by the operator, and go with their object, unless that goes while
// the account is only observed.
func (s *story) oneMeetingEach() {
	s.Helper()
	objects := len(slices.DeleteFunc(slices.Clone(meetings), func(name string) bool { return !s.there(newMeeting(name, time.Time{})) }))
	if made := s.Sim.Meetings(acct); len(made) > objects && !s.watched {
		s.broken("%d meetings for %d objects: %v", len(made), objects, made)
	}
}
