package whole

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goto-operator/goto-operator/internal/turn"
)

// strike is what goes wrong at a point, a request to GoTo or a write to Kubernetes: whether it took effect all the same, and
// whether the process ends there.
type strike struct {
	name          string
	effect, kills bool
}

var strikes = []strike{
	{"failed before", false, false}, {"answer lost", true, false}, {"killed before", false, true}, {"killed after", true, true},
}

var (
	errStruck = errors.New("struck")
	errDead   = errors.New("the process is dead")
)

// gate is what every point of every operator of a world passes.
type gate struct {
	mu      sync.Mutex
	points  int
	changes int // that were asked for, of Kubernetes and of GoTo
	at      int // the point that is struck; 0 for none
	with    strike
	struck  string // the point, once it was
	dead    bool   // the operator that runs was killed

	slow atomic.Int64 // nanoseconds that each write to Kubernetes takes, one after the other
	busy turn.Turn

	moment time.Time // of the last point
	atOnce []string  // the points of that moment
	last   []string
}

// mostAtOnce is more than an operator does in a moment with a handful of objects. In fake time one that runs in circles would do so for
// ever.
const mostAtOnce = 3000

// circles are the last points of an operator that was stopped because it ran in circles.
func (g *gate) circles() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.atOnce) < mostAtOnce {
		return ""
	}
	return strings.Join(g.atOnce[len(g.atOnce)-20:], "\n")
}

// latest are the points that were passed last.
func (g *gate) latest() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(g.last, "\n")
}

// note keeps what is done in one moment.
func (g *gate) note(r *http.Request) {
	now := time.Now()
	if !now.Equal(g.moment) {
		g.moment, g.atOnce = now, nil
	}
	said := r.Method + " " + r.URL.Path
	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			data, _ := io.ReadAll(body)
			said += " " + string(data)
		}
	}
	g.atOnce = append(g.atOnce, said)
	g.last = append(g.last[max(0, len(g.last)-20):], now.Format("15:04:05.000 ")+said)
	g.dead = g.dead || len(g.atOnce) >= mostAtOnce
}

// arm sets what happens at the n-th point from now.
func (g *gate) arm(n int, with strike) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.points, g.changes, g.at, g.with, g.struck = 0, 0, n, with, ""
}

// kill ends the operator that runs, as a machine that loses its power does.
func (g *gate) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.dead = true
}

// revive is told that another operator runs.
func (g *gate) revive() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.dead = false
}

func (g *gate) changed() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.changes
}

func (g *gate) killed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.dead
}

// pass counts a point, and says what is to happen to it.
func (g *gate) pass(r *http.Request, counts bool) (strike, bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead {
		return strike{}, false, errDead
	}
	if !counts {
		return strike{}, false, nil
	}
	if r.Method != http.MethodGet && !strings.HasPrefix(r.URL.Path, "/oauth/") {
		g.changes++
	}
	g.points++
	g.note(r)
	if g.points != g.at {
		return strike{}, false, nil
	}
	g.struck, g.dead = r.Method+" "+r.URL.Path, g.with.kills
	return g.with, true, nil
}

// through sends what an operator sends through the gate. Of Kubernetes only writes are points.
func (g *gate) through(next http.RoundTripper, counts func(*http.Request) bool) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if g.slow.Load() > 0 && writes(r) && r.URL.Host == "kubernetes.test" {
			if err := g.queue(r.Context()); err != nil {
				return nil, err
			}
		}
		s, struck, err := g.pass(r, counts(r))
		switch {
		case err != nil:
			return nil, err
		case struck && s.effect:
			if resp, err := next.RoundTrip(r); err == nil {
				_ = resp.Body.Close()
			}
			return nil, errStruck
		case struck:
			return nil, errStruck
		}
		return next.RoundTrip(r)
	})
}

// slows makes each write to Kubernetes take so long.
func (g *gate) slows(each time.Duration) { g.slow.Store(int64(each)) }

// queue is what a write waits for at an API server that is slow.
func (g *gate) queue(ctx context.Context) error {
	if err := g.busy.Take(ctx); err != nil {
		return err
	}
	defer g.busy.Leave()
	time.Sleep(time.Duration(g.slow.Load()))
	return nil
}

func always(*http.Request) bool { return true }

// writes are points, and events are not: nothing depends on them.
func writes(r *http.Request) bool {
	return r.Method != http.MethodGet && !strings.HasPrefix(r.URL.Path, "/apis/events.k8s.io/")
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls f.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
