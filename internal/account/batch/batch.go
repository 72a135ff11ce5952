package batch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/budget"
)

// Options of a Batcher.
type Options[I, R any] struct {
	// Context in which batches run: one outlives the caller that started it.
	Context context.Context //nolint:containedctx // see above
	// A batch is closed when nothing arrived for Idle, when it is Longest old, or when it holds Size items. One that holds many items
	// already is bulk work, of which more is likely to come and for which nobody waits: it stays open for a second of idleness.
	Idle, Longest time.Duration
	Size          int
	// Run returns one result per item, in order.
	Run func(context.Context, []I) []Result[R]
	// Hold keeps a batch of so many items open, though not longer than Held (Longest when zero); nil for never.
	Hold func(items int) bool
	Held time.Duration
	// Prompt bounds what Hold does to those who wait: a batch with an item that a person has just changed is not held, and one with few
	// items not longer than Longest.
	Prompt bool
	// Begin is called before Run, with the contexts of those who wait for the items, and what it returns when Run is done; nil for nothing.
	Begin func(ctx context.Context, callers []context.Context) (context.Context, func())
	// Of names what an item is about: of one thing there is one item at a time, in the order in which they came.
	// Nil or "" for items in any order.
	Of func(I) string
}

// Result of one item.
type Result[R any] struct {
	Value R
	Err   error
}

// Batcher joins items that arrive together and belong together into one call of Run.
type Batcher[I, R any] struct {
	Options[I, R]

	mu      sync.Mutex
	open    map[string]*batch[I, R]
	about   map[string]chan struct{} // the turn of the last in the line of a thing, closed when that one is done
	running int
}

// New returns a batcher.
func New[I, R any](opts Options[I, R]) *Batcher[I, R] {
	return &Batcher[I, R]{Options: opts, open: map[string]*batch[I, R]{}, about: map[string]chan struct{}{}}
}

// Many is the number of items from which on a batch is bulk work.
const Many = 10

const bulkIdle = time.Second

type batch[I, R any] struct {
	items   []I
	callers []context.Context //nolint:containedctx // of those who wait for the items
	turns   []chan struct{}   // in the lines of the things that the items are about; nil for none
	told    []func(Result[R]) // of those for whom nobody waits; nil for the others
	started time.Time
	urgent  bool      // somebody who waits is
	asked   time.Time // when all of them were asked for that
	timer   *time.Timer
	done    chan struct{}
	results []Result[R]
}

// Busy is true while a batch is open or under way.
func (b *Batcher[I, R]) Busy() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.open) > 0 || b.running > 0
}

// Submit adds an item to the open batch of its group and waits for its result. When ctx ends first, the item is taken out, unless it is
// under way: then it is carried out, and its result is lost.
func (b *Batcher[I, R]) Submit(ctx context.Context, group string, item I) (R, error) {
	var none R
	turn, before := b.join(item)
	if before != nil {
		select {
		case <-before:
		case <-ctx.Done():
			go b.pass(item, turn, before)
			return none, ctx.Err()
		}
	}
	open, at := b.add(ctx, group, item, turn, nil)
	select {
	case <-open.done:
		return open.results[at].Value, open.results[at].Err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// Put adds an item for which nobody waits to the open batch of its group. Its result is told to a function, which must not wait either. When
// ctx ends before the batch is sent, the item is taken out, and the result is the context's error. Put keeps no order of what is about one
// thing.
func (b *Batcher[I, R]) Put(ctx context.Context, group string, item I, tell func(Result[R])) {
	b.add(ctx, group, item, nil, tell)
}

func (b *Batcher[I, R]) name(item I) string {
	if b.Of == nil {
		return ""
	}
	return b.Of(item)
}

// join puts an item into the line of those about the same thing: before is closed when the one before it is done, and turn is to be closed
// when this one is. Both are nil for an item that is about nothing, and before for the first.
func (b *Batcher[I, R]) join(item I) (turn chan struct{}, before <-chan struct{}) {
	thing := b.name(item)
	if thing == "" {
		return nil, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	before, turn = b.about[thing], make(chan struct{})
	b.about[thing] = turn
	return turn, before
}

// pass gives up a place in the line: whoever is behind it goes on waiting for the one before.
func (b *Batcher[I, R]) pass(item I, turn chan struct{}, before <-chan struct{}) {
	<-before
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over(item, turn)
}

// over ends the turn of an item. It is called with the lock.
func (b *Batcher[I, R]) over(item I, turn chan struct{}) {
	if thing := b.name(item); b.about[thing] == turn {
		delete(b.about, thing)
	}
	close(turn)
}

func (b *Batcher[I, R]) add(ctx context.Context, group string, item I, turn chan struct{}, tell func(Result[R])) (*batch[I, R], int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	open := b.open[group]
	if open == nil {
		open = &batch[I, R]{started: time.Now(), done: make(chan struct{})}
		b.open[group] = open
	}
	open.items, open.callers, open.turns, open.told = append(open.items, item), append(open.callers, ctx), append(open.turns, turn), append(open.told, tell)
	open.urgent = open.urgent || b.Prompt && urgent(ctx)
	if open.timer != nil {
		open.timer.Stop()
	}
	if len(open.items) >= b.Size {
		b.leave(group, open)
	} else {
		b.arm(group, open)
	}
	return open, len(open.items) - 1
}

// LeaveMany closes the open batches of many items, however long more may come, and does not wait for them.
func (b *Batcher[I, R]) LeaveMany() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for group, open := range b.open {
		if len(open.items) >= Many {
			b.leave(group, open)
		}
	}
}

func (b *Batcher[I, R]) leave(group string, open *batch[I, R]) {
	b.close(group)
	go b.flush(open)
}

func (b *Batcher[I, R]) arm(group string, open *batch[I, R]) {
	idle := b.Idle
	if len(open.items) >= Many {
		idle = max(idle, bulkIdle)
	}
	wait := min(idle, b.limit(open, b.held(open))-time.Since(open.started))
	open.timer = time.AfterFunc(max(0, wait), func() { b.expire(group, open) })
}

// held is true for a batch that is kept open, since more is known to come.
func (b *Batcher[I, R]) held(open *batch[I, R]) bool {
	return b.Hold != nil && b.Hold(len(open.items)) && !(b.Prompt && b.hurries(open))
}

// hurries is true for a batch with somebody who is urgent: who comes so, or has become so while it waits. Tens of thousands may wait, and each
// who comes is a reason to ask them, so they are asked no more often than a batch can be idle.
func (b *Batcher[I, R]) hurries(open *batch[I, R]) bool {
	if now := time.Now(); now.Sub(open.asked) >= b.Idle {
		open.urgent, open.asked = slices.ContainsFunc(open.callers, urgent), now
	}
	return open.urgent
}

func urgent(caller context.Context) bool { return budget.PriorityOf(caller) == budget.Interactive }

// limit is how long a batch may stay open: longer where more is known to come, which the API server may take its time for.
func (b *Batcher[I, R]) limit(open *batch[I, R], held bool) time.Duration {
	if held && (len(open.items) >= Many || !b.Prompt) {
		return max(b.Longest, b.Held)
	}
	return b.Longest
}

func (b *Batcher[I, R]) close(group string) {
	delete(b.open, group)
	b.running++
}

func (b *Batcher[I, R]) expire(group string, open *batch[I, R]) {
	b.mu.Lock()
	if b.open[group] != open {
		b.mu.Unlock()
		return // closed by its size in the meantime
	}
	if held := b.held(open); held && time.Since(open.started) < b.limit(open, held) {
		b.arm(group, open)
		b.mu.Unlock()
		return
	}
	b.close(group)
	b.mu.Unlock()
	b.flush(open)
}

func (b *Batcher[I, R]) flush(open *batch[I, R]) {
	open.results = make([]Result[R], len(open.items))
	for left := open.all(); len(left) > 0; {
		left = b.send(open, open.waited(left))
	}
	b.mu.Lock()
	b.running--
	for i, turn := range open.turns {
		if turn != nil {
			b.over(open.items[i], turn)
		}
	}
	b.mu.Unlock()
	close(open.done)
	for i, tell := range open.told {
		if tell != nil {
			tell(open.results[i])
		}
	}
}

func (o *batch[I, R]) all() []int {
	out := make([]int, len(o.items))
	for i := range out {
		out[i] = i
	}
	return out
}

// waited are those of the items that somebody waits for; the others have the error of who gave up.
func (o *batch[I, R]) waited(at []int) []int {
	var out []int
	for _, i := range at {
		if err := o.callers[i].Err(); err != nil {
			o.results[i].Err = err
			continue
		}
		out = append(out, i)
	}
	return out
}

// send runs the items, and returns those that were held back since one of them had nobody any more who waits for it.
func (b *Batcher[I, R]) send(open *batch[I, R], at []int) []int {
	if len(at) == 0 {
		return nil
	}
	items, callers := make([]I, len(at)), make([]context.Context, len(at))
	for n, i := range at {
		items[n], callers[n] = open.items[i], open.callers[i]
	}
	ctx := of(b.Context, callers)
	if b.Begin != nil {
		var done func()
		ctx, done = b.Begin(ctx, callers)
		defer done()
	}
	var held []int
	for n, r := range b.Run(ctx, items) {
		open.results[at[n]] = r
		if errors.Is(r.Err, ErrWithdrawn) {
			held = append(held, at[n])
		}
	}
	return held
}

// FailAll is the same error for all items.
func FailAll[I, R any](items []I, err error) []Result[R] {
	out := make([]Result[R], len(items))
	for i := range out {
		out[i].Err = err
	}
	return out
}

// ErrWithdrawn says that a request was not sent, since one who waited for it has given up.
var ErrWithdrawn = errors.New("who asked for a part of the request has given up")

type callersKey struct{}

// of returns the context of a request for several callers, as urgent as the most urgent of them.
func of(ctx context.Context, callers []context.Context) context.Context {
	level := budget.NewLevel(budget.Background)
	for _, c := range callers {
		level.Raise(budget.PriorityOf(c))
	}
	if until, limited := latest(callers); limited {
		ctx = budget.WithPatience(ctx, until)
	}
	return context.WithValue(budget.WithLevel(ctx, level), callersKey{}, callers)
}

// latest is when the last of the callers gives up; false where one does not.
func latest(callers []context.Context) (until time.Time, limited bool) {
	for _, c := range callers {
		deadline, ok := c.Deadline()
		if !ok {
			return time.Time{}, false
		}
		if deadline.After(until) {
			until = deadline
		}
	}
	return until, len(callers) > 0
}

// Check returns ErrWithdrawn if one of those for whom a request is made has given up. It is called when nothing is left that the request
// waits for.
func Check(ctx context.Context) error {
	callers, _ := ctx.Value(callersKey{}).([]context.Context)
	for _, c := range callers {
		if c.Err() != nil {
			return ErrWithdrawn
		}
	}
	return nil
}
