package report_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/report"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

var (
	berlin = mustZone("Europe/Berlin")
	// lastWeek is the seven days before the world begins, in Berlin.
	lastWeek = report.Query{
		From: time.Date(2029, 12, 31, 0, 0, 0, 0, berlin), To: time.Date(2030, 1, 7, 0, 0, 0, 0, berlin), Zone: berlin,
	}
)

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

func of(q report.Query, kind report.Kind) report.Query {
	q.Kind = kind
	return q
}

// week plays what the three kinds are made of, and returns the group of Fay and Gus; Hal is in none.
func (w *world) week() (group gotoclient.Key, hal gotoclient.Key) {
	group = w.group("Blue")
	fay, gus := w.organizer("Fay", group), w.organizer("Gus", group)
	hal = w.organizer("Hal", "")
	tuesday := time.Date(2030, 1, 1, 10, 0, 0, 0, time.UTC)
	w.play(w.plan(fay, "=1+1", tuesday), tuesday, 30*time.Minute, "Ann", "Bob")
	w.play(w.plan(gus, "Plan & review", tuesday.Add(time.Hour)), tuesday.Add(time.Hour), 90*time.Minute, "Ann")
	erased := w.play(w.plan(hal, "Forgotten", tuesday), tuesday, time.Hour, "Cid")
	if err := w.client.Organizers().DeleteSession(w.t.Context(), hal, gotoclient.Key(erased)); err != nil {
		w.t.Fatal(err)
	}
	w.sim.StartMeeting(acct, w.plan(hal, "Going on", monday))
	w.asked()
	return group, hal
}

// rows is a table as text: the header, and the rows.
func rows(t *testing.T, d *report.Document, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return textOf(t, d.Table)
}

func textOf(t *testing.T, table *report.Table) []string {
	t.Helper()
	data, err := report.Encode(table, report.CSV, report.Encoding{Zone: berlin})
	if err != nil {
		t.Fatal(err)
	}
	return linesOf(string(data))
}

func TestReportsOfTheGoToMeetingAPI(t *testing.T) {
	w := newWorld(t)
	w.week()
	for kind, want := range map[report.Kind][]string{
		report.MeetingHistory: {
			"Organizer,Organizer email,Group,Meeting ID,Subject,Type,Start (Europe/Berlin),End (Europe/Berlin),Duration (minutes),Attendees",
			"Fay Field,fay@example.test,Blue,ID,'=1+1,scheduled,2030-01-01 11:00:00,2030-01-01 11:30:00,30,2",
			"Hal Field,hal@example.test,,ID,Forgotten,scheduled,2030-01-01 11:00:00,2030-01-01 12:00:00,60,0",
			"Gus Field,gus@example.test,Blue,ID,Plan & review,scheduled,2030-01-01 12:00:00,2030-01-01 13:30:00,90,1",
		},
		report.Attendees: {
			"Organizer,Organizer email,Group,Meeting ID,Subject,Meeting start (Europe/Berlin),Meeting end (Europe/Berlin)," +
				"Attendee,Attendee email,Joined (Europe/Berlin),Left (Europe/Berlin),Stay (minutes)",
			"Fay Field,fay@example.test,Blue,ID,'=1+1,2030-01-01 11:00:00,2030-01-01 11:30:00,Ann,ann@guest.test,2030-01-01 11:00:00,2030-01-01 11:30:00,30",
			"Fay Field,fay@example.test,Blue,ID,'=1+1,2030-01-01 11:00:00,2030-01-01 11:30:00,Bob,bob@guest.test,2030-01-01 11:00:00,2030-01-01 11:30:00,30",
			"Gus Field,gus@example.test,Blue,ID,Plan & review,2030-01-01 12:00:00,2030-01-01 13:30:00,Ann,ann@guest.test,2030-01-01 12:00:00,2030-01-01 13:30:00,90",
		},
		report.ScheduledMeetings: {
			"Organizer,Organizer email,Group,Meeting ID,Subject,Type,Start (Europe/Berlin),End (Europe/Berlin),Duration (minutes),Password required",
			"Hal Field,hal@example.test,,ID,Going on,scheduled,2030-01-07 10:00:00,2030-01-07 11:00:00,60,false",
		},
	} {
		q := of(lastWeek, kind)
		if kind == report.ScheduledMeetings {
			q.From, q.To = time.Time{}, time.Time{}
		}
		d, err := w.fetch(q)
		if diff := cmp.Diff(want, rows(t, d, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
		if d.Original != nil {
			t.Errorf("%s has an original", kind)
		}
	}
	// Each: the organizers, the one group, and two who are in none (Hal and the administrator).
	want := 3 * 4
	if got := len(w.sim.Requests()); got != want {
		t.Errorf("%d requests, want %d: %v", got, want, w.asked())
	}
}

func TestSelections(t *testing.T) {
	w := newWorld(t)
	group, hal := w.week()
	for name, c := range map[string]struct {
		q     func(*report.Query)
		rows  int
		asked []string
	}{
		"all": {func(*report.Query) {}, 3, []string{"listOrganizers 1", "listOrganizerHistoricalMeetings 2", "listGroupHistoricalMeetings 1"}},
		"a group": {func(q *report.Query) { q.Groups = []gotoclient.Key{group} }, 2,
			[]string{"listOrganizers 1", "listGroupHistoricalMeetings 1"}},
		"a user":   {func(q *report.Query) { q.Users = []gotoclient.Key{hal} }, 1, []string{"listOrganizers 1", "listOrganizerHistoricalMeetings 1"}},
		"both":     {func(q *report.Query) { q.Users, q.Groups = []gotoclient.Key{hal}, []gotoclient.Key{group} }, 3, []string{"listOrganizers 1", "listOrganizerHistoricalMeetings 1", "listGroupHistoricalMeetings 1"}},
		"a nobody": {func(q *report.Query) { q.Users = []gotoclient.Key{"1"} }, 0, []string{"listOrganizers 1"}},
	} {
		q := of(lastWeek, report.MeetingHistory)
		c.q(&q)
		d, err := w.fetch(q)
		if err != nil || len(d.Table.Rows) != c.rows {
			t.Errorf("%s: %d rows, %v", name, len(d.Table.Rows), err)
		}
		if diff := cmp.Diff(c.asked, w.asked()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	q := of(lastWeek, report.MeetingHistory)
	q.Licenses = []gotoclient.Key{simulator.DefaultMeetingLicenseKey}
	if _, err := w.fetch(q); !errors.Is(err, report.ErrSelection) {
		t.Errorf("licences that nobody knows: %v", err)
	}
}
