package meetings

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/account/records"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// fresh is how long what was read of a meeting that the list does not show counts.
const fresh = time.Minute

// Options of Meetings.
type Options struct {
	// API reads and writes them.
	API *gotoclient.MeetingsService
	// Organizer is the credentials' user, whose meetings these are.
	Organizer gotoclient.Key
	// Brake of deletions.
	Brake *brake.Brake
	// Lag is how long a new meeting may be missing from the list.
	Lag time.Duration
	// Now is the clock.
	Now func() time.Time
	// OnChange is told of the meetings that were found different: those that appeared, changed or vanished.
	OnChange func(ids []gotoclient.Key)
}

// Meetings are the upcoming meetings of one user.
type Meetings struct {
	opts    Options
	records *records.Records[gotoclient.Meeting]
	reader  *reading.Reader
	lookup  evidence.Lookup[gotoclient.Meeting]
	past    history
	shown   shown

	mu    sync.Mutex
	inUse func(context.Context) bool
}

// New returns meetings of which nothing is known. Their readings live as long as ctx.
func New(ctx context.Context, opts Options) *Meetings {
	m := &Meetings{opts: opts, shown: shown{types: map[gotoclient.MeetingType]bool{}}}
	m.records = records.New(records.Options[gotoclient.Meeting]{Same: same, Merge: fields.Merge, Fill: fill, Lag: opts.Lag})
	m.reader = reading.NewReader(ctx, opts.Now, m.read)
	m.lookup = evidence.Lookup[gotoclient.Meeting]{Get: opts.API.Get, Lacks: m.lacking, Keep: m.keep, Forget: m.vanish}
	return m
}

// Use has the meetings read at every resync from now on, as long as inUse says so.
func (m *Meetings) Use(inUse func(context.Context) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inUse = inUse
}

// Resync reads the list if somebody uses it. Its failure is not the account's: that of the meetings alone is kept for those who ask for
// them. It tells whether they can be read again, after GoTo had refused it.
func (m *Meetings) Resync(ctx context.Context) (recovered bool) {
	m.mu.Lock()
	inUse := m.inUse
	m.mu.Unlock()
	if inUse == nil || !inUse(ctx) {
		return false
	}
	wasRefused := m.shown.refusal() != nil
	return m.reader.After(ctx, m.opts.Now()) == nil && wasRefused
}

// ReadSince makes sure of a reading that began no earlier than since; any will do for the zero time. A refusal that no
// retry cures is remembered until the next resync, so that a thousand objects do not each ask for it.
func (m *Meetings) ReadSince(ctx context.Context, since time.Time) error {
	if err := m.shown.refusal(); err != nil {
		return err
	}
	return m.reader.After(ctx, since.Add(-1))
}

// read makes one reading of the list, and reports what changed. Of the first one nobody is told: whoever asked for it looks at once.
func (m *Meetings) read(ctx context.Context, began time.Time, _ func(gotoclient.Key) bool) error {
	listed, err := m.opts.API.Upcoming(ctx)
	if err == nil && len(listed) == 0 {
		err = m.believeEmpty(ctx, began)
	}
	m.shown.note(listed, err)
	if err != nil {
		return err
	}
	list := make(map[gotoclient.Key]*gotoclient.Meeting, len(listed))
	for i := range listed {
		list[listed[i].ID] = m.records.Keep(listed[i].ID, &listed[i])
	}
	if ids := different(m.records.Read(began, list)); len(ids) > 0 {
		m.opts.OnChange(ids)
	}
	return nil
}

// different are the meetings of which somebody has to know.
func different(differences []records.Difference[gotoclient.Meeting]) (ids []gotoclient.Key) {
	for _, d := range differences {
		if d.Was == nil || d.Now == nil || differs(d.Was, d.Now) {
			ids = append(ids, d.Key)
		}
	}
	return ids
}

// Inherit has the meetings read from the beginning if somebody uses those of an earlier connection.
func (m *Meetings) Inherit(before *Meetings) {
	before.mu.Lock()
	defer before.mu.Unlock()
	m.inUse = before.inUse
	m.records.Inherit(before.records)
}

// Since are the meetings that are different from what an earlier connection knew last. What that knew and this one has not read may be.
func (m *Meetings) Since(before *Meetings) []gotoclient.Key {
	return different(m.records.Since(before.records))
}

// believeEmpty refuses an empty list where a meeting that was to come is found by its id.
func (m *Meetings) believeEmpty(ctx context.Context, now time.Time) error {
	var some gotoclient.Key
	for id, meeting := range m.records.All() {
		if meeting.End.After(now) && m.shown.lists(meeting.Type) && (some == "" || id < some) {
			some = id
		}
	}
	if some == "" {
		return nil
	}
	_, err := m.opts.API.Get(ctx, some)
	switch {
	case gotoclient.MayBeAbsent(err) && !gotoclient.IsForbidden(err), gotoclient.IsNotFound(err): // what may say so; the empty list is the other sign
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%w: that of the meetings is empty, and yet one is there", reading.ErrInconsistent)
}

// Get returns a meeting of the last reading, or one that was read by itself less than a minute ago since the list does
// not show it. That it is not there is not proof: see Confirm.
func (m *Meetings) Get(id gotoclient.Key) (gotoclient.Meeting, bool) {
	known := m.records.Get(id)
	if known == nil {
		return gotoclient.Meeting{}, false
	}
	laid, own, at := m.records.Laid(id)
	if laid && !own && !m.records.Listed(id) && !at.After(m.opts.Now().Add(-fresh)) {
		return *known, false
	}
	return *known, true
}

// All are those of the last reading and our own since, by id.
func (m *Meetings) All() []gotoclient.Meeting {
	var out []gotoclient.Meeting
	for id, meeting := range m.records.All() {
		if m.counts(id) {
			out = append(out, *meeting)
		}
	}
	slices.SortFunc(out, func(x, y gotoclient.Meeting) int { return strings.Compare(string(x.ID), string(y.ID)) })
	return out
}

// Len is the number of All.
func (m *Meetings) Len() int {
	n := 0
	for id := range m.records.All() {
		if m.counts(id) {
			n++
		}
	}
	return n
}

// counts is false for a meeting that is known only since it was read by itself.
func (m *Meetings) counts(id gotoclient.Key) bool {
	_, own, _ := m.records.Laid(id)
	return own || m.records.Listed(id)
}

// ReadAt is when the last reading of the list began; zero before the first.
func (m *Meetings) ReadAt() time.Time { return m.records.ReadAt() }

// Lists is true if meetings of this type that are to come are surely in the list. Scheduled ones are (D); whether
// recurring and immediate ones are is UNVERIFIED, and true once one was seen there.
func (m *Meetings) Lists(kind gotoclient.MeetingType) bool {
	return kind == gotoclient.MeetingScheduled || m.shown.lists(kind)
}

// Confirm asks GoTo for one meeting as it is now, and puts it in the records. The answer false is proof that it is not there, or not the
// caller's: GoTo says so, and a list that was read after that does not show it. evidence.ErrUnconfirmed is for answers that do not agree.
// A 403 proves nothing: the list, too, lacks what is somebody else's.
func (m *Meetings) Confirm(ctx context.Context, id gotoclient.Key) (gotoclient.Meeting, bool, error) {
	return m.lookup.Confirm(ctx, id)
}

// keep puts in the records what GoTo shows of a meeting.
func (m *Meetings) keep(id gotoclient.Key, read *gotoclient.Meeting) {
	m.shown.complete(read)
	m.records.Correct(id, read, m.opts.Now())
}

// vanish forgets a meeting that was found gone, and tells whoever stands for it: no later reading finds a difference.
func (m *Meetings) vanish(id gotoclient.Key) {
	known := m.records.Get(id) != nil
	m.records.Correct(id, nil, m.opts.Now())
	if known {
		m.opts.OnChange([]gotoclient.Key{id})
	}
}

// lacking reads the list and tells whether it lacks a meeting. Of a type that the list may not show (UNVERIFIED) it says nothing: there
// the meeting is asked for once more, after the list has shown that GoTo answers.
func (m *Meetings) lacking(ctx context.Context, id gotoclient.Key) (bool, error) {
	known := m.records.Get(id)
	if err := m.ReadSince(ctx, m.opts.Now()); err != nil {
		return false, err
	}
	if m.records.Listed(id) {
		return false, nil
	}
	if known == nil || m.Lists(known.Type) {
		return true, nil
	}
	_, err := m.opts.API.Get(ctx, id)
	if gotoclient.MayBeAbsent(err) {
		return true, nil
	}
	return false, err
}
