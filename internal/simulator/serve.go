package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// serve takes a request through the simulator: rate limit, faults before, authentication and effect, log, faults after, answer.
func (s *Simulator) serve(op operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := newCall(op, w, r)
		if err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		p := s.admit(c)
		if p.throttled {
			s.record(c, p, p.answer.status)
			send(w, p.answer)
			return
		}
		if !wait(r, p.latency) {
			s.record(c, p, 0)
			abort()
		}
		answer, cut := s.run(c, p)
		if p.fault != nil && p.fault.Kind == FaultBlock {
			s.hold(r, p.fault)
		}
		switch {
		case cut == cutAll:
			abort()
		case cut == cutBody && len(answer.body) > 0:
			sendHalf(w, answer)
		default:
			send(w, answer)
		}
	})
}

// cutPoint says where the connection breaks.
type cutPoint int

const (
	cutNone cutPoint = iota
	cutBody
	cutAll
)

// run applies the fault, if any, around the effect, and logs the outcome. It returns before the answer is sent.
func (s *Simulator) run(c *call, p plan) (response, cutPoint) {
	if p.fault == nil {
		answer := s.perform(c)
		s.record(c, p, answer.status)
		return answer, cutNone
	}
	switch f := p.fault.Fault; f.Kind {
	case FaultThrottle, FaultErrorBefore:
		answer := f.failure(&p.switches)
		s.record(c, p, answer.status)
		return answer, cutNone
	case FaultCutBefore:
		s.record(c, p, 0)
		return response{}, cutAll
	case FaultHang:
		s.record(c, p, 0)
		s.hold(c.r, p.fault)
		return response{}, cutAll
	default:
		f.bend(c)
		answer, cut := f.spoil(s.perform(c), &p.switches)
		status := answer.status
		if cut != cutNone {
			status = 0
		}
		s.record(c, p, status)
		return answer, cut
	}
}

// perform authenticates the caller and lets the operation take effect.
func (s *Simulator) perform(c *call) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.op.api != oauthServer {
		if refusal := s.authorize(c); refusal != nil {
			return *refusal
		}
	}
	answer := c.op.handle(s, c)
	if c.changed {
		s.persist()
	}
	return answer
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

func send(w http.ResponseWriter, r response) {
	writeHeader(w, r)
	_, _ = w.Write(r.body) // the client may be gone, which is its own affair
}

// sendHalf promises the whole body, sends half of it and breaks the connection.
func sendHalf(w http.ResponseWriter, r response) {
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	writeHeader(w, r)
	_, _ = w.Write(r.body[:len(r.body)/2])
	_ = http.NewResponseController(w).Flush()
	abort()
}

func writeHeader(w http.ResponseWriter, r response) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	if len(r.body) > 0 {
		contentType := r.contentType
		if contentType == "" {
			contentType = "application/json"
		}
		w.Header().Set("Content-Type", contentType)
	}
	w.WriteHeader(r.status)
}

// abort breaks the connection; net/http takes this panic for that and logs nothing.
func abort() { panic(http.ErrAbortHandler) }
