package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// titles are those of the kinds that are made here.
var titles = map[Kind]string{
	MeetingHistory: "Meeting history", ScheduledMeetings: "Scheduled meetings", Attendees: "Attendees",
}

// ownColumns are those that a kind has beside the first; at says the zone of a time.
var ownColumns = map[Kind]func(at func(string) string) []string{
	MeetingHistory: func(at func(string) string) []string {
		return []string{"Type", at("Start"), at("End"), "Duration (minutes)", "Attendees"}
	},
	ScheduledMeetings: func(at func(string) string) []string {
		return []string{"Type", at("Start"), at("End"), "Duration (minutes)", "Password required"}
	},
	Attendees: func(at func(string) string) []string {
		return []string{at("Meeting start"), at("Meeting end"), "Attendee", "Attendee email", at("Joined"), at("Left"), "Stay (minutes)"}
	},
}

// columns returns the header of a kind that is made here.
func columns(kind Kind, zone *time.Location) []string {
	own := ownColumns[kind](func(name string) string { return name + " (" + zone.String() + ")" })
	return append([]string{"Organizer", "Organizer email", "Group", "Meeting ID", "Subject"}, own...)
}

// entry is a row on its way: what it is sorted by, and its cells.
type entry struct {
	start     time.Time
	meeting   gotoclient.Key
	organizer gotoclient.Key
	cells     []any
}

// size is what the row counts of MaxBytes.
func (e *entry) size() int64 {
	n := 0
	for _, cell := range e.cells {
		if text, is := cell.(string); is {
			n += len(text)
		} else {
			n += 8
		}
	}
	return int64(n)
}

// who are the cells about an organizer and a meeting that every row begins with.
func who(o *Organizer, meeting gotoclient.Key, subject string) []any {
	return []any{o.Name, o.Email, o.GroupName, string(meeting), subject}
}

func pastEntry(o *Organizer, m *gotoclient.PastMeeting) entry {
	return entry{m.Start, m.ID, o.Key, append(who(o, m.ID, m.Subject), string(m.Type), m.Start, m.End, m.Duration, int64(m.Attendees))}
}

func plannedEntry(o *Organizer, m *gotoclient.Meeting) entry {
	locked := m.PasswordRequired != nil && *m.PasswordRequired
	return entry{m.Start, m.ID, o.Key, append(who(o, m.ID, m.Subject), string(m.Type), m.Start, m.End, m.End.Sub(m.Start), locked)}
}

// attendanceEntry: who is still there, or of whom the service does not say when they left, has stayed to the end.
func attendanceEntry(o *Organizer, a *gotoclient.Attendance) entry {
	var stay time.Duration
	if left := cmp.Or(a.Leave, a.End); left.After(a.Join) && !a.Join.IsZero() {
		stay = left.Sub(a.Join)
	}
	return entry{a.Start, a.MeetingID, o.Key, append(who(o, a.MeetingID, a.Subject), a.Start, a.End, a.Name, a.Email, a.Join, a.Leave, stay)}
}

// sorted returns the rows by start, meeting and organizer, and by the rest, so that equal facts make equal tables.
func sorted(entries []entry) [][]any {
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(a.start.Compare(b.start), cmp.Compare(a.meeting, b.meeting), cmp.Compare(a.organizer, b.organizer), compareCells(a.cells, b.cells))
	})
	rows := make([][]any, len(entries))
	for i := range entries {
		rows[i] = entries[i].cells
	}
	return rows
}

func compareCells(a, b []any) int {
	return slices.CompareFunc(a, b, func(x, y any) int {
		switch x := x.(type) {
		case string:
			return strings.Compare(x, y.(string))
		case time.Time:
			return x.Compare(y.(time.Time))
		}
		return 0
	})
}
