package state

import (
	"fmt"
	"slices"
)

// Calendar is what the users of an account have planned and held.
type Calendar struct {
	Meetings []*Meeting // by id
	Sessions []*Session // in the order of their beginning
}

// Meeting returns the planned meeting with that id, nil if there is none.
func (c *Calendar) Meeting(id string) *Meeting {
	if i := slices.IndexFunc(c.Meetings, func(m *Meeting) bool { return m.ID == id }); i >= 0 {
		return c.Meetings[i]
	}
	return nil
}

// Session returns the session with that id, nil if there is none.
func (c *Calendar) Session(id string) *Session {
	if i := slices.IndexFunc(c.Sessions, func(h *Session) bool { return h.ID == id }); i >= 0 {
		return c.Sessions[i]
	}
	return nil
}

// Running returns the session that a meeting is in, nil if it is in none.
func (c *Calendar) Running(meetingID string) *Session {
	i := slices.IndexFunc(c.Sessions, func(h *Session) bool { return h.MeetingID == meetingID && h.End.IsZero() })
	if i >= 0 {
		return c.Sessions[i]
	}
	return nil
}

// RemoveMeetings cancels the meetings that are doomed. What was held of them stays.
func (c *Calendar) RemoveMeetings(doomed func(*Meeting) bool) {
	c.Meetings = slices.DeleteFunc(c.Meetings, doomed)
}

// CopyMeetings returns a copy of every planned meeting.
func (c *Calendar) CopyMeetings() []Meeting { return copies(c.Meetings, (*Meeting).clone) }

// CopySessions returns a copy of every session, running and erased ones included.
func (c *Calendar) CopySessions() []Session { return copies(c.Sessions, (*Session).clone) }

func copies[T any](items []*T, clone func(*T) T) []T {
	out := make([]T, 0, len(items))
	for _, item := range items {
		out = append(out, clone(item))
	}
	return out
}

func (m *Meeting) clone() Meeting {
	c := *m
	c.CoorganizerKeys = slices.Clone(m.CoorganizerKeys)
	return c
}

func (h *Session) clone() Session {
	c := *h
	c.Attendees = slices.Clone(h.Attendees)
	if h.Recording != nil {
		r := *h.Recording
		c.Recording = &r
	}
	return c
}

// takeMeetings fills a new account with the meetings and sessions of a state.
func takeMeetings(d *Directory, in *Account) error {
	for i := range in.Meetings {
		m := in.Meetings[i].clone()
		if err := d.Plan(&m); err != nil {
			return err
		}
	}
	for i := range in.Sessions {
		h := in.Sessions[i].clone()
		if !IsKey(h.ID) || d.Session(h.ID) != nil || !IsKey(h.MeetingID) || !d.knows(h.OrganizerKey) {
			return fmt.Errorf("session %q: it is there twice, or a key of it is none", h.ID)
		}
		d.Sessions = append(d.Sessions, &h)
	}
	return nil
}

// Plan puts a meeting in. It fails when the id is none or taken, the account has no such organizer, or the meeting makes no sense.
func (d *Directory) Plan(m *Meeting) error {
	if !IsKey(m.ID) || d.Meeting(m.ID) != nil {
		return fmt.Errorf("meeting %q: the id is none, or taken", m.ID)
	}
	if err := d.sound(m); err != nil {
		return err
	}
	d.Meetings = append(d.Meetings, m)
	slices.SortFunc(d.Meetings, func(x, y *Meeting) int { return CompareKeys(x.ID, y.ID) })
	return nil
}

// Replan stores a changed meeting in the place of the old one, whose id stays. It fails, and changes nothing, when the account has no
// such organizer, or the meeting makes no sense.
func (d *Directory) Replan(old, changed *Meeting) error {
	c := changed.clone()
	c.ID = old.ID
	if err := d.sound(&c); err != nil {
		return err
	}
	*old = c
	return nil
}

// sound looks for what makes no sense in a meeting.
func (d *Directory) sound(m *Meeting) error {
	switch {
	case !d.knows(m.OrganizerKey):
		return fmt.Errorf("meeting %s: the account has no organizer %q", m.ID, m.OrganizerKey)
	case !slices.Contains(MeetingTypes(), m.Type):
		return fmt.Errorf("meeting %s: no meetings are of the type %q", m.ID, m.Type)
	case m.Start.IsZero() || m.End.Before(m.Start):
		return fmt.Errorf("meeting %s: it has no start, or ends before it", m.ID)
	}
	return nil
}
