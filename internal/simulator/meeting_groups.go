package simulator

import (
	"encoding/json"
)

// maxGroupReport is the largest number of organizers of a group whose meetings can be listed (D).
const maxGroupReport = 50

// listMeetingGroups serves GET /groups: the groups of the Admin API in another shape (D).
func (s *Simulator) listMeetingGroups(c *call) response {
	groups, direct := c.account.groups, c.account.members()
	return bareList(c, len(groups), func(i int) object {
		g := groups[i]
		parent := g.ParentKey
		if parent == "" {
			parent = g.Key // a group at the top is its own parent (D)
		}
		return object{
			{"groupkey", json.Number(g.Key)}, {"groupName", s.switches.shown(g.Name)}, {"parentKey", json.Number(parent)}, {"status", "active"},
			{"numOrganizers", len(direct[g.Key])},
		}
	})
}

// inGroup returns what counts the direct members of the group that the path names. Whether those of groups below count is not
// known (U).
func (s *Simulator) inGroup(c *call) (key string, counts func(*User) bool, failure *apiError) {
	key = c.r.PathValue("group")
	if c.account.group(key) == nil {
		return key, nil, refuse(statusOf(s.switches.UnknownMeetingGroup), codeNoSuchGroup, key)
	}
	return key, func(u *User) bool { return u.GroupKey == key }, nil
}

// inReportedGroup is inGroup for the lists that are not made of large groups (D).
func (s *Simulator) inReportedGroup(c *call) (func(*User) bool, *apiError) {
	key, counts, failure := s.inGroup(c)
	if failure == nil && len(s.organizers(c.account, counts)) > maxGroupReport {
		failure = refuse(statusOf(s.switches.LargeGroup), codeGroupTooLarge, key)
	}
	return counts, failure
}

// listGroupOrganizers serves GET /groups/{groupKey}/organizers.
func (s *Simulator) listGroupOrganizers(c *call) response {
	_, counts, failure := s.inGroup(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	return s.organizerList(c, s.organizers(c.account, counts))
}

// createGroupOrganizer serves POST /groups/{groupKey}/organizers.
func (s *Simulator) createGroupOrganizer(c *call) response {
	key, _, failure := s.inGroup(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	return s.inviteOrganizer(c, key)
}

// listGroupUpcomingMeetings serves GET /groups/{groupKey}/upcomingMeetings.
func (s *Simulator) listGroupUpcomingMeetings(c *call) response {
	counts, failure := s.inReportedGroup(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	return s.upcomingList(c, counts, s.groupUpcomingJSON)
}

// listGroupHistoricalMeetings serves GET /groups/{groupKey}/historicalMeetings.
func (s *Simulator) listGroupHistoricalMeetings(c *call) response {
	counts, failure := s.inReportedGroup(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	return s.historicalList(c, counts, s.groupHistoricalJSON, false)
}

// listGroupMeetings serves the deprecated GET /groups/{groupKey}/meetings.
func (s *Simulator) listGroupMeetings(c *call) response {
	_, counts, failure := s.inGroup(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	return s.eitherList(c, counts, s.groupPlannedJSON, s.groupHistoryJSON)
}

// listGroupAttendees serves GET /groups/{groupKey}/attendees, the only list for which the range of time is optional (D).
func (s *Simulator) listGroupAttendees(c *call) response {
	counts, failure := s.inReportedGroup(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	r := span{to: s.time()}
	if c.params.Has("startDate") || c.params.Has("endDate") {
		if r, failure = s.readSpan(c); failure != nil {
			return s.meetingAnswer(failure)
		}
	}
	a := c.account
	return s.attendeeList(c, s.held(a, r, counts), func(h *Session, who *Attendee) object {
		return append(s.attendeeJSON(a, h, who), member{"groupName", a.groupName(a.byKey[h.OrganizerKey])},
			member{"newMeetingId", spelled(h.MeetingID)}, member{"organizerKey", h.OrganizerKey}, member{"meetingId", h.MeetingID})
	})
}
