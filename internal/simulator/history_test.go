package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func TestPlayedMeeting(t *testing.T) {
	e := start(t)
	id := e.plan("subject", "Demo")
	path := meetingsPath + "/" + id
	status := func() any { return only(t, e.send(http.MethodGet, path, nil))["status"] }
	session := e.sim.StartMeeting(acct, id)
	if status() != "ACTIVE" || len(e.array(g2m+"/historicalMeetings?"+e.today())) != 0 {
		t.Error("a running meeting is not ACTIVE, or in the history")
	}
	if got := e.array(g2m + "/upcomingMeetings"); got[0]["status"] != "ACTIVE" || got[0]["meetingId"] != id || got[0]["organizerKey"] != simulator.DefaultAdminKey {
		t.Errorf("upcoming: %v", got)
	}
	e.sim.EndMeeting(acct, id)
	if status() != "INACTIVE" {
		t.Error("an ended meeting is ACTIVE")
	}
	e.wantStatus(e.send(http.MethodDelete, organizerPath+"/sessions/"+session, nil), http.StatusNoContent)
	session = e.play(id)
	past := e.array(g2m + "/historicalMeetings?" + e.today())
	want := object{
		"startTime": "2030-01-07T09:00:00Z", "endTime": "2030-01-07T09:30:00Z", "firstName": "Olive", "lastName": "Ops",
		"duration": "30", "numAttendees": "2", "accountKey": acct, "email": simulator.DefaultAdminEmail, "sessionId": session,
		"subject": "Demo", "locale": "en_US", "organizerKey": simulator.DefaultAdminKey, "meetingId": id, "meetingType": "scheduled",
		"conferenceCallInfo": "Hybrid", "recording": past[1]["recording"],
	}
	if len(past) != 2 || past[0]["sessionId"] != "" || past[0]["numAttendees"] != "0" || !reflect.DeepEqual(past[1], want) {
		t.Errorf("history %v\nwant a session that was erased, and %v", past, want)
	}
	recording := past[1]["recording"].(map[string]any)
	if recording["fileSize"] != float64(1<<40) || recording["recordingName"] != "Take one" || recording["recordingId"] == "" {
		t.Errorf("recording %v", recording)
	}
	old := e.array(meetingsPath + "?history=true&" + e.today())
	if len(old) != 2 || old[1]["organizerkey"] != simulator.DefaultAdminKey || old[1]["sessionId"] != json.Number(session) ||
		old[1]["passwordRequired"] != "" || old[1]["newMeetingId"] != id[:3]+"-"+id[3:6]+"-"+id[6:] {
		t.Errorf("old history %v", old)
	}
}

func TestAttendees(t *testing.T) {
	e := start(t)
	group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	e.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.GroupKey = group })
	id := e.plan()
	e.play(id)
	key := json.Number(simulator.DefaultAdminKey)
	byMeeting := e.array(meetingsPath + "/" + id + "/attendees")
	byOrganizer := e.array(organizerPath + "/attendees?" + e.today())
	byGroup := e.array(g2m + "/groups/" + group + "/attendees")
	for name, list := range map[string][]object{"meeting": byMeeting, "organizer": byOrganizer, "group": byGroup} {
		if len(list) != 2 {
			t.Fatalf("%s: %v", name, list)
		}
		ann, bob := list[0], list[1]
		if ann["attendeeEmail"] != "ann@guest.test" || ann["leaveTime"] != "2030-01-07T09:10:00Z" || bob["attendeeName"] != "Bob" ||
			bob["joinTime"] != "2030-01-07T09:10:00Z" || bob["leaveTime"] != "2030-01-07T09:30:00Z" || bob["organizerkey"] != key ||
			bob["email"] != simulator.DefaultAdminEmail || bob["numAttendees"] != json.Number("2") {
			t.Errorf("%s: %v", name, list)
		}
	}
	// The three differ in what the document says they differ in.
	for name, pair := range map[string][2]any{
		"group of a meeting":     {byMeeting[0]["groupName"], "NA"},
		"group of an organizer":  {byOrganizer[0]["groupName"], "Blue"},
		"id of a meeting":        {byMeeting[0]["meetingId"], json.Number(id)},
		"id in a group":          {byGroup[0]["meetingId"], id},
		"organizer in a group":   {byGroup[0]["organizerKey"], simulator.DefaultAdminKey},
		"organizer of a meeting": {byMeeting[0]["organizerKey"], nil},

		"duration of the meeting":           {byMeeting[0]["duration"], json.Number("30")},
		"duration of a stay":                {byOrganizer[0]["duration"], json.Number("10")},
		"duration of a stay in a group":     {byGroup[0]["duration"], json.Number("10")},
		"name is the attendee's":            {byMeeting[0]["name"], "Ann"},
		"name is the organizer's":           {byOrganizer[0]["name"], "Olive Ops"},
		"no name in a group":                {byGroup[0]["name"], nil},
		"spelled id of an organizer":        {byOrganizer[0]["newMeetingId"], spelled(id)},
		"no spelled id of a meeting":        {byMeeting[0]["newMeetingId"], nil},
		"no spelled id in a group":          {byGroup[0]["newMeetingId"], nil},
		"the caller's list has createTime":  {e.array(meetingsPath + "?scheduled=true")[0]["createTime"], wire(e.clock.Now())},
		"the organizer's list has it empty": {e.array(organizerPath + "/meetings?scheduled=true")[0]["createTime"], ""},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
	_, colleague := e.colleague("cole@example.test")
	e.wantStatus(e.sendAs(colleague, http.MethodGet, meetingsPath+"/"+id+"/attendees", nil), http.StatusNotFound)
	e.wantStatus(e.send(http.MethodGet, meetingsPath+"/1/attendees", nil), http.StatusNotFound)
	if got := e.array(meetingsPath + "/" + e.plan() + "/attendees"); len(got) != 0 {
		t.Errorf("a meeting that was not held has the attendees %v", got)
	}
}

func TestErasing(t *testing.T) {
	e := start(t)
	id := e.plan()
	session := e.play(id)
	path := organizerPath + "/sessions/" + session
	e.wantStatus(e.send(http.MethodDelete, path+"/recordings", nil), http.StatusNoContent)
	if h := e.sim.Sessions(acct)[0]; h.Recording != nil || len(h.Attendees) != 2 {
		t.Errorf("after the recordings: %+v", h)
	}
	e.wantStatus(e.send(http.MethodDelete, path+"/attendees", nil), http.StatusNoContent)
	if h := e.sim.Sessions(acct)[0]; len(h.Attendees) != 0 || h.Erased {
		t.Errorf("after the attendees: %+v", h)
	}
	e.wantStatus(e.send(http.MethodDelete, path, nil), http.StatusNoContent)
	for _, sub := range []string{"", "/attendees", "/recordings"} {
		e.wantCode(e.send(http.MethodDelete, path+sub, nil), http.StatusNotFound, "NoSuchSession")
	}
	_, colleague := e.colleague("cole@example.test")
	other := e.sim.StartMeeting(acct, id)
	e.wantStatus(e.send(http.MethodDelete, organizerPath+"/sessions/"+other, nil), http.StatusNotFound) // it runs
	e.sim.EndMeeting(acct, id)
	e.wantStatus(e.sendAs(colleague, http.MethodDelete, organizerPath+"/sessions/"+other, nil), http.StatusForbidden)
}

func TestListsOfHistoryAndPlans(t *testing.T) {
	e := start(t)
	group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	key, _ := e.colleague("cole@example.test", func(u *simulator.User) { u.GroupKey = group })
	now := e.sim.Now()
	id := e.sim.AddMeeting(acct, simulator.Meeting{OrganizerKey: key, Subject: "Theirs", Start: now, End: now.Add(time.Hour)})
	early := e.sim.AddMeeting(acct, simulator.Meeting{OrganizerKey: key, Subject: "First", Start: now.Add(-time.Minute), End: now.Add(time.Hour)})
	e.play(id)
	organizer, inGroup := organizersPath+"/"+key, g2m+"/groups/"+group
	for path, want := range map[string][]string{
		organizer + "/upcomingMeetings":                     {early, id},
		inGroup + "/upcomingMeetings":                       {early, id},
		organizer + "/meetings?scheduled=true":              {early, id},
		inGroup + "/meetings?scheduled=true":                {early, id},
		organizer + "/historicalMeetings?" + e.today():      {id},
		inGroup + "/historicalMeetings?" + e.today():        {id},
		organizer + "/meetings?history=true&" + e.today():   {id},
		inGroup + "/meetings?history=true&" + e.today():     {id},
		meetingsPath + "?scheduled=true":                    nil,
		meetingsPath + "?history=true&" + e.today():         nil,
		g2m + "/historicalMeetings?" + e.today():            nil,
		inGroup + "/attendees?" + e.lastDays(0):             nil,
		organizer + "/historicalMeetings?" + e.lastDays(0):  nil,
		inGroup + "/meetings?history=true&" + e.lastDays(0): nil,
	} {
		if got := ids(e.array(path)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	for _, query := range []string{"", "?scheduled=true&history=true&" + e.today(), "?scheduled=false", "?history=true", "?history=true&startDate=x&endDate=y"} {
		for _, path := range []string{meetingsPath, organizer + "/meetings", inGroup + "/meetings"} {
			e.wantStatus(e.send(http.MethodGet, path+query, nil), http.StatusBadRequest)
		}
	}
	for _, path := range []string{g2m + "/historicalMeetings", organizer + "/historicalMeetings", inGroup + "/historicalMeetings", organizer + "/attendees"} {
		for _, query := range []string{"", "?startDate=2030-01-07T00:00:00Z", "?startDate=2030-01-07T00:00:00Z&endDate=2030-01-06T00:00:00Z"} {
			e.wantStatus(e.send(http.MethodGet, path+query, nil), http.StatusBadRequest)
		}
	}
	if got := e.array(inGroup + "/meetings?scheduled=true")[0]; got["organizerkey"] != json.Number(key) || got["organizerKey"] != key {
		t.Errorf("the two keys: %v", got)
	}
}

// What a deleted user has planned is gone for good, what was held returns with the user.
func TestDeletedUsersMeetings(t *testing.T) {
	for name, remove := range map[string]func(*env, string){
		"Admin API":       func(e *env, key string) { e.send(http.MethodDelete, usersPath+"/"+key, nil) },
		"GoToMeeting API": func(e *env, key string) { e.send(http.MethodDelete, organizersPath+"/"+key, nil) },
		"console":         func(e *env, key string) { e.sim.RemoveUser(acct, key) },
		"control port":    func(e *env, key string) { e.control(200, "DELETE", "/accounts/"+acct+"/users/"+key, "") },
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
			key, _ := e.colleague("cole@example.test", func(u *simulator.User) { u.GroupKey = group })
			id := e.sim.AddMeeting(acct, simulator.Meeting{OrganizerKey: key, Subject: "X", Start: e.sim.Now(), End: e.sim.Now()})
			e.play(id)
			remove(e, key)
			if len(e.sim.Meetings(acct)) != 0 || len(e.sim.Sessions(acct)) != 1 {
				t.Errorf("left: %v, %v", e.sim.Meetings(acct), e.sim.Sessions(acct))
			}
			if got := e.array(g2m + "/groups/" + group + "/historicalMeetings?" + e.today()); len(got) != 0 {
				t.Errorf("the history shows %v", got)
			}
			if e.create("cole@example.test")[0] != key {
				t.Fatal("another key")
			}
			if got := e.array(organizersPath + "/" + key + "/historicalMeetings?" + e.today()); len(got) != 1 {
				t.Errorf("the history of the revived user is %v", got)
			}
		})
	}
}

func TestMeetingsSurviveBeingWrittenAndRead(t *testing.T) {
	e := start(t)
	id := e.plan("coorganizerKeys", []string{simulator.DefaultAdminKey})
	session := e.play(id)
	e.sim.StartMeeting(acct, id)
	file := filepath.Join(t.TempDir(), "state.json")
	if err := e.sim.SaveFile(file); err != nil {
		t.Fatal(err)
	}
	second := start(t)
	if err := second.sim.LoadFile(file); err != nil {
		t.Fatal(err)
	}
	if got, want := asJSON(t, second.sim.State()), asJSON(t, e.sim.State()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	second.token = e.token
	if got := second.plan(); got == id {
		t.Error("an id is given out twice")
	}
	second.sim.EndMeeting(acct, id)
	if got := second.sim.StartMeeting(acct, id); got == session || len(second.sim.Sessions(acct)) != 3 {
		t.Error("a session's key is given out twice")
	}
	// The copies share nothing with the simulator.
	e.sim.Meetings(acct)[0].CoorganizerKeys[0] = "x"
	h := e.sim.Sessions(acct)[0]
	h.Attendees[0].Name, h.Recording.Name = "x", "x"
	if got := fmt.Sprint(e.sim.Meetings(acct), e.sim.Sessions(acct)[0].Attendees, e.sim.Sessions(acct)[0].Recording.Name); got != fmt.Sprint(second.sim.Meetings(acct)[:1], second.sim.Sessions(acct)[0].Attendees, second.sim.Sessions(acct)[0].Recording.Name) {
		t.Errorf("a change of a copy changes the simulator: %s", got)
	}
}

func TestContradictoryMeetingsAreRefused(t *testing.T) {
	e := start(t)
	id := e.plan()
	e.play(id)
	for name, spoil := range map[string]func(*simulator.Account){
		"id":                   func(a *simulator.Account) { a.Meetings[0].ID = "x" },
		"id twice":             func(a *simulator.Account) { a.Meetings = append(a.Meetings, a.Meetings[0]) },
		"organizer":            func(a *simulator.Account) { a.Meetings[0].OrganizerKey = "1" },
		"type":                 func(a *simulator.Account) { a.Meetings[0].Type = "weekly" },
		"end":                  func(a *simulator.Account) { a.Meetings[0].End = time.Time{} },
		"session twice":        func(a *simulator.Account) { a.Sessions = append(a.Sessions, a.Sessions[0]) },
		"session of nobody":    func(a *simulator.Account) { a.Sessions[0].OrganizerKey = "1" },
		"session of nothing":   func(a *simulator.Account) { a.Sessions[0].MeetingID = "" },
		"session without a id": func(a *simulator.Account) { a.Sessions[0].ID = "" },
	} {
		state := e.sim.State()
		spoil(&state.Accounts[0])
		if err := e.sim.Load(state); err == nil {
			t.Errorf("%s: it is accepted", name)
		}
	}
}

func TestMistakesOfAPlayPanic(t *testing.T) {
	e := start(t)
	id := e.plan()
	e.sim.StartMeeting(acct, id)
	idle := e.plan()
	for name, mistake := range map[string]func(){
		"start twice":       func() { e.sim.StartMeeting(acct, id) },
		"start of nothing":  func() { e.sim.StartMeeting(acct, "1") },
		"join of nothing":   func() { e.sim.JoinMeeting(acct, idle, simulator.Attendee{}) },
		"leave of nobody":   func() { e.sim.LeaveMeeting(acct, id, "ann@guest.test") },
		"leave of nothing":  func() { e.sim.LeaveMeeting(acct, idle, "ann@guest.test") },
		"end of nothing":    func() { e.sim.EndMeeting(acct, idle) },
		"recording":         func() { e.sim.AttachRecording(acct, "1", simulator.Recording{}) },
		"meeting of nobody": func() { e.sim.AddMeeting(acct, simulator.Meeting{OrganizerKey: "1", Start: e.sim.Now()}) },
		"token of nobody":   func() { e.sim.AddPersonalAccessToken(simulator.PersonalAccessToken{Token: "x", UserKey: "1"}) },
		"time":              func() { e.sim.AdvanceTo(e.sim.Now().Add(-time.Second)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			mistake()
		}()
	}
	e.sim.AdvanceTo(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))
	if got := wire(e.sim.Now()); got != "2031-01-01T00:00:00Z" {
		t.Errorf("the clock shows %s", got)
	}
}

// spelled writes an id in groups of three digits.
func spelled(id string) string { return id[:3] + "-" + id[3:6] + "-" + id[6:] }
