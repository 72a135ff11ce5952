package account

import (
	"context"
	"sync"
	"time"
)

// batcher joins items that arrive together and belong together into one call of run. A batch is closed when nothing
// arrived for idle, when it is longest old, or when it holds size items. One that holds many items already is bulk work,
// of which more is likely to come and for which nobody waits: it stays open for bulkIdle.
type batcher[I, R any] struct {
	ctx     context.Context // of the account: a batch outlives the caller that started it
	idle    time.Duration
	longest time.Duration
	size    int
	run     func(context.Context, []I) []result[R] // one result per item, in order
	hold    func() bool                            // keeps a batch open, though not beyond held; nil for never
	held    time.Duration                          // longest when zero

	mu      sync.Mutex
	open    map[string]*batch[I, R]
	running int
}

// busy is true while a batch is open or under way.
func (b *batcher[I, R]) busy() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.open) > 0 || b.running > 0
}

const (
	bulkItems = 10
	bulkIdle  = time.Second
)

type result[R any] struct {
	value R
	err   error
}

type batch[I, R any] struct {
	items   []I
	started time.Time
	timer   *time.Timer
	done    chan struct{}
	results []result[R]
}

// submit adds an item to the open batch of its group and waits for its result. When ctx ends first, the item is still
// carried out and its result is lost.
func (b *batcher[I, R]) submit(ctx context.Context, group string, item I) (R, error) {
	open, at := b.add(group, item)
	select {
	case <-open.done:
		return open.results[at].value, open.results[at].err
	case <-ctx.Done():
		var zero R
		return zero, ctx.Err()
	}
}

func (b *batcher[I, R]) add(group string, item I) (*batch[I, R], int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		b.open = make(map[string]*batch[I, R])
	}
	open := b.open[group]
	if open == nil {
		open = &batch[I, R]{started: time.Now(), done: make(chan struct{})}
		b.open[group] = open
	}
	open.items = append(open.items, item)
	at := len(open.items) - 1
	if open.timer != nil {
		open.timer.Stop()
	}
	if len(open.items) >= b.size {
		b.close(group)
		go b.flush(open)
		return open, at
	}
	b.arm(group, open)
	return open, at
}

func (b *batcher[I, R]) arm(group string, open *batch[I, R]) {
	idle := b.idle
	if len(open.items) >= bulkItems {
		idle = max(idle, bulkIdle)
	}
	wait := min(idle, b.limit(b.hold != nil && b.hold())-time.Since(open.started))
	open.timer = time.AfterFunc(max(0, wait), func() { b.expire(group, open) })
}

// limit is how long a batch may stay open: longer where more is known to come, which the API server may take its time for.
func (b *batcher[I, R]) limit(held bool) time.Duration {
	if held {
		return max(b.longest, b.held)
	}
	return b.longest
}

func (b *batcher[I, R]) close(group string) {
	delete(b.open, group)
	b.running++
}

func (b *batcher[I, R]) expire(group string, open *batch[I, R]) {
	held := b.hold != nil && b.hold()
	b.mu.Lock()
	if b.open[group] != open {
		b.mu.Unlock()
		return // closed by its size in the meantime
	}
	if held && time.Since(open.started) < b.limit(true) {
		b.arm(group, open)
		b.mu.Unlock()
		return
	}
	b.close(group)
	b.mu.Unlock()
	b.flush(open)
}

func (b *batcher[I, R]) flush(open *batch[I, R]) {
	open.results = b.run(b.ctx, open.items)
	b.mu.Lock()
	b.running--
	b.mu.Unlock()
	close(open.done)
}

func failAll[I, R any](items []I, err error) []result[R] {
	out := make([]result[R], len(items))
	for i := range out {
		out[i].err = err
	}
	return out
}
