package whole

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// madeWatch knows for whom the operator has made which user. The object has to know that too, whatever becomes of the answer: else the user
// would be left behind when it goes.
type madeWatch struct {
	by    map[string]types.UID // by the user's key
	again map[string]time.Time // when one was made who has the key of before, by the same
	there map[string]bool      // the users of whom it is known where they come from
	asked map[string]types.UID // the objects that alone stand for an address, as of the last create
	said  map[string]bool      // the keys that status says, likewise
	vague bool                 // GoTo does not tell
}

// vague are the switches in whose other positions nobody can tell: GoTo does not say when a user was invited, or shows one a while later, whom
// a process that begins meanwhile takes for gone.
var vague = []string{"invitedDate", "suppressedInvite", "visibilityLag"}

// noteAsked remembers for whom a create that leaves is.
func (s *story) noteAsked(r *http.Request) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/users") {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made.asked, s.made.said = map[string]types.UID{}, map[string]bool{}
	for _, u := range s.objects() {
		s.made.said[string(u.Status.UserKey)] = true
		if email := u.Spec.Email; s.order.alone(u.Name, email) {
			s.made.asked[strings.ToLower(email)] = u.UID
		}
	}
}

// alone tells whether no object has had an address but one, and that one no other: else a request may be on its way that was decided for
// whoever had it before.
func (o *orderWatch) alone(object, email string) bool {
	for f, said := range o.said {
		if f.name == "email" && (f.object == object) != slices.Contains(said, email) || f == (field{object, "email"}) && len(said) > 1 {
			return false
		}
	}
	return true
}

// noteMade notes whom a create has made.
func (s *story) noteMade(r simulator.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Operation != simulator.OpDeleteUsers && r.Operation != simulator.OpCreateUsers {
		return
	}
	was := s.made.there
	s.lookWhoIsThere()
	for _, u := range s.Sim.Users(acct) {
		if _, theirs := s.theirs[u.Key]; !was[u.Key] && !theirs {
			s.made.by[u.Key] = s.made.asked[strings.ToLower(u.Email)]
			if delete(s.made.again, u.Key); s.made.said[u.Key] {
				s.made.again[u.Key] = time.Now()
			}
		}
	}
}

func (s *story) lookWhoIsThere() {
	s.made.there = map[string]bool{}
	for _, u := range s.Sim.Users(acct) {
		s.made.there[u.Key] = true
	}
}

// untold is how long status may be about the user who had the key before, whom the object had found: GoTo gives a user who is made again the
// key of before.
const untold = time.Minute

// knowsItsOwn fails if an object takes a user for one that it has found, and it has made it.
func (s *story) knowsItsOwn(u *v1alpha1.GoToUser) {
	s.Helper()
	key := string(u.Status.UserKey)
	mine := u.UID != "" && s.made.by[key] == u.UID && time.Since(s.made.again[key]) > untold
	if strict && !s.made.vague && mine && u.Status.Origin == v1alpha1.Adopted {
		s.broken("GoToUser %s has made %s, and takes it for one that was there", u.Name, u.Status.UserKey)
	}
}
