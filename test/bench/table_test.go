package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestInsertReplacesWhatWasThere(t *testing.T) {
	document := "# Title\n" + opening + "old\n" + closing + "after\n"
	got, err := insert(document, "new\n")
	if want := "# Title\n" + opening + "\nnew\n" + closing + "after\n"; err != nil || got != want {
		t.Errorf("%v\n%s", err, cmp.Diff(want, got))
	}
	again, err := insert(got, "new\n")
	if err != nil || again != got {
		t.Error("a second time changes something", err)
	}
	if _, err := insert("# Title\n", "new"); err == nil {
		t.Error("a document without a place was taken")
	}
}

func TestOperationsShowTheFloorWhereItIsMissed(t *testing.T) {
	got := operations(calls{"a": 2, "b": 1}, calls{"a": 1, "b": 1, "c": 1})
	if want := "a 2 (1), b 1, c 0 (1)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTimes(t *testing.T) {
	if got := times(4, 10); got != "× 2.5" {
		t.Error(got)
	}
	if got := times(0, 10); got != "–" {
		t.Error(got)
	}
}

func TestQuantile(t *testing.T) {
	var of []time.Duration
	for i := range 100 {
		of = append(of, time.Duration(100-i))
	}
	for part, want := range map[float64]time.Duration{0: 1, 0.5: 51, 0.99: 100, 1: 100} {
		if got := quantile(of, part); got != want {
			t.Errorf("%v: %d, want %d", part, got, want)
		}
	}
	if quantile(nil, 0.5) != 0 {
		t.Error("of none")
	}
}

func TestChosen(t *testing.T) {
	got, err := chosen("adopt,create")
	if err != nil || len(got) != 2 || got[0].name != "create" || got[1].name != "adopt" {
		t.Error(got, err)
	}
	if all, err := chosen(""); err != nil || len(all) != len(scenarios) {
		t.Error(len(all), err)
	}
	for _, wrong := range []string{"creation", "create,create", "create,"} {
		if _, err := chosen(wrong); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
}

func TestNumbers(t *testing.T) {
	got, err := numbers("1000, 100")
	if diff := cmp.Diff([]int{100, 1000}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, wrong := range []string{"", "x", "20", "100,-1"} {
		if _, err := numbers(wrong); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
}
