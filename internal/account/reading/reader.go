package reading

import (
	"context"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/tracing"
)

// Reader makes the readings of one list: one at a time, as urgent as the most urgent of those who wait for it or for the one after it, and
// no longer than somebody does.
type Reader struct {
	ctx  context.Context //nolint:containedctx // of readings, which outlive those who asked for them
	now  func() time.Time
	read func(ctx context.Context, began time.Time, told func(gotoclient.Key) bool) error

	mu     sync.Mutex
	begins []func()  // what is called before each one
	last   time.Time // when the last one that succeeded began
	under  *run      // way; nil if none is
	next   *run      // for those who need one that begins later than that; nil if nobody does
}

// run is one reading.
type run struct {
	ctx     context.Context //nolint:containedctx // of its requests
	cancel  context.CancelFunc
	callers []context.Context //nolint:containedctx // of those for whom it begins
	span    tracing.Span
	level   *budget.Level
	began   time.Time
	waiting int
	told    map[gotoclient.Key]bool
	done    chan struct{}
	err     error
}

// NewReader returns a reader whose readings end with ctx. read makes one; told says of whom those who wait for it need not be told.
func NewReader(ctx context.Context, now func() time.Time, read func(ctx context.Context, began time.Time, told func(gotoclient.Key) bool) error) *Reader {
	return &Reader{ctx: ctx, now: now, read: read}
}

// BeforeEach has a function called before each reading begins: who asks then for one that begins after that moment has it. The function must
// not ask by itself, nor wait for who does.
func (r *Reader) BeforeEach(tell func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begins = append(r.begins, tell)
}

// Shows tells whether there is a reading that began after t, or one is under way.
func (r *Reader) Shows(t time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.has(t) || r.begun(t) != nil
}

// has tells whether there is a reading that began after t.
func (r *Reader) has(t time.Time) bool { return !r.last.IsZero() && r.last.After(t) }

// begun is the reading that is under way, if it began after t and does not end because nobody waits for it; else nil.
func (r *Reader) begun(t time.Time) *run {
	if it := r.under; it != nil && it.waiting > 0 && it.began.After(t) {
		return it
	}
	return nil
}

// After returns when there is a reading that began after t, with the error of the one that was to be it. Those who ask share it; about is
// what the caller looks at by itself then, and is not to be told of.
func (r *Reader) After(ctx context.Context, t time.Time, about ...gotoclient.Key) error {
	run, back := r.join(ctx, t, about)
	if run == nil {
		return nil
	}
	defer r.leave(run, back)
	select {
	case <-run.done:
		return run.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join returns the reading to wait for, and how to take back what was lent to it; nil if there is one already.
func (r *Reader) join(ctx context.Context, t time.Time, about []gotoclient.Key) (joined *run, back func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.has(t) {
		return nil, nil
	}
	joined = r.begun(t)
	if joined == nil {
		joined = r.later()
	}
	joined.add(ctx)
	back = r.lend(joined, budget.PriorityOf(ctx))
	for _, key := range about {
		joined.told[key] = true
	}
	r.start()
	return joined, back
}

// lend makes a reading as urgent as one who waits for it, and the one that has to end before it likewise.
func (r *Reader) lend(it *run, p budget.Priority) (back func()) {
	own := it.level.Lend(p)
	if r.under == nil || r.under == it {
		return own
	}
	before := r.under.level.Lend(p)
	return func() {
		own()
		before()
	}
}

// add has one more wait for a reading.
func (it *run) add(caller context.Context) {
	it.waiting++
	if it.began.IsZero() {
		it.callers = append(it.callers, caller)
		return
	}
	tracing.Joined(it.ctx, caller)
}

// later is the reading after the one that is under way.
func (r *Reader) later() *run {
	if r.next == nil {
		level := budget.NewLevel(budget.Background)
		ctx, cancel := context.WithCancel(budget.WithLevel(r.ctx, level))
		r.next = &run{ctx: ctx, cancel: cancel, level: level, told: map[gotoclient.Key]bool{}, done: make(chan struct{})}
	}
	return r.next
}

// start begins the next reading unless one is under way.
func (r *Reader) start() {
	if r.under != nil || r.next == nil {
		return
	}
	r.under, r.next = r.next, nil
	for _, tell := range r.begins {
		tell()
	}
	r.under.began = r.now()
	r.under.ctx, r.under.span = tracing.Shared(r.under.ctx, "reading", r.under.callers)
	r.under.callers = nil
	go r.make(r.under)
}

func (r *Reader) make(it *run) {
	it.err = r.read(it.ctx, it.began, func(key gotoclient.Key) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return it.told[key]
	})
	it.cancel()
	it.span.End(it.err)
	r.mu.Lock()
	defer r.mu.Unlock()
	if it.err == nil {
		r.last = it.began
	}
	close(it.done)
	r.under = nil
	r.start()
}

// leave ends a reading that nobody waits for any more.
func (r *Reader) leave(it *run, back func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	back()
	it.waiting--
	if it.waiting > 0 {
		return
	}
	it.cancel()
	if r.next == it {
		r.next = nil
	}
}
