package reportjob

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account/breaker"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/jobs"
	"github.com/goto-operator/goto-operator/internal/report"
	"github.com/goto-operator/goto-operator/internal/reportstore"
)

var created = time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC)

func object(change func(*v1alpha1.GoToReport)) *v1alpha1.GoToReport {
	r := &v1alpha1.GoToReport{ObjectMeta: metav1.ObjectMeta{Name: "usage", CreationTimestamp: metav1.NewTime(created)}}
	r.Spec.Kind, r.Spec.Range.Last = v1alpha1.MeetingHistoryReport, "7d"
	change(r)
	return r
}

// What was made once is due again when the spec asks for another report, and not when it is to be kept, stored or made otherwise.
func TestWhatMakesAnotherReport(t *testing.T) {
	t.Parallel()
	three := int32(3)
	for name, row := range map[string]struct {
		change func(*v1alpha1.GoToReport)
		again  bool
	}{
		"nothing":   {func(*v1alpha1.GoToReport) {}, false},
		"keep":      {func(r *v1alpha1.GoToReport) { r.Spec.Keep = &three }, false},
		"limits":    {func(r *v1alpha1.GoToReport) { r.Spec.Limits.Rows = 7 }, false},
		"output":    {func(r *v1alpha1.GoToReport) { r.Spec.Output = v1alpha1.ReportToDirectory }, false},
		"suspend":   {func(r *v1alpha1.GoToReport) { r.Spec.Suspend = true }, false},
		"kind":      {func(r *v1alpha1.GoToReport) { r.Spec.Kind = v1alpha1.AttendeesReport }, true},
		"range":     {func(r *v1alpha1.GoToReport) { r.Spec.Range.Last = "8d" }, true},
		"formats":   {func(r *v1alpha1.GoToReport) { r.Spec.Formats = []v1alpha1.ReportFormat{v1alpha1.ReportCSV} }, true},
		"selection": {func(r *v1alpha1.GoToReport) { r.Spec.Selection.Users = []string{"fay"} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := object(func(*v1alpha1.GoToReport) {})
			first, err := WantedOf(r, created, nil, nil)
			if err != nil || first.Done(r) || !first.Due.Equal(created) {
				t.Fatalf("%v, %+v", err, first)
			}
			(&Made{Run: first.Run}).Note(r)
			if row.change(r); r.Status.LastRunKey == "" {
				t.Fatal("it is not noted")
			}
			if next, err := WantedOf(r, created.AddDate(0, 0, 1), nil, nil); err != nil || next.Done(r) == row.again {
				t.Errorf("%v, %+v", err, next)
			}
		})
	}
}

// The spec becomes an order, with what it leaves out; what cannot be made is said though it is not due yet.
func TestOrder(t *testing.T) {
	t.Parallel()
	w, err := WantedOf(object(func(r *v1alpha1.GoToReport) {
		r.Spec.Schedule, r.Spec.TimeZone, r.Spec.Selection.Licenses = "@daily", "Asia/Tokyo", []v1alpha1.Key{"7"}
	}), created, []gotoclient.Key{"1"}, []gotoclient.Key{"2"})
	if err != nil {
		t.Fatal(err)
	}
	tokyo, _ := time.LoadLocation("Asia/Tokyo")
	want := report.Order{Formats: []report.Format{report.XLSX}, Query: report.Query{
		Kind: report.MeetingHistory, From: time.Date(2029, 12, 31, 0, 0, 0, 0, tokyo), To: time.Date(2030, 1, 7, 0, 0, 0, 0, tokyo), Zone: tokyo,
		Users: []gotoclient.Key{"1"}, Groups: []gotoclient.Key{"2"}, Licenses: []gotoclient.Key{"7"}, MaxRows: 100_000, MaxBytes: 32 << 20,
	}}
	if d := cmp.Diff(want, w.Order, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); d != "" {
		t.Error(d)
	}
	for name, change := range map[string]func(*v1alpha1.GoToReport){
		"a schedule": func(r *v1alpha1.GoToReport) { r.Spec.Schedule = "now and then" },
		"a range": func(r *v1alpha1.GoToReport) {
			r.Spec.Range = v1alpha1.ReportRange{From: "2030-02-30", To: "2030-03-01"}
		},
		"a year": func(r *v1alpha1.GoToReport) {
			r.Spec.Range = v1alpha1.ReportRange{From: "2030-01-01", To: "2031-03-01"}
		},
	} {
		_, err := WantedOf(object(change), created, nil, nil)
		if stalled := new(engine.StalledError); !errors.As(err, &stalled) || stalled.Reason != v1alpha1.ReasonScheduleInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The newest is first, in the place of one of the same time, and no more are listed than are kept.
func TestHistory(t *testing.T) {
	t.Parallel()
	two := int32(2)
	r := object(func(r *v1alpha1.GoToReport) { r.Spec.Keep = &two })
	for _, day := range []int{1, 2, 2, 3} {
		at := metav1.NewTime(created.AddDate(0, 0, day))
		(&Made{Stored: v1alpha1.ReportRun{Due: at}}).Note(r)
	}
	var days []int
	for _, run := range r.Status.History {
		days = append(days, run.Due.Day()-created.Day())
	}
	if d := cmp.Diff([]int{3, 2}, days); d != "" {
		t.Error(d)
	}
}

// What may pass waits, what no retry cures says so, and what the engine knows best is left to it.
func TestFailure(t *testing.T) {
	t.Parallel()
	if err := Failure(nil, time.Hour); err != nil {
		t.Error(err)
	}
	for _, row := range []struct {
		err     error
		waiting string
		stalled string
	}{
		{fmt.Errorf("%w: no day", report.ErrRange), "", v1alpha1.ReasonScheduleInvalid},
		{report.ErrUnsupported, "", v1alpha1.ReasonUnsupported},
		{report.ErrTooLarge, "", v1alpha1.ReasonLimitExceeded},
		{reportstore.ErrTooLarge, "", v1alpha1.ReasonTooLarge},
		{reportstore.ErrUnavailable, v1alpha1.ReasonStoreFailed, ""},
		{jobs.ErrLimit, v1alpha1.ReasonTimeLimit, ""},
		{report.ErrUnreadable, v1alpha1.ReasonRetrying, ""},
		{&gotoclient.APIError{Status: 429}, v1alpha1.ReasonThrottled, ""},
		{&gotoclient.APIError{Status: 503}, v1alpha1.ReasonRetrying, ""},
		{&engine.WaitingError{Reason: v1alpha1.ReasonSecretNotFound}, v1alpha1.ReasonSecretNotFound, ""},
		{&engine.StalledError{Reason: v1alpha1.ReasonSecretNotOwned}, "", v1alpha1.ReasonSecretNotOwned},
		{&breaker.OpenError{}, "", ""},
		{&gotoclient.UnverifiedError{}, "", ""},
	} {
		var waiting engine.WaitingError
		var stalled engine.StalledError
		err := Failure(row.err, time.Hour)
		if w := (*engine.WaitingError)(nil); errors.As(err, &w) {
			waiting = *w
		}
		if s := (*engine.StalledError)(nil); errors.As(err, &s) {
			stalled = *s
		}
		if waiting.Reason != row.waiting || stalled.Reason != row.stalled || (row.waiting != "") != (waiting.After == time.Hour) {
			t.Errorf("%v: %v", row.err, err)
		}
		if row.waiting+row.stalled == "" && !errors.Is(err, row.err) {
			t.Errorf("%v became %v", row.err, err)
		}
	}
}
