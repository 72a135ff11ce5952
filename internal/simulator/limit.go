package simulator

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// bucket is a token bucket of the rate limit.
type bucket struct {
	level float64
	at    time.Time
}

// take takes one request out of the bucket, or says how long it is until there is one.
func (b *bucket) take(now time.Time, rate float64) (wait time.Duration, ok bool) {
	if elapsed := now.Sub(b.at).Seconds(); elapsed > 0 {
		b.level = min(max(rate, 1), b.level+elapsed*rate)
	}
	b.at = now
	if b.level < 1 {
		return time.Duration((1 - b.level) / rate * float64(time.Second)), false
	}
	b.level--
	return 0, true
}

// admit counts the request and decides what it meets: the rate limit, or faults.
func (s *Simulator) admit(c *call) plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.arrive = s.time()
	p := plan{switches: s.switches}
	if c.op.api != oauthServer && s.rate > 0 {
		b := s.bucket(c)
		if delay, ok := b.take(c.arrive, s.rate); !ok {
			s.throttled[c.op.id]++
			p.throttled, p.answer = true, tooMany(&s.switches)
			s.retryAfter(&p.answer, delay)
			return p
		}
	}
	s.calls[c.op.id]++
	s.pick(c, &p)
	return p
}

// bucket finds what the request is counted by. Requests without a valid token share one.
func (s *Simulator) bucket(c *call) *bucket {
	id := ""
	if token := s.accessToken(c.tokenText); token != nil {
		id = token.ClientID
		if s.switches.RateScope == "token" {
			id = token.Token
		}
	}
	if s.switches.RateAPIs == "separate" {
		id = strconv.Itoa(int(c.op.api)) + " " + id
	}
	b := s.buckets[id]
	if b == nil {
		b = &bucket{level: max(s.rate, 1), at: c.arrive}
		s.buckets[id] = b
	}
	return b
}

// tooMany is the answer to a request over the limit.
func tooMany(sw *Switches) response {
	r := response{status: http.StatusTooManyRequests}
	switch sw.ThrottleBody {
	case "json":
		r.body = []byte(`{"message":"Too many requests"}`)
	case "text":
		r.contentType, r.body = "text/plain; charset=utf-8", []byte("Too many requests\n")
	}
	return r
}

// retryAfter adds the header if the switch says so.
func (s *Simulator) retryAfter(r *response, delay time.Duration) {
	seconds := int(math.Ceil(delay.Seconds()))
	switch s.switches.RetryAfter {
	case "seconds":
		r.header = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	case "date":
		at := s.time().Add(time.Duration(seconds) * time.Second).UTC()
		r.header = http.Header{"Retry-After": {at.Format(http.TimeFormat)}}
	}
}
