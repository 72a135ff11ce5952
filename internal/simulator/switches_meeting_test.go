package simulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

const organizersPath = g2m + "/organizers"

// meetingProbes are the probes of the GoToMeeting API's switches.
var meetingProbes = map[string]func(*env) string{
	"meetingErrorBody": func(e *env) string { return e.send(http.MethodGet, meetingsPath+"/1", nil).show() },
	"meetingScopeAnswer": func(e *env) string {
		token := e.swapPAT(simulator.NoMeetingScopePersonalAccessToken)
		return e.sendAs("Bearer "+token, http.MethodGet, g2m+"/upcomingMeetings", nil).show()
	},
	"unlicensedOrganizer": func(e *env) string { return e.send(http.MethodPost, meetingsPath, e.aMeeting()).show() },
	"subjectInReads":      func(e *env) string { return e.read(e.plan("subject", "1 &lt; 2")) },
	"conferenceCallInfo": func(e *env) string {
		var shown string
		for _, info := range []string{"hybrid", "VOIP", "Private", "call me"} {
			shown += fmt.Sprint(only(e.t, e.send(http.MethodGet, meetingsPath+"/"+e.plan("conferencecallinfo", info), nil))["conferenceCallInfo"])
		}
		return shown
	},
	"pastStart": func(e *env) string {
		return e.send(http.MethodPost, meetingsPath, e.aMeeting("starttime", wire(e.sim.Now().Add(-time.Minute)))).show()
	},
	"upcomingAfterEnd": func(e *env) string {
		e.plan()
		e.plan("meetingtype", "recurring")
		e.later(2 * time.Hour)
		return fmt.Sprint(ids(e.array(g2m + "/upcomingMeetings")))
	},
	"recurringInUpcoming": func(e *env) string {
		e.plan("meetingtype", "recurring")
		return fmt.Sprint(ids(e.array(g2m + "/upcomingMeetings")))
	},
	"immediateInUpcoming": func(e *env) string {
		e.plan("meetingtype", "immediate")
		return fmt.Sprint(ids(e.array(g2m + "/upcomingMeetings")))
	},
	"endedMeetingRead": func(e *env) string {
		id := e.plan()
		e.later(time.Hour)
		e.wantStatus(e.send(http.MethodGet, meetingsPath+"/"+id, nil), http.StatusOK)
		e.later(40 * time.Minute)
		return e.send(http.MethodGet, meetingsPath+"/"+id, nil).show()
	},
	"foreignMeeting": func(e *env) string { return e.foreign("") },
	"startRefusal":   func(e *env) string { return e.foreign("/start") },
	"timeZoneKeyOmitted": func(e *env) string {
		return e.send(http.MethodPost, meetingsPath, e.aMeeting("timezonekey", nil)).show()
	},
	"unknownCoorganizer": func(e *env) string {
		return e.send(http.MethodPost, meetingsPath, e.aMeeting("coorganizerKeys", []string{"7199999999999999999"})).show()
	},
	"coorganizersInReads": func(e *env) string { return e.read(e.plan("coorganizerKeys", []string{simulator.DefaultAdminKey})) },
	"ptsn": func(e *env) string {
		return e.send(http.MethodPost, meetingsPath, e.aMeeting("conferencecallinfo", "ptsn")).show()
	},
	"joinUrlHost":     func(e *env) string { return e.send(http.MethodPost, meetingsPath, e.aMeeting()).show() },
	"uniqueMeetingId": func(e *env) string { return e.read(e.plan()) },
	"meetingTimes":    func(e *env) string { return e.read(e.plan()) },
	"meetingFlags":    func(e *env) string { return e.read(e.plan()) },
	"meetingVisibilityLag": func(e *env) string {
		e.plan()
		early := len(e.array(g2m + "/upcomingMeetings"))
		e.sim.Advance(2 * time.Second)
		return fmt.Sprint(early, len(e.array(g2m+"/upcomingMeetings")))
	},
	"historyWindow": func(e *env) string {
		var statuses []int
		for _, days := range []int{60, 61, 90, 91} {
			statuses = append(statuses, e.send(http.MethodGet, g2m+"/historicalMeetings?"+e.lastDays(days), nil).status)
		}
		return fmt.Sprint(statuses)
	},
	"emptyHistory": func(e *env) string {
		return e.send(http.MethodGet, g2m+"/historicalMeetings?"+e.today(), nil).show() +
			e.send(http.MethodGet, organizerPath+"/attendees?"+e.today(), nil).show() +
			e.send(http.MethodGet, meetingsPath+"/"+e.plan()+"/attendees", nil).show()
	},
	"erasedSession": func(e *env) string {
		session := e.play(e.plan())
		e.wantStatus(e.send(http.MethodDelete, organizerPath+"/sessions/"+session, nil), http.StatusNoContent)
		return e.send(http.MethodGet, g2m+"/historicalMeetings?"+e.today(), nil).show()
	},
	"invitedOrganizer": func(e *env) string {
		a := e.send(http.MethodPost, organizersPath, e.organizerBody("fay@example.test", "G2M"))
		return a.show() + e.send(http.MethodGet, organizersPath+"?email=fay@example.test", nil).show()
	},
	"suspendedOrganizerPost": func(e *env) string {
		return e.send(http.MethodPost, organizersPath, e.organizerBody(simulator.DefaultAdminEmail, "G2M")).show()
	},
	"organizerWithoutGroup": func(e *env) string { return e.send(http.MethodGet, organizerPath, nil).show() },
	"unknownOrganizerEmail": func(e *env) string { return e.send(http.MethodGet, organizersPath+"?email=x@example.test", nil).show() },
	"unknownEmailDelete": func(e *env) string {
		return e.send(http.MethodDelete, organizersPath+"?email=x@example.test", nil).show()
	},
	"unknownMeetingGroup": func(e *env) string { return e.send(http.MethodGet, g2m+"/groups/1/organizers", nil).show() },
	"largeGroup": func(e *env) string {
		group := e.sim.AddGroup(acct, simulator.Group{Name: "Crowd"})
		for i := range 51 {
			e.wantStatus(e.send(http.MethodGet, g2m+"/groups/"+group+"/upcomingMeetings", nil), http.StatusOK)
			e.sim.AddUser(acct, simulator.User{Email: fmt.Sprintf("u%d@example.test", i), GroupKey: group})
		}
		answers := ""
		for _, list := range []string{"upcomingMeetings", "attendees", "historicalMeetings?" + e.today()} {
			answers += e.send(http.MethodGet, g2m+"/groups/"+group+"/"+list, nil).show()
		}
		return answers
	},
	"rangeEnds": func(e *env) string {
		e.play(e.plan())
		now := wire(e.clock.Now())
		return fmt.Sprint(len(e.array(g2m + "/historicalMeetings?startDate=" + now + "&endDate=" + wire(e.sim.Now()))))
	},
	"meetingGroupLists": func(e *env) string {
		parent := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
		child := e.sim.AddGroup(acct, simulator.Group{Name: "Light blue", ParentKey: parent})
		e.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.GroupKey = child })
		e.play(e.plan())
		return fmt.Sprint(len(e.array(g2m+"/groups/"+parent+"/attendees")), len(e.array(g2m+"/groups/"+parent+"/organizers")))
	},
	"meetingsOfDeletedUser": func(e *env) string {
		key, colleague := e.colleague("cole@example.test")
		e.wantStatus(e.sendAs(colleague, http.MethodPost, meetingsPath, e.aMeeting()), http.StatusCreated)
		e.wantStatus(e.send(http.MethodDelete, organizersPath+"?email="+url.QueryEscape("cole@example.test"), nil), http.StatusNoContent)
		if revived := e.create("cole@example.test"); revived[0] != key {
			e.t.Fatalf("revived as %s", revived[0])
		}
		return fmt.Sprint(len(e.array(organizersPath + "/" + key + "/upcomingMeetings")))
	},
}

// read shows a meeting.
func (e *env) read(id string) string { return e.send(http.MethodGet, meetingsPath+"/"+id, nil).show() }

// foreign asks for a meeting of a colleague.
func (e *env) foreign(sub string) string {
	key, _ := e.colleague("cole@example.test")
	id := e.sim.AddMeeting(acct, simulator.Meeting{OrganizerKey: key, Subject: "Theirs", Start: e.sim.Now(), End: e.sim.Now()})
	return fmt.Sprint(e.send(http.MethodGet, meetingsPath+"/"+id+sub, nil).status)
}
