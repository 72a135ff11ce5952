package kindtest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/internal/engine"
)

// A walk takes a script as often as there are points at which the operator reaches out, a request to GoTo or a write to
// Kubernetes, and lets something go wrong at each of them.

// Strike is what goes wrong at a point.
type Strike string

// The strikes on every point. A request that is refused is answered with 429, and a write with a conflict; one that fails, with 503
// and an internal error. After a kill nothing reaches anybody, until the operator is started again.
const (
	Refused      Strike = "refused"
	FailedBefore Strike = "failed before"
	CutBefore    Strike = "cut before"
	AnswerLost   Strike = "answer lost"
	KilledBefore Strike = "killed before"
	KilledAfter  Strike = "killed after"
)

// Strikes are those on every point, and RequestStrikes those on a request.
var (
	Strikes        = []Strike{Refused, FailedBefore, CutBefore, AnswerLost, KilledBefore, KilledAfter}
	RequestStrikes = slices.Concat(Strikes, []Strike{Unauthorized, FailedAfter, CutInBody, Truncated, NotJSON})
)

var (
	errStruck = errors.New("struck")
	errDead   = errors.New("the operator is dead")
)

// gate is what every point passes.
type gate struct {
	mu     sync.Mutex
	closed bool // nothing is counted
	points []point
	with   map[int]Strike // by number of the point, from 1
	denied string         // the request that is not authorized the next time either
	dead   bool
}

// point is one at which the operator reaches out.
type point struct {
	name    string
	request bool // to GoTo, or to another service; else a write to Kubernetes
}

// strikes are those that the point can meet.
func (p point) strikes() []Strike {
	if p.request {
		return RequestStrikes
	}
	return Strikes
}

// reset lets the points be counted from 1, with these strikes.
func (g *gate) reset(with map[int]Strike) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.points, g.with, g.denied = nil, with, ""
}

// reach counts a point, and says what goes wrong at it. What is not authorized stays so when it is tried with a new token.
func (g *gate) reach(p point) (Strike, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead {
		return "", errDead
	}
	if g.closed {
		return "", nil
	}
	g.points = append(g.points, p)
	s := g.with[len(g.points)]
	switch {
	case s == Unauthorized:
		g.denied = p.name
	case g.denied == p.name:
		s, g.denied = Unauthorized, ""
	}
	g.dead = s == KilledBefore || s == KilledAfter
	return s, nil
}

// alive is an error once the operator is dead.
func (g *gate) alive() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead {
		return errDead
	}
	return nil
}

// pass lets one point happen, or not, or something else in its place.
func (g *gate) pass(p point, do func() error, instead map[Strike]func() error) error {
	strike, err := g.reach(p)
	if err != nil {
		return err
	}
	if other := instead[strike]; other != nil {
		return other()
	}
	switch strike {
	case CutBefore, KilledBefore:
		return errStruck
	case AnswerLost, KilledAfter:
		if err := do(); err != nil {
			return err
		}
		return errStruck
	default:
		return do()
	}
}

// Strike lets something go wrong at the point of that number, from 1: what the start of a process does is none.
func (g *gate) Strike(at int, how Strike) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.with == nil {
		g.with = map[int]Strike{}
	}
	g.with[at] = how
}

// Through sends requests to others than GoTo through the walk too: each is a point of it.
func (g *gate) Through(next http.RoundTripper) http.RoundTripper {
	return g.roundTrip(next)
}

// Points are the points that the operator has reached so far.
func (g *gate) Points() []string {
	var names []string
	for _, p := range g.reached() {
		names = append(names, p.name)
	}
	return names
}

// reached are the points that the operator has reached so far: what it does in the background may go on.
func (g *gate) reached() []point {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.points)
}

// Quietly lets a person, or the start of a process, do something that is no point of the walk.
func (g *gate) Quietly(do func()) {
	was := g.close(true)
	do()
	g.close(was)
}

// close lets nothing be counted, or lets it again, and returns how it was.
func (g *gate) close(yes bool) (was bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	was, g.closed = g.closed, yes
	return was
}

// reboot starts the operator anew if a strike has killed it: nothing that it held in memory is left.
func (w *World[O, W, S]) reboot(t *testing.T) {
	t.Helper()
	if w.gate.alive() == nil {
		return
	}
	w.gate.mu.Lock()
	w.gate.dead = false
	w.gate.mu.Unlock()
	w.Quietly(func() { w.Restart(t) })
}

// Walk takes the script, in worlds that build makes, through a strike of each kind at each point. Where some of it happens at once, one run
// can have more points than another: the walk ends with the first that no run reaches.
func Walk[O engine.Object, W, S any](t *testing.T, build func(*testing.T) *World[O, W, S], script func(*testing.T, *World[O, W, S])) {
	t.Helper()
	points := struck(t, build, script, nil)
	if len(points) < 2 {
		t.Fatalf("a walk of %d points proves nothing", len(points))
	}
	for at := 0; at < len(points); at++ {
		longest := points[:at]
		for _, s := range points[at].strikes() {
			t.Run(fmt.Sprintf("%d %s %s", at+1, points[at].name, s), func(t *testing.T) {
				if reached := struck(t, build, script, map[int]Strike{at + 1: s}); len(reached) > len(longest) {
					longest = reached
				}
			})
		}
		points = longest
	}
}

// WalkTwice takes the script through two strikes, of those that leave most in doubt, at each pair of points.
func WalkTwice[O engine.Object, W, S any](t *testing.T, build func(*testing.T) *World[O, W, S], script func(*testing.T, *World[O, W, S])) {
	t.Helper()
	const more = 4 // points that the first strike adds
	points := len(struck(t, build, script, nil))
	worst := []Strike{FailedBefore, AnswerLost, KilledAfter}
	for _, first := range worst {
		for _, second := range worst {
			t.Run(string(first+", then "+second), func(t *testing.T) {
				t.Parallel()
				for i := 1; i <= points; i++ {
					for j := i + 1; j <= points+more; j++ {
						reached := struck(t, build, script, map[int]Strike{i: first, j: second})
						if t.Failed() {
							t.Fatalf("at %d and %d: %v", i, j, reached)
						}
					}
				}
			})
		}
	}
}

// struck takes the script through these strikes, in a bubble of its own, and returns the points that were reached.
func struck[O engine.Object, W, S any](
	t *testing.T, build func(*testing.T) *World[O, W, S], script func(*testing.T, *World[O, W, S]), with map[int]Strike,
) (points []point) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := build(t)
		w.gate.reset(with)
		script(t, w)
		points = w.gate.reached()
	})
	return points
}

// Vanish takes an object away as the loss of a cluster does, without GoTo being told, and returns it as a backup has it.
func Vanish[O client.Object](t *testing.T, kube client.Client, o O) O {
	t.Helper()
	o, _ = Object(t, kube, o)
	saved, _ := o.DeepCopyObject().(O)
	o.SetFinalizers(nil)
	if err := kube.Update(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if err := client.IgnoreNotFound(kube.Delete(t.Context(), o)); err != nil {
		t.Fatal(err)
	}
	saved.SetResourceVersion("")
	saved.SetUID(saved.GetUID() + "-restored")
	return saved
}
