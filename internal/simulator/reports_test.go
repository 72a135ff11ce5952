package simulator_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	reportsPath = acctRoot + "/reports"
	thisWeek    = "?fromDate=2030-01-07T00:00:00Z&toDate=2030-01-14T00:00:00Z"
)

// reportProbes are for the switches of reports.
var reportProbes = map[string]func(*env) string{
	"reportPaths": func(e *env) string {
		return fmt.Sprint(e.send(http.MethodGet, reportsPath+"/activity"+thisWeek, nil).status,
			e.send(http.MethodGet, acctRoot+"/reporting/activity"+thisWeek, nil).status)
	},
	"reportDates": func(e *env) string {
		return fmt.Sprint(e.send(http.MethodGet, reportsPath+"/activity"+thisWeek, nil).status,
			e.send(http.MethodGet, reportsPath+"/activity?fromDate=2030-01-07&toDate=2030-01-07", nil).status)
	},
	"reportSheet": func(e *env) string { return fmt.Sprint(e.reportRows("activity")) },
	"emptyReport": func(e *env) string {
		return fmt.Sprint(e.send(http.MethodGet, reportsPath+"/registrants"+thisWeek, nil).status)
	},
	"tollFreeHtml": func(e *env) string { return e.tollFreeAs() },
}

// reportRows opens a report as a spreadsheet program would.
func (e *env) reportRows(path string) [][]string {
	e.t.Helper()
	a := e.send(http.MethodGet, reportsPath+"/"+path+thisWeek, nil)
	e.wantStatus(a, http.StatusOK)
	f, err := excelize.OpenReader(bytes.NewReader([]byte(a.body)))
	if err != nil {
		e.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		e.t.Fatal(err)
	}
	return rows
}

// tollFreeAs asks for the report that is made as HTML too, and returns what it comes as.
func (e *env) tollFreeAs() string {
	e.t.Helper()
	req, err := http.NewRequestWithContext(e.t.Context(), http.MethodGet, e.url+reportsPath+"/tollFreeUsage"+thisWeek, http.NoBody)
	if err != nil {
		e.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+e.token)
	req.Header.Set("Accept", "text/html")
	resp, err := e.client.Do(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.Header.Get("Content-Type")
}

// Every kind is made of what was played: who of two was in a meeting that people could call.
func TestReportsOfWhatWasPlayed(t *testing.T) {
	e := start(t)
	voice := e.sim.AddLicense(acct, simulator.License{Description: "Voice", Products: []string{"OPENVOICE"}, Seats: 5})
	group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	fay := e.sim.AddUser(acct, simulator.User{Email: "fay@example.test", FirstName: "Fay", LastName: "Field", GroupKey: group, LicenseKeys: []string{voice}})
	id := e.sim.AddMeeting(acct, simulator.Meeting{OrganizerKey: fay, Subject: "Demo", Start: e.clock.Now(), End: e.clock.Now().Add(time.Hour), ConferenceCallInfo: "Hybrid"})
	e.play(id) // Ann stays for ten minutes and Bob for the twenty after them
	who := func(more ...string) []string {
		return append([]string{"Fay Field", "fay@example.test", "Blue"}, more...)
	}
	const day = "Jan 07, 2030"
	for path, want := range map[string][][]string{
		"activity":             {who("1", "30", "2", day)},
		"userStatus":           {who("INVITED", "OPENVOICE", "", day)},
		"meetingHistory":       {who(id, "Demo", "scheduled", day+" 01:00", day+" 01:30", "30", "2")},
		"scheduledMeetings":    {who(id, "Demo", "scheduled", day+" 01:00", day+" 02:00", "60", "No")},
		"attendees":            {who(id, "Demo", day+" 01:00", day+" 01:30", "Ann", "ann@guest.test", day+" 01:00", day+" 01:10", "10"), who(id, "Demo", day+" 01:00", day+" 01:30", "Bob", "bob@guest.test", day+" 01:10", day+" 01:30", "20")},
		"registrants":          nil,
		"recordingRegistrants": nil,
		"audioUsage":           {who(id, "Ann", day+" 01:00", "10", "Toll-free"), who(id, "Bob", day+" 01:10", "20", "Toll-free")},
		"billingHistory":       {who("Toll-free", "30")},
		"conferenceRooms":      {who(fay[len(fay)-7:])},
	} {
		for _, scope := range []string{"/users/1," + fay, "/groups/" + group, "/licenses/" + voice} {
			got := e.reportRows(path + scope)
			if diff := cmp.Diff(want, append([][]string(nil), got[1:]...)); diff != "" {
				t.Errorf("%s%s: %s", path, scope, diff)
			}
		}
		if got := e.reportRows(path + "/users/1"); len(got) != 1 {
			t.Errorf("%s of nobody: %v", path, got)
		}
	}
	want := [][]string{{"Date", "Organizer email", "Meeting ID", "Minutes"}, {day, "fay@example.test", id, "10"}, {day, "fay@example.test", id, "20"}}
	if diff := cmp.Diff(want, e.reportRows("tollFreeUsage")); diff != "" {
		t.Error(diff)
	}
	if got := e.reportRows("ratesAndNumbers"); len(got) != 4 {
		t.Errorf("rates: %v", got)
	}
	if got := e.tollFreeAs(); !strings.HasPrefix(got, "text/html") {
		t.Errorf("the page came as %s", got)
	}
}

func TestReportsThatAreRefused(t *testing.T) {
	e := start(t)
	for _, query := range []string{
		"", "?fromDate=2030-01-07T00:00:00Z", "?toDate=2030-01-07T00:00:00Z", "?fromDate=x&toDate=y", "?fromDate=2028-01-07T00:00:00Z&toDate=2030-01-07T00:00:00Z",
		"?fromDate=2030-01-08T00:00:00Z&toDate=2030-01-07T00:00:00Z", "?fromDate=2030-01-07&toDate=2030-01-08",
	} {
		e.wantStatus(e.send(http.MethodGet, reportsPath+"/activity"+query, nil), http.StatusBadRequest)
	}
	e.wantStatus(e.send(http.MethodGet, reportsPath+"/weather"+thisWeek, nil), http.StatusNotFound)
	e.wantStatus(e.send(http.MethodGet, reportsPath+"/tollFreeUsage/users/1"+thisWeek, nil), http.StatusNotFound)
	e.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.AdminRoles = []string{simulator.RoleManageUsers} })
	e.wantStatus(e.send(http.MethodGet, reportsPath+"/activity"+thisWeek, nil), http.StatusForbidden)
	e.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.AdminRoles = []string{simulator.RoleRunReports} })
	e.wantStatus(e.send(http.MethodGet, reportsPath+"/activity"+thisWeek, nil), http.StatusOK)
}
