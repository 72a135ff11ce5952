package gotoreport

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/report"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// ofKind asks for a report of a kind, in the format that it has unless somebody says otherwise.
func ofKind(kind v1alpha1.ReportKind) func(*v1alpha1.GoToReport) {
	return func(r *v1alpha1.GoToReport) { r.Spec.Kind, r.Spec.Formats = kind, nil }
}

// opened are the columns and rows of the sheet in the Secret of the newest report, where IDs of meetings are left out.
func (w *world) opened(t *testing.T, r *v1alpha1.GoToReport) (lines []string) {
	t.Helper()
	w.whole(t, r)
	f := r.Status.History[0].Files[0]
	table, err := report.ReadXLSX(w.bytes(t, r, f), report.Limits{})
	if err != nil || f.Where != "usage-0/report.xlsx" {
		t.Fatalf("%s: %v", f.Where, err)
	}
	lines = append(lines, strings.Join(table.Columns, "|"))
	for _, row := range table.Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			if cells[i], _ = cell.(string); table.Columns[i] == "Meeting ID" {
				cells[i] = "ID"
			}
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return lines
}

// Five kinds of report on an account that nothing but documented paths is written to: the Secret has a sheet that opens, and the sheet what
// was played. Those of the GoToMeeting API ask for nothing on a path that nobody has verified.
func TestFiveKinds(t *testing.T) {
	t.Parallel()
	for kind, want := range map[v1alpha1.ReportKind][]string{
		v1alpha1.MeetingHistoryReport: {
			"Organizer|Organizer email|Group|Meeting ID|Subject|Type|Start (UTC)|End (UTC)|Duration (minutes)|Attendees",
			"Hal Field|hal@example.test||ID|Stand-up|scheduled|2000-01-01 00:00:00|2000-01-01 01:00:00|60|1",
		},
		v1alpha1.ScheduledMeetingsReport: {
			"Organizer|Organizer email|Group|Meeting ID|Subject|Type|Start (UTC)|End (UTC)|Duration (minutes)|Password required",
			"Hal Field|hal@example.test||ID|Review|scheduled|2000-01-03 01:00:00|2000-01-03 01:30:00|30|FALSE",
		},
		v1alpha1.AttendeesReport: {
			"Organizer|Organizer email|Group|Meeting ID|Subject|Meeting start (UTC)|Meeting end (UTC)|Attendee|Attendee email|Joined (UTC)|Left (UTC)|Stay (minutes)",
			"Hal Field|hal@example.test||ID|Stand-up|2000-01-01 00:00:00|2000-01-01 01:00:00|Guest|guest@guest.test|2000-01-01 00:00:00|2000-01-01 01:00:00|60",
		},
		v1alpha1.ActivityReport: {
			"Organizer|Organizer email|Group|Meetings|Minutes|Attendees|Last activity",
			"Hal Field|hal@example.test||1|60|1|Dec 31, 1999", // in the time zone of who asks
			"Olive Ops|ops@example.test||0|0|0|",
		},
		v1alpha1.UserStatusReport: {
			"Organizer|Organizer email|Group|Status|Products|Roles|Last activity",
			"Hal Field|hal@example.test||ACTIVE|G2M||Dec 31, 1999",
			"Olive Ops|ops@example.test||ACTIVE||SUPER_USER|",
		},
	} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.Sim.AddMeeting(simulator.DefaultAccountKey, simulator.Meeting{
					Subject: "Review", OrganizerKey: w.organizer, Start: time.Now().Add(24 * time.Hour), End: time.Now().Add(24*time.Hour + 30*time.Minute),
				})
				w.Deny = true
				w.Quietly(func() { w.Restart(t) })
				r := w.apply(t, ofKind(kind))
				w.Run(t, time.Minute)
				w.is(t, r, "True "+v1alpha1.ReasonMade)
				if d := cmp.Diff(want, w.opened(t, r)); d != "" {
					t.Error(d)
				}
				if kind := report.Kind(kind); kind.OfMeetings() {
					w.verified(t)
				}
			})
		})
	}
}

// verified fails on a request that was sent where nobody has verified that there is anything.
func (w *world) verified(t *testing.T) {
	t.Helper()
	for _, o := range gotoclient.Operations() {
		if n := w.Sim.Calls()[o.ID]; n > 0 && o.Grade == gotoclient.GradeUnverified {
			t.Errorf("%d of %s", n, o.ID)
		}
	}
}

// Every position of every switch of the reports of the Administration API: the report is made, its rows are right, or it is said why not,
// and nothing is stored.
func TestEveryPositionOfTheSwitchesOfReports(t *testing.T) {
	t.Parallel()
	const made, none, page = "True " + v1alpha1.ReasonMade, "False " + v1alpha1.ReasonEndpointUnverified, "False " + v1alpha1.ReasonUnsupported
	html := func(r *v1alpha1.GoToReport) {
		r.Spec.Kind, r.Spec.Formats = v1alpha1.TollFreeUsageReport, []v1alpha1.ReportFormat{v1alpha1.ReportHTML}
	}
	lives := map[string]func(*v1alpha1.GoToReport){"rows": ofKind(v1alpha1.ActivityReport), "no rows": ofKind(v1alpha1.RegistrantsReport), "html": html}
	others := map[string]string{ // than made
		"reportPaths=reporting rows": none, "reportPaths=reporting no rows": none, "reportPaths=reporting html": none,
		"reportPaths=unavailable rows": none, "reportPaths=unavailable no rows": none, "reportPaths=unavailable html": none,
		"tollFreeHtml=never html": page,
	}
	for _, name := range simulator.SwitchNames() {
		if !strings.HasPrefix(name, "report") && name != "emptyReport" && name != "tollFreeHtml" {
			continue
		}
		for _, position := range simulator.SwitchPositions()[name] {
			for life, change := range lives {
				row := name + "=" + position + " " + life
				t.Run(row, func(t *testing.T) {
					want, is := others[row]
					if !is {
						want = made
					}
					synctest.Test(t, func(t *testing.T) { inPosition(t, name, position, change, want) })
				})
			}
		}
	}
}

// inPosition makes a report with a switch in a position.
func inPosition(t *testing.T, name, position string, change func(*v1alpha1.GoToReport), want string) {
	t.Helper()
	w := newWorld(t)
	w.Sim.SetSwitches(func(s *simulator.Switches) {
		if err := s.Set(name, position); err != nil {
			t.Fatal(err)
		}
	})
	r := w.apply(t, change)
	w.Run(t, 30*time.Minute)
	w.is(t, r, want)
	if made := want == "True "+v1alpha1.ReasonMade; (w.secrets(t) == 1) != made {
		t.Errorf("%d Secrets", w.secrets(t))
	} else if made && r.Spec.Kind != v1alpha1.TollFreeUsageReport {
		rows := map[v1alpha1.ReportKind]int{v1alpha1.ActivityReport: 2}[r.Spec.Kind]
		if got := w.opened(t, r); len(got) != 1+rows || rows > 0 && !strings.HasPrefix(got[1], "Hal Field|hal@example.test||1|60|1|") {
			t.Error(got)
		}
	}
}
