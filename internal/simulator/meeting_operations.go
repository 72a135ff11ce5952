package simulator

// Names of the operations of the GoToMeeting API.
const (
	OpCreateMeeting          = "createMeeting"
	OpGetMeeting             = "getMeeting"
	OpUpdateMeeting          = "updateMeeting"
	OpDeleteMeeting          = "deleteMeeting"
	OpGetStartURL            = "getStartUrl"
	OpListMeetingAttendees   = "listMeetingAttendees"
	OpListUpcomingMeetings   = "listUpcomingMeetings"
	OpListHistoricalMeetings = "listHistoricalMeetings"
	OpListMeetings           = "listMeetings"

	OpCreateOrganizer                 = "createOrganizer"
	OpListOrganizers                  = "listOrganizers"
	OpDeleteOrganizerByEmail          = "deleteOrganizerByEmail"
	OpGetOrganizer                    = "getOrganizer"
	OpUpdateOrganizer                 = "updateOrganizer"
	OpDeleteOrganizer                 = "deleteOrganizer"
	OpListOrganizerAttendees          = "listOrganizerAttendees"
	OpListOrganizerHistoricalMeetings = "listOrganizerHistoricalMeetings"
	OpListOrganizerUpcomingMeetings   = "listOrganizerUpcomingMeetings"
	OpListOrganizerMeetings           = "listOrganizerMeetings"
	OpDeleteSession                   = "deleteSession"
	OpDeleteSessionAttendees          = "deleteSessionAttendees"
	OpDeleteSessionRecordings         = "deleteSessionRecordings"

	OpListMeetingGroups           = "listMeetingGroups"
	OpListGroupOrganizers         = "listGroupOrganizers"
	OpCreateGroupOrganizer        = "createGroupOrganizer"
	OpListGroupAttendees          = "listGroupAttendees"
	OpListGroupHistoricalMeetings = "listGroupHistoricalMeetings"
	OpListGroupUpcomingMeetings   = "listGroupUpcomingMeetings"
	OpListGroupMeetings           = "listGroupMeetings"
)

const meetingPath = "/G2M/rest"

// meetingOperations is the part of the endpoint table about the caller's own meetings.
func meetingOperations() []operation {
	const meeting = meetingPath + "/meetings/{meeting}"
	return []operation{
		{id: OpCreateMeeting, pattern: "POST " + meetingPath + "/meetings", api: meetingAPI, handle: (*Simulator).createMeeting},
		{id: OpListMeetings, pattern: "GET " + meetingPath + "/meetings", api: meetingAPI, list: true,
			handle: (*Simulator).listMeetings},
		{id: OpGetMeeting, pattern: "GET " + meeting, api: meetingAPI, handle: (*Simulator).getMeeting},
		{id: OpUpdateMeeting, pattern: "PUT " + meeting, api: meetingAPI, handle: (*Simulator).updateMeeting},
		{id: OpDeleteMeeting, pattern: "DELETE " + meeting, api: meetingAPI, handle: (*Simulator).deleteMeeting},
		{id: OpGetStartURL, pattern: "GET " + meeting + "/start", api: meetingAPI, handle: (*Simulator).getStartURL},
		{id: OpListMeetingAttendees, pattern: "GET " + meeting + "/attendees", api: meetingAPI, list: true,
			handle: (*Simulator).listMeetingAttendees},
		{id: OpListUpcomingMeetings, pattern: "GET " + meetingPath + "/upcomingMeetings", api: meetingAPI, list: true,
			handle: (*Simulator).listUpcomingMeetings},
		{id: OpListHistoricalMeetings, pattern: "GET " + meetingPath + "/historicalMeetings", api: meetingAPI, list: true,
			handle: (*Simulator).listHistoricalMeetings},
	}
}

// organizerOperations is the part of the endpoint table about organizers and their meetings. Calls about others need "the admin
// role" (D); which of the roles of the Admin API that is, is not known (U): for reading any, for writing those that may do the same
// in the Admin API.
func organizerOperations() []operation {
	const (
		organizer = meetingPath + "/organizers/{organizer}"
		session   = organizer + "/sessions/{session}"
	)
	creators := []string{RoleSuperUser, RoleAddUsers, RoleManageUsers}
	editors := []string{RoleSuperUser, RoleManageUsers, RoleManageSeats}
	removers := []string{RoleSuperUser, RoleManageUsers}
	return []operation{
		{id: OpCreateOrganizer, pattern: "POST " + meetingPath + "/organizers", api: meetingAPI, roles: creators,
			handle: (*Simulator).createOrganizer},
		{id: OpListOrganizers, pattern: "GET " + meetingPath + "/organizers", api: meetingAPI, roles: allRoles, list: true,
			handle: (*Simulator).listOrganizers},
		{id: OpDeleteOrganizerByEmail, pattern: "DELETE " + meetingPath + "/organizers", api: meetingAPI, roles: removers,
			handle: (*Simulator).deleteOrganizerByEmail},
		{id: OpGetOrganizer, pattern: "GET " + organizer, api: meetingAPI, roles: allRoles, own: true,
			handle: (*Simulator).getOrganizer},
		{id: OpUpdateOrganizer, pattern: "PUT " + organizer, api: meetingAPI, roles: editors, handle: (*Simulator).updateOrganizer},
		{id: OpDeleteOrganizer, pattern: "DELETE " + organizer, api: meetingAPI, roles: removers,
			handle: (*Simulator).deleteOrganizer},
		{id: OpListOrganizerAttendees, pattern: "GET " + organizer + "/attendees", api: meetingAPI, roles: allRoles, list: true,
			handle: (*Simulator).listOrganizerAttendees},
		{id: OpListOrganizerHistoricalMeetings, pattern: "GET " + organizer + "/historicalMeetings", api: meetingAPI,
			roles: allRoles, own: true, list: true, handle: (*Simulator).listOrganizerHistoricalMeetings},
		{id: OpListOrganizerUpcomingMeetings, pattern: "GET " + organizer + "/upcomingMeetings", api: meetingAPI, roles: allRoles,
			list: true, handle: (*Simulator).listOrganizerUpcomingMeetings},
		{id: OpListOrganizerMeetings, pattern: "GET " + organizer + "/meetings", api: meetingAPI, roles: allRoles, own: true,
			list: true, handle: (*Simulator).listOrganizerMeetings},
		{id: OpDeleteSession, pattern: "DELETE " + session, api: meetingAPI, roles: removers, own: true,
			handle: (*Simulator).deleteSession},
		{id: OpDeleteSessionAttendees, pattern: "DELETE " + session + "/attendees", api: meetingAPI, roles: removers, own: true,
			handle: (*Simulator).deleteSessionAttendees},
		{id: OpDeleteSessionRecordings, pattern: "DELETE " + session + "/recordings", api: meetingAPI, roles: removers, own: true,
			handle: (*Simulator).deleteSessionRecordings},
	}
}

// meetingGroupOperations is the part of the endpoint table about groups as the GoToMeeting API shows them.
func meetingGroupOperations() []operation {
	const group = meetingPath + "/groups/{group}"
	creators := []string{RoleSuperUser, RoleAddUsers, RoleManageUsers}
	return []operation{
		{id: OpListMeetingGroups, pattern: "GET " + meetingPath + "/groups", api: meetingAPI, roles: allRoles, list: true,
			handle: (*Simulator).listMeetingGroups},
		{id: OpListGroupOrganizers, pattern: "GET " + group + "/organizers", api: meetingAPI, roles: allRoles, list: true,
			handle: (*Simulator).listGroupOrganizers},
		{id: OpCreateGroupOrganizer, pattern: "POST " + group + "/organizers", api: meetingAPI, roles: creators,
			handle: (*Simulator).createGroupOrganizer},
		{id: OpListGroupAttendees, pattern: "GET " + group + "/attendees", api: meetingAPI, roles: allRoles, list: true,
			handle: (*Simulator).listGroupAttendees},
		{id: OpListGroupHistoricalMeetings, pattern: "GET " + group + "/historicalMeetings", api: meetingAPI, roles: allRoles,
			list: true, handle: (*Simulator).listGroupHistoricalMeetings},
		{id: OpListGroupUpcomingMeetings, pattern: "GET " + group + "/upcomingMeetings", api: meetingAPI, roles: allRoles,
			list: true, handle: (*Simulator).listGroupUpcomingMeetings},
		{id: OpListGroupMeetings, pattern: "GET " + group + "/meetings", api: meetingAPI, roles: allRoles, list: true,
			handle: (*Simulator).listGroupMeetings},
	}
}
