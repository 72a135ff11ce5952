package report

import (
	"context"
	"errors"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// errNobody: an entry of a group's list does not say whose it is.
var errNobody = errors.New("it is not said whose meeting it is")

// of returns where to ask for a list, and by which key.
func (f *fetching) of(r read) (lists, gotoclient.Key) {
	if r.group != "" {
		return f.ofGroup, r.group
	}
	return f.ofOne, r.of[0]
}

// past reads what was held in a window.
func (f *fetching) past(ctx context.Context, r read, w window) ([]entry, error) {
	from, key := f.of(r)
	if f.query.Kind == Attendees {
		list, err := from.Attendees(ctx, key, w.asked())
		return collect(f, r, list, err, func(a *gotoclient.Attendance) (gotoclient.Key, bool) { return a.OrganizerKey, w.has(a.Start) }, attendanceEntry)
	}
	list, err := from.Historical(ctx, key, w.asked())
	return collect(f, r, list, err, func(m *gotoclient.PastMeeting) (gotoclient.Key, bool) { return m.OrganizerKey, w.has(m.Start) }, pastEntry)
}

// planned reads what is to come. Of a recurring meeting the times say little, so it always counts.
func (f *fetching) planned(ctx context.Context, r read) ([]entry, error) {
	from, key := f.of(r)
	list, err := from.Upcoming(ctx, key)
	return collect(f, r, list, err, func(m *gotoclient.Meeting) (gotoclient.Key, bool) { return m.OrganizerKey, f.query.plans(m) }, plannedEntry)
}

// plans reports whether a planned meeting is within the range.
func (q *Query) plans(m *gotoclient.Meeting) bool {
	open := q.From.IsZero() && q.To.IsZero()
	return open || m.Type == gotoclient.MeetingRecurring || m.Start.Before(q.To) && !m.End.Before(q.From)
}

// collect makes rows of a list. That an organizer is not found means that there is nothing (U): a user may have gone since the list
// of organizers was read.
func collect[T any](
	f *fetching, r read, list []T, err error, owner func(*T) (key gotoclient.Key, counts bool), show func(*Organizer, *T) entry,
) ([]entry, error) {
	if r.group == "" && gotoclient.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []entry
	for i := range list {
		key, counts := owner(&list[i])
		switch {
		case r.group == "":
			key = r.of[0]
		case key == "":
			return nil, errNobody
		}
		if counts && r.has(key) {
			out = append(out, show(f.organizers[key], &list[i]))
		}
	}
	return out, nil
}
