package kindtest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
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

// The strikes. A request that is refused is answered with 429, and a write with a conflict; one that fails, with 503 and an
// internal error. After a kill nothing reaches anybody, until the operator is started again.
const (
	Refused      Strike = "refused"
	FailedBefore Strike = "failed before"
	CutBefore    Strike = "cut before"
	AnswerLost   Strike = "answer lost"
	KilledBefore Strike = "killed before"
	KilledAfter  Strike = "killed after"
)

// Strikes are all of them.
var Strikes = []Strike{Refused, FailedBefore, CutBefore, AnswerLost, KilledBefore, KilledAfter}

var (
	errStruck = errors.New("struck")
	errDead   = errors.New("the operator is dead")
)

// gate is what every point passes.
type gate struct {
	mu     sync.Mutex
	closed bool // nothing is counted
	points []string
	with   map[int]Strike // by number of the point, from 1
	dead   bool
}

// reset lets the points be counted from 1, with these strikes.
func (g *gate) reset(with map[int]Strike) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.points, g.with = nil, with
}

// reach counts a point, and says what goes wrong at it.
func (g *gate) reach(name string) (Strike, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead {
		return "", errDead
	}
	if g.closed {
		return "", nil
	}
	g.points = append(g.points, name)
	s := g.with[len(g.points)]
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

// pass lets one point happen, or not.
func (g *gate) pass(name string, do, refuse, fail func() error) error {
	strike, err := g.reach(name)
	if err != nil {
		return err
	}
	switch strike {
	case Refused:
		return refuse()
	case FailedBefore:
		return fail()
	case CutBefore, KilledBefore:
		return errStruck
	case AnswerLost, KilledAfter:
		if err := do(); err != nil {
			return err
		}
		return errStruck
	}
	return do()
}

// roundTrip sends requests through the gate.
func (g *gate) roundTrip(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (answer *http.Response, err error) {
		status := func(code int) func() error {
			return func() error {
				answer = &http.Response{StatusCode: code, Body: io.NopCloser(strings.NewReader("{}")), Header: http.Header{}, Request: r}
				return nil
			}
		}
		err = g.pass(r.Method+" "+r.URL.Path, func() error {
			answer, err = next.RoundTrip(r) //nolint:bodyclose // the caller has it
			return err
		}, status(http.StatusTooManyRequests), status(http.StatusServiceUnavailable))
		if err != nil {
			return nil, err
		}
		return answer, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls f.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Strike lets something go wrong at the point of that number, from 1: what the start of a process does is none.
func (w *World[O, W, S]) Strike(at int, how Strike) {
	w.gate.mu.Lock()
	defer w.gate.mu.Unlock()
	if w.gate.with == nil {
		w.gate.with = map[int]Strike{}
	}
	w.gate.with[at] = how
}

// Through sends requests to others than GoTo through the walk too: each is a point of it.
func (w *World[O, W, S]) Through(next http.RoundTripper) http.RoundTripper {
	return w.gate.roundTrip(next)
}

// Points are the points that the operator has reached so far.
func (w *World[O, W, S]) Points() []string {
	w.gate.mu.Lock()
	defer w.gate.mu.Unlock()
	return slices.Clone(w.gate.points)
}

// Quietly lets a person, or the start of a process, do something that is no point of the walk.
func (w *World[O, W, S]) Quietly(do func()) {
	w.gate.close(true)
	do()
	w.gate.close(false)
}

func (g *gate) close(yes bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = yes
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

// Walk takes the script, in worlds that build makes, through a strike of each kind at each point.
func Walk[O engine.Object, W, S any](t *testing.T, build func(*testing.T) *World[O, W, S], script func(*testing.T, *World[O, W, S])) {
	t.Helper()
	points := struck(t, build, script, nil)
	if len(points) < 2 {
		t.Fatalf("a walk of %d points proves nothing", len(points))
	}
	for at, point := range points {
		for _, s := range Strikes {
			t.Run(fmt.Sprintf("%d %s %s", at+1, point, s), func(t *testing.T) {
				if reached := struck(t, build, script, map[int]Strike{at + 1: s}); len(reached) <= at {
					t.Error("the point was not reached")
				}
			})
		}
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
) (points []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := build(t)
		w.gate.reset(with)
		script(t, w)
		points = w.Points()
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
