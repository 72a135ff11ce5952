package meeting

import (
	"encoding/json"
	"slices"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// maxGroupReport is the largest number of organizers of a group whose meetings can be listed (D).
const maxGroupReport = 50

// listMeetingGroups serves GET /groups: the groups of the Admin API in another shape (D).
func listMeetingGroups(c *call.Call) wire.Response {
	groups, direct := c.Account.Groups, c.Account.Members()
	return call.BareList(c, len(groups), func(i int) wire.Object {
		g := groups[i]
		parent := g.ParentKey
		if parent == "" {
			parent = g.Key // a group at the top is its own parent (D)
		}
		return wire.Object{
			wire.M("groupkey", json.Number(g.Key)), wire.M("groupName", c.Switches.Shown(g.Name)), wire.M("parentKey", json.Number(parent)), wire.M("status", "active"),
			wire.M("numOrganizers", len(direct[g.Key])),
		}
	})
}

// inGroup returns what counts the members of the group that the path names. Whether those of groups below count is not known (U).
func inGroup(c *call.Call) (key string, counts func(*state.User) bool, failure *wire.Refusal) {
	key = c.PathValue("group")
	if c.Account.Groups.Get(key) == nil {
		return key, nil, wire.Refuse(switches.Status(c.Switches.UnknownMeetingGroup), wire.CodeNoSuchGroup, key)
	}
	return key, func(u *state.User) bool { return u.GroupKey == key || below(c, u.GroupKey, key) }, nil
}

// below says whether a group counts as one below the other; see Switches.MeetingGroupLists.
func below(c *call.Call, group, other string) bool {
	if c.Switches.MeetingGroupLists != "subtree" {
		return false
	}
	return slices.ContainsFunc(c.Account.Groups.Path(group), func(g state.Group) bool { return g.Key == other })
}

// inReportedGroup is inGroup for the lists that are not made of large groups (D).
func inReportedGroup(c *call.Call) (func(*state.User) bool, *wire.Refusal) {
	key, counts, failure := inGroup(c)
	if failure == nil && len(organizers(c, counts)) > maxGroupReport {
		failure = wire.Refuse(switches.Status(c.Switches.LargeGroup), wire.CodeGroupTooLarge, key)
	}
	return counts, failure
}

// listGroupOrganizers serves GET /groups/{groupKey}/organizers.
func listGroupOrganizers(c *call.Call) wire.Response {
	_, counts, failure := inGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	return organizerList(c, organizers(c, counts))
}

// createGroupOrganizer serves POST /groups/{groupKey}/organizers.
func createGroupOrganizer(c *call.Call) wire.Response {
	key, _, failure := inGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	return inviteOrganizer(c, key)
}

// listGroupUpcomingMeetings serves GET /groups/{groupKey}/upcomingMeetings.
func listGroupUpcomingMeetings(c *call.Call) wire.Response {
	counts, failure := inReportedGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	return upcomingList(c, counts, groupUpcomingJSON)
}

// listGroupHistoricalMeetings serves GET /groups/{groupKey}/historicalMeetings.
func listGroupHistoricalMeetings(c *call.Call) wire.Response {
	counts, failure := inReportedGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	return historicalList(c, counts, groupHistoricalJSON, false)
}

// listGroupMeetings serves the deprecated GET /groups/{groupKey}/meetings.
func listGroupMeetings(c *call.Call) wire.Response {
	_, counts, failure := inGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	return eitherList(c, counts, groupPlannedJSON, groupHistoryJSON)
}

// listGroupAttendees serves GET /groups/{groupKey}/attendees, the only list for which the range of time is optional (D).
func listGroupAttendees(c *call.Call) wire.Response {
	counts, failure := inReportedGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	r := span{to: c.Now}
	if c.Params.Has("startDate") || c.Params.Has("endDate") {
		if r, failure = readSpan(c); failure != nil {
			return answer(c, failure)
		}
	}
	a := c.Account
	return attendeeList(c, held(c, r, counts), func(h *state.Session, who *state.Attendee) wire.Object {
		return append(attendeeJSON(c, h, who), wire.M("groupName", a.GroupName(a.User(h.OrganizerKey))),
			wire.M("duration", minutes(who.Join, who.Leave)), wire.M("organizerKey", h.OrganizerKey), wire.M("meetingId", h.MeetingID))
	})
}
