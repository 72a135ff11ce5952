// Package contract_test holds what the client sends and what the simulator answers against the OpenAPI documents in
// docs/goto-api, in every position of every switch of the simulator. Client and simulator share no code, so the documents are
// what keeps them from drifting apart, or from being wrong together.
//
// It is a module of its own, since a validator of OpenAPI is of no use to the operator.
package contract_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// notOfTheClient are the operations that the documents describe and the client does not have, and why. They are sent by hand, so
// that the simulator's answers are looked at all the same.
var notOfTheClient = map[string]string{
	"authorize":   "a person consents, in a browser",
	"revokeToken": "the operator ends no tokens: they belong to whoever made the Secret; sources contradict each other on whether it exists",
}

// outcomes are the operations that the drive meets at the default switches, with the statuses. Without this list a drive that stops
// at its first step, say for want of a token, would find no violations and pass.
var outcomes = map[string]string{
	"token":          "200 400 401 500 502 503 504",
	"revokeToken":    "404",
	"authorize":      "302 400",
	"getMe":          "200 401 429 500 502 503 504",
	"listAccounts":   "200 401 429 500 502 503 504",
	"getAccount":     "200 401 403 429 500 502 503 504",
	"updateAccount":  "200 401 403 429 500 502 503 504",
	"getProducts":    "404",
	"uploadLogo":     "200 400 415",
	"listUsers":      "200 401 403 429 500 502 503 504",
	"createUsers":    "200 400 401 403 409 429 500 502 503 504",
	"getUser":        "200 401 403 404 429 500 502 503 504",
	"updateUsers":    "200 400 401 403 404 409 429 500 502 503 504",
	"deleteUsers":    "204 401 403 404 429 500 502 503 504",
	"listGroups":     "200 401 403 429 500 502 503 504",
	"getGroup":       "200 401 403 404 429 500 502 503 504",
	"listLicenses":   "200 401 403 429 500 502 503 504",
	"createGroup":    "200 400 409",
	"updateGroup":    "204 404 409",
	"deleteGroup":    "204 404 409",
	"listSubgroups":  "404",
	"listGroupUsers": "404",
	"moveUsers":      "204 404",
	"leaveGroups":    "204",
	"getLicense":     "404",
	"addSeat":        "404",
	"removeSeat":     "204 404",

	"listAttributes":        "200",
	"createAttribute":       "200 409",
	"getAttribute":          "200 404",
	"updateAttribute":       "200",
	"deleteAttribute":       "204",
	"setUserAttributes":     "200 400",
	"listTemplates":         "200",
	"createTemplate":        "200",
	"getTemplate":           "200",
	"updateTemplate":        "200",
	"deleteTemplate":        "204",
	"listRoleSets":          "200",
	"assignRoleSet":         "200",
	"clearRoleSets":         "204",
	"setUserRoleSets":       "404",
	"updateUserSettings":    "204 400 403 404",
	"updateGroupSettings":   "204 400 404",
	"updateLicenseSettings": "204 400 404",
	"getNewUserSettings":    "200 404",
	"updateNewUserSettings": "204 400",
	"getAccountSettings":    "200",
	"updateAccountSettings": "204 400",
	"listTollCountries":     "200",
	"listTollFreeCountries": "200",

	"listMeetings":                    "200 400 403 429 500 502 503 504",
	"createMeeting":                   "201 400 403 429 500 502 503 504",
	"getMeeting":                      "200 403 404 429 500 502 503 504",
	"updateMeeting":                   "204 400 403 404 429 500 502 503 504",
	"deleteMeeting":                   "204 403 404 429 500 502 503 504",
	"getStartUrl":                     "200 403 404 429 500 502 503 504",
	"listMeetingAttendees":            "200 403 404 429 500 502 503 504",
	"listUpcomingMeetings":            "200 403 412 429 500 502 503 504",
	"listHistoricalMeetings":          "200 403 429 500 502 503 504",
	"listOrganizers":                  "200 403 404 429 500 502 503 504",
	"createOrganizer":                 "201 400 403 409 429 500 502 503 504",
	"deleteOrganizerByEmail":          "204 400 403 429 500 502 503 504",
	"getOrganizer":                    "200 403 404 429 500 502 503 504",
	"updateOrganizer":                 "204 400 403 404 409 429 500 502 503 504",
	"deleteOrganizer":                 "204 403 404 429 500 502 503 504",
	"listOrganizerAttendees":          "200 403 404 429 500 502 503 504",
	"listOrganizerHistoricalMeetings": "200 400 403 404 429 500 502 503 504",
	"listOrganizerUpcomingMeetings":   "200 403 404 429 500 502 503 504",
	"listOrganizerMeetings":           "200 400 403 404 429 500 502 503 504",
	"deleteSession":                   "204 403 404 429 500 502 503 504",
	"deleteSessionAttendees":          "204 403 404 429 500 502 503 504",
	"deleteSessionRecordings":         "204 403 404 429 500 502 503 504",
	"listMeetingGroups":               "200 403 429 500 502 503 504",
	"listGroupOrganizers":             "200 400 403 429 500 502 503 504",
	"createGroupOrganizer":            "201 400 403 409 429 500 502 503 504",
	"listGroupAttendees":              "200 400 403 429 500 502 503 504",
	"listGroupHistoricalMeetings":     "200 400 403 429 500 502 503 504",
	"listGroupUpcomingMeetings":       "200 400 403 429 500 502 503 504",
	"listGroupMeetings":               "200 400 403 429 500 502 503 504",
}

// TestDefaultSwitches also proves that the drive reaches every operation and every kind of answer that it is meant to reach.
func TestDefaultSwitches(t *testing.T) {
	w := newWorld(t, "defaults")
	w.driveOtherReports()
	w.drive()
	w.report()
	if diff := cmp.Diff(outcomes, w.outcomes()); diff != "" {
		t.Errorf("operations and statuses of the drive (-want +got):\n%s", diff)
	}
	documented := theContract(t).operations()
	missing := maps.Clone(documented)
	for operation := range w.observed {
		if !documented[operation] {
			t.Errorf("the client calls an operation %s that the documents do not name so", operation)
		}
		if reason, excepted := notOfTheClient[operation]; excepted {
			t.Errorf("the client has %s, which it should not have: %s", operation, reason)
		}
		delete(missing, operation)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(notOfTheClient)), slices.Sorted(maps.Keys(missing))); diff != "" {
		t.Errorf("operations that the client did not call (-excepted +found):\n%s", diff)
	}
	seen := map[string]int{}
	for _, x := range w.exchanges {
		seen[x.operation]++
	}
	for operation := range documented {
		if seen[operation] == 0 {
			t.Errorf("operation %s was not exercised", operation)
		}
		if sent := w.observed[operation] + w.sent[operation]; sent != seen[operation] {
			t.Errorf("%d requests were sent as %s, but the documents see %d", sent, operation, seen[operation])
		}
	}
	t.Logf("%d exchanges, %d operations", len(w.exchanges), len(documented))
}

// TestEverySwitchPosition drives every position by itself. A position whose exchanges are the same as those of the defaults was not
// exercised, and its lack of violations would mean nothing. That the default position does give the same exchanges shows that the
// comparison can tell.
func TestEverySwitchPosition(t *testing.T) {
	defaults := newWorld(t, "defaults")
	defaults.drive()
	positions, exchanges := 0, 0
	for _, name := range simulator.SwitchNames() {
		for i, position := range simulator.SwitchPositions()[name] {
			t.Run(name+"="+position, func(t *testing.T) {
				w := newWorld(t, name+"="+position)
				w.set(name, position)
				w.drive()
				w.report()
				positions, exchanges = positions+1, exchanges+len(w.exchanges)
				same := slices.Equal(defaults.exchanges, w.exchanges)
				if i == 0 && !same {
					t.Error("the default position gives other exchanges than no position at all")
				}
				if i > 0 && same && unseen[name] == "" && unseen[name+"="+position] == "" {
					t.Error("nothing in the drive depends on this position")
				}
			})
		}
	}
	t.Logf("%d switch positions, %d exchanges", positions, exchanges)
}

// TestDefaultEndpoints is about the part of a URL that no other test sees, since they all speak to a local server.
func TestDefaultEndpoints(t *testing.T) {
	endpoints := gotoclient.DefaultEndpoints()
	for name, address := range map[string]string{"admin.yaml": endpoints.APIURL, "meeting.yaml": endpoints.APIURL, "oauth.yaml": endpoints.TokenURL} {
		server := theContract(t).servers[name]
		got, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got.Scheme != server.Scheme || got.Host != server.Host {
			t.Errorf("the client's default is %s, %s has %s", got.Host, name, server.Host)
		}
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, endpoints.TokenURL, http.NoBody)
	route, _, err := theContract(t).find(request)
	if err != nil || route.Operation.OperationID != gotoclient.OpToken {
		t.Errorf("the documents have no operation token at %s: %v", endpoints.TokenURL, err)
	}
}

// outcomes returns the statuses that were met, by operation.
func (w *world) outcomes() map[string]string {
	statuses := map[string][]string{}
	for _, x := range w.exchanges {
		if !slices.Contains(statuses[x.operation], x.status) {
			statuses[x.operation] = append(statuses[x.operation], x.status)
		}
	}
	out := map[string]string{}
	for operation, list := range statuses {
		slices.Sort(list)
		out[operation] = strings.Join(list, " ")
	}
	return out
}
