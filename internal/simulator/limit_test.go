package simulator_test

import (
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// burst sends n requests and returns how many were not refused.
func burst(e *env, n int) int {
	ok := 0
	for range n {
		if e.send(http.MethodGet, adminRoot+"/me", nil).status == http.StatusOK {
			ok++
		}
	}
	return ok
}

func TestTenRequestsPerSecond(t *testing.T) {
	e := start(t, func(o *simulator.Options) { o.Rate = 0 })
	if got := burst(e, 15); got != 10 {
		t.Errorf("a burst of 15: %d got through, want 10", got)
	}
	for _, step := range []struct {
		advance time.Duration
		want    int
	}{{99 * time.Millisecond, 0}, {time.Millisecond, 1}, {250 * time.Millisecond, 2}, {time.Hour - time.Minute, 10}} {
		e.clock.Add(step.advance)
		if got := burst(e, 12); got != step.want {
			t.Errorf("%v later: %d of 12 got through, want %d", step.advance, got, step.want)
		}
	}
	calls, throttled := e.sim.Calls(), e.sim.Throttled()
	if !reflect.DeepEqual(calls, map[string]int{"getMe": 23}) || !reflect.DeepEqual(throttled, map[string]int{"getMe": 40}) {
		t.Errorf("counted are %v and %v", calls, throttled)
	}
	log := e.sim.Requests()
	if last := log[len(log)-1]; !last.Throttled || last.Status != http.StatusTooManyRequests {
		t.Errorf("logged as %+v", last)
	}
}

func TestAdvanceRefillsTheLimit(t *testing.T) {
	e := start(t, func(o *simulator.Options) { o.Rate = 0 })
	burst(e, 10)
	e.sim.Advance(time.Second)
	if got := burst(e, 11); got != 10 {
		t.Errorf("%d got through, want 10", got)
	}
}

func TestTokenRequestsAreNotLimited(t *testing.T) {
	e := start(t, func(o *simulator.Options) { o.Rate = 1 })
	for range 5 {
		e.wantStatus(e.grant(refresh(simulator.DefaultRefreshToken)), http.StatusOK)
	}
}

func TestRefusedRequestHasNoEffectAndMeetsNoFault(t *testing.T) {
	e := start(t, func(o *simulator.Options) { o.Rate = 1 })
	burst(e, 1)
	e.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpCreateUsers, Count: 1})
	e.wantStatus(e.post("", nil, person("fay@example.test")), http.StatusTooManyRequests)
	if n := len(e.sim.Users(acct)); n != 1 {
		t.Errorf("there are %d users", n)
	}
	if left := e.sim.Faults(); len(left) != 1 || left[0].Applied != 0 {
		t.Errorf("the fault was used: %+v", left)
	}
}
