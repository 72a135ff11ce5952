package gotoclient

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

type sizedAnswer struct {
	status int
	size   int
}

func (s sizedAnswer) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: s.status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(make([]byte, s.size)))}, nil
}

// An answer that is too large is a failure that leaves a create in doubt; a
// refusal that is too large is a refusal.
func TestResponseSizeIsCapped(t *testing.T) {
	for _, c := range []struct {
		sizedAnswer
		want string
	}{
		{sizedAnswer{200, 1000}, ""},
		{sizedAnswer{200, 1001}, "larger than 1000 bytes"},
		{sizedAnswer{404, 5000}, ""},
	} {
		base := &baseTransport{next: c.sizedAnswer, timeout: time.Minute, maxBytes: 1000}
		req, err := http.NewRequestWithContext(withExchange(t.Context(), &exchange{operation: OpCreateUsers}), http.MethodPost, "http://x.test", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := base.RoundTrip(req)
		if c.want == "" {
			if err != nil || len(peek(resp)) > 1001 {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		var decode *DecodeError
		if !errors.As(err, &decode) || !strings.Contains(err.Error(), c.want) || !IsAmbiguous(err) || repeatable(route{endpoint: endpoints[OpGetMe]}, err) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// Every operation is in the table, and an operation that is not
// repeatable is one that creates.
func TestEndpointTable(t *testing.T) {
	for _, op := range []string{
		OpToken, OpGetMe, OpListAccounts, OpGetAccount, OpUpdateAccount, OpListUsers, OpCreateUsers, OpGetUser,
		OpUpdateUsers, OpDeleteUsers, OpListGroups, OpGetGroup, OpListLicenses,
		OpLeaveGroups, OpCreateGroup, OpUpdateGroup, OpDeleteGroup, OpListSubgroups, OpListGroupUsers, OpMoveUsers, OpAddSeat, OpRemoveSeat,
		OpGetProducts, OpUploadLogo, OpGetLicense,
		OpCreateMeeting, OpGetMeeting, OpUpdateMeeting, OpDeleteMeeting, OpGetStartURL, OpListMeetingAttendees,
		OpListUpcomingMeetings, OpListHistoricalMeetings, OpListMeetings, OpCreateOrganizer, OpListOrganizers,
		OpDeleteOrganizerByEmail, OpGetOrganizer, OpUpdateOrganizer, OpDeleteOrganizer, OpListOrganizerAttendees,
		OpListOrganizerHistoricalMeetings, OpListOrganizerUpcomingMeetings, OpListOrganizerMeetings, OpDeleteSession,
		OpDeleteSessionAttendees, OpDeleteSessionRecordings, OpListMeetingGroups, OpListGroupOrganizers, OpCreateGroupOrganizer,
		OpListAttributes, OpCreateAttribute, OpGetAttribute, OpUpdateAttribute, OpDeleteAttribute, OpSetUserAttributes,
		OpListTemplates, OpCreateTemplate, OpGetTemplate, OpUpdateTemplate, OpDeleteTemplate,
		OpListRoleSets, OpAssignRoleSet, OpClearRoleSets, OpSetUserRoleSets,
		OpListGroupAttendees, OpListGroupHistoricalMeetings, OpListGroupUpcomingMeetings, OpListGroupMeetings,
		OpUpdateUserSettings, OpUpdateGroupSettings, OpUpdateLicenseSettings, OpGetNewUserSettings, OpUpdateNewUserSettings,
		OpGetAccountSettings, OpUpdateAccountSettings, OpListTollCountries, OpListTollFreeCountries,
	} {
		ep, ok := endpoints[op]
		if !ok || !strings.HasPrefix(ep.path, "/") || ep.idempotent() == (strings.HasPrefix(op, "create") || op == OpToken) ||
			ep.write() == (strings.HasPrefix(op, "get") || strings.HasPrefix(op, "list")) {
			t.Errorf("%s: %+v", op, ep)
		}
	}
	reports := addReports(map[string]endpoint{})
	for op, ep := range reports {
		if endpoints[op] != ep || ep.write() || ep.grade != GradeUnverified {
			t.Errorf("%s: %+v", op, endpoints[op])
		}
	}
	if len(endpoints)-len(reports) != 78 {
		t.Errorf("%d operations in the table", len(endpoints))
	}
}

// A list that is read again has room for its pages from the beginning, and little more than they take; that one reading failed changes nothing.
func TestPagesHaveTheRoomOfTheLastTime(t *testing.T) {
	p := &answer{status: http.StatusOK, body: `{"results":[{"key":"1","email":"` + strings.Repeat("a", 1_100_000) + `@example.test"}],"total":1}`}
	client := clientOf(t, p)
	for _, broken := range []bool{false, true} {
		if broken {
			p.status = http.StatusBadRequest
		}
		for _, err := range client.Users("7").Pages(t.Context(), ListOptions{}, nil) {
			if (err != nil) != broken {
				t.Fatal(err)
			}
		}
		if room := client.room(OpListUsers).Cap(); room < len(p.body)+bytes.MinRead || room > len(p.body)*9/8 {
			t.Errorf("broken %t: room for %d bytes, of which %d are taken", broken, room, len(p.body))
		}
	}
}
