package whole

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Whatever people do, in Kubernetes and in GoTo's console, in whatever order, whatever fails and whenever the operator is killed: what
// a promise says holds after each step, and when the faults end everything comes to rest.
func TestRandomSchedules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			s := begin(t)
			t.Repeat(s.acts())
			s.rests()
			s.Stop()
		})
	})
}

// story is a random schedule and what the promises need to know of it.
type story struct {
	*World

	mu       sync.Mutex
	theirs   map[string]time.Time // when people made users in the console that they have not deleted, by key
	given    map[string]time.Time // when people gave users the licence for meetings, by key
	lost     map[string]time.Time // when the operator took it away
	named    map[string]time.Time
	approved time.Time // deletions are until then
	told     []string  // what has happened
	changes  int       // that were asked for up to the step before
	held     time.Time // when that was looked at
	watched  bool      // the account was only observed for a while

	first string // of the promises that a request has broken
	brake brakeWatch
	seats seatWatch
	order orderWatch
	made  madeWatch
}

// acting is what may happen in a schedule, by name.
type acting map[string]func(*rapid.T)

// often are the acts without which little else happens: each has three names, so that one of them is drawn as often as three others.
var often = []string{"apply a user", "apply all users", "apply a binding", "time passes"}

var (
	names   = []string{"ann", "ben", "cem", "dot", "eve"}
	rarely  = []string{"no", "no", "no", "no", "no", "no", "no", "yes"}
	either  = []string{"yes", "no"}
	groups  = []string{"sales", "ops", "crew"}
	ofWebs  = simulator.DefaultWebinarLicenseKey
	ofMeets = simulator.DefaultMeetingLicenseKey
)

func begin(t *rapid.T) *story {
	s := &story{World: New(t), told: []string{"begin"}, theirs: map[string]time.Time{}, given: map[string]time.Time{}, lost: map[string]time.Time{}, named: map[string]time.Time{}}
	s.script = func() string { return "after\n" + strings.Join(s.told, "\n") }
	for range rapid.IntRange(0, 3).Draw(t, "switches") {
		s.turn(t)
	}
	s.sells(t)
	s.brakesAt(mostDeleted)
	s.Sim.OnRequest(s.noteDeletion)
	s.Sim.OnRequest(s.noteLosses)
	s.Sim.OnRequest(s.noteSeats)
	s.Sim.OnRequest(s.noteMade)
	s.made.by, s.made.again = map[string]types.UID{}, map[string]time.Time{}
	s.lookWhoIsThere()
	s.leaving, s.written, s.ended = s.looksAt, s.noteEdit, s.noteEnd
	s.create(newAccount())
	s.Start()
	return s
}

// looksAt is told of each request that leaves.
func (s *story) looksAt(r *http.Request) {
	s.noteOrder(r)
	s.noteAsked(r)
}

// one draws a word, and keeps it for the report: a run cannot be repeated exactly, as goroutines take turns as they like.
func (s *story) one(t *rapid.T, of []string, label string) string {
	word := rapid.SampledFrom(of).Draw(t, label)
	s.told[len(s.told)-1] += fmt.Sprintf(" %s=%s", label, word)
	return word
}

// number likewise.
func (s *story) number(t *rapid.T, of []int, label string) int {
	n := rapid.SampledFrom(of).Draw(t, label)
	s.told[len(s.told)-1] += fmt.Sprintf(" %s=%d", label, n)
	return n
}

// acts are the actions, each with what is told of it, and what is looked at after each.
func (s *story) acts() acting {
	all := acting{"": s.holds}
	for _, some := range []acting{s.onObjects(), s.onUsers(), s.onDefinitions(), s.onTheAccount(), s.inTheConsole(), s.misfortunes()} {
		maps.Copy(all, some)
	}
	for _, name := range often {
		for _, once := range []string{" once more", " yet again"} {
			all[name+once] = all[name]
		}
	}
	for name, act := range all {
		if name != "" {
			all[name] = func(t *rapid.T) {
				s.told = append(s.told, fmt.Sprintf("%s %s", time.Now().Format("15:04:05"), name))
				act(t)
				s.pauses(t)
			}
		}
	}
	return all
}

// pauses is how long it takes until the next thing happens: mostly none, often as long as the operator needs for something, or for all.
func (s *story) pauses(t *rapid.T) {
	if n := s.number(t, []int{0, 0, 0, 0, 400, 2000, 20_000}, "then milliseconds"); n > 0 {
		s.Wait(time.Duration(n) * time.Millisecond)
	}
}

// apply creates an object, or changes the one that is there. What is being deleted is left alone.
func (s *story) apply(o client.Object, change func()) {
	if !s.there(o) {
		change()
		s.create(o)
		return
	}
	if o.GetDeletionTimestamp() == nil {
		edit(s.World, o, func(client.Object) { change() })
	}
}
