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

func (w *world) administration() report.Source {
	return report.FromAdministration(w.client.Reports(acct))
}

// Beside the three kinds of meetings, which the GoToMeeting API has too, these are made of what was played.
func TestReportsOfTheAdministrationAPI(t *testing.T) {
	w := newWorld(t)
	group, _ := w.week()
	q := lastWeek
	q.Groups = []gotoclient.Key{group}
	for kind, want := range map[report.Kind][]string{
		report.Activity: {
			"Organizer,Organizer email,Group,Meetings,Minutes,Attendees,Last activity",
			`Fay Field,fay@example.test,Blue,1,30,2,"Jan 01, 2030"`,
			`Gus Field,gus@example.test,Blue,1,90,1,"Jan 01, 2030"`,
		},
		report.UserStatus: {
			"Organizer,Organizer email,Group,Status,Products,Roles,Last activity",
			`Fay Field,fay@example.test,Blue,ACTIVE,G2M,,"Jan 01, 2030"`,
			`Gus Field,gus@example.test,Blue,ACTIVE,G2M,,"Jan 01, 2030"`,
		},
		report.MeetingHistory: {
			"Organizer,Organizer email,Group,Meeting ID,Subject,Type,Start,End,Duration (minutes),Attendees",
			`Fay Field,fay@example.test,Blue,ID,'=1+1,scheduled,"Jan 01, 2030 02:00","Jan 01, 2030 02:30",30,2`,
			`Gus Field,gus@example.test,Blue,ID,Plan & review,scheduled,"Jan 01, 2030 03:00","Jan 01, 2030 04:30",90,1`,
		},
		report.AudioUsage: {"Organizer,Organizer email,Group,Meeting ID,Caller,Start,Minutes,Call"},
	} {
		d, err := w.administration().Fetch(t.Context(), of(q, kind))
		if diff := cmp.Diff(want, rows(t, d, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
		if again, err := report.ReadXLSX(d.Original, report.Limits{}); err != nil || d.OriginalFormat != report.XLSX || cmp.Diff(again, d.Table) != "" {
			t.Errorf("%s: the original is not what was read: %v", kind, err)
		}
	}
	want := []string{"reportActivityOfGroups 1", "reportUserStatusOfGroups 1", "reportMeetingHistoryOfGroups 1", "reportAudioUsageOfGroups 1"}
	if diff := cmp.Diff(asSet(want), asSet(w.asked())); diff != "" {
		t.Error(diff)
	}
}

// A date is a text in the language of who asks for the report, and stays one.
func TestLocalizedDatesStayText(t *testing.T) {
	for locale, want := range map[string]string{
		"en_US": "Jan 01, 2030", "de_DE": "01.01.2030", "fr_FR": "01 janv. 2030", "es_ES": "01-ene.-2030", "it_IT": "01/gen/2030", "ja_JP": "2030/01/01",
		"pt_BR": "Jan 01, 2030",
	} {
		w := newWorld(t)
		w.week()
		w.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.Locale = locale })
		q := of(lastWeek, report.Activity)
		d, err := w.administration().Fetch(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Table.Rows[1][6]; got != want {
			t.Errorf("%s: %v, want %q", locale, got, want)
		}
	}
}

func TestEveryPositionOfTheSwitchesOfReports(t *testing.T) {
	for name, c := range map[string]struct {
		position string
		want     error
		no       bool // such path
	}{
		"reportPaths": {"reporting", nil, true}, "reportDates": {"days", nil, false}, "reportSheet": {"titled", nil, false},
		"emptyReport": {"noContent", nil, false}, "tollFreeHtml": {"never", nil, false},
	} {
		w := newWorld(t)
		w.week()
		w.set(name, c.position)
		d, err := w.administration().Fetch(t.Context(), of(lastWeek, report.Activity))
		if gotoclient.IsNoSuchPath(err) != c.no {
			t.Errorf("%s: %v", name, err)
		}
		if !c.no && (err != nil || len(d.Table.Rows) != 4 || len(d.Table.Columns) != 7) {
			t.Errorf("%s: %v, %v", name, d, err)
		}
		if empty, err := w.administration().Fetch(t.Context(), of(lastWeek, report.Registrants)); !c.no && (err != nil || len(empty.Table.Rows) != 0) {
			t.Errorf("%s, a report without rows: %v, %v", name, empty, err)
		}
	}
}

// Wherever the service has a report, an override finds it.
func TestAnOverrideFindsEveryReport(t *testing.T) {
	overrides := map[string]gotoclient.Override{}
	for _, o := range gotoclient.Operations() {
		if kind, is := reportPath(o.Path); is {
			overrides[o.ID] = gotoclient.Override{Path: "/admin/rest/v1/accounts/{accountKey}/reporting/" + kind}
		}
	}
	if len(overrides) != 45 {
		t.Errorf("%d operations", len(overrides))
	}
	w := newWorld(t, overrides)
	w.set("reportPaths", "reporting")
	for _, kind := range gotoclient.ReportKinds() {
		for _, scope := range kind.Scopes() {
			r := gotoclient.ReportRequest{Kind: kind, Scope: scope, From: lastWeek.From, To: lastWeek.To}
			if scope != gotoclient.ReportOfAll {
				r.Keys = []gotoclient.Key{"1", "2"}
			}
			if _, err := w.client.Reports(acct).Get(t.Context(), r); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestTollFreeUsageAsHTML(t *testing.T) {
	w := newWorld(t)
	q := of(lastWeek, report.TollFreeUsage)
	q.HTML = true
	d, err := w.administration().Fetch(t.Context(), q)
	if err != nil || d.Table != nil || d.OriginalFormat != report.HTML || len(d.Original) == 0 {
		t.Fatalf("%v, %v", d, err)
	}
	w.set("tollFreeHtml", "never")
	if d, err = w.administration().Fetch(t.Context(), q); err != nil || d.OriginalFormat != report.XLSX {
		t.Errorf("where there is no page: %v, %v", d, err)
	}
}

// A report that comes without a body, for it has no rows, is one in every format.
func TestAnEmptyReportWithoutABody(t *testing.T) {
	w := newWorld(t)
	w.set("emptyReport", "noContent")
	for _, format := range []report.Format{report.XLSX, report.HTML, report.CSV, report.JSON} {
		o := report.Order{Query: of(lastWeek, report.TollFreeUsage), Formats: []report.Format{format}}
		o.HTML = format == report.HTML
		made, err := o.Make(t.Context(), w.administration())
		if err != nil || made.Rows == nil || *made.Rows != 0 || len(made.Files) != 1 || len(made.Files[0].Data) == 0 {
			t.Errorf("%s: %v, %+v", format, err, made)
		}
	}
}

func TestWhatTheAdministrationAPIIsNotAsked(t *testing.T) {
	w := newWorld(t)
	many := make([]gotoclient.Key, gotoclient.MaxReportKeys+1)
	for name, c := range map[string]struct {
		q    report.Query
		want error
	}{
		"two selections":     {report.Query{Users: many[:1], Groups: many[:1]}, report.ErrSelection},
		"too many":           {report.Query{Users: many}, report.ErrSelection},
		"some of toll-free":  {report.Query{Kind: report.TollFreeUsage, Users: many[:1]}, report.ErrSelection},
		"HTML of activity":   {report.Query{HTML: true}, report.ErrUnsupported},
		"a webinar's rates":  {report.Query{Kind: report.RatesAndNumbers, Product: "G2W"}, report.ErrUnsupported},
		"an unknown kind":    {report.Query{Kind: "Weather"}, report.ErrUnsupported},
		"planned, no ranges": {report.Query{Kind: report.ScheduledMeetings, To: time.Unix(0, 0)}, report.ErrRange},
	} {
		q := c.q
		if q.Kind == "" {
			q.Kind = report.Activity
		}
		if q.To.IsZero() {
			q.From, q.To = lastWeek.From, lastWeek.To
		}
		if _, err := w.administration().Fetch(t.Context(), q); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := w.asked(); len(got) != 0 {
		t.Errorf("asked %v", got)
	}
}
