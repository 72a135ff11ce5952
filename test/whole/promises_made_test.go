package whole

import (
	"net/http"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// madeWatch knows for whom the operator has made which user. The object has to know that too, whatever becomes of the answer: else the user
// would be left behind when it goes.
type madeWatch struct {
	by    map[string]types.UID // by the user's key
	there map[string]bool      // the users of whom it is known where they come from
	asked map[string]types.UID // the objects that stand for an address, as of the last create
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
	s.made.asked = map[string]types.UID{}
	for _, u := range s.objects() {
		email := strings.ToLower(u.Spec.Email)
		if _, two := s.made.asked[email]; two {
			s.made.asked[email] = "" // one of them gives way
			continue
		}
		s.made.asked[email] = u.UID
	}
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
		}
	}
}

func (s *story) lookWhoIsThere() {
	s.made.there = map[string]bool{}
	for _, u := range s.Sim.Users(acct) {
		s.made.there[u.Key] = true
	}
}

// knowsItsOwn fails if an object takes a user for one that it has found, and it has made it.
func (s *story) knowsItsOwn(u *v1alpha1.GoToUser) {
	s.Helper()
	if !s.made.vague && u.Status.Origin == v1alpha1.Adopted && u.UID != "" && s.made.by[string(u.Status.UserKey)] == u.UID {
		s.broken("GoToUser %s has made %s, and takes it for one that was there", u.Name, u.Status.UserKey)
	}
}
