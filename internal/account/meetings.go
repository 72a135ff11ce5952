package account

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/turn"
)

// MeetingLag is how long a new meeting may be missing from the lists (visibility lag: C for users, length UNVERIFIED).
const MeetingLag = lag

// MeetingsChange says what a reading of the meetings found different.
type MeetingsChange struct {
	// Keys are the ids of the meetings that appeared, changed or vanished.
	Keys []gotoclient.Key
	// Recovered is true when the meetings can be read again, after GoTo had refused it.
	Recovered bool
}

// meetings is the last reading of the upcoming meetings of the credentials' user, with our own writes since applied to it.
// They are read only while somebody uses them.
type meetings struct {
	reading turn.Turn // one at a time
	mu      sync.RWMutex
	inUse   func(context.Context) bool
	takenAt time.Time // when the last reading began; zero before the first
	refused error     // by GoTo, for a cause that no retry cures
	listed  map[gotoclient.Key]gotoclient.Meeting
	single  map[gotoclient.Key]singleMeeting // read one by one, since the list does not show them
	types   map[gotoclient.MeetingType]bool  // that the list was seen to show
	helpers bool                             // a meeting read by itself was seen to show co-organizers (D, as optional)
	written map[gotoclient.Key]time.Time
	deleted map[gotoclient.Key]time.Time
	unseen  map[gotoclient.Key]bool // kept by our own writes although the last reading did not show them
	past    history
}

type singleMeeting struct {
	gotoclient.Meeting
	at time.Time
}

// UseMeetings has the meetings read at every resync from now on, as long as inUse says so.
func (a *Account) UseMeetings(inUse func(context.Context) bool) {
	a.meetings.mu.Lock()
	defer a.meetings.mu.Unlock()
	a.meetings.inUse = inUse
}

// resyncMeetings is the meetings' part of a resync. Its failure is not the account's: that of the meetings alone is kept
// for those who ask for them.
func (a *Account) resyncMeetings(ctx context.Context) MeetingsChange {
	s := &a.meetings
	s.mu.RLock()
	inUse := s.inUse
	s.mu.RUnlock()
	if inUse == nil || !inUse(ctx) {
		return MeetingsChange{}
	}
	if s.reading.Take(ctx) != nil {
		return MeetingsChange{}
	}
	defer s.reading.Leave()
	s.mu.RLock()
	wasRefused := s.refused != nil
	s.mu.RUnlock()
	keys, err := a.refreshMeetings(ctx)
	return MeetingsChange{Keys: keys, Recovered: err == nil && wasRefused}
}

// ReadMeetings makes sure of a reading that began no earlier than since; any will do for the zero time. A refusal that no
// retry cures is remembered until the next resync, so that a thousand objects do not each ask for it.
func (a *Account) ReadMeetings(ctx context.Context, since time.Time) error {
	s := &a.meetings
	if err := s.reading.Take(ctx); err != nil {
		return err
	}
	defer s.reading.Leave()
	s.mu.RLock()
	takenAt, refused := s.takenAt, s.refused
	s.mu.RUnlock()
	if refused != nil {
		return refused
	}
	if !takenAt.IsZero() && !takenAt.Before(since) {
		return nil
	}
	keys, err := a.refreshMeetings(ctx)
	if err == nil && len(keys) > 0 {
		a.opts.OnChange(Change{Meetings: MeetingsChange{Keys: keys}})
	}
	return err
}

// refreshMeetings reads the list. The caller holds the lock of reading.
func (a *Account) refreshMeetings(ctx context.Context) ([]gotoclient.Key, error) {
	s := &a.meetings
	began := a.opts.Now()
	list, err := a.opts.Client.Meetings().Upcoming(ctx)
	if err == nil && len(list) == 0 {
		err = a.believeNoMeetings(ctx, began)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = nil
	if gotoclient.IsRefused(err) || gotoclient.IsUnauthenticated(err) {
		s.refused = err
	}
	if err != nil {
		return nil, err
	}
	return s.swap(began, list), nil
}

// believeNoMeetings refuses an empty list where a meeting that was to come is found by its id.
func (a *Account) believeNoMeetings(ctx context.Context, now time.Time) error {
	s := &a.meetings
	s.mu.RLock()
	var some gotoclient.Key
	for id := range s.listed {
		if s.listed[id].End.After(now) && s.types[s.listed[id].Type] && (some == "" || id < some) {
			some = id
		}
	}
	s.mu.RUnlock()
	if some == "" {
		return nil
	}
	_, err := a.opts.Client.Meetings().Get(ctx, some)
	switch {
	case gotoclient.IsNotFound(err), statusOf(err) == http.StatusBadRequest: // what may say so; the empty list is the other sign
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%w: that of the meetings is empty, and yet one is there", ErrInconsistent)
}

// swap puts a reading in place of the last, keeps our own writes that it may not show yet, and returns what changed.
func (s *meetings) swap(began time.Time, list []gotoclient.Meeting) []gotoclient.Key {
	first, stale := s.takenAt.IsZero(), began.Add(-lag)
	now := make(map[gotoclient.Key]gotoclient.Meeting, len(list))
	s.init()
	s.unseen = map[gotoclient.Key]bool{}
	var changed []gotoclient.Key
	for i := range list {
		m := list[i]
		s.types[m.Type] = true
		if at, gone := s.deleted[m.ID]; gone && !at.Before(stale) {
			continue
		}
		known, was := s.known(m.ID)
		if at, ok := s.written[m.ID]; ok && was && at.After(began) {
			now[m.ID] = known
			continue
		}
		delete(s.written, m.ID)
		delete(s.single, m.ID)
		now[m.ID] = overlay(known, m)
		if !was || differs(known, m) {
			changed = append(changed, m.ID)
		}
	}
	for id, m := range s.listed {
		if _, there := now[id]; there {
			continue
		}
		if at, ok := s.written[id]; ok && !at.Before(stale) {
			now[id], s.unseen[id] = m, true
			continue
		}
		delete(s.written, id)
		changed = append(changed, id)
	}
	maps.DeleteFunc(s.deleted, func(_ gotoclient.Key, at time.Time) bool { return at.Before(stale) })
	s.listed, s.takenAt = now, began
	if first {
		return nil // whoever asked for it looks at once
	}
	return changed
}

func (s *meetings) init() {
	if s.types == nil {
		s.types, s.single = map[gotoclient.MeetingType]bool{}, map[gotoclient.Key]singleMeeting{}
		s.written, s.deleted = map[gotoclient.Key]time.Time{}, map[gotoclient.Key]time.Time{}
	}
	if s.listed == nil {
		s.listed = map[gotoclient.Key]gotoclient.Meeting{}
	}
}

func (s *meetings) known(id gotoclient.Key) (gotoclient.Meeting, bool) {
	if m, ok := s.listed[id]; ok {
		return m, true
	}
	one, ok := s.single[id]
	return one.Meeting, ok
}

// look is known for those who hold no lock.
func (s *meetings) look(id gotoclient.Key) (gotoclient.Meeting, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.known(id)
}

// lacks is true if the last reading of the list did not show the meeting.
func (s *meetings) lacks(id gotoclient.Key) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, listed := s.listed[id]
	return !listed || s.unseen[id]
}

// overlay puts what was read over what was known: each endpoint shows other fields.
func overlay(known, read gotoclient.Meeting) gotoclient.Meeting {
	if read.PasswordRequired == nil {
		read.PasswordRequired = known.PasswordRequired
	}
	if read.CoorganizerKeys == nil {
		read.CoorganizerKeys = known.CoorganizerKeys
	}
	read.JoinURL = firstOf(read.JoinURL, known.JoinURL)
	read.ConferenceCallInfo = firstOf(read.ConferenceCallInfo, known.ConferenceCallInfo)
	read.MaxParticipants = firstOf(read.MaxParticipants, known.MaxParticipants)
	read.OrganizerKey = firstOf(read.OrganizerKey, known.OrganizerKey)
	return read
}

func firstOf[T comparable](a, b T) T {
	var zero T
	if a != zero {
		return a
	}
	return b
}

// differs tells whether a reading says another thing than what was known. What one of the two does not say is no
// difference, and neither is another form of the same audio.
func differs(known, read gotoclient.Meeting) bool {
	password := known.PasswordRequired != nil && read.PasswordRequired != nil && *known.PasswordRequired != *read.PasswordRequired
	return password || !gotoclient.SameSubject(known.Subject, read.Subject) ||
		!known.Start.Equal(read.Start) || !known.End.Equal(read.End) || known.Type != read.Type ||
		(known.Status == gotoclient.MeetingActive) != (read.Status == gotoclient.MeetingActive) ||
		!gotoclient.SameConferenceCall(known.ConferenceCallInfo, read.ConferenceCallInfo)
}

// Meeting returns a meeting of the last reading, or one that was read by itself less than a minute ago since the list does
// not show it. That it is not there is not proof: see ConfirmMeeting.
func (a *Account) Meeting(id gotoclient.Key) (gotoclient.Meeting, bool) {
	s := &a.meetings
	s.mu.RLock()
	defer s.mu.RUnlock()
	if m, ok := s.listed[id]; ok {
		return m, true
	}
	one, ok := s.single[id]
	return one.Meeting, ok && one.at.After(a.opts.Now().Add(-createFreshness))
}

// Meetings are those of the last reading, by id.
func (a *Account) Meetings() []gotoclient.Meeting {
	a.meetings.mu.RLock()
	defer a.meetings.mu.RUnlock()
	return slices.SortedFunc(maps.Values(a.meetings.listed), func(x, y gotoclient.Meeting) int { return strings.Compare(string(x.ID), string(y.ID)) })
}

// MeetingsReadAt is when the last reading of the list began.
func (a *Account) MeetingsReadAt() time.Time {
	a.meetings.mu.RLock()
	defer a.meetings.mu.RUnlock()
	return a.meetings.takenAt
}

// ListsMeetings is true if meetings of this type that are to come are surely in the list. Scheduled ones are (D); whether
// recurring and immediate ones are is UNVERIFIED, and true once one was seen there.
func (a *Account) ListsMeetings(kind gotoclient.MeetingType) bool {
	a.meetings.mu.RLock()
	defer a.meetings.mu.RUnlock()
	return kind == gotoclient.MeetingScheduled || a.meetings.types[kind]
}

// ReadMeeting asks GoTo for a meeting as it is now, and puts it in the snapshot; see ConfirmMeeting.
func (a *Account) ReadMeeting(ctx context.Context, id gotoclient.Key) (gotoclient.Meeting, bool, error) {
	return a.ConfirmMeeting(ctx, id)
}

// ConfirmMeeting asks GoTo for one meeting. The answer false is proof that it is not there, or not the caller's: GoTo says so, and a
// list that was read after that does not show it. ErrUnconfirmed is for answers that do not agree. A 403 proves nothing: the list,
// too, lacks what is somebody else's.
func (a *Account) ConfirmMeeting(ctx context.Context, id gotoclient.Key) (gotoclient.Meeting, bool, error) {
	read, err := a.opts.Client.Meetings().Get(ctx, id)
	if gotoclient.IsForbidden(err) {
		return gotoclient.Meeting{}, false, err
	}
	gone := false
	if err != nil {
		gone, err = a.absent(ctx, err, a.meetingLacking(id))
	}
	s := &a.meetings
	s.mu.Lock()
	defer s.mu.Unlock()
	s.init()
	if gone {
		s.forget(id)
	}
	if gone || err != nil {
		return gotoclient.Meeting{}, false, err
	}
	s.helpers = s.helpers || len(read.CoorganizerKeys) > 0
	if s.helpers && read.CoorganizerKeys == nil {
		read.CoorganizerKeys = []gotoclient.Key{}
	}
	known, _ := s.known(id)
	m := overlay(known, *read)
	if _, listed := s.listed[id]; listed {
		s.listed[id] = m
		delete(s.unseen, id)
	} else {
		s.single[id] = singleMeeting{m, a.opts.Now()}
	}
	return m, true, nil
}

func (s *meetings) forget(id gotoclient.Key) {
	delete(s.listed, id)
	delete(s.single, id)
	delete(s.written, id)
}

// note applies our own write.
func (a *Account) noteMeeting(m gotoclient.Meeting) {
	s := &a.meetings
	s.mu.Lock()
	defer s.mu.Unlock()
	s.init()
	s.written[m.ID] = a.opts.Now()
	delete(s.unseen, m.ID)
	delete(s.deleted, m.ID)
	delete(s.single, m.ID)
	s.listed[m.ID] = m
}
