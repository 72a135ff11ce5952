package knowledge_test

import (
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/knowledge"
)

func TestAFactIsAskedForAgain(t *testing.T) {
	var f knowledge.Fact
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		name string
		note func()
		in   time.Duration
		want knowledge.Answer
	}{
		{"nothing is known", func() {}, 0, knowledge.Unknown},
		{"a read has shown it", func() { f.Note(true, at) }, 23 * time.Hour, knowledge.Yes},
		{"a day ago", func() {}, 25 * time.Hour, knowledge.Unknown},
		{"a read contradicts", func() { f.Note(false, at) }, 59 * time.Minute, knowledge.No},
		{"an hour ago", func() {}, 61 * time.Minute, knowledge.Unknown},
	} {
		step.note()
		if got := f.Answer(at.Add(step.in)); got != step.want {
			t.Errorf("%s: %d, want %d", step.name, got, step.want)
		}
	}
}

func TestAPageSizeIsHalvedAndTriedAgain(t *testing.T) {
	p := knowledge.NewPageSize(1000)
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, want := range []int{500, 250, 125, 62, 31, 25, 25} {
		p.Halve(p.At(at), at)
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
		small.Halve(10, at)
		if got := small.At(at); got != 10 {
			t.Errorf("%d: a size that was asked for smaller than any is kept", got)
		}
	}
}
