package whole

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func (s *story) misfortunes() acting {
	return acting{
		"fault": s.fault, "kill": s.killed, "lag": s.lags, "time passes": s.time, "the machine sleeps": s.sleeps, "kill, and set the clock": s.setClock,
		"Kubernetes refuses": s.refuses, "GoTo changes its ways": s.turn,
	}
}

// aMoment is how long somebody takes who does one thing after another.
func (s *story) aMoment() time.Duration { return time.Second }

func (s *story) time(t *rapid.T) {
	s.Wait(time.Duration(s.number(t, []int{1, 10, 60, 900, 7200}, "seconds")) * time.Second)
}

// sleeps is a machine that does nothing for a while, and whose timers stand still, while it gets later for everybody: GoTo's tokens are
// over, and whatever was read is old. The brake and the test go by the time that the machine was awake, which is less.
func (s *story) sleeps(t *rapid.T) {
	s.Sim.Advance(time.Duration(s.number(t, []int{1, 10, 60, 600, 1440}, "minutes")) * time.Minute)
	s.Wait(s.aMoment())
}

// setClock has the operator begin anew with a clock that is before or behind GoTo's. By more than the two minutes that are allowed for it,
// nobody could tell what it has made from what somebody else has: see ADR 44. Under a process that runs no clock is set back: it goes by
// one that nobody sets.
func (s *story) setClock(t *rapid.T) {
	s.gate.kill()
	s.ahead.Store(int64(s.number(t, []int{-50, -10, 0, 10, 50}, "seconds")) * int64(time.Second))
	s.Wait(s.aMoment())
}

func (s *story) lags(t *rapid.T) {
	s.API.Lag(time.Duration(s.number(t, []int{0, 300, 5000}, "milliseconds")) * time.Millisecond)
}

func (s *story) killed(*rapid.T) {
	s.gate.kill()
	s.Wait(s.aMoment())
}

// refuses has the next writes to Kubernetes refused.
func (s *story) refuses(t *rapid.T) {
	status := s.number(t, []int{http.StatusConflict, http.StatusInternalServerError, http.StatusTooManyRequests}, "status")
	s.refusals.set(status, s.number(t, []int{1, 3, 10}, "times"))
}

// turn puts a switch of the simulator into a position.
func (s *story) turn(t *rapid.T) {
	name := s.one(t, simulator.SwitchNames(), "switch")
	position := s.one(t, simulator.SwitchPositions()[name], "position")
	s.made.vague = s.made.vague || slices.Contains(vague, name)
	s.Sim.SetSwitches(func(sw *simulator.Switches) { s.must(sw.Set(name, position)) })
}

// faults are those that an operation may meet.
var faults = []simulator.Fault{
	{Kind: simulator.FaultThrottle}, {Kind: simulator.FaultErrorBefore, Status: 500}, {Kind: simulator.FaultErrorAfter, Status: 500},
	{Kind: simulator.FaultErrorBefore, Status: 503}, {Kind: simulator.FaultErrorBefore, Status: 401}, {Kind: simulator.FaultErrorBefore, Status: 403},
	{Kind: simulator.FaultErrorBefore, Status: 400}, {Kind: simulator.FaultErrorBefore, Status: 404}, {Kind: simulator.FaultErrorAfter, Status: 502},
	{Kind: simulator.FaultErrorBefore, Status: 409}, {Kind: simulator.FaultErrorBefore, Status: 410}, {Kind: simulator.FaultErrorBefore, Status: 422},
	{Kind: simulator.FaultErrorBefore, Status: 504}, {Kind: simulator.FaultErrorAfter, Status: 504},
	{Kind: simulator.FaultHang}, {Kind: simulator.FaultBlock}, {Kind: simulator.FaultLatency, Delay: 20 * time.Second},
	{Kind: simulator.FaultCutBefore}, {Kind: simulator.FaultCutAfter}, {Kind: simulator.FaultCutBody}, {Kind: simulator.FaultTruncate},
	{Kind: simulator.FaultHTML}, {Kind: simulator.FaultEmptyList}, {Kind: simulator.FaultShortList, Drop: 1}, {Kind: simulator.FaultPartialList, Drop: 1},
	{Kind: simulator.FaultExpireToken},
}

// failing are the operations of which one may fail alone; "" is for any.
var failing = []string{
	"", "", "", simulator.OpListUsers, simulator.OpCreateUsers, simulator.OpUpdateUsers, simulator.OpDeleteUsers, simulator.OpGetUser,
	simulator.OpListGroups, simulator.OpCreateGroup, simulator.OpMoveUsers, simulator.OpListLicenses, simulator.OpCreateMeeting, simulator.OpToken,
}

func (s *story) fault(t *rapid.T) {
	f := rapid.SampledFrom(faults).Draw(t, "fault")
	f.Operation = s.one(t, failing, "of")
	f.Count, f.Skip = s.number(t, []int{1, 2, 3}, "times"), s.number(t, []int{0, 1, 2, 3}, "after")
	s.told[len(s.told)-1] += fmt.Sprintf(" %s %d", f.Kind, f.Status)
	s.Sim.Inject(f)
}
