package brake

import "context"

// Ticket allows one deletion. It is charged to the limit unless deletions were approved when it was taken.
type Ticket struct {
	brake *Brake
	kind  Kind
	total int
	place *allotment // nil while it is not charged
	used  bool
	made  bool // the deletion was, or may have been: nothing takes that back
}

// Use dates the deletion, each time its request is about to leave. It returns a *BlockedError, and nothing may be sent, if
// the approval under which the ticket was taken has ended, or the limit was lowered since, and the limit does not allow the
// deletion; or the error of save.
func (t *Ticket) Use(ctx context.Context) error {
	b := t.brake
	if err := b.saving.Take(ctx); err != nil {
		return err
	}
	defer b.saving.Leave()
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.place == nil && b.approved() {
		return nil
	}
	if err := t.hold(ctx); err != nil {
		return err
	}
	t.date()
	return nil
}

// hold sees to it that a ticket has a place that may be used now.
func (t *Ticket) hold(ctx context.Context) error {
	switch {
	case t.place == nil:
		return t.brake.charge(ctx, t)
	case !t.place.open(t.brake.now()):
		return t.move(ctx)
	}
	return t.brake.within(t)
}

// move takes a place of an allotment that may still be used, in exchange for that of one that may not. If there is none, a
// deletion that may have been made keeps its place.
func (t *Ticket) move(ctx context.Context) error {
	old, used := t.place, t.used
	old.leave(used)
	t.place, t.used = nil, false
	err := t.brake.charge(ctx, t)
	if err != nil && used {
		t.brake.ledger(t.kind).restore(old)
		t.place, t.used = old, true
	}
	return err
}

func (t *Ticket) date() {
	if !t.used {
		t.place.waiting--
		t.place.used++
		t.used = true
	}
	t.place.last = t.brake.now()
}

// Used tells whether a request has left with the ticket as one that is charged.
func (t *Ticket) Used() bool {
	t.brake.mu.Lock()
	defer t.brake.mu.Unlock()
	return t.used
}

// GiveBack returns a ticket whose deletion was surely not made. One that was not charged returns nothing, and neither does one that is Done:
// what comes after a deletion, or a second request for it, is no news of the first.
func (t *Ticket) GiveBack() {
	t.brake.mu.Lock()
	defer t.brake.mu.Unlock()
	if t.place != nil && !t.made {
		t.place.leave(t.used)
		t.place, t.used = nil, false
	}
}

// Done keeps what a ticket was charged with: its deletion was made, or may have been.
func (t *Ticket) Done() {
	t.brake.mu.Lock()
	defer t.brake.mu.Unlock()
	t.made = true
	if t.place != nil && !t.used {
		t.date()
	}
}

type ticketsKey struct{}

// With returns a context whose requests need these tickets to leave; see Use.
func With(ctx context.Context, tickets ...*Ticket) context.Context {
	return context.WithValue(ctx, ticketsKey{}, tickets)
}

// From returns the tickets of a context.
func From(ctx context.Context) []*Ticket {
	tickets, _ := ctx.Value(ticketsKey{}).([]*Ticket)
	return tickets
}

// Use uses the tickets of a context, if it has any, and returns the first error of one. It is called when nothing is left that
// a request waits for.
func Use(ctx context.Context) error {
	for _, t := range From(ctx) {
		if err := t.Use(ctx); err != nil {
			return err
		}
	}
	return nil
}
