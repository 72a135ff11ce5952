package gotoclient

import "context"

// Upcoming returns an organizer's meetings to come, as MeetingsService.Upcoming
// does. It needs an administrator's role (D).
func (s *OrganizersService) Upcoming(ctx context.Context, key Key) ([]Meeting, error) {
	return list(ctx, s.client, request{operation: OpListOrganizerUpcomingMeetings, keys: []Key{key}}, decodeMeeting)
}

// Historical returns an organizer's meetings that began in the range and are over
// (D). An error of IsNotFound means that there is no such organizer, or that there
// are no meetings (UNVERIFIED).
func (s *OrganizersService) Historical(ctx context.Context, key Key, r TimeRange) ([]PastMeeting, error) {
	return list(ctx, s.client, request{
		operation: OpListOrganizerHistoricalMeetings, keys: []Key{key}, query: encodeQuery(r.values()),
	}, decodePast)
}

// Attendees returns who attended an organizer's meetings that began in the range
// (D). It needs an administrator's role (D); for IsNotFound see Historical.
func (s *OrganizersService) Attendees(ctx context.Context, key Key, r TimeRange) ([]Attendance, error) {
	return list(ctx, s.client, request{operation: OpListOrganizerAttendees, keys: []Key{key}, query: encodeQuery(r.values())}, decodeAttendance)
}

// Scheduled is Upcoming by a call that GoTo has deprecated (D).
func (s *OrganizersService) Scheduled(ctx context.Context, key Key) ([]Meeting, error) {
	return list(ctx, s.client, request{operation: OpListOrganizerMeetings, keys: []Key{key}, query: scheduledQuery()}, decodeMeeting)
}

// History is Historical by a call that GoTo has deprecated; it shows neither
// sessions nor who attended (D).
func (s *OrganizersService) History(ctx context.Context, key Key, r TimeRange) ([]PastMeeting, error) {
	return list(ctx, s.client, request{operation: OpListOrganizerMeetings, keys: []Key{key}, query: historyQuery(r)}, decodePast)
}

// DeleteSession erases a session with its attendees and recordings. It cannot be
// undone; the meeting stays in the history without the session (D). An error of
// IsNotFound means that there is no such session of the organizer, or that an
// earlier attempt of this very call has erased it. The operator never calls it: it is
// for people who have to forget.
func (s *OrganizersService) DeleteSession(ctx context.Context, organizer, session Key) error {
	return s.client.remove(ctx, request{operation: OpDeleteSession, of: organizer, keys: []Key{session}})
}

// DeleteSessionAttendees erases who attended a session, in the manner of
// DeleteSession.
func (s *OrganizersService) DeleteSessionAttendees(ctx context.Context, organizer, session Key) error {
	return s.client.remove(ctx, request{operation: OpDeleteSessionAttendees, of: organizer, keys: []Key{session}})
}

// DeleteSessionRecordings erases the recordings of a session, in the manner of
// DeleteSession.
func (s *OrganizersService) DeleteSessionRecordings(ctx context.Context, organizer, session Key) error {
	return s.client.remove(ctx, request{operation: OpDeleteSessionRecordings, of: organizer, keys: []Key{session}})
}
