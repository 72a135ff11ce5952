package brake

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/turn"
)

// Brake counts the deletions of one account. Each needs a Ticket, which is taken before it is decided, and used when its
// request leaves. What may be used is recorded first, through save: whenever the process ends, the record holds at least
// as many deletions as were made, none of them later than it says.
type Brake struct {
	saving        turn.Turn // records are written in the order in which they were made
	mu            sync.Mutex
	limits        Limits
	ledgers       map[Kind]*ledger
	approvedUntil time.Time
	save          func(context.Context, []Allotment) error
	now           func() time.Time
}

// New returns a brake that goes on from the recorded allotments. One that is further ahead than any can be was recorded by a clock that was
// wrong: it counts as of now.
func New(limits Limits, recorded []Allotment, save func(context.Context, []Allotment) error, now func() time.Time) *Brake {
	b := &Brake{limits: limits, ledgers: map[Kind]*ledger{}, save: save, now: now}
	for _, a := range recorded {
		l := b.ledger(a.Kind)
		if latest := now().Add(limits.term()); a.Time.After(latest) {
			a.Time = latest
		}
		l.allotments = append(l.allotments, &allotment{until: a.Time, count: a.Count, used: a.Count, last: a.Time})
	}
	return b
}

// SetLimits changes the limits, also for what waits with a ticket.
func (b *Brake) SetLimits(limits Limits) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limits = limits
}

// Approve releases the brake, for every kind, until the given time; the zero time sets it again.
func (b *Brake) Approve(until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.approvedUntil = until
}

// Recent is the record of the deletions that count now, by kind and time.
func (b *Brake) Recent() []Allotment {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.record()
}

// Limit is the number of deletions of a kind allowed within the window, in an account that now has so many of it.
func (b *Brake) Limit(kind Kind, total int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.current(kind).limit(b.limits.Kinds[kind], total)
}

// Take returns a ticket for one deletion in an account that now has so many of the kind, or a *BlockedError, or the error
// of save. Whoever has a ticket calls its GiveBack or Done.
func (b *Brake) Take(ctx context.Context, kind Kind, total int) (*Ticket, error) {
	if err := b.saving.Take(ctx); err != nil {
		return nil, err
	}
	defer b.saving.Leave()
	b.mu.Lock()
	defer b.mu.Unlock()
	t := &Ticket{brake: b, kind: kind, total: total}
	if b.approved() {
		return t, nil
	}
	if err := b.charge(ctx, t); err != nil {
		return nil, err
	}
	return t, nil
}

func (b *Brake) approved() bool { return b.now().Before(b.approvedUntil) }

// charge finds a place for a ticket. Spare places above a limit that was lowered are none.
func (b *Brake) charge(ctx context.Context, t *Ticket) error {
	l := b.current(t.kind)
	l.base = l.largest(t.total)
	l.close(b.now(), b.limits.Window, l.limit(b.limits.Kinds[t.kind], t.total))
	place := l.spare(b.now())
	if place == nil {
		var err error
		if place, err = b.allot(ctx, t.kind, l, t.total); err != nil {
			return err
		}
	}
	place.waiting++
	t.place = place
	return nil
}

// allot records more places, as far as the limit allows.
func (b *Brake) allot(ctx context.Context, kind Kind, l *ledger, total int) (*allotment, error) {
	now, limit := b.now(), l.limit(b.limits.Kinds[kind], total)
	count := min(allotmentSize, limit-l.counting(now, b.limits.Window))
	if count <= 0 {
		return nil, b.blocked(kind, l, limit)
	}
	a := &allotment{until: now.Add(b.limits.term()), count: count}
	l.allotments = append(l.allotments, a)
	if err := b.keep(ctx, b.record()); err != nil {
		l.allotments = slices.DeleteFunc(l.allotments, func(o *allotment) bool { return o == a })
		return nil, fmt.Errorf("record the deletion: %w", err)
	}
	return a, nil
}

func (b *Brake) blocked(kind Kind, l *ledger, limit int) error {
	return &BlockedError{Kind: kind, Limit: limit, RetryAt: l.retryAt(b.now(), b.limits.Window)}
}

// within looks whether the limit, as it is now, still has room for a ticket with a place.
func (b *Brake) within(t *Ticket) error {
	l := b.current(t.kind)
	limit, others := l.limit(b.limits.Kinds[t.kind], t.total), l.made(b.now(), b.limits.Window)
	if t.used {
		others--
	}
	if b.approved() || others < limit {
		return nil
	}
	return b.blocked(t.kind, l, limit)
}

// keep saves a record. Its caller has the turn to, and gives the state free meanwhile, so that whoever only looks does not wait.
func (b *Brake) keep(ctx context.Context, record []Allotment) error {
	b.mu.Unlock()
	defer b.mu.Lock()
	return b.save(ctx, record)
}

func (b *Brake) ledger(kind Kind) *ledger {
	if b.ledgers[kind] == nil {
		b.ledgers[kind] = &ledger{}
	}
	return b.ledgers[kind]
}

// current is the ledger of a kind without what no longer counts.
func (b *Brake) current(kind Kind) *ledger {
	l := b.ledger(kind)
	l.forget(b.now(), b.limits.Window)
	return l
}

func (b *Brake) record() []Allotment {
	var out []Allotment
	for _, kind := range Kinds() {
		out = append(out, b.current(kind).record(kind, b.now(), b.limits.Window)...)
	}
	return out
}
