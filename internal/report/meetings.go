package report

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// FromMeetings makes MeetingHistory, ScheduledMeetings and Attendees of the lists of the GoToMeeting API, whose paths are
// documented (D). A group's are read by one request where several members are asked for and there are at most 50; else organizer by
// organizer. A meeting that runs is not in the history (D). One whose session was erased is, without anybody who was in it (D). The
// history of a user who is deleted is gone (D).
func FromMeetings(api *gotoclient.Client, organizers Organizers) Source {
	return &meetings{organizers: organizers, ofOne: api.Organizers(), ofGroup: api.MeetingGroups()}
}

// lists are what the service has of an organizer, and of a group.
type lists interface {
	Upcoming(ctx context.Context, key gotoclient.Key) ([]gotoclient.Meeting, error)
	Historical(ctx context.Context, key gotoclient.Key, r gotoclient.TimeRange) ([]gotoclient.PastMeeting, error)
	Attendees(ctx context.Context, key gotoclient.Key, r gotoclient.TimeRange) ([]gotoclient.Attendance, error)
}

type meetings struct {
	organizers     Organizers
	ofOne, ofGroup lists
}

// Fetch reads list after list.
func (s *meetings) Fetch(ctx context.Context, q Query) (*Document, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	if !q.OfMeetings() {
		return nil, fmt.Errorf("%w: the GoToMeeting API has only meetings: choose the Administration API", ErrUnsupported)
	}
	all, err := s.organizers(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 { // not even who asks
		return nil, fmt.Errorf("%w: the list of organizers is empty", ErrUnreadable)
	}
	chosen, err := q.chosen(all)
	if err != nil {
		return nil, err
	}
	f := fetching{meetings: s, query: &q, organizers: map[gotoclient.Key]*Organizer{}, window: longestWindow}
	for i := range chosen {
		f.organizers[chosen[i].Key] = &chosen[i]
	}
	for _, r := range readsOf(all, chosen) {
		if err := f.read(ctx, r); err != nil {
			return nil, err
		}
	}
	zone := q.zone()
	return &Document{Table: &Table{Title: titles[q.Kind], Columns: columns(q.Kind, zone), Rows: sorted(f.entries)}}, nil
}

// fetching is a report on its way.
type fetching struct {
	*meetings
	query      *Query
	organizers map[gotoclient.Key]*Organizer // that are chosen
	window     time.Duration                 // the longest that was not refused
	entries    []entry
	bytes      int64
}

// read adds the rows of a list. A group's that is refused, or does not say whose a meeting is, is read organizer by organizer: the
// service may count other members than we do.
func (f *fetching) read(ctx context.Context, r read) error {
	entries, err := f.entriesOf(ctx, r)
	if r.group != "" && (refused(err) || errors.Is(err, errNobody)) {
		for _, one := range r.alone() {
			if err := f.read(ctx, one); err != nil {
				return err
			}
		}
		return nil
	}
	if err != nil {
		return err
	}
	return f.add(entries)
}

// refused reports whether the service will not make the list: it says so in several ways (U), of which one was a failure (D, old).
func refused(err error) bool {
	var e *gotoclient.APIError
	return errors.As(err, &e) && (gotoclient.IsRefused(err) || e.Status == http.StatusInternalServerError)
}

// add keeps rows within the bounds.
func (f *fetching) add(entries []entry) error {
	for i := range entries {
		f.bytes += entries[i].size()
	}
	f.entries = append(f.entries, entries...)
	if n := f.query.MaxRows; n > 0 && len(f.entries) > n {
		return fmt.Errorf("%w: more than %d rows", ErrTooLarge, n)
	}
	if n := f.query.MaxBytes; n > 0 && f.bytes > n {
		return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, n)
	}
	return nil
}

// entriesOf reads what a list has for the query.
func (f *fetching) entriesOf(ctx context.Context, r read) ([]entry, error) {
	if f.query.Kind == ScheduledMeetings {
		return f.planned(ctx, r)
	}
	var out []entry
	for from := f.query.From; from.Before(f.query.To); {
		w := windows(from, f.query.To, f.window)[0]
		entries, err := f.past(ctx, r, w)
		if f.shorten(r, err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out, from = append(out, entries...), w.to
	}
	return out, nil
}

// shorten halves the windows where one was refused, for the rest of the report. Of a group's list the refusal may be about its
// size.
func (f *fetching) shorten(r read, err error) bool {
	var e *gotoclient.APIError
	if r.group != "" || !errors.As(err, &e) || e.Status != http.StatusBadRequest || f.window/2 < shortestWindow {
		return false
	}
	f.window /= 2
	return true
}
