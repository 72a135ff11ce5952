package account

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// BrakeLimits say how many deletions of one account are allowed within a window that moves with the clock: percent of
// the remote total, but at least Minimum and at most Maximum.
type BrakeLimits struct {
	Percent, Minimum, Maximum int
	Window                    time.Duration
}

// Limit is the number of deletions allowed in a window, for an account of so many objects.
func (b BrakeLimits) Limit(total int) int {
	return min(b.Maximum, max(b.Minimum, total*b.Percent/100))
}

// Allotment is a number of deletions that were allowed at one time.
type Allotment struct {
	Time  time.Time
	Count int
}

// allotmentSize bounds what a crash can lose of the limit, and how often the record is written.
const allotmentSize = 10

// BlockedError says that the deletion brake does not allow one more deletion now. Nothing was deleted.
type BlockedError struct {
	Limit   int
	RetryAt time.Time // when the window has moved on
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("the deletion brake of the account allows %d deletions in its window", e.Limit)
}

// Brake counts the deletions of one account. An allotment is recorded, through save, before it is used: whenever the
// process ends, the record holds at least as many deletions as were made.
type Brake struct {
	mu            sync.Mutex
	limits        BrakeLimits
	recent        []Allotment
	spare         int
	base          int // the largest total seen since the window was last empty: our own deletions do not lower the limit
	approvedUntil time.Time
	save          func(context.Context, []Allotment) error
	now           func() time.Time
}

// NewBrake returns a brake that goes on from the recorded allotments.
func NewBrake(limits BrakeLimits, recorded []Allotment, save func(context.Context, []Allotment) error, now func() time.Time) *Brake {
	return &Brake{limits: limits, recent: slices.Clone(recorded), save: save, now: now}
}

// SetLimits changes the limits.
func (b *Brake) SetLimits(limits BrakeLimits) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limits = limits
}

// Approve releases the brake until the given time; the zero time sets it again.
func (b *Brake) Approve(until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.approvedUntil = until
}

// Recent are the recorded allotments that still count.
func (b *Brake) Recent() []Allotment {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	return slices.Clone(b.recent)
}

// Limit is the number of deletions allowed within the window, for an account that now has so many objects.
func (b *Brake) Limit(total int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	return b.limit(total)
}

func (b *Brake) limit(total int) int {
	if len(b.recent) == 0 {
		b.base = total
	}
	b.base = max(b.base, total)
	return b.limits.Limit(b.base)
}

// used counts the deletions made, not those that an allotment still has to spare.
func (b *Brake) used() int {
	n := -b.spare
	for _, a := range b.recent {
		n += a.Count
	}
	return n
}

func (b *Brake) expire() {
	start := b.now().Add(-b.limits.Window)
	kept := slices.DeleteFunc(b.recent, func(a Allotment) bool { return !a.Time.After(start) })
	if len(kept) == 0 {
		b.spare = 0
	}
	b.recent = kept
}

// GiveBack returns what Take allowed and was surely not used. The record stays: it may hold more than was deleted.
func (b *Brake) GiveBack() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.recent) > 0 && !b.now().Before(b.approvedUntil) {
		b.spare++
	}
}

// Take allows one deletion in an account that now has so many objects, or returns a *BlockedError, or the error of save.
func (b *Brake) Take(ctx context.Context, total int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	if b.now().Before(b.approvedUntil) {
		return nil
	}
	if b.spare > 0 {
		b.spare--
		return nil
	}
	limit := b.limit(total)
	count := min(allotmentSize, limit-b.used())
	if count <= 0 {
		retry := b.now().Add(b.limits.Window)
		if len(b.recent) > 0 {
			retry = b.recent[0].Time.Add(b.limits.Window)
		}
		return &BlockedError{Limit: limit, RetryAt: retry}
	}
	recent := append(slices.Clone(b.recent), Allotment{Time: b.now(), Count: count})
	if err := b.save(ctx, recent); err != nil {
		return fmt.Errorf("record the deletion: %w", err)
	}
	b.recent, b.spare = recent, count-1
	return nil
}
