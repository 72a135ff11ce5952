package kindtest

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/internal/engine"
)

// A walk takes a script as often as there are points at which the operator reaches out, a request to GoTo or a write to
// Kubernetes, and lets something go wrong at each of them.

// strike is what goes wrong at a point: whether it took effect all the same, and whether the process ends there.
type strike struct {
	name          string
	effect, kills bool
}

var strikes = []strike{
	{"failed before", false, false}, {"answer lost", true, false}, {"killed before", false, true}, {"killed after", true, true},
}

var errStruck = errors.New("struck")

// gate is what every point passes.
type gate struct {
	mu     sync.Mutex
	closed bool // nothing is counted
	n, at  int
	with   strike
	struck bool
	points []string
}

// pass lets one point happen, or not.
func (g *gate) pass(name string, do func() error) error {
	g.mu.Lock()
	strikes := false
	if !g.closed {
		g.n++
		g.points = append(g.points, name)
		strikes = g.n == g.at
		g.struck = g.struck || strikes
	}
	g.mu.Unlock()
	if !strikes {
		return do()
	}
	if g.with.effect {
		if err := do(); err != nil {
			return err
		}
	}
	return errStruck
}

// roundTrip sends requests through the gate.
func (g *gate) roundTrip(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (answer *http.Response, err error) {
		err = g.pass(r.Method+" "+r.URL.Path, func() error {
			answer, err = next.RoundTrip(r) //nolint:bodyclose // the caller has it
			return err
		})
		if err != nil {
			return nil, err
		}
		return answer, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls f.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Quietly lets a person, or the start of a process, do something that is no point of the walk.
func (w *World[O, W, S]) Quietly(do func()) {
	w.gate.mu.Lock()
	w.gate.closed = true
	w.gate.mu.Unlock()
	do()
	w.gate.mu.Lock()
	w.gate.closed = false
	w.gate.mu.Unlock()
}

// reboot starts the operator anew if the strike has killed it: nothing that it held in memory is left.
func (w *World[O, W, S]) reboot(t *testing.T) {
	t.Helper()
	w.gate.mu.Lock()
	dead := w.gate.struck && w.gate.with.kills
	if dead {
		w.gate.with.kills = false
	}
	w.gate.mu.Unlock()
	if dead {
		w.Quietly(func() { w.Restart(t) })
	}
}

// Walk takes the script, in worlds that build makes, through a strike of each kind at each point.
func Walk[O engine.Object, W, S any](t *testing.T, build func(*testing.T) *World[O, W, S], script func(*testing.T, *World[O, W, S])) {
	t.Helper()
	var points []string
	synctest.Test(t, func(t *testing.T) {
		w := build(t)
		w.gate.n = 0
		script(t, w)
		points = w.gate.points
	})
	if len(points) < 2 {
		t.Fatalf("a walk of %d points proves nothing", len(points))
	}
	for at, point := range points {
		for _, s := range strikes {
			t.Run(fmt.Sprintf("%d %s %s", at+1, point, s.name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := build(t)
					w.gate.n, w.gate.at, w.gate.with = 0, at+1, s
					script(t, w)
					if !w.gate.struck {
						t.Error("the point was not reached")
					}
				})
			})
		}
	}
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
