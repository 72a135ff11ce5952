package report_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	fay, _ := w.sim.UserByEmail(acct, "fay@example.test")
	for name, c := range map[string]struct {
		q     func(*report.Query)
		rows  int
		asked []string
	}{
		"all": {func(*report.Query) {}, 3, []string{"listOrganizers 1", "listOrganizerHistoricalMeetings 2", "listGroupHistoricalMeetings 1"}},
		"a group": {func(q *report.Query) { q.Groups = []gotoclient.Key{group} }, 2,
			[]string{"listOrganizers 1", "listGroupHistoricalMeetings 1"}},
		"a user": {func(q *report.Query) { q.Users = []gotoclient.Key{hal} }, 1, []string{"listOrganizers 1", "listOrganizerHistoricalMeetings 1"}},
		"both":   {func(q *report.Query) { q.Users, q.Groups = []gotoclient.Key{hal}, []gotoclient.Key{group} }, 3, []string{"listOrganizers 1", "listOrganizerHistoricalMeetings 1", "listGroupHistoricalMeetings 1"}},
		"one of a group": {func(q *report.Query) { q.Users = []gotoclient.Key{gotoclient.Key(fay.Key)} }, 1,
			[]string{"listOrganizers 1", "listOrganizerHistoricalMeetings 1"}},
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
	w.asked()
	known := report.Organizers(func(context.Context) ([]report.Organizer, error) { // as a snapshot of users has it
		return []report.Organizer{{Key: hal, Licenses: q.Licenses}, {Key: "1", Licenses: []gotoclient.Key{}}, {Licenses: nil}}, nil
	})
	if d, err := report.FromMeetings(w.client, known).Fetch(t.Context(), q); err != nil || len(d.Table.Rows) != 1 {
		t.Errorf("licences that are known: %v, %v", d, err)
	}
	if diff := cmp.Diff([]string{"listOrganizerHistoricalMeetings 1"}, w.asked()); diff != "" {
		t.Error(diff)
	}
}

// crowd adds n organizers to a group, each with a meeting that was held.
func (w *world) crowd(n int, group gotoclient.Key) {
	tuesday := time.Date(2030, 1, 1, 10, 0, 0, 0, time.UTC)
	for i := range n {
		key := w.organizer(fmt.Sprintf("O%03d", i), group)
		w.play(w.plan(key, "Daily", tuesday), tuesday, time.Minute, "Ann")
	}
	w.asked()
}

// The service makes no list of a group of more than 50, so it is read organizer by organizer; one of 50 is one request.
func TestALargeGroup(t *testing.T) {
	for n, want := range map[int][]string{
		50:  {"listOrganizers 1", "listGroupHistoricalMeetings 1"},
		51:  {"listOrganizers 1", "listOrganizerHistoricalMeetings 51"},
		120: {"listOrganizers 1", "listOrganizerHistoricalMeetings 120"},
	} {
		w := newWorld(t)
		group := w.group("Crowd")
		w.crowd(n, group)
		q := of(lastWeek, report.MeetingHistory)
		q.Groups = []gotoclient.Key{group}
		d, err := w.fetch(q)
		if err != nil || len(d.Table.Rows) != n {
			t.Fatalf("%d: %v", n, err)
		}
		if diff := cmp.Diff(want, w.asked()); diff != "" {
			t.Errorf("%d: %s", n, diff)
		}
	}
}

// The service may count more members than we do, and say so in any of several ways; then the group is read organizer by organizer
// too.
func TestAGroupThatIsRefused(t *testing.T) {
	for _, answer := range []string{"400", "403", "500"} {
		for _, kind := range []report.Kind{report.MeetingHistory, report.Attendees, report.ScheduledMeetings} {
			w := newWorld(t)
			group := w.group("Crowd")
			w.crowd(51, group)
			w.set("largeGroup", answer)
			known := report.Organizers(func(ctx context.Context) ([]report.Organizer, error) { // all but two
				all, err := report.ListedOrganizers(w.client.Organizers())(ctx)
				all = slices.DeleteFunc(all, func(o report.Organizer) bool { return o.Email == "o000@example.test" || o.Email == "o001@example.test" })
				return all, err
			})
			q := of(lastWeek, kind)
			q.Groups = []gotoclient.Key{group}
			d, err := report.FromMeetings(w.client, known).Fetch(t.Context(), q)
			want := 49
			if kind == report.ScheduledMeetings {
				want = 0
			}
			if err != nil || len(d.Table.Rows) != want {
				t.Errorf("%s, %s: %v", answer, kind, err)
			}
		}
	}
}

// Whether a group's list has others than its direct members is not known: their rows are not taken, who is read by another list or
// not asked for. And somebody may go while the report is made.
func TestRowsOfOthersAndOfNobody(t *testing.T) {
	w := newWorld(t)
	group := w.group("Crowd")
	w.crowd(3, group)
	known := report.Organizers(func(ctx context.Context) ([]report.Organizer, error) {
		all, err := report.ListedOrganizers(w.client.Organizers())(ctx)
		all = slices.DeleteFunc(all, func(o report.Organizer) bool { return o.Email == "o001@example.test" })
		return append(all, report.Organizer{Key: "7999999999999999999", Email: "gone@example.test"}), err
	})
	for _, kind := range []report.Kind{report.MeetingHistory, report.Attendees, report.ScheduledMeetings} {
		d, err := report.FromMeetings(w.client, known).Fetch(t.Context(), of(lastWeek, kind))
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range d.Table.Rows {
			if row[1] != "o000@example.test" && row[1] != "o002@example.test" {
				t.Errorf("%s: a row of %s", kind, row[1])
			}
		}
		if len(d.Table.Rows) != 2 && kind != report.ScheduledMeetings {
			t.Errorf("%s: %d rows", kind, len(d.Table.Rows))
		}
	}
}

// However the service answers what nobody knows, the rows are the same.
func TestEveryPositionOfTheSwitchesOfMeetings(t *testing.T) {
	w := newWorld(t)
	w.week()
	for _, kind := range []report.Kind{report.MeetingHistory, report.Attendees} {
		d, err := w.fetch(of(lastWeek, kind))
		want := rows(t, d, err)
		for _, name := range []string{
			"emptyHistory", "erasedSession", "historyWindow", "meetingTimes", "meetingFlags", "meetingErrorBody", "organizerWithoutGroup", "subjectInReads", "largeGroup", "rangeEnds", "meetingGroupLists",
		} {
			for _, position := range simulator.SwitchPositions()[name] {
				w.set(name, position)
				d, err := w.fetch(of(lastWeek, kind))
				if diff := cmp.Diff(want, rows(t, d, err)); diff != "" {
					t.Errorf("%s, %s=%s: %s", kind, name, position, diff)
				}
			}
			w.set(name, simulator.SwitchPositions()[name][0])
		}
	}
}

// A year is read in windows that the service allows, each meeting once.
func TestWindowsThatTheServiceAllows(t *testing.T) {
	year := report.Query{From: time.Date(2029, 1, 1, 0, 0, 0, 0, berlin), To: time.Date(2030, 1, 1, 0, 0, 0, 0, berlin), Zone: berlin}
	w := newWorld(t)
	key := w.organizer("Fay", "")
	for at := year.From; at.Before(year.To); at = at.Add(15 * 24 * time.Hour) { // every other one begins where windows of 30 days meet
		w.play(w.plan(key, "Fortnightly", at), at, time.Minute)
	}
	w.asked()
	for days, want := range map[string]string{"0": "7", "60": "7", "20": "27"} { // 20: two refusals, and windows of 15 days less the second by which they overlap
		w.set("historyWindow", days)
		q := of(year, report.MeetingHistory)
		q.Users = []gotoclient.Key{key}
		d, err := w.fetch(q)
		if err != nil || len(d.Table.Rows) != 25 {
			t.Fatalf("%s: %d rows, %v", days, len(d.Table.Rows), err)
		}
		if diff := cmp.Diff([]string{"listOrganizers 1", "listOrganizerHistoricalMeetings " + want}, w.asked()); diff != "" {
			t.Errorf("%s: %s", days, diff)
		}
	}
	w.set("historyWindow", "1")
	if _, err := w.fetch(of(year, report.MeetingHistory)); !gotoclient.IsRefused(err) {
		t.Errorf("where nothing is allowed: %v", err)
	}
}

// Days are those of the zone, of 23 and of 25 hours too: each meeting is in the day that the zone's clock says.
func TestDaysOnWhichTheClocksChange(t *testing.T) {
	for _, day := range []time.Time{
		time.Date(2029, 3, 25, 0, 0, 0, 0, berlin), time.Date(2029, 10, 28, 0, 0, 0, 0, berlin),
	} {
		w := newWorld(t)
		key, next := w.organizer("Fay", ""), day.AddDate(0, 0, 1)
		for _, at := range []time.Time{day.Add(-time.Second), day, day.Add(90 * time.Minute), day.Add(150 * time.Minute), next.Add(-time.Second), next} {
			w.play(w.plan(key, at.In(berlin).Format(time.DateTime), at), at, time.Second)
		}
		d, err := w.fetch(report.Query{Kind: report.MeetingHistory, From: day, To: next, Zone: berlin})
		if err != nil || len(d.Table.Rows) != 4 {
			t.Fatalf("%s: %v, %v", day, d, err)
		}
		for _, line := range textOf(t, d.Table)[1:] {
			if cells := strings.Split(line, ","); cells[4] != cells[6] || !strings.HasPrefix(cells[6], day.Format(time.DateOnly)) {
				t.Errorf("%s: %s", day, line)
			}
		}
	}
}

func TestBadQueriesAreRefusedBeforeARequest(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		change func(*report.Query)
		want   error
	}{
		"no range":         {func(q *report.Query) { q.From, q.To = time.Time{}, time.Time{} }, report.ErrRange},
		"no end":           {func(q *report.Query) { q.To = time.Time{} }, report.ErrRange},
		"no beginning":     {func(q *report.Query) { q.From = time.Time{} }, report.ErrRange},
		"backwards":        {func(q *report.Query) { q.From, q.To = q.To, q.From }, report.ErrRange},
		"empty":            {func(q *report.Query) { q.To = q.From }, report.ErrRange},
		"above a year":     {func(q *report.Query) { q.From = q.To.AddDate(-1, 0, -3) }, report.ErrRange},
		"trainings":        {func(q *report.Query) { q.Product = gotoclient.ProductTraining }, report.ErrUnsupported},
		"activity":         {func(q *report.Query) { q.Kind = report.Activity }, report.ErrUnsupported},
		"a page":           {func(q *report.Query) { q.HTML = true }, report.ErrUnsupported},
		"an unknown kind":  {func(q *report.Query) { q.Kind = "" }, report.ErrUnsupported},
		"half an interval": {func(q *report.Query) { q.Kind, q.To = report.ScheduledMeetings, time.Time{} }, report.ErrRange},
	} {
		q := of(lastWeek, report.MeetingHistory)
		c.change(&q)
		if _, err := w.fetch(q); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := w.asked(); len(got) != 0 {
		t.Errorf("asked %v", got)
	}
}

// A report is bounded, and stops asking once it is too large.
func TestBounds(t *testing.T) {
	w := newWorld(t)
	w.crowd(60, "")
	for name, c := range map[string]struct {
		change func(*report.Query)
		asked  string
	}{
		"rows":  {func(q *report.Query) { q.MaxRows = 9 }, "listOrganizerHistoricalMeetings 11"}, // the administrator has none
		"bytes": {func(q *report.Query) { q.MaxBytes = 500 }, "listOrganizerHistoricalMeetings 8"},
	} {
		q := of(lastWeek, report.MeetingHistory)
		c.change(&q)
		if _, err := w.fetch(q); !errors.Is(err, report.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff([]string{"listOrganizers 1", c.asked}, w.asked()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	q := of(lastWeek, report.Activity)
	q.MaxBytes = 1000
	if _, err := w.administration().Fetch(t.Context(), q); !errors.Is(err, report.ErrTooLarge) {
		t.Errorf("an answer: %v", err)
	}
	q.MaxBytes, q.MaxRows = 0, 3
	if _, err := w.administration().Fetch(t.Context(), q); !errors.Is(err, report.ErrTooLarge) {
		t.Errorf("rows of an answer: %v", err)
	}
}

// What goes wrong at any request leaves no report, or the whole one where another attempt had it: never a part.
func TestEveryFaultAtEveryRequest(t *testing.T) {
	for name, c := range map[string]struct {
		source   func(*world) report.Source
		query    report.Query
		requests int
	}{
		"GoToMeeting":    {(*world).meetings, of(lastWeek, report.MeetingHistory), 4},
		"Administration": {(*world).administration, of(lastWeek, report.Activity), 1},
	} {
		for _, kind := range []simulator.FaultKind{
			simulator.FaultThrottle, simulator.FaultErrorBefore, simulator.FaultErrorAfter, simulator.FaultCutBefore, simulator.FaultCutAfter,
			simulator.FaultCutBody, simulator.FaultTruncate, simulator.FaultHTML, simulator.FaultExpireToken,
		} {
			for skip := range c.requests {
				w := newWorld(t)
				w.week()
				whole, err := c.source(w).Fetch(t.Context(), c.query)
				want := rows(t, whole, err)
				for _, count := range []int{1, 0} {
					w.sim.Inject(simulator.Fault{Kind: kind, Match: "/rest/", Skip: skip, Count: count, Status: 503})
					d, err := c.source(w).Fetch(t.Context(), c.query)
					w.sim.ClearFaults()
					if err != nil && d == nil {
						continue
					}
					if diff := cmp.Diff(want, rows(t, d, err)); diff != "" {
						t.Errorf("%s, %s after %d: %s", name, kind, skip, diff)
					}
				}
			}
		}
	}
}

// That nobody at all may have meetings is not believed: not even who asks would be there.
func TestNoOrganizersAtAll(t *testing.T) {
	w := newWorld(t)
	w.week()
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultEmptyList, Operation: gotoclient.OpListOrganizers})
	if d, err := w.fetch(of(lastWeek, report.MeetingHistory)); !errors.Is(err, report.ErrUnreadable) {
		t.Errorf("%v, %v", d, err)
	}
}

// Of a group above another the service may list both; each meeting is there once, and so is one that begins with the range.
func TestGroupsBelowAndEndsOfTheRange(t *testing.T) {
	w := newWorld(t)
	parent := w.group("Blue")
	child := gotoclient.Key(w.sim.AddGroup(acct, simulator.Group{Name: "Light blue", ParentKey: string(parent)}))
	for i, group := range []gotoclient.Key{parent, parent, child, child} {
		w.play(w.plan(w.organizer(fmt.Sprintf("O%d", i), group), "Demo", lastWeek.From), lastWeek.From, time.Minute, "Ann")
	}
	for name, positions := range map[string][]string{"meetingGroupLists": {"members", "subtree"}, "rangeEnds": {"included", "excluded"}} {
		for _, position := range positions {
			w.set(name, position)
			for _, kind := range []report.Kind{report.MeetingHistory, report.Attendees} {
				for groups, want := range map[gotoclient.Key]int{"": 4, parent: 2, child: 2} {
					q := of(lastWeek, kind)
					if groups != "" {
						q.Groups = []gotoclient.Key{groups}
					}
					if d, err := w.fetch(q); err != nil || len(d.Table.Rows) != want {
						t.Errorf("%s=%s, %s of %q: %v, %v", name, position, kind, groups, d, err)
					}
				}
			}
		}
		w.set(name, positions[0])
	}
}
