package whole

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"pgregory.net/rapid"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// seatWatch is what is known of the licence that bindings give.
type seatWatch struct {
	bought  int
	counted bool                 // GoTo refuses one user too many; else the operator alone keeps to the number
	told    []atTime             // the numbers that undamaged answers have said
	had     map[string]time.Time // since when who had it that had it when it was last looked
	ever    map[string]bool      // who had it at any time
	// newcomer tells that one has it who never had. Who had it and is made anew has it again: until a reading shows that the user is gone, what
	// is recorded is believed.
	newcomer bool
	gifts    map[string]*gift
}

// atTime is a number from a time on.
type atTime struct {
	at time.Time
	n  int
}

// most is the largest number that may still be gone by: the last, and those that others have replaced no longer ago than is given.
func most(all []atTime, ago time.Duration) int {
	n := 0
	for i, one := range all {
		if i == len(all)-1 || time.Since(all[i+1].at) <= ago {
			n = max(n, one.n)
		}
	}
	return n
}

// uncounted is the number of seats of which GoTo says another.
const uncounted = 97531

// sells begins with few seats, which GoTo counts or not.
func (s *story) sells(t *rapid.T) {
	s.seats.counted = s.one(t, either, "GoTo counts seats") == "yes"
	s.seats.ever, s.seats.gifts = map[string]bool{}, map[string]*gift{}
	s.answers(s.saysSeats)
	s.consoleBuys(t)
}

func (s *story) consoleBuys(t *rapid.T) {
	n := s.number(t, []int{1, 2, 3, 5}, "seats")
	s.mu.Lock()
	s.seats.bought = n
	s.mu.Unlock()
	if !s.seats.counted {
		n = uncounted
	}
	s.Sim.UpdateLicense(acct, ofWebs, func(l *simulator.License) { l.Seats = n })
}

// saysSeats puts the number that is bought into an answer in the place of the one that GoTo goes by.
func (s *story) saysSeats(r *http.Response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	saysSeats(r, s.seats.bought)
}

func saysSeats(r *http.Response, bought int) {
	if !strings.Contains(r.Request.URL.Path, "/licenses") {
		return
	}
	data, err := io.ReadAll(r.Body)
	data = bytes.ReplaceAll(data, fmt.Append(nil, `"seats":`, uncounted), fmt.Append(nil, `"seats":`, bought))
	r.Body, r.ContentLength = io.NopCloser(io.MultiReader(bytes.NewReader(data), failed{err})), -1
}

// failed is the end of a body, be it cut.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

// noteSeats notes what GoTo said of seats, and fails if a request gives one where all that the operator could believe in were taken.
func (s *story) noteSeats(r simulator.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Operation == simulator.OpListLicenses && r.Status == http.StatusOK && len(r.Faults) == 0 {
		s.seats.told = append(s.seats.told, atTime{time.Now(), s.seats.bought})
	}
	s.noteGifts(r)
	if r.Method == http.MethodGet || r.Operation == simulator.OpToken {
		return
	}
	before := s.seats.had
	s.lookAtSeats()
	if n := most(s.seats.told, decides); s.taken() >= n && s.seats.newcomer {
		s.wrong("%s %s gives a seat to one of %d users, and there were %d, all taken", r.Method, r.Path, len(s.seats.had), n)
	}
	s.noteTaken(before)
}

// decides is how long a request may be on its way that was decided on what has just become old.
const decides = time.Minute

// taken are the seats that nobody could think are free. One that was taken within the minute may have gone, by a request that was under way,
// to somebody who had become the next in the queue but one: who comes first can change until a request leaves. Only GoTo refuses it then.
func (s *story) taken() int {
	n := 0
	for key, since := range s.seats.had {
		g := s.seats.gifts[key]
		fresh := g != nil && (g.seen.IsZero() || time.Since(g.seen) < decides)
		if !fresh && time.Since(since) > decides {
			n++
		}
	}
	return n
}

// noteTaken notes from whom the operator has taken a licence.
func (s *story) noteTaken(before map[string]time.Time) {
	for key := range before {
		if _, has := s.seats.had[key]; !has && s.isThere(key) {
			s.charge("licences taken")
		}
	}
}

// countSeats is called when people have taken a licence.
func (s *story) countSeats() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lookAtSeats()
}

func (s *story) lookAtSeats() {
	before := s.seats.had
	s.seats.had, s.seats.newcomer = map[string]time.Time{}, false
	for _, u := range s.Sim.Users(acct) {
		if !slices.Contains(u.LicenseKeys, ofWebs) {
			continue
		}
		since, had := before[u.Key]
		if !had {
			since = time.Now()
		}
		s.seats.newcomer = s.seats.newcomer || !s.seats.ever[u.Key]
		s.seats.had[u.Key], s.seats.ever[u.Key] = since, true
	}
}

func (s *story) isThere(key string) bool {
	_, there := s.Sim.User(acct, key)
	return there
}

// gift is a licence that a person gave to a user who never had it of the operator. Until a list has shown it, bindings may give it as well.
type gift struct {
	at, seen time.Time
	doubted  bool // nobody could tell whose it is
}

// consoleGivesSeat has a person give the licence that bindings give too.
func (s *story) consoleGivesSeat(t *rapid.T) {
	u, there := s.userInGoTo(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lookAtSeats()
	if !there || s.seats.ever[u.Key] || len(s.seats.had) >= s.seats.bought {
		return
	}
	s.Sim.UpdateUser(acct, u.Key, func(u *simulator.User) { u.LicenseKeys = append(u.LicenseKeys, ofWebs) })
	s.seats.gifts[u.Key] = &gift{at: time.Now()}
	s.lookAtSeats()
	s.doubtGifts()
}

// forgetGift is called before people take it back, or the user away.
func (s *story) forgetGift(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.seats.gifts, key)
}

// doubtGifts marks the gifts of which nobody could tell whose they are: a binding gives the licence too, and the operator cannot know yet.
func (s *story) doubtGifts() {
	for _, u := range s.objects() {
		seen, there := s.Sim.UserByEmail(acct, u.Spec.Email)
		for key, g := range s.seats.gifts {
			concerns := string(u.Status.UserKey) == key || there && seen.Key == key
			if concerns && g.seen.IsZero() && s.order.last(field{u.Name, "licence"}) != "no" {
				g.doubted = true
			}
		}
	}
}

// noteGifts notes which gifts a list has shown, and fails if one was taken.
func (s *story) noteGifts(r simulator.Request) {
	shows := r.Operation == simulator.OpListUsers && r.Status == http.StatusOK && len(r.Faults) == 0
	for key, g := range s.seats.gifts {
		if shows && g.seen.IsZero() && r.Time.After(g.at) {
			g.seen = time.Now()
		}
		if u, there := s.Sim.User(acct, key); !there {
			delete(s.seats.gifts, key)
		} else if !g.doubted && !slices.Contains(u.LicenseKeys, ofWebs) && time.Since(g.at) > unseenLicense {
			s.wrong("%s %s takes from user %s the licence that a person gave at %s", r.Method, r.Path, key, g.at)
		}
	}
}

// hasSeat fails if a user whom bindings select neither has the licence nor says that it waits, or waits although a seat is free.
func (s *story) hasSeat(u *v1alpha1.GoToUser) {
	s.Helper()
	s.countSeats()
	_, has := s.seats.had[string(u.Status.UserKey)]
	if has || s.order.last(field{u.Name, "licence"}) != "yes" || len(u.Status.Drift) > 0 {
		return
	}
	seat := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionSeatAssigned)
	if seat == nil || seat.Reason != v1alpha1.ReasonWaitingForSeat || len(s.seats.had) < s.seats.bought {
		s.broken("GoToUser %s is to have a licence that %d users have, of %d, and says %v", u.Name, len(s.seats.had), s.seats.bought, seat)
	}
}
