package admin

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/reports"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

const (
	reportsPath   = accountPath + "/reports"   // assumed (U)
	reportingPath = accountPath + "/reporting" // another, for those who look whether an override moves it; see Switches.ReportPaths

	mediaSheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" // D
	mediaHTML  = "text/html; charset=utf-8"                                          // D
)

// reportScopes are whom a report can be about: the end of the operation's id, and where the keys are.
var reportScopes = []struct{ id, path string }{{"", ""}, {"OfUsers", "/users/{keys}"}, {"OfGroups", "/groups/{groups}"}, {"OfLicenses", "/licenses/{licenses}"}}

// reportOperations is the part of the endpoint table about reports: an operation for each kind and whom it is about.
func reportOperations() []call.Operation {
	var table []call.Operation
	for _, kind := range reports.Kinds() {
		for _, scope := range reportScopes {
			if scope.id != "" && !reports.Selects(kind) {
				continue
			}
			at := "/" + strings.ToLower(kind[:1]) + kind[1:] + scope.path
			table = append(table, call.Operation{
				ID: "report" + kind + scope.id, Pattern: "GET " + reportsPath + at, Also: []string{"GET " + reportingPath + at},
				Roles: []string{state.RoleSuperUser, state.RoleRunReports}, Handle: func(c *call.Call) wire.Response { return getReport(c, kind) },
			})
		}
	}
	return table
}

// getReport serves GET /accounts/{a}/reports/{kind} and what is below it.
func getReport(c *call.Call, kind string) wire.Response {
	if !reportsAreHere(c) {
		return wire.NotRouted()
	}
	from, to, failure := readDays(c)
	if failure != nil {
		return answer(c, failure)
	}
	ask := &reports.Ask{Account: c.Account, Counts: reported(c), From: from, To: to, Now: c.Now, Reader: c.Caller}
	table := reports.Make(kind, ask)
	if len(table.Rows) == 0 && c.Switches.EmptyReport == "noContent" {
		return wire.Response{Status: http.StatusNoContent}
	}
	if !reports.Selects(kind) && c.Switches.TollFreeHTML == "byAccept" && strings.Contains(c.Request.Header.Get("Accept"), "text/html") {
		return wire.Response{Status: http.StatusOK, ContentType: mediaHTML, Body: table.HTML()}
	}
	return wire.Response{Status: http.StatusOK, ContentType: mediaSheet, Body: table.XLSX(c.Switches.ReportSheet == "titled")}
}

// reportsAreHere says whether the path is that of the reports; see Switches.ReportPaths.
func reportsAreHere(c *call.Call) bool {
	switch c.Switches.ReportPaths {
	case "reports":
		return c.Request.Pattern == c.Op.Pattern
	case "reporting":
		return slices.Contains(c.Op.Also, c.Request.Pattern)
	}
	return false
}

// readDays reads fromDate and toDate, which are mandatory (D), in the form of Switches.ReportDates. Days are those of the caller's
// zone; the last one is within. Dates beyond one year are refused (D, as transcribed elsewhere).
func readDays(c *call.Call) (from, to time.Time, failure *wire.Refusal) {
	layout, zone := time.RFC3339, time.UTC
	if c.Switches.ReportDates == "days" {
		layout = time.DateOnly
		if own, err := time.LoadLocation(c.Caller.TimeZone); err == nil {
			zone = own
		}
	}
	from, err := time.ParseInLocation(layout, c.Params.Get("fromDate"), zone)
	if err != nil || c.Now.Sub(from) > 366*24*time.Hour {
		return from, to, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "fromDate")
	}
	to, err = time.ParseInLocation(layout, c.Params.Get("toDate"), zone)
	if layout == time.DateOnly {
		to = to.AddDate(0, 0, 1).Add(-time.Second)
	}
	if err != nil || to.Before(from) {
		return from, to, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "toDate")
	}
	return from, to, nil
}

// reported returns what counts those whom the path names. A key of nobody counts nobody.
func reported(c *call.Call) func(*state.User) bool {
	split := func(name string) []string {
		return slices.DeleteFunc(strings.Split(c.PathValue(name), ","), func(key string) bool { return key == "" })
	}
	users, groups, licenses := split("keys"), split("groups"), split("licenses")
	if c.Params.Get("product") == "G2T" { // that a parameter tells it from meetings is assumed (U)
		return func(*state.User) bool { return false } // nobody holds trainings here
	}
	all := len(users)+len(groups)+len(licenses) == 0
	return func(u *state.User) bool {
		holds := func(key string) bool { return slices.Contains(licenses, key) }
		return all || slices.Contains(users, u.Key) || slices.Contains(groups, u.GroupKey) || slices.ContainsFunc(u.LicenseKeys, holds)
	}
}
