// Package limit is the rate limit of the service: what is counted together, how much of it there may be, and what is said to one
// request too many. It knows no operation.
package limit

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

const (
	// DefaultRate is the documented limit of requests per second (D); the burst is the same number.
	DefaultRate = 10
	// NoRateLimit switches the limit off.
	NoRateLimit = -1
)

// bucket is a token bucket.
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

// Limiter is a rate limit. Its methods may be called at any time from any goroutine.
type Limiter struct {
	mu      sync.Mutex
	rate    float64
	buckets map[string]*bucket
}

// New returns a limit of so many requests per second, and as many in a burst: DefaultRate if 0, none if negative.
func New(perSecond float64) *Limiter {
	l := &Limiter{}
	l.SetRate(perSecond)
	return l
}

// SetRate changes the limit; see New. The bursts start full.
func (l *Limiter) SetRate(perSecond float64) {
	if perSecond == 0 {
		perSecond = DefaultRate
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rate, l.buckets = perSecond, map[string]*bucket{}
}

// Take takes one request of what is counted together under that name, or says how long it is until there is one.
func (l *Limiter) Take(name string, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rate <= 0 {
		return 0, true
	}
	b := l.buckets[name]
	if b == nil {
		b = &bucket{level: max(l.rate, 1), at: now}
		l.buckets[name] = b
	}
	return b.take(now, l.rate)
}

// Who is whom a request is counted for. Requests without a valid token have neither client, token nor user, and share what there is.
type Who struct{ API, Client, Token, User string }

// Name is the name of what is counted together.
func (w Who) Name(sw *switches.Switches) string {
	name := w.Client
	switch sw.RateScope {
	case "token":
		name = w.Token
	case "user":
		name = w.User
	}
	if sw.RateAPIs == "separate" {
		name = w.API + " " + name
	}
	return name
}

// Refusal is the answer to a request over the limit.
func Refusal(sw *switches.Switches) wire.Response {
	r := wire.Response{Status: http.StatusTooManyRequests}
	switch sw.ThrottleBody {
	case "json":
		r.Body = []byte(`{"message":"Too many requests"}`)
	case "text":
		r.ContentType, r.Body = "text/plain; charset=utf-8", []byte("Too many requests\n")
	}
	return r
}

// RetryAfter says in a header when there will be room again, if the switch says so.
func RetryAfter(r *wire.Response, sw *switches.Switches, now time.Time, delay time.Duration) {
	seconds := int(math.Ceil(delay.Seconds()))
	switch sw.RetryAfter {
	case "seconds":
		r.Header = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	case "date":
		at := now.Add(time.Duration(seconds) * time.Second).UTC()
		r.Header = http.Header{"Retry-After": {at.Format(http.TimeFormat)}}
	}
}
