// Package reportjob is the job that a GoToReport asks for: which report, when it is due, how it is made and stored, and what it means
// for the object that it fails. It brings together what know nothing of each other: internal/schedule, internal/report and
// internal/reportstore.
//
// wanted.go is pure and reads an object; make.go makes the report; failure.go is pure and explains errors. It may not import
// internal/controller: what starts a job, and the status of an object, are for that to see to.
package reportjob

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/report"
	"github.com/goto-operator/goto-operator/internal/schedule"
)

// Run says which report is meant: by the time for which it is due, and by the fingerprint of the spec. The status of an object has it
// as LastRunKey and LastRunOf.
type Run struct {
	Key v1alpha1.Key
	Of  string
}

// String is the same for the same report.
func (r Run) String() string { return r.Of + "/" + string(r.Key) }

// LastRun is the one that the status of an object shows.
func LastRun(r *v1alpha1.GoToReport) Run { return Run{r.Status.LastRunKey, r.Status.LastRunOf} }

// Wanted is what an object asks for: when, and what.
type Wanted struct {
	schedule.Times

	Run   Run // that is due, if one is
	Order report.Order
}

// Done is true once nothing is due.
func (w *Wanted) Done(r *v1alpha1.GoToReport) bool { return w.Due.IsZero() || LastRun(r) == w.Run }

// WantedOf reads what an object asks for now, given the keys of the users and groups that it selects. What is wrong with it is said before it is
// due, by a *engine.StalledError.
func WantedOf(r *v1alpha1.GoToReport, now time.Time, users, groups []gotoclient.Key) (w Wanted, err error) {
	if w.Times, err = task(r).Times(now); err != nil {
		return w, &engine.StalledError{Reason: v1alpha1.ReasonScheduleInvalid, Message: err.Error()}
	}
	w.Run = Run{v1alpha1.Key(strconv.FormatInt(w.Due.Unix(), 10)), fingerprint(r)}
	w.Order = order(r)
	w.Order.Zone, w.Order.Users, w.Order.Groups = w.Zone, users, groups
	due := w.Due
	if due.IsZero() {
		due = now
	}
	w.Order.From, w.Order.To, err = report.Range(r.Spec.Range).Times(w.Order.Kind, due, w.Zone)
	if err == nil {
		err = w.Order.Validate()
	}
	return w, Failure(err, 0)
}

// fingerprint is the same as long as the spec asks for the same report, whenever it is made and wherever it goes.
func fingerprint(r *v1alpha1.GoToReport) string {
	spec := r.Spec.DeepCopy()
	spec.ManagedSpec, spec.Schedule, spec.Keep = v1alpha1.ManagedSpec{}, "", nil
	spec.Limits, spec.Output, spec.S3 = v1alpha1.ReportLimits{}, "", nil
	data, _ := json.Marshal(spec) //nolint:errchkjson // plain texts and numbers
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// task is what is to be done by the spec, and what of it was done.
func task(r *v1alpha1.GoToReport) schedule.Task {
	last := LastRun(r)
	out := schedule.Task{
		Schedule: r.Spec.Schedule, TimeZone: r.Spec.TimeZone, Asked: r.CreationTimestamp.UTC(), Changed: last.Of != "" && last.Of != fingerprint(r),
	}
	if seconds, err := strconv.ParseInt(string(last.Key), 10, 64); err == nil {
		out.Last = time.Unix(seconds, 0).UTC()
	}
	return out
}

// order is the report that the spec asks for, whenever it is made.
func order(r *v1alpha1.GoToReport) report.Order {
	o := report.Order{BOM: r.Spec.BOM != nil && *r.Spec.BOM}
	o.Kind, o.Product = report.Kind(r.Spec.Kind), string(r.Spec.Product)
	o.MaxRows, o.MaxBytes = int(cmp.Or(r.Spec.Limits.Rows, 100_000)), int64(cmp.Or(r.Spec.Limits.Megabytes, 32))<<20
	for _, key := range r.Spec.Selection.Licenses {
		o.Licenses = append(o.Licenses, gotoclient.Key(key))
	}
	for _, f := range r.Spec.Formats {
		o.Formats = append(o.Formats, report.Format(f))
	}
	if len(o.Formats) == 0 {
		o.Formats = []report.Format{report.XLSX}
	}
	o.HTML = o.Formats[0] == report.HTML
	return o
}
