package knowledge_test

import (
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/knowledge"
)

func TestAFactIsAskedForAgain(t *testing.T) {
	var f knowledge.Fact
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := f.Answer(now); got != knowledge.Unknown {
		t.Errorf("before anything is known: %d", got)
	}
	for _, step := range []struct {
		yes   bool
		lasts time.Duration
	}{
		{true, 24 * time.Hour},
		{false, 2 * time.Minute}, {false, 4 * time.Minute}, {false, 8 * time.Minute}, {false, 16 * time.Minute}, {false, 32 * time.Minute},
		{false, time.Hour}, {false, time.Hour},
		{true, 24 * time.Hour}, {false, 2 * time.Minute},
	} {
		f.Note(step.yes, now)
		f.Note(step.yes, now) // by another at the same time
		want := map[bool]knowledge.Answer{true: knowledge.Yes, false: knowledge.No}[step.yes]
		if got := f.Answer(now.Add(step.lasts)); got != want {
			t.Errorf("%t, %s later: %d", step.yes, step.lasts, got)
		}
		now = now.Add(step.lasts + time.Second)
		if got := f.Answer(now); got != knowledge.Unknown {
			t.Errorf("%t, over %s later: %d", step.yes, step.lasts, got)
		}
	}
}

// GoTo may give fewer records than it is asked for; a list that fits into one page says nothing of that.
func TestWhatAPageGives(t *testing.T) {
	for name, row := range map[string]struct{ pages, largest, want int }{
		"nothing is known": {0, 0, 1000}, "one page": {1, 300, 1000}, "as asked": {2, 1000, 1000}, "fewer": {41, 25, 25},
		"more than is asked for by now": {2, 2000, 1000},
	} {
		p, now := knowledge.NewPageSize(1000), time.Now()
		p.Gave(41, 25)
		p.Gave(row.pages, row.largest)
		if got := p.Given(now); got != row.want || p.At(now) != 1000 {
			t.Errorf("%s: %d records are expected of %d, want %d", name, got, p.At(now), row.want)
		}
	}
}

func TestAPageSizeIsHalvedAndTriedAgain(t *testing.T) {
	p := knowledge.NewPageSize(1000)
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, want := range []int{500, 250, 125, 62, 31, 25, 25} {
		p.Found(p.Smaller(p.At(at), 0), at)
		if got := p.At(at); got != want {
			t.Errorf("%d records, want %d", got, want)
		}
	}
	if got := p.At(at.Add(59 * time.Minute)); got != 25 {
		t.Errorf("%d within the hour", got)
	}
	if got := p.At(at.Add(61 * time.Minute)); got != 1000 {
		t.Errorf("%d after an hour", got)
	}
	if small := knowledge.NewPageSize(10); true {
		small.Found(small.Smaller(10, 0), at)
		if got := small.At(at); got != 10 {
			t.Errorf("%d: a size that was asked for smaller than any is kept", got)
		}
	}
}
