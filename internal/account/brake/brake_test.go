package brake_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/account/brake"
)

var (
	epoch  = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	limits = brake.Same(time.Hour, brake.Limit{Percent: 5, Minimum: 10, Maximum: 500})
)

// world is a brake with a clock and a record that outlives it.
type world struct {
	*brake.Brake
	at     time.Time
	record []brake.Allotment
	saves  int
	fails  error
}

func newWorld(limits brake.Limits) *world {
	w := &world{at: epoch}
	w.restart(limits)
	return w
}

func (w *world) restart(limits brake.Limits) {
	w.Brake = brake.New(limits, w.record, w.save, func() time.Time { return w.at })
}

func (w *world) save(_ context.Context, recent []brake.Allotment) error {
	w.saves++
	if w.fails == nil {
		w.record = recent
	}
	return w.fails
}

func (w *world) pass(d time.Duration) { w.at = w.at.Add(d) }

func (w *world) take(tb testing.TB, total int) *brake.Ticket {
	tb.Helper()
	ticket, err := w.Take(tb.Context(), brake.Users, total)
	if err != nil {
		tb.Fatal(err)
	}
	return ticket
}

// taken counts the deletions that a brake allows before it blocks. The total does not fall meanwhile, as it does not while
// deletions are under way.
func (w *world) taken(t *testing.T, total int) int {
	t.Helper()
	for n := range 10_000 {
		ticket, err := w.Take(t.Context(), brake.Users, total)
		if err == nil {
			err = ticket.Use(t.Context())
		}
		var blocked *brake.BlockedError
		if errors.As(err, &blocked) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the brake never blocks")
	return 0
}

func TestLimit(t *testing.T) {
	for total, want := range map[int]int{0: 10, 100: 10, 1001: 50, 10_000: 500, 25_000: 500} {
		if got := limits.Kinds[brake.Users].Of(total); got != want {
			t.Errorf("of %d: %d, want %d", total, got, want)
		}
	}
}

// After a restart it is not known when in its term an allotment was used, so its end counts.
func TestStopsAtItsLimitAndMovesOn(t *testing.T) {
	w := newWorld(limits)
	if n := w.taken(t, 1001); n != 50 || w.saves != 5 {
		t.Fatalf("took %d, want 50, with %d records", n, w.saves)
	}
	running := *w
	w.restart(limits)
	if n := w.taken(t, 951); n != 0 {
		t.Errorf("a restart released %d deletions", n)
	}
	w.Approve(w.at.Add(time.Minute))
	if _, err := w.Take(t.Context(), brake.Users, 951); err != nil {
		t.Errorf("approved, and yet: %v", err)
	}
	w.pass(time.Hour + time.Minute)
	if n := w.taken(t, 951); n != 47 {
		t.Errorf("took %d in the next window, want 47", n)
	}
	running.at = epoch
	running.Brake = brake.New(limits, nil, running.save, func() time.Time { return running.at })
	running.taken(t, 1001)
	running.pass(time.Hour + time.Second)
	if n := running.taken(t, 951); n != 47 {
		t.Errorf("without a restart: took %d in the next window, want 47", n)
	}
}

func TestDeletesNothingThatIsNotRecorded(t *testing.T) {
	w := newWorld(limits)
	w.fails = errors.New("no")
	if _, err := w.Take(t.Context(), brake.Users, 100); !errors.Is(err, w.fails) {
		t.Errorf("got %v, want the error of the record", err)
	}
	w.fails = nil
	if n := w.taken(t, 100); n != 10 {
		t.Errorf("%d after a record that failed, want 10", n)
	}
}

// Each kind has its own limit and its own total: many meetings do not loosen the limit for users.
func TestKindsDoNotShareALimit(t *testing.T) {
	w := newWorld(limits)
	for kind, total := range map[brake.Kind]int{brake.Meetings: 10_000, brake.Users: 10, brake.Groups: 400, brake.Licenses: 0} {
		if got, want := w.Limit(kind, total), limits.Kinds[kind].Of(total); got != want {
			t.Errorf("%s: %d, want %d", kind, got, want)
		}
	}
	w.taken(t, 10)
	if _, err := w.Take(t.Context(), brake.Groups, 10); err != nil {
		t.Errorf("users used up the limit of groups: %v", err)
	}
	if _, err := newWorld(brake.Limits{Window: time.Hour}).Take(t.Context(), brake.Users, 10_000); err == nil {
		t.Error("a kind without a limit may be deleted")
	}
}

// What an allotment has to spare expires long before its window does, or two windows' worth could go together.
func TestWithinAnyWindow(t *testing.T) {
	w := newWorld(limits)
	var made []time.Time
	try := func(n int) {
		for range n {
			if ticket, err := w.Take(t.Context(), brake.Users, 100); err == nil && ticket.Use(t.Context()) == nil {
				made = append(made, w.at)
			}
		}
	}
	try(1)
	w.pass(59 * time.Minute)
	try(20)
	w.pass(2 * time.Minute)
	try(20)
	if n := most(made, time.Hour); n != 10 {
		t.Errorf("%d deletions within an hour, the limit is 10", n)
	}
}

// most is the largest number of times within a window of any placement.
func most(made []time.Time, window time.Duration) int {
	m := 0
	for i := range made {
		n := 0
		for _, at := range made[i:] {
			if at.Sub(made[i]) < window {
				n++
			}
		}
		m = max(m, n)
	}
	return m
}

// A ticket that waited, for the request budget say, is dated when it is used, however late.
func TestATicketIsDatedWhenItIsUsed(t *testing.T) {
	w := newWorld(limits)
	var waiting []*brake.Ticket
	for range 10 {
		waiting = append(waiting, w.take(t, 100))
	}
	w.pass(2 * time.Hour)
	if n := w.taken(t, 100); n != 0 {
		t.Errorf("%d more, though 10 wait", n)
	}
	for _, ticket := range waiting {
		if err := ticket.Use(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.pass(59 * time.Minute)
	w.restart(limits)
	if n := w.taken(t, 100); n != 0 {
		t.Errorf("%d more within an hour of the use", n)
	}
}

// What was taken while deletions were approved costs nothing, so it returns nothing.
func TestGiveBackOnlyWhatWasCharged(t *testing.T) {
	w := newWorld(limits)
	charged := w.take(t, 100)
	w.Approve(w.at.Add(time.Minute))
	for range 200 {
		ticket := w.take(t, 100)
		ticket.GiveBack()
		ticket.GiveBack()
	}
	w.pass(2 * time.Minute)
	if n := w.taken(t, 100); n != 9 {
		t.Errorf("%d more, want 9", n)
	}
	charged.GiveBack()
	charged.GiveBack()
	if n := w.taken(t, 100); n != 1 {
		t.Errorf("%d more after one was given back, want 1", n)
	}
}

// An approval that is withdrawn, or ends, stops what was taken under it and has not left.
func TestAWithdrawnApprovalStopsWhatWaits(t *testing.T) {
	w := newWorld(limits)
	w.Approve(w.at.Add(time.Hour))
	var waiting []*brake.Ticket
	for range 25 {
		waiting = append(waiting, w.take(t, 100))
	}
	if err := waiting[0].Use(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Approve(time.Time{})
	left := 0
	var blocked *brake.BlockedError
	for _, ticket := range waiting[1:] {
		err := brake.Use(brake.With(t.Context(), ticket))
		if err == nil {
			left++
		} else if !errors.As(err, &blocked) {
			t.Fatal(err)
		}
	}
	if left != 10 || blocked == nil || blocked.Limit != 10 || blocked.Kind != brake.Users {
		t.Errorf("%d left after the approval was withdrawn, want the limit of 10; %v", left, blocked)
	}
}

// To ask what the limit is, or would be, is no sign of how many there are.
func TestToAskForALimitChangesNothing(t *testing.T) {
	w := newWorld(limits)
	w.take(t, 100)
	if n := w.Limit(brake.Users, 1<<30); n <= 10 {
		t.Fatalf("a limit of %d proves nothing", n)
	}
	if n := w.taken(t, 100); n != 9 {
		t.Errorf("%d more, want 9", n)
	}
}

// What is done counts, used or not, and whatever is said of it later.
func TestWhatIsDoneCounts(t *testing.T) {
	w := newWorld(limits)
	for range 10 {
		ticket := w.take(t, 100)
		ticket.Done()
		ticket.GiveBack()
	}
	w.pass(50 * time.Minute)
	if n := w.taken(t, 100); n != 0 {
		t.Errorf("%d more", n)
	}
	w.pass(10 * time.Minute)
	if n := w.taken(t, 100); n != 10 {
		t.Errorf("%d after the window, want 10", n)
	}
}

// The record stays small, whatever the limit and however slowly it is used.
func TestTheRecordIsBounded(t *testing.T) {
	w := newWorld(brake.Same(time.Hour, brake.Limit{Maximum: 10_000, Minimum: 10_000}))
	for range 3600 {
		if err := w.take(t, 1).Use(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
	}
	count := 0
	for _, a := range w.record {
		count += a.Count
	}
	if len(w.record) > 110 || count < 3599 {
		t.Errorf("%d entries hold %d deletions", len(w.record), count)
	}
}

// Whatever is taken, used, given back and tried again, with restarts at any point: no window of any placement holds more
// than the limit, and nothing is lost for ever.
func TestNoScheduleExceedsTheLimit(t *testing.T) {
	const limit = 12
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		some := brake.Same(time.Hour, brake.Limit{Minimum: limit, Maximum: limit})
		w := newWorld(some)
		var made []time.Time
		var held []*brake.Ticket
		for range 400 {
			switch r.IntN(10) {
			case 0:
				w.restart(some) // what was held is not sent any more
				held = nil
			case 1, 2, 3:
				w.pass(time.Duration(r.IntN(20*60)) * time.Second)
			case 4, 5, 6:
				if ticket, err := w.Take(t.Context(), brake.Users, 10); err == nil {
					held = append(held, ticket)
				}
			case 7, 8:
				if len(held) > 0 && held[0].Use(t.Context()) == nil {
					made = append(made, w.at)
					held[0].Done()
					held = held[1:]
				}
			case 9:
				if len(held) > 0 {
					held[0].GiveBack()
					held = held[1:]
				}
			}
		}
		if n := most(made, time.Hour); n > limit {
			t.Fatalf("seed %d: %d deletions in a window, the limit is %d", seed, n, limit)
		}
		w.pass(3 * time.Hour)
		for _, ticket := range held {
			ticket.GiveBack()
		}
		if n := w.taken(t, 10); n != limit {
			t.Fatalf("seed %d: %d in a fresh window, want %d", seed, n, limit)
		}
	}
}

// A request that is tried again is dated again; when the limit no longer allows it, what may have been made stays counted.
func TestARetryIsDatedAgain(t *testing.T) {
	w := newWorld(brake.Same(time.Hour, brake.Limit{Minimum: 1, Maximum: 1}))
	ticket := w.take(t, 1)
	if err := ticket.Use(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.pass(30 * time.Minute)
	if err := ticket.Use(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]brake.Allotment{{Kind: brake.Users, Time: w.at.Add(time.Minute), Count: 1}}, w.Recent()); d != "" {
		t.Error(d)
	}
	w.SetLimits(brake.Same(time.Hour, brake.Limit{}))
	w.pass(30 * time.Minute)
	if err := ticket.Use(t.Context()); err == nil {
		t.Error("sent again, though nothing is allowed any more")
	}
	if d := cmp.Diff([]brake.Allotment{{Kind: brake.Users, Time: w.at.Add(-30 * time.Minute), Count: 1}}, w.Recent()); d != "" {
		t.Error(d)
	}
}

// A limit that a person lowers holds at once: for the spare places of an allotment, for what waits with a ticket, and for what is given back.
func TestALoweredLimitHoldsAtOnce(t *testing.T) {
	for limit, want := range map[int]int{0: 0, 1: 0, 3: 2, 12: 11} {
		w := newWorld(limits)
		first := w.take(t, 100)
		if err := first.Use(t.Context()); err != nil {
			t.Fatal(err)
		}
		waiting := []*brake.Ticket{w.take(t, 100), w.take(t, 100), w.take(t, 100)}
		w.SetLimits(brake.Same(time.Hour, brake.Limit{Minimum: limit, Maximum: limit}))
		n := 0
		for _, ticket := range waiting {
			if err := ticket.Use(t.Context()); err == nil {
				n++
			} else {
				ticket.GiveBack()
			}
		}
		if n += w.taken(t, 100); n != want {
			t.Errorf("limit %d: %d more after the first", limit, n)
		}
		w.Approve(w.at.Add(time.Minute))
		if err := w.take(t, 100).Use(t.Context()); err != nil {
			t.Errorf("limit %d: approved, and yet: %v", limit, err)
		}
	}
}

// A record from a clock that was ahead counts as if it had been made now, and no longer.
func TestARecordOfTheFuture(t *testing.T) {
	for _, ahead := range []time.Duration{2 * time.Minute, 24 * time.Hour, 30 * 24 * time.Hour} {
		w := newWorld(limits)
		w.record = []brake.Allotment{{Kind: brake.Users, Time: w.at.Add(ahead), Count: 10}}
		w.restart(limits)
		if n := w.taken(t, 100); n != 0 {
			t.Errorf("%s ahead: %d more at once", ahead, n)
		}
		w.pass(time.Hour + time.Minute)
		if n := w.taken(t, 100); n != 10 {
			t.Errorf("%s ahead: %d more after the window", ahead, n)
		}
	}
}

// A deletion costs little however many others count.
func BenchmarkTake(b *testing.B) {
	for _, counted := range []int{100, 10_000} {
		b.Run(strconv.Itoa(counted), func(b *testing.B) {
			w := newWorld(brake.Same(time.Hour, brake.Limit{Maximum: 100_000, Minimum: 100_000}))
			for range counted {
				if err := w.take(b, 1).Use(b.Context()); err != nil {
					b.Fatal(err)
				}
				w.pass(time.Hour / 20_000)
			}
			for b.Loop() {
				if err := w.take(b, 1).Use(b.Context()); err != nil {
					b.Fatal(err)
				}
				w.pass(time.Hour / time.Duration(counted))
			}
		})
	}
}
