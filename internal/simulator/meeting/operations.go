// Package meeting is the GoToMeeting API: meetings, organizers, what was held, and groups as it shows them, below /G2M/rest. It knows
// neither the Administration API nor the OAuth server.
package meeting

import (
	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

const meetingPath = "/G2M/rest"

// Operations returns the endpoint table of this API.
func Operations() []call.Operation {
	return call.MeetingAPI.Of(authorize, meetingOperations(), organizerOperations(), meetingGroupOperations())
}

// meetingOperations is the part of the endpoint table about the caller's own meetings.
func meetingOperations() []call.Operation {
	const meeting = meetingPath + "/meetings/{meeting}"
	return []call.Operation{
		{ID: call.OpCreateMeeting, Pattern: "POST " + meetingPath + "/meetings", Handle: createMeeting},
		{ID: call.OpListMeetings, Pattern: "GET " + meetingPath + "/meetings", List: true, Handle: listMeetings},
		{ID: call.OpGetMeeting, Pattern: "GET " + meeting, Handle: getMeeting},
		{ID: call.OpUpdateMeeting, Pattern: "PUT " + meeting, Handle: updateMeeting},
		{ID: call.OpDeleteMeeting, Pattern: "DELETE " + meeting, Handle: deleteMeeting},
		{ID: call.OpGetStartURL, Pattern: "GET " + meeting + "/start", Handle: getStartURL},
		{ID: call.OpListMeetingAttendees, Pattern: "GET " + meeting + "/attendees", List: true, Handle: listMeetingAttendees},
		{ID: call.OpListUpcomingMeetings, Pattern: "GET " + meetingPath + "/upcomingMeetings", List: true, Handle: listUpcomingMeetings},
		{ID: call.OpListHistoricalMeetings, Pattern: "GET " + meetingPath + "/historicalMeetings", List: true, Handle: listHistoricalMeetings},
	}
}

// organizerOperations is the part of the endpoint table about organizers and their meetings. Calls about others need "the admin
// role" (D); which of the roles of the Admin API that is, is not known (U): for reading any, for writing those that may do the same
// in the Admin API.
func organizerOperations() []call.Operation {
	const (
		organizer = meetingPath + "/organizers/{organizer}"
		session   = organizer + "/sessions/{session}"
	)
	creators := []string{state.RoleSuperUser, state.RoleAddUsers, state.RoleManageUsers}
	editors := []string{state.RoleSuperUser, state.RoleManageUsers, state.RoleManageSeats}
	removers := []string{state.RoleSuperUser, state.RoleManageUsers}
	return []call.Operation{
		{ID: call.OpCreateOrganizer, Pattern: "POST " + meetingPath + "/organizers", Roles: creators, Handle: createOrganizer},
		{ID: call.OpListOrganizers, Pattern: "GET " + meetingPath + "/organizers", Roles: state.AllRoles(), List: true, Handle: listOrganizers},
		{ID: call.OpDeleteOrganizerByEmail, Pattern: "DELETE " + meetingPath + "/organizers", Roles: removers, Handle: deleteOrganizerByEmail},
		{ID: call.OpGetOrganizer, Pattern: "GET " + organizer, Roles: state.AllRoles(), Own: true, Handle: getOrganizer},
		{ID: call.OpUpdateOrganizer, Pattern: "PUT " + organizer, Roles: editors, Handle: updateOrganizer},
		{ID: call.OpDeleteOrganizer, Pattern: "DELETE " + organizer, Roles: removers, Handle: deleteOrganizer},
		{ID: call.OpListOrganizerAttendees, Pattern: "GET " + organizer + "/attendees", Roles: state.AllRoles(), List: true, Handle: listOrganizerAttendees},
		{ID: call.OpListOrganizerHistoricalMeetings, Pattern: "GET " + organizer + "/historicalMeetings",
			Roles: state.AllRoles(), Own: true, List: true, Handle: listOrganizerHistoricalMeetings},
		{ID: call.OpListOrganizerUpcomingMeetings, Pattern: "GET " + organizer + "/upcomingMeetings", Roles: state.AllRoles(), List: true, Handle: listOrganizerUpcomingMeetings},
		{ID: call.OpListOrganizerMeetings, Pattern: "GET " + organizer + "/meetings", Roles: state.AllRoles(), Own: true, List: true, Handle: listOrganizerMeetings},
		{ID: call.OpDeleteSession, Pattern: "DELETE " + session, Roles: removers, Own: true, Handle: deleteSession},
		{ID: call.OpDeleteSessionAttendees, Pattern: "DELETE " + session + "/attendees", Roles: removers, Own: true, Handle: deleteSessionAttendees},
		{ID: call.OpDeleteSessionRecordings, Pattern: "DELETE " + session + "/recordings", Roles: removers, Own: true, Handle: deleteSessionRecordings},
	}
}

// meetingGroupOperations is the part of the endpoint table about groups as the GoToMeeting API shows them.
func meetingGroupOperations() []call.Operation {
	const group = meetingPath + "/groups/{group}"
	creators := []string{state.RoleSuperUser, state.RoleAddUsers, state.RoleManageUsers}
	return []call.Operation{
		{ID: call.OpListMeetingGroups, Pattern: "GET " + meetingPath + "/groups", Roles: state.AllRoles(), List: true, Handle: listMeetingGroups},
		{ID: call.OpListGroupOrganizers, Pattern: "GET " + group + "/organizers", Roles: state.AllRoles(), List: true, Handle: listGroupOrganizers},
		{ID: call.OpCreateGroupOrganizer, Pattern: "POST " + group + "/organizers", Roles: creators, Handle: createGroupOrganizer},
		{ID: call.OpListGroupAttendees, Pattern: "GET " + group + "/attendees", Roles: state.AllRoles(), List: true, Handle: listGroupAttendees},
		{ID: call.OpListGroupHistoricalMeetings, Pattern: "GET " + group + "/historicalMeetings", Roles: state.AllRoles(), List: true, Handle: listGroupHistoricalMeetings},
		{ID: call.OpListGroupUpcomingMeetings, Pattern: "GET " + group + "/upcomingMeetings", Roles: state.AllRoles(), List: true, Handle: listGroupUpcomingMeetings},
		{ID: call.OpListGroupMeetings, Pattern: "GET " + group + "/meetings", Roles: state.AllRoles(), List: true, Handle: listGroupMeetings},
	}
}
