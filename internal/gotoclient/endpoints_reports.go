package gotoclient

import (
	"net/http"
	"strings"
)

// reportScopes says where the keys of a scope are in the path. All of it is a
// guess, after the other paths of the API.
var reportScopes = map[ReportScope]string{
	ReportOfAll: "", ReportOfUsers: "/users/{userKey}", ReportOfGroups: "/groups/{groupKey}", ReportOfLicenses: "/licenses/{licenseKey}",
}

// ReportKinds returns every kind.
func ReportKinds() []ReportKind {
	return []ReportKind{
		ReportActivity, ReportUserStatus, ReportMeetingHistory, ReportScheduledMeetings, ReportAttendees, ReportRegistrants,
		ReportRecordingRegistrants, ReportAudioUsage, ReportBillingHistory, ReportRatesAndNumbers, ReportConferenceRooms, ReportTollFreeUsage,
	}
}

// Scopes returns whom a report of the kind can be about.
func (k ReportKind) Scopes() []ReportScope {
	if k == ReportTollFreeUsage {
		return []ReportScope{ReportOfAll}
	}
	return []ReportScope{ReportOfAll, ReportOfUsers, ReportOfGroups, ReportOfLicenses}
}

// ReportOperation returns the id of the operation that gets a report, such as
// reportActivityOfUsers. Each has its own, so that an override can move each,
// wherever the service has it.
func ReportOperation(kind ReportKind, scope ReportScope) string {
	return "report" + string(kind) + string(scope)
}

// addReports puts the operations of reports into the endpoint table.
func addReports(table map[string]endpoint) map[string]endpoint {
	for _, kind := range ReportKinds() {
		for _, scope := range kind.Scopes() {
			path := admin + "/accounts/{accountKey}/reports/" + strings.ToLower(string(kind[:1])) + string(kind[1:]) + reportScopes[scope]
			table[ReportOperation(kind, scope)] = endpoint{http.MethodGet, path, GradeUnverified, ""}
		}
	}
	return table
}
