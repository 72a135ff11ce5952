package gotoclient

import (
	"context"
	"strings"
)

// MeetingGroup is a group as the GoToMeeting API shows it; the key is the same as
// in the Admin API (D, L).
type MeetingGroup struct {
	Key  Key
	Name string
	// ParentKey is "" at the top, where the service repeats the group's own key (D).
	ParentKey  Key
	Status     OrganizerStatus // of the group (D)
	Organizers int
}

func decodeMeetingGroup(o *wireObject) MeetingGroup {
	g := MeetingGroup{
		Key: o.key("groupkey"), Name: o.text("groupName"), ParentKey: o.key("parentKey"),
		Status: OrganizerStatus(strings.ToLower(o.text("status"))), Organizers: int(o.number("numOrganizers")),
	}
	if g.ParentKey == g.Key {
		g.ParentKey = ""
	}
	return g
}

// MeetingGroupsService reads what the organizers of a group hold. The token needs
// the scopes "collab:" and "identity:" and its user an administrator's role (D). A
// group that does not exist is an error of IsRefused, its status being UNVERIFIED;
// so is a group of more than 50 organizers for Upcoming, Historical and Attendees
// (D), if the service does not fail instead (D, old).
type MeetingGroupsService struct {
	client *Client
}

// MeetingGroups returns the service for the groups of the caller's account in the
// GoToMeeting API. Groups are written through GroupsService.
func (c *Client) MeetingGroups() *MeetingGroupsService { return &MeetingGroupsService{c} }

// List returns all groups, by a call that GoTo has deprecated (D).
func (s *MeetingGroupsService) List(ctx context.Context) ([]MeetingGroup, error) {
	return list(ctx, s.client, request{operation: OpListMeetingGroups}, decodeMeetingGroup)
}

// Organizers returns the organizers of a group, by a call that GoTo has deprecated
// (D). Whether those of groups below are among them is UNVERIFIED.
func (s *MeetingGroupsService) Organizers(ctx context.Context, group Key) ([]Organizer, error) {
	return list(ctx, s.client, request{operation: OpListGroupOrganizers, of: group}, decodeOrganizer)
}

// CreateOrganizer invites an organizer into a group, in the manner of
// OrganizersService.Create.
func (s *MeetingGroupsService) CreateOrganizer(ctx context.Context, group Key, organizer NewOrganizer) (Key, error) {
	return createOrganizer(ctx, s.client, request{operation: OpCreateGroupOrganizer, of: group, body: organizer})
}

// Upcoming returns the meetings to come of a group, without their audio (D).
func (s *MeetingGroupsService) Upcoming(ctx context.Context, group Key) ([]Meeting, error) {
	return list(ctx, s.client, request{operation: OpListGroupUpcomingMeetings, of: group}, decodeMeeting)
}

// Historical returns the meetings of a group that began in the range and are over,
// without their sessions (D).
func (s *MeetingGroupsService) Historical(ctx context.Context, group Key, r TimeRange) ([]PastMeeting, error) {
	return list(ctx, s.client, request{operation: OpListGroupHistoricalMeetings, of: group, query: encodeQuery(r.values())}, decodePast)
}

// Attendees returns who attended the meetings of a group that began in the range,
// of all meetings with the zero TimeRange (D).
func (s *MeetingGroupsService) Attendees(ctx context.Context, group Key, r TimeRange) ([]Attendance, error) {
	query := ""
	if r != (TimeRange{}) {
		query = encodeQuery(r.values())
	}
	return list(ctx, s.client, request{operation: OpListGroupAttendees, of: group, query: query}, decodeAttendance)
}

// Scheduled is Upcoming by a call that GoTo has deprecated; it shows no times (D).
func (s *MeetingGroupsService) Scheduled(ctx context.Context, group Key) ([]Meeting, error) {
	return list(ctx, s.client, request{operation: OpListGroupMeetings, of: group, query: scheduledQuery()}, decodeMeeting)
}

// History is Historical by a call that GoTo has deprecated (D).
func (s *MeetingGroupsService) History(ctx context.Context, group Key, r TimeRange) ([]PastMeeting, error) {
	return list(ctx, s.client, request{operation: OpListGroupMeetings, of: group, query: historyQuery(r)}, decodePast)
}
