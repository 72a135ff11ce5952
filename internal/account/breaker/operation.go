package breaker

import (
	"hash/fnv"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/backoff"
)

const (
	// mostTrying is how many requests wait to try an operation that fails; the others are refused, so that they hold nobody up who wants
	// something else.
	mostTrying = 3
	// longestRefusal is when whoever was refused for an operation asks again, though nothing was heard of it: the few that wait may all
	// have given up.
	longestRefusal = 5 * time.Minute
)

// failing is an operation that has failed, of a service that answers. It needs no probe: one of its own requests tries it now and then.
type failing struct {
	failed  []uint64  // requests in a row, each of them once
	since   time.Time // when it was found to fail; zero while its requests are sent
	next    time.Time // when one of them may try
	waiting int
	changed chan struct{} // is closed when who waits should look again
	over    chan struct{} // is closed when it works
}

func (o *failing) works() bool { return o.since.IsZero() }

// admit lets a request pass, refuses it, or returns what to wait for.
func (o *failing) admit(name string) (again <-chan struct{}, err error) {
	switch early := time.Now().Before(o.next); {
	case o.works():
	case early && o.waiting >= mostTrying:
		return nil, &OpenError{Since: o.since, Operation: name, After: backoff.Jittered(longestRefusal), over: o.over}
	case early:
		o.waiting++
		return o.changed, nil
	}
	return nil, nil
}

// wake has those who wait look again.
func (o *failing) wake() {
	close(o.changed)
	o.changed, o.waiting = make(chan struct{}), 0
}

// pass is admit of a request's operation. leaves is true of one that is about to be sent: it tries, and is the only one for a while, whatever
// becomes of it.
func (b *Breaker) pass(name string, leaves bool) (again <-chan struct{}, err error) {
	o := b.operations[name]
	if o == nil {
		return nil, nil
	}
	again, err = o.admit(name)
	if again == nil && err == nil && leaves && !o.works() {
		b.postpone(o)
	}
	return again, err
}

// postpone is the time to the next try, which grows as that to a probe does.
func (b *Breaker) postpone(o *failing) {
	pause := backoff.Next(time.Since(o.since), longestPause)
	o.next = time.Now().Add(pause)
	time.AfterFunc(pause, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		o.wake()
	})
}

// noteOperation takes in what came of a request, for its operation alone. One request that fails again and again may be what is wrong: only
// as many different ones speak against the operation.
func (b *Breaker) noteOperation(name string, req *http.Request, answered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if answered {
		if b.recover(name) {
			b.tell()
		}
		return
	}
	o := b.operations[name]
	if o == nil {
		o = &failing{changed: make(chan struct{}), over: make(chan struct{})}
		b.operations[name] = o
	}
	if id := fingerprint(req); len(o.failed) < suspicious && !slices.Contains(o.failed, id) {
		o.failed = append(o.failed, id)
	}
	if b.armed && o.works() && len(o.failed) >= suspicious {
		o.since = time.Now()
		b.postpone(o)
	}
}

// recover lets the requests of an operation pass again. It tells whether they did not.
func (b *Breaker) recover(name string) bool {
	o := b.operations[name]
	delete(b.operations, name)
	if o == nil || o.works() {
		return false
	}
	close(o.over)
	o.wake()
	return true
}

// tell has those told who were refused for an operation.
func (b *Breaker) tell() {
	select {
	case b.relief <- struct{}{}:
	default:
	}
}

// recoverAll is recover of all operations.
func (b *Breaker) recoverAll() {
	for name := range b.operations {
		b.recover(name)
	}
}

// fingerprint is equal for equal requests.
func fingerprint(req *http.Request) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, req.Method+" "+req.URL.String()+"\n")
	if req.GetBody == nil {
		return h.Sum64()
	}
	if body, err := req.GetBody(); err == nil {
		_, _ = io.Copy(h, body)
		_ = body.Close()
	}
	return h.Sum64()
}
