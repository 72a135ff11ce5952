package gotoreport

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/schedule"
)

// keyOf is what a report is remembered by: the time for which it was due.
func keyOf(due time.Time) v1alpha1.Key { return v1alpha1.Key(strconv.FormatInt(due.Unix(), 10)) }

// lastDue is the time for which the last report was due; zero if there was none.
func lastDue(r *v1alpha1.GoToReport) time.Time {
	seconds, err := strconv.ParseInt(string(r.Status.LastRunKey), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
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

// times are when a report is due.
type times struct {
	now  time.Time
	due  time.Time // of the report to be made now; zero for none
	next time.Time // of the one after that; zero for none
	zone *time.Location
}

// timesOf says when a report is due. One without schedule is due once, as of when its object was made, and again when its spec asks for
// something else. The error says what of the spec cannot be read.
func timesOf(r *v1alpha1.GoToReport, now time.Time) (times, error) {
	zone, err := time.LoadLocation(r.Spec.TimeZone)
	if err != nil {
		return times{}, invalid("spec.timeZone is no time zone: " + r.Spec.TimeZone)
	}
	t := times{now: now, zone: zone}
	last, created := lastDue(r), r.CreationTimestamp.UTC()
	if r.Spec.Schedule == "" {
		if last.IsZero() || r.Status.LastRunOf != "" && r.Status.LastRunOf != fingerprint(r) {
			t.due = created
		}
		return t, nil
	}
	s, err := schedule.Parse(r.Spec.Schedule, zone)
	if err != nil {
		return times{}, invalid("spec.schedule: " + err.Error())
	}
	if last.Before(created) && last.IsZero() {
		last = created
	}
	t.due, t.next = s.Last(last, now), s.Next(now)
	if t.due.IsZero() && t.next.IsZero() {
		return times{}, invalid("spec.schedule: there is no such time in years")
	}
	return t, nil
}

func invalid(message string) error {
	return &engine.StalledError{Reason: v1alpha1.ReasonScheduleInvalid, Message: message}
}

// days of a range, from midnight to midnight in the zone: the last ones before the day of due, or for what is planned those from that day on.
func days(r *v1alpha1.GoToReport, due time.Time, zone *time.Location) (from, to time.Time, err error) {
	if r.Spec.Range.Last == "" {
		from, err = time.ParseInLocation(time.DateOnly, r.Spec.Range.From, zone)
		if err == nil {
			to, err = time.ParseInLocation(time.DateOnly, r.Spec.Range.To, zone)
		}
		if err != nil {
			return from, to, invalid("spec.range: " + err.Error())
		}
		return from, to.AddDate(0, 0, 1), nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(r.Spec.Range.Last, "d"))
	if err != nil {
		return from, to, invalid("spec.range.last is a number of days, such as 30d")
	}
	year, month, day := due.In(zone).Date()
	midnight := func(n int) time.Time { return time.Date(year, month, day+n, 0, 0, 0, 0, zone) }
	if r.Spec.Kind == v1alpha1.ScheduledMeetingsReport {
		return midnight(0), midnight(n), nil
	}
	return midnight(-n), midnight(0), nil
}
