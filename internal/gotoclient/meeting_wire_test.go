package gotoclient

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseTime(t *testing.T) {
	want := time.Date(2030, 1, 7, 9, 0, 5, 0, time.UTC)
	for _, text := range []string{
		"2030-01-07T09:00:05Z", "2030-1-7T9:0:5Z", "2030-01-07T09:00:05.+0000", "2030-01-07T09:00:05.000+0000", "2030-01-07T09:00:05.999Z",
		"2030-01-07T10:00:05+01:00", "2030-01-07T10:00:05+0100", "2030-01-07T09:00:05", " 2030-01-07T09:00:05.Z ",
	} {
		if got, ok := parseTime(text); !ok || got != want {
			t.Errorf("%q is read as %v", text, got)
		}
	}
	for _, text := range []string{"", "x", "2030-02-31T09:00:00Z", "1893456000", "2030-01-07"} {
		if got, ok := parseTime(text); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
	berlin := time.FixedZone("", 3600)
	if got := formatTime(time.Date(2030, 1, 7, 10, 0, 5, 999, berlin)); got != "2030-01-07T09:00:05Z" {
		t.Errorf("written as %s", got)
	}
}

func TestDecodeMeeting(t *testing.T) {
	no, yes := false, true
	start := time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		body string
		want Meeting
	}{
		"created": {`[{"joinURL":"https://x.test/1","meetingid":600000001,"maxParticipants":150,"uniqueMeetingId":200000000600000001,"conferenceCallInfo":"VoIP only"}]`,
			Meeting{ID: "600000001", UniqueID: "200000000600000001", JoinURL: "https://x.test/1", MaxParticipants: 150, ConferenceCallInfo: "VoIP only"}},
		"by id": {`[{"createTime":"","passwordRequired":false,"status":"ACTIVE","subject":"1 &lt; 2","startTime":"2030-01-07T09:00:00Z","endTime":"","meetingId":600000001,"meetingKey":600000001,"meetingType":"scheduled","coorganizerKeys":["71",72]}]`,
			Meeting{ID: "600000001", Subject: "1 < 2", Start: start, Type: MeetingScheduled, Status: MeetingActive, PasswordRequired: &no, CoorganizerKeys: []Key{"71", "72"}}},
		"two keys":          {`[{"organizerkey":71,"organizerKey":"71","meetingId":"6"}]`, Meeting{ID: "6", OrganizerKey: "71"}},
		"one of them empty": {`[{"organizerkey":71,"organizerKey":"","meetingId":"6"}]`, Meeting{ID: "6", OrganizerKey: "71"}},
		"they differ":       {`[{"organizerkey":72,"organizerKey":"71","meetingId":"6"}]`, Meeting{ID: "6", OrganizerKey: "71"}},
		"key alone":         {`[{"meetingKey":6,"groupName":"Blue"}]`, Meeting{ID: "6", GroupName: "Blue"}},
		"object":            {`{"meetingId":6}`, Meeting{ID: "6"}},
		"flag as a text":    {`[{"meetingId":6,"passwordRequired":"True","status":""}]`, Meeting{ID: "6", PasswordRequired: &yes}},
		"empty and null":    {`[{"meetingId":6,"passwordRequired":"","startTime":null,"uniqueMeetingId":0}]`, Meeting{ID: "6"}},
		"of old": {`[{"meetingid":"6","firstname":"Fay","starttime":"2030-01-07T09:00:00.+0000","meetingtype":"SCHEDULED"}]`,
			Meeting{ID: "6", OrganizerFirstName: "Fay", Start: start, Type: MeetingScheduled}},
	} {
		objects, err := decodeArray([]byte(c.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := decodeEach(OpGetMeeting, objects, decodeMeeting)
		if diff := cmp.Diff([]Meeting{c.want}, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	for name, body := range map[string]string{
		"no id": `[{}]`, "empty": ``, "null": `null`, "text": `"CANARY"`, "HTML": `<html>CANARY`, "cut": `[{"subject":"CANARY`,
		"null in it": `[null]`, "array in it": `[["CANARY"]]`, "subject": `[{"meetingId":6,"subject":{"CANARY":1}}]`,
		"time": `[{"meetingId":6,"startTime":"CANARY"}]`, "flag": `[{"meetingId":6,"passwordRequired":"CANARY"}]`,
		"number": `[{"meetingId":6,"maxParticipants":"CANARY"}]`, "id": `[{"meetingId":"CANARY"}]`, "fraction": `[{"meetingId":6.5}]`,
		"list": `[{"meetingId":6,"coorganizerKeys":"CANARY"}]`,
	} {
		objects, err := decodeArray([]byte(body))
		if err == nil {
			_, err = decodeEach(OpGetMeeting, objects, decodeMeeting)
		} else {
			err = newDecodeError(OpGetMeeting, err)
		}
		if err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecodePastMeeting(t *testing.T) {
	recording := &Recording{ID: "1", Name: "Take one", DownloadURL: "d", ShareURL: "s", Size: 1 << 40}
	parts := `"recordingId":"1","recordingName":"Take one","downloadUrl":"d","shareUrl":"s","fileSize":1099511627776`
	for name, c := range map[string]struct {
		body string
		want PastMeeting
	}{
		"texts":             {`{"meetingId":"6","duration":"30","numAttendees":"2","sessionId":"76"}`, PastMeeting{SessionID: "76", Duration: 30 * time.Minute, Attendees: 2}},
		"numbers":           {`{"meetingId":6,"duration":30,"numAttendees":2,"sessionId":76,"meetingInstanceKey":77}`, PastMeeting{SessionID: "76", InstanceKey: "77", Duration: 30 * time.Minute, Attendees: 2}},
		"erased":            {`{"meetingId":6,"sessionId":""}`, PastMeeting{}},
		"recording":         {`{"meetingId":6,"recording":{` + parts + `}}`, PastMeeting{Recording: recording}},
		"recordings":        {`{"meetingId":6,"recording":[{` + parts + `}]}`, PastMeeting{Recording: recording}},
		"none in the array": {`{"meetingId":6,"recording":[]}`, PastMeeting{}},
	} {
		objects, err := decodeArray([]byte(c.body))
		if err != nil {
			t.Fatal(err)
		}
		c.want.ID = "6"
		got, err := decodeEach(OpListMeetings, objects, decodePast)
		if diff := cmp.Diff([]PastMeeting{c.want}, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	for _, body := range []string{`{"meetingId":6,"recording":"x"}`, `{"meetingId":6,"recording":{"fileSize":"x"}}`, `{"meetingId":6,"duration":"long"}`} {
		objects, _ := decodeArray([]byte(body))
		if _, err := decodeEach(OpListMeetings, objects, decodePast); err == nil {
			t.Errorf("%s is accepted", body)
		}
	}
}

func TestSameConferenceCall(t *testing.T) {
	const long = "United States: +1 (555) 010-0199\r\nAccess code: 600-000-001"
	for _, c := range []struct {
		sent, read string
		want       bool
	}{
		{"Hybrid", "Hybrid", true}, {"Hybrid", "hybrid", true}, {"PTSN", "PSTN", true}, {"pstn", "PTSN", true},
		{"Hybrid", "VoIP", false}, {"Private", "free", false},
		{"Hybrid", long, true}, {"VoIP", "VoIP only", true},
		{"call  555", "call 555", true}, {"call 555\ncode 1", "call 555\r\ncode 1", true}, {"call 555", "Audio: call 555", true},
		{"call 555", "call 556", false}, {"call 555", "Private", false},
		{"Hybrid", "", true}, {"", "VoIP", true},
	} {
		if got := SameConferenceCall(c.sent, c.read); got != c.want {
			t.Errorf("%q sent, %q read: %t", c.sent, c.read, got)
		}
	}
	for _, c := range []struct {
		sent, read string
		want       bool
	}{{"1 < 2", "1 < 2", true}, {"1 < 2", "1 &lt; 2", true}, {"1 &lt; 2", "1 < 2", true}, {"1 > 2", "1 < 2", false}, {"A", "a", false}} {
		if got := SameSubject(c.sent, c.read); got != c.want {
			t.Errorf("%q sent, %q read: %t", c.sent, c.read, got)
		}
	}
}
