package simulator

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/fault"
	"github.com/goto-operator/goto-operator/internal/simulator/journal"
	"github.com/goto-operator/goto-operator/internal/simulator/limit"
	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// simulatorKey is the simulator that a request is for, in the request's context.
type simulatorKey struct{}

// routes leads requests to the operations, whichever simulator they are for: tests make thousands of simulators, and the table of
// patterns takes as long to make as a whole life of one takes to play.
var routes = sync.OnceValue(func() http.Handler {
	mux := http.NewServeMux()
	for _, op := range append(operations(), call.Unknown()) {
		for _, pattern := range append([]string{op.Pattern}, op.Also...) {
			mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
				s, _ := r.Context().Value(simulatorKey{}).(*Simulator)
				s.serve(op, w, r)
			})
		}
	}
	return mux
})

// serve takes a request through the simulator: rate limit, faults before, authentication and effect, log, faults after, answer.
func (s *Simulator) serve(op call.Operation, w http.ResponseWriter, r *http.Request) {
	c, err := call.Read(op, w, r)
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	p := s.admit(c)
	if p.refusal != nil {
		s.record(c, p, p.refusal.Status)
		wire.Send(w, *p.refusal)
		return
	}
	if !wait(r, p.Latency) {
		s.record(c, p, 0)
		wire.Abort()
	}
	answer, cut := s.run(c, p) //nolint:contextcheck // the call has the request
	if p.Fault != nil && p.Fault.Kind == fault.Block {
		s.Hold(r.Context(), p.Fault)
	}
	switch {
	case cut == fault.CutWhole:
		wire.Abort()
	case cut == fault.CutInBody && len(answer.Body) > 0:
		wire.SendHalf(w, answer)
	default:
		wire.Send(w, answer)
	}
}

// plan is what is to happen to a request beside its effect.
type plan struct {
	fault.Plan
	refusal *wire.Response // by the rate limit
	tooMany wire.Response  // what a fault of that kind says
}

// admit counts the request and decides what it meets: the rate limit, or faults.
func (s *Simulator) admit(c *call.Call) (p plan) {
	s.See(func(v live.View) {
		c.Arrived = v.Now
		p.tooMany = limit.Refusal(v.Switches)
		if c.Op.Family != call.OAuthServer {
			p.refusal = s.limited(c, v)
		}
		s.Count(c.Op.ID, p.refusal != nil)
		if p.refusal != nil {
			return
		}
		p.Plan = s.Pick(&fault.Request{
			Operation: c.Op.ID, List: c.Op.List, Page: c.Page(v.Switches), Token: c.Op.Family != call.OAuthServer,
			Address: c.Request.URL.Path + "?" + c.LoggedQuery(), Body: c.LoggedBody(),
		})
	})
	return p
}

// limited is the answer of the rate limit, nil where there is room.
func (s *Simulator) limited(c *call.Call, v live.View) *wire.Response {
	who := limit.Who{API: strconv.Itoa(int(c.Op.Family))}
	if token := v.Store.AccessToken(c.TokenText, v.Now); token != nil {
		who.Client, who.Token, who.User = token.ClientID, token.Token, token.UserKey
	}
	delay, ok := s.Take(who.Name(v.Switches), v.Now)
	if ok {
		return nil
	}
	answer := limit.Refusal(v.Switches)
	limit.RetryAfter(&answer, v.Switches, v.Now, delay)
	return &answer
}

// run applies the fault, if any, around the effect, and logs the outcome. It returns before the answer is sent.
func (s *Simulator) run(c *call.Call, p plan) (wire.Response, fault.Cut) {
	answer, cut := s.outcome(c, p)
	status := answer.Status
	if cut != fault.CutNowhere {
		status = 0
	}
	s.record(c, p, status)
	if p.Fault != nil && p.Fault.Kind == fault.Hang {
		s.Hold(c.Request.Context(), p.Fault)
	}
	return answer, cut
}

func (s *Simulator) outcome(c *call.Call, p plan) (wire.Response, fault.Cut) {
	if p.Fault == nil {
		return s.perform(c), fault.CutNowhere
	}
	switch f := &p.Fault.Fault; f.Kind {
	case fault.Throttle, fault.ErrorBefore:
		return f.Failure(p.tooMany), fault.CutNowhere
	case fault.CutBefore, fault.Hang:
		return wire.Response{}, fault.CutWhole
	default:
		if f.Kind == fault.ExpireToken {
			s.expire(c)
		}
		c.Gaps.All, c.Gaps.List, c.Gaps.Page = f.Gaps()
		return f.Spoil(s.perform(c), p.tooMany)
	}
}

// expire ends the token that the request carries, before it is looked at.
func (s *Simulator) expire(c *call.Call) {
	_ = s.Change(func(v live.View) error { // it has no error to return
		v.Store.OAuth.ExpireAccessToken(c.TokenText)
		return nil
	})
}

// perform authenticates the caller and lets the operation take effect.
func (s *Simulator) perform(c *call.Call) (answer wire.Response) {
	_ = s.Change(func(v live.View) error { // what goes wrong is in the answer
		c.Now, c.Switches, c.Store = v.Now, v.Switches, v.Store
		if c.Op.Authorize != nil {
			c.Token = v.Store.AccessToken(c.TokenText, v.Now)
			if refusal := c.Op.Authorize(c); refusal != nil {
				answer = *refusal
				return live.ErrUnchanged
			}
		}
		answer = c.Op.Handle(c)
		if !c.Changed {
			return live.ErrUnchanged
		}
		return nil
	})
	return answer
}

// record logs the outcome of a request.
func (s *Simulator) record(c *call.Call, p plan, status int) {
	s.Record(journal.Request{
		Time: c.Arrived, Operation: c.Op.ID, Method: c.Request.Method, Path: c.Request.URL.Path, Query: c.LoggedQuery(),
		Body: c.LoggedBody(), Status: status, Faults: p.Kinds, Throttled: p.refusal != nil,
	})
}

// wait lets d pass and reports whether the client is still there.
func wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
