package gotoclient

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"time"
)

// PastMeeting is one time that a meeting was held.
type PastMeeting struct {
	Meeting
	// SessionID is what DeleteSession takes; "" where an endpoint does not show it, or
	// the session was erased (how that looks is UNVERIFIED).
	SessionID Key
	// InstanceKey tells sessions apart in the lists that GoTo calls deprecated.
	InstanceKey Key
	Duration    time.Duration // to the minute
	Attendees   int
	Recording   *Recording // nil if there is none, or the endpoint shows none
}

// Recording is the recording of a session (D).
type Recording struct {
	ID, Name              string
	DownloadURL, ShareURL string
	Size                  int64 // bytes
}

func decodePast(o *wireObject) PastMeeting {
	m := PastMeeting{
		Meeting: decodeMeeting(o), SessionID: o.key("sessionId"), InstanceKey: o.key("meetingInstanceKey"),
		Duration: o.minutes("duration"), Attendees: int(o.number("numAttendees")),
	}
	raw := o.raw("recording")
	if raw == nil {
		return m
	}
	parts, err := decodeArray(raw)
	if err != nil {
		o.fail("recording", "an object", raw)
		return m
	}
	if len(parts) > 0 {
		r := parts[0]
		m.Recording = &Recording{
			ID: r.text("recordingId"), Name: r.text("recordingName"), DownloadURL: r.text("downloadUrl"),
			ShareURL: r.text("shareUrl"), Size: r.number("fileSize"),
		}
		if o.err == nil {
			o.err = r.err
		}
	}
	return m
}

// Attendance is one stay of one person in a session (D). Who it was is personal:
// printed or logged, it does not show.
type Attendance struct {
	MeetingID    Key
	InstanceKey  Key // of the session
	OrganizerKey Key
	Subject      string
	Name, Email  string    // the attendee's
	Start, End   time.Time // of the session
	Join, Leave  time.Time // of the attendee
}

// Format names the meeting alone, under every verb and flag.
func (a Attendance) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.text()) }

// LogValue names the meeting alone, for structured logs.
func (a Attendance) LogValue() slog.Value { return slog.StringValue(a.text()) }

func (a Attendance) text() string { return "Attendance(" + printable(string(a.MeetingID)) + ")" }

// decodeAttendance leaves out two members that mean different things in the three lists (D): name is the
// attendee's or the organizer's, and duration the stay's or the meeting's.
func decodeAttendance(o *wireObject) Attendance {
	return Attendance{
		MeetingID: o.key("meetingId"), InstanceKey: o.key("meetingInstanceKey"), OrganizerKey: o.key("organizerKey", "organizerkey"),
		Subject: subjectUnescaper.Replace(o.text("subject")),
		Name:    o.text("attendeeName"), Email: o.text("attendeeEmail"),
		Start: o.time("startTime"), End: o.time("endTime"), Join: o.time("joinTime"), Leave: o.time("leaveTime"),
	}
}

// TimeRange is a range of time in which meetings began (D). Both ends are sent in
// UTC and to the second; whether a meeting that begins at an end is within is
// UNVERIFIED. How long a range may be is UNVERIFIED too: 60 days were documented
// once (D, old), clients ask for 120 (C). A range that is too long is an error of
// IsRefused; see InWindows.
type TimeRange struct {
	Start, End time.Time
}

func (r TimeRange) values() url.Values {
	return url.Values{"startDate": {formatTime(r.Start)}, "endDate": {formatTime(r.End)}}
}

// the queries of the lists that GoTo calls deprecated: one of the two, never both
// (D).
func scheduledQuery() string { return encodeQuery(url.Values{"scheduled": {"true"}}) }

func historyQuery(r TimeRange) string {
	v := r.values()
	v.Set("history", "true")
	return encodeQuery(v)
}

// InWindows reads a long range in windows of at most the given number of days (at
// least one), oldest first, with a method such as MeetingsService.Historical. The
// windows meet in one instant; a meeting that both show counts once. After an error
// it returns what it has, and the error.
func InWindows(
	ctx context.Context, r TimeRange, days int, read func(context.Context, TimeRange) ([]PastMeeting, error),
) ([]PastMeeting, error) {
	type identity struct {
		id, session, instance Key
		start                 int64
	}
	step := time.Duration(max(days, 1)) * 24 * time.Hour
	seen := map[identity]bool{}
	var all []PastMeeting
	for from := r.Start; ; from = from.Add(step) {
		to := from.Add(step)
		last := !to.Before(r.End)
		if last {
			to = r.End
		}
		meetings, err := read(ctx, TimeRange{from, to})
		for _, m := range meetings {
			id := identity{m.ID, m.SessionID, m.InstanceKey, m.Start.Unix()}
			if !seen[id] {
				seen[id] = true
				all = append(all, m)
			}
		}
		if err != nil || last {
			return all, err
		}
	}
}

// Upcoming returns the caller's meetings to come (D). Which vanish after their end,
// and whether recurring and immediate ones are among them, is UNVERIFIED.
func (s *MeetingsService) Upcoming(ctx context.Context) ([]Meeting, error) {
	return list(ctx, s.client, request{operation: OpListUpcomingMeetings}, decodeMeeting)
}

// Historical returns the caller's meetings that began in the range and are over
// (D). A 404 is declared (D); here it is taken to mean that there are none
// (UNVERIFIED), unless it comes from the edge or is not JSON.
func (s *MeetingsService) Historical(ctx context.Context, r TimeRange) ([]PastMeeting, error) {
	meetings, err := list(ctx, s.client, request{operation: OpListHistoricalMeetings, query: encodeQuery(r.values())}, decodePast)
	if IsNotFound(err) {
		return nil, nil
	}
	return meetings, err
}

// Attendees returns who attended a meeting that was held: an administrator's token
// sees everybody's meetings, another its own (D). An error of IsNotFound means that
// the meeting does not exist or was not held; the latter may be no error as well
// (UNVERIFIED).
func (s *MeetingsService) Attendees(ctx context.Context, id Key) ([]Attendance, error) {
	return list(ctx, s.client, request{operation: OpListMeetingAttendees, keys: []Key{id}}, decodeAttendance)
}

// Scheduled is Upcoming by a call that GoTo has deprecated (D). It shows other
// fields: Created and CoorganizerKeys, and not the organizer.
func (s *MeetingsService) Scheduled(ctx context.Context) ([]Meeting, error) {
	return list(ctx, s.client, request{operation: OpListMeetings, query: scheduledQuery()}, decodeMeeting)
}

// History is Historical by a call that GoTo has deprecated (D).
func (s *MeetingsService) History(ctx context.Context, r TimeRange) ([]PastMeeting, error) {
	return list(ctx, s.client, request{operation: OpListMeetings, query: historyQuery(r)}, decodePast)
}
