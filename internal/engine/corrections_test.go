package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// service is something that a field is written to, in fake time: keep says what it makes of what is sent.
type service struct {
	past
	keep   func(string) string
	value  string
	writes int
}

const resync = 10 * time.Minute

func newService(value string, keep func(string) string) *service {
	now := time.Date(2030, 1, 7, 8, 0, 0, 0, time.UTC)
	return &service{past: past{status: &v1alpha1.ManagedStatus{}, generation: 1, resync: resync, now: now}, keep: keep, value: value}
}

func (s *service) diff(desired string) []Change {
	if s.value == desired {
		return nil
	}
	return []Change{{Field: "name", Current: s.value, Desired: desired}}
}

// reconcile is what the engine does at a reading.
func (s *service) reconcile(desired string) triage {
	changes := s.diff(desired)
	s.endContests(changes)
	t := s.sortOut(changes)
	if len(t.write) > 0 {
		s.writes++
		s.value = s.keep(desired)
		var left []Change
		if t.repeat {
			left = s.diff(desired)
		}
		var notKept []v1alpha1.FieldDrift
		notKept, s.streaks = s.settle(t, left)
		t.held = append(t.held, notKept...)
	}
	s.status.Drift = t.held
	s.now = s.now.Add(resync)
	return t
}

func asSent(sent string) string { return sent }

func TestAValueThatIsNotKeptIsWrittenTwice(t *testing.T) {
	s := newService("Anna", func(sent string) string { return strings.Join(strings.Fields(sent), " ") })
	for range 10 {
		s.reconcile("Anna  Maria")
	}
	want := []v1alpha1.FieldDrift{{Field: "name", Current: "Anna Maria", Desired: "Anna  Maria", Reason: v1alpha1.ReasonNotKept}}
	if d := cmp.Diff(want, s.status.Drift); d != "" || s.writes != 2 || len(s.status.Contested) > 0 {
		t.Errorf("%d writes, contested %v, drift: %s", s.writes, s.status.Contested, d)
	}
	s.streaks = nil // a restart
	s.reconcile("Anna  Maria")
	if s.writes != 2 {
		t.Errorf("%d writes after a restart", s.writes)
	}
	s.value = "Anna Mary" // GoTo's value changes
	for range 5 {
		s.reconcile("Anna  Maria")
	}
	if s.writes != 4 {
		t.Errorf("%d writes, want two more after GoTo's value has changed", s.writes)
	}
	s.reconcile("Anna Maria") // the spec changes
	if s.writes != 4 || s.status.Drift != nil {
		t.Errorf("%d writes, drift %v: GoTo holds that", s.writes, s.status.Drift)
	}
}

func TestAPersonCanAskForAnotherTry(t *testing.T) {
	s := newService("a", func(string) string { return "b" })
	for range 3 {
		s.reconcile("c")
	}
	s.asked = true
	s.reconcile("c")
	s.asked = false
	s.reconcile("c")
	if s.writes != 4 || s.status.Drift[0].Reason != v1alpha1.ReasonNotKept {
		t.Errorf("%d writes, %v", s.writes, s.status.Drift)
	}
}

func TestAChangeByHandNowAndThenIsCorrectedAtOnce(t *testing.T) {
	s := newService("a", asSent)
	for i := range 20 {
		s.value = "by hand"
		if s.reconcile("a"); s.writes != i+1 || len(s.status.Contested) > 0 || len(s.status.Drift) > 0 {
			t.Fatalf("%d writes after %d changes, contested %v, drift %v", s.writes, i+1, s.status.Contested, s.status.Drift)
		}
		s.now = s.now.Add(24 * time.Hour)
	}
}

func TestWhatIsChangedBackAtEachReadingIsCorrectedMoreAndMoreRarely(t *testing.T) {
	s := newService("ours", asSent)
	var at []int
	for reading := range 2000 {
		s.value = "theirs"
		before := s.writes
		if s.reconcile("ours"); s.writes > before {
			at = append(at, reading)
		}
	}
	want := []int{0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 400, 544, 688, 832, 976, 1120, 1264, 1408, 1552, 1696, 1840, 1984}
	if d := cmp.Diff(want, at); d != "" {
		t.Error(d)
	}
	if len(s.status.Contested) != 1 || s.status.Contested[0].Corrections != int32(len(want)) {
		t.Errorf("%+v", s.status.Contested)
	}
	for range 2*144 + 2 { // nobody changes it back any more
		s.value = "ours"
		s.reconcile("ours")
	}
	if s.status.Contested != nil {
		t.Errorf("still contested: %+v", s.status.Contested)
	}
}

func TestAContestedFieldIsKnownAfterARestart(t *testing.T) {
	s := newService("", asSent)
	for range 5 {
		s.value = "theirs"
		s.reconcile("ours")
	}
	writes := s.writes
	s.streaks, s.value = nil, "theirs"
	if out := s.reconcile("ours"); s.writes != writes || len(out.held) != 1 || out.held[0].Reason != v1alpha1.ReasonContested || out.after <= 0 {
		t.Errorf("%d writes, then %d: %+v", writes, s.writes, out)
	}
	s.value = "theirs"
	if s.reconcile("another"); s.writes != writes+1 || len(s.status.Contested) != 0 {
		t.Errorf("a changed spec is not written at once: %+v", s.status.Contested)
	}
}

func TestAChangeOfTheSpecBeginsAnew(t *testing.T) {
	s := newService("", asSent)
	for i := range 12 {
		s.value = "theirs"
		s.generation = int64(i / 2)
		if s.reconcile("ours"); s.writes != i+1 || len(s.status.Contested) > 0 {
			t.Fatalf("%d writes, %+v", s.writes, s.status.Contested)
		}
	}
}

func TestALockedFieldIsNeverWritten(t *testing.T) {
	s := newService("", asSent)
	out := s.sortOut([]Change{{Field: "name", Desired: "x", Locked: true}})
	if len(out.write) > 0 || len(out.held) != 1 || out.held[0].Reason != v1alpha1.ReasonReadOnly {
		t.Errorf("%+v", out)
	}
}

// Values that are longer than status has room for are told apart all the same.
func TestLongValuesAreTold(t *testing.T) {
	long := strings.Repeat("x", 3000)
	if fit(long+"a") == fit(long+"b") || len([]rune(fit(long))) > 1024 || fit("short") != "short" {
		t.Error("cut values are equal, or too long")
	}
}

func TestListsFitIntoStatus(t *testing.T) {
	var many []Change
	for range 200 {
		many = append(many, Change{Field: strings.Repeat("f", 300), Current: strings.Repeat("c", 3000)})
	}
	got := drift(many, v1alpha1.ReasonObserved)
	if len(got) != 64 || len([]rune(got[0].Field)) > 128 || len([]rune(got[0].Current)) > 1024 {
		t.Errorf("%d entries", len(got))
	}
	status := &v1alpha1.ManagedStatus{}
	for i := range 100 {
		contest(status, v1alpha1.ContestedField{Field: strings.Repeat("f", i+1), Corrections: 3, LastCorrected: metav1.Now()})
	}
	if len(status.Contested) != 64 {
		t.Errorf("%d contested fields", len(status.Contested))
	}
}

func TestWhatStatusSaysIsKnownFromThere(t *testing.T) {
	var c corrections
	name := types.NamespacedName{Namespace: "n", Name: "anna"}
	c.shows(name, "") // of an object that has changed nothing
	c.changes(name, "1")
	c.shows(name, "2")
	if by := c.writersBut(types.NamespacedName{}, "1"); len(by) != 1 {
		t.Errorf("forgotten before status said it: %v", by)
	}
	c.shows(name, "1")
	if by, left := c.writersBut(types.NamespacedName{}, "1"), c.leaves(name, ""); len(by) != 0 || left != "" || len(c.wrote)+len(c.writers) != 0 {
		t.Errorf("kept beside status: %v, %q, %v, %v", by, left, c.wrote, c.writers)
	}
}

// What was corrected of ten thousand objects is not kept for good because nobody looks at them again.
func TestCorrectionsThatAreOverAreForgotten(t *testing.T) {
	var c corrections
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	until := func(end time.Duration) []streak { return []streak{{field: "email", ends: start.Add(end).Unix()}} }
	c.set("short", until(time.Minute), start)
	c.set("long", until(time.Hour), start)
	c.set("other", until(time.Hour), start.Add(sweepEach))
	if len(c.of("short")) > 0 || len(c.by) != 2 || len(c.of("long")) != 1 {
		t.Errorf("%v are kept", c.by)
	}
}

// Of many who were corrected alike within a second one copy is kept.
func TestCorrectionsThatAreAlikeAreKeptOnce(t *testing.T) {
	var c corrections
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	settled := func(at time.Time, desired string) []streak {
		_, after := past{status: &v1alpha1.ManagedStatus{}, generation: 1, resync: time.Minute, now: at}.settle(triage{write: []Change{{Field: "groupKey", Desired: desired}}}, nil)
		return after
	}
	c.set("one", settled(now, "7"), now)
	c.set("two", settled(now.Add(time.Millisecond), "7"), now)
	c.set("three", settled(now, "8"), now)
	if one, two, three := c.of("one"), c.of("two"), c.of("three"); &one[0] != &two[0] || three[0].desired == one[0].desired {
		t.Errorf("%v, %v, %v", one, two, three)
	}
}
