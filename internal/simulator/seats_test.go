package simulator_test

import (
	"net/http"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func seatPath(license, user string) string {
	return acctRoot + "/licenses/" + license + "/users/" + user
}

// seatsTaken returns the userCount of a licence.
func (e *env) seatsTaken(license string) any {
	e.t.Helper()
	for _, l := range e.list(acctRoot + "/licenses").Results {
		if l["key"] == license {
			return l["userCount"]
		}
	}
	e.t.Fatalf("no licence %s", license)
	return nil
}

// Seats come and go one by one; the status follows, and a freed seat can be taken by somebody else.
func TestTakingAndGivingSeats(t *testing.T) {
	const meeting, webinar = simulator.DefaultMeetingLicenseKey, simulator.DefaultWebinarLicenseKey
	e := start(t, with("seatAssignment", "available"))
	e.sim.UpdateLicense(acct, webinar, func(l *simulator.License) { l.Seats = 1 })
	fay := e.sim.AddUser(acct, simulator.User{
		Email: "fay@example.test", LicenseKeys: []string{meeting, webinar}, PasswordCreated: true,
	})
	gil := e.create("gil@example.test")[0]
	steps := []struct {
		method, license, user string
		status                int
		fay, gil              string
		webinars              float64
	}{
		{"PUT", webinar, gil, 409, "ACTIVE", "SUSPENDED", 1},
		{"DELETE", webinar, fay, 204, "ACTIVE", "SUSPENDED", 0},
		{"DELETE", webinar, fay, 204, "ACTIVE", "SUSPENDED", 0},
		{"PUT", webinar, gil, 204, "ACTIVE", "INVITED", 1},
		{"PUT", webinar, gil, 204, "ACTIVE", "INVITED", 1},
		{"DELETE", meeting, fay, 204, "SUSPENDED", "INVITED", 1},
		{"PUT", webinar, fay, 409, "SUSPENDED", "INVITED", 1},
		{"PUT", meeting, fay, 204, "ACTIVE", "INVITED", 1},
	}
	for i, step := range steps {
		e.wantStatus(e.send(step.method, seatPath(step.license, step.user), nil), step.status)
		if got := []any{e.user(fay).Status, e.user(gil).Status, e.seatsTaken(webinar)}; got[0] != step.fay || got[1] != step.gil || got[2] != step.webinars {
			t.Errorf("after step %d: %v, want %+v", i, got, step)
		}
	}
}

func TestRefusedSeats(t *testing.T) {
	e := start(t, with("seatAssignment", "available"))
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		e.wantRefusal(e.send(method, seatPath("7399999999999999999", simulator.DefaultAdminKey), nil), 404, "license.not.found")
		e.wantRefusal(e.send(method, seatPath(simulator.DefaultMeetingLicenseKey, unknownUser), nil), 404, "user.not.found")
		e.wantStatus(e.send(method, seatPath(simulator.DefaultMeetingLicenseKey, "abc"), nil), 502)
	}
}

func TestMailAboutATakenSeat(t *testing.T) {
	for query, want := range map[string]int{
		"": 1, "?suppressEmail=FALSE": 1, "?suppressEmail=false": 1, "?suppressEmail=true": 0, "?suppressEmail=TRUE": 0,
	} {
		e := start(t)
		fay := e.sim.AddUser(acct, simulator.User{Email: "fay@example.test", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}})
		path := seatPath(simulator.DefaultMeetingLicenseKey, fay) + query
		e.wantStatus(e.send(http.MethodDelete, path, nil), 204)
		e.wantStatus(e.send(http.MethodDelete, path, nil), 204) // takes nothing and says nothing
		if got := len(e.sim.Outbox()); got != want {
			t.Errorf("%q sends %d mails, want %d", query, got, want)
		}
	}
}
