package account_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/account"
)

var limits = account.BrakeLimits{Percent: 5, Minimum: 10, Maximum: 500, Window: time.Hour}

func TestBrakeLimit(t *testing.T) {
	for total, want := range map[int]int{0: 10, 100: 10, 1001: 50, 10_000: 500, 25_000: 500} {
		if got := limits.Limit(total); got != want {
			t.Errorf("Limit(%d) = %d, want %d", total, got, want)
		}
	}
}

// taken counts the deletions that a brake allows before it blocks. The total does not fall meanwhile, as it does not while
// deletions are under way.
func taken(t *testing.T, b *account.Brake, total int) int {
	t.Helper()
	for n := range 10_000 {
		err := b.Take(context.Background(), total)
		var blocked *account.BlockedError
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

func TestBrakeStopsAtItsLimitAndMovesOn(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	var saved []account.Allotment
	save := func(_ context.Context, recent []account.Allotment) error { saved = recent; return nil }
	b := account.NewBrake(limits, nil, save, func() time.Time { return now })
	if n := taken(t, b, 1001); n != 50 {
		t.Fatalf("took %d, want 50", n)
	}

	restarted := account.NewBrake(limits, saved, save, func() time.Time { return now })
	if n := taken(t, restarted, 951); n != 0 {
		t.Errorf("a restart released %d deletions", n)
	}
	restarted.Approve(now.Add(time.Minute))
	if err := restarted.Take(context.Background(), 951); err != nil {
		t.Errorf("approved, and yet: %v", err)
	}
	now = now.Add(time.Hour + time.Second)
	if n := taken(t, restarted, 951); n != 47 {
		t.Errorf("took %d in the next window, want 47", n)
	}
}

func TestBrakeDeletesNothingThatIsNotRecorded(t *testing.T) {
	failing := errors.New("no")
	b := account.NewBrake(limits, nil, func(context.Context, []account.Allotment) error { return failing }, time.Now)
	if err := b.Take(context.Background(), 100); !errors.Is(err, failing) {
		t.Errorf("got %v, want the error of the record", err)
	}
}
