package gotoclient_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	acct = simulator.DefaultAccountKey
	self = gotoclient.Key(simulator.DefaultAdminKey)
)

// soon is a meeting an hour from now.
func (w *world) soon(change ...func(*gotoclient.MeetingSpec)) gotoclient.MeetingSpec {
	start := w.sim.Now().UTC().Truncate(time.Second).Add(time.Hour)
	spec := gotoclient.MeetingSpec{
		Subject: "1 < 2 & 3 > 2", Start: start, End: start.Add(30 * time.Minute), Type: gotoclient.MeetingScheduled,
		ConferenceCallInfo: gotoclient.CallHybrid, CoorganizerKeys: []gotoclient.Key{self},
	}
	for _, f := range change {
		f(&spec)
	}
	return spec
}

// play holds a meeting and returns the id of its session.
func (w *world) play(id gotoclient.Key) gotoclient.Key {
	session := w.sim.StartMeeting(acct, id.String())
	w.sim.JoinMeeting(acct, id.String(), simulator.Attendee{Name: "Ann Guest", Email: "ann@guest.test"})
	w.sim.Advance(30 * time.Minute)
	w.sim.EndMeeting(acct, id.String())
	w.sim.AttachRecording(acct, session, simulator.Recording{Name: "Take one"})
	return gotoclient.Key(session)
}

func (w *world) day() gotoclient.TimeRange {
	now := w.sim.Now()
	return gotoclient.TimeRange{Start: now.Add(-24 * time.Hour), End: now.Add(time.Minute)}
}

// The life of a meeting, in every call that the client has for it.
func TestMeetingLife(t *testing.T) {
	w := newWorld(t)
	ctx, meetings := t.Context(), w.client.Meetings()
	spec := w.soon(func(s *gotoclient.MeetingSpec) { s.Start, s.End = s.Start.In(time.FixedZone("", 3600)), s.End.Add(999) })
	created, err := meetings.Create(ctx, spec)
	if err != nil {
		t.Fatal(err)
	}
	id := created.ID
	if diff := cmp.Diff(&gotoclient.Meeting{
		ID: id, UniqueID: id, JoinURL: "https://meet.goto.com/" + id.String(), MaxParticipants: 150, ConferenceCallInfo: "Hybrid",
	}, created); diff != "" || len(id) != 9 {
		t.Error(diff)
	}
	got, err := meetings.Get(ctx, id)
	want := &gotoclient.Meeting{
		ID: id, UniqueID: id, Subject: "1 < 2 & 3 > 2", Start: spec.Start.UTC(), End: spec.End.Add(-999), Type: gotoclient.MeetingScheduled,
		Status: gotoclient.MeetingInactive, PasswordRequired: ptr(false), MaxParticipants: 150, ConferenceCallInfo: "Hybrid",
		CoorganizerKeys: []gotoclient.Key{self},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	changed := w.soon(func(s *gotoclient.MeetingSpec) {
		s.Subject, s.Type, s.PasswordRequired, s.CoorganizerKeys = "Moved", gotoclient.MeetingRecurring, true, nil
	})
	if err := meetings.Update(ctx, id, changed); err != nil {
		t.Fatal(err)
	}
	if m := w.sim.Meetings(acct)[0]; m.Subject != "Moved" || !m.PasswordRequired || m.Type != "recurring" || len(m.CoorganizerKeys) > 0 {
		t.Errorf("after the update: %+v", m)
	}
	upcoming, err := meetings.Upcoming(ctx)
	scheduled, err2 := meetings.Scheduled(ctx)
	if err != nil || err2 != nil || len(upcoming) != 1 || len(scheduled) != 1 || upcoming[0].ID != id || scheduled[0].ID != id ||
		upcoming[0].OrganizerKey != self || upcoming[0].OrganizerEmail != simulator.DefaultAdminEmail || upcoming[0].AccountKey != account ||
		scheduled[0].Created.IsZero() {
		t.Errorf("%v, %v: %+v, %+v", err, err2, upcoming, scheduled)
	}
	url, err := meetings.HostURL(ctx, id)
	if err != nil || !strings.Contains(url.Reveal(), simulator.HostToken) || len(leaks(url, []string{simulator.HostToken})) > 0 {
		t.Errorf("%v: %s", err, url)
	}
	if err := meetings.Delete(ctx, id); err != nil {
		t.Fatal(err)
	}
	_, get := meetings.Get(ctx, id)
	_, start := meetings.HostURL(ctx, id)
	_, attendees := meetings.Attendees(ctx, id)
	for name, err := range map[string]error{
		"get": get, "start": start, "attendees": attendees, "delete": meetings.Delete(ctx, id), "update": meetings.Update(ctx, id, changed),
	} {
		if !gotoclient.IsNotFound(err) || gotoclient.IsAmbiguous(err) {
			t.Errorf("%s of a deleted meeting: %v", name, err)
		}
	}
}

// A POST that may have worked is not sent again, a DELETE is, and finds its work
// done.
func TestLostAnswersOfMeetings(t *testing.T) {
	w := newWorld(t)
	for _, kind := range []simulator.FaultKind{simulator.FaultErrorAfter, simulator.FaultCutAfter, simulator.FaultCutBody, simulator.FaultTruncate, simulator.FaultHTML} {
		for operation, create := range map[string]func() error{
			gotoclient.OpCreateMeeting: func() error { _, err := w.client.Meetings().Create(t.Context(), w.soon()); return err },
			gotoclient.OpCreateOrganizer: func() error {
				_, err := w.client.Organizers().Create(t.Context(), newOrganizer(fmt.Sprintf("%s@example.test", kind)))
				return err
			},
		} {
			w.sim.ResetLog()
			w.sim.Inject(simulator.Fault{Kind: kind, Status: 503, Operation: operation, Count: 1})
			if err := create(); !gotoclient.IsAmbiguous(err) || w.sim.Calls()[operation] != 1 {
				t.Errorf("%s %s: %v after %v", operation, kind, err, w.sim.Calls())
			}
		}
	}
	if n := len(w.sim.Meetings(acct)); n != 5 {
		t.Errorf("%d meetings, want 5", n)
	}
	id := gotoclient.Key(w.sim.Meetings(acct)[0].ID)
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: gotoclient.OpDeleteMeeting, Count: 1})
	if err := w.client.Meetings().Delete(t.Context(), id); !gotoclient.IsNotFound(err) || !gotoclient.IsAmbiguous(err) {
		t.Errorf("the second attempt finds nothing, and no code says that the first has done it: %v", err)
	}
}

// 403 with InvalidToken costs one new token and no failure, for a POST too.
func TestGatewayRefusesTheToken(t *testing.T) {
	w := newWorld(t)
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultExpireToken, Operation: gotoclient.OpCreateMeeting, Count: 1})
	if _, err := w.client.Meetings().Create(t.Context(), w.soon()); err != nil {
		t.Fatal(err)
	}
	want := []string{"token 200", "createMeeting 403", "token 200", "createMeeting 201"}
	if diff := cmp.Diff(want, w.seen("")); diff != "" || len(w.sim.Meetings(acct)) != 1 {
		t.Error(diff)
	}
	scope := newWorld(t, patGrant(simulator.NoMeetingScopePersonalAccessToken))
	if _, err := scope.client.Meetings().Upcoming(t.Context()); !gotoclient.IsForbidden(err) {
		t.Errorf("without the scope: %v", err)
	}
	own := newWorld(t, patGrant(simulator.NoAdminScopePersonalAccessToken))
	if _, err := own.client.Meetings().Upcoming(t.Context()); err != nil {
		t.Errorf("own meetings: %v", err)
	}
	if _, err := own.client.Organizers().List(t.Context()); !gotoclient.IsForbidden(err) {
		t.Errorf("other people: %v", err)
	}
}

func TestFreeAccount(t *testing.T) {
	for _, form := range simulator.SwitchPositions()["meetingErrorBody"] {
		w := newWorld(t)
		w.set(t, "meetingErrorBody", form)
		w.sim.SetFree(acct, true)
		_, err := w.client.Meetings().Create(t.Context(), w.soon())
		if !gotoclient.IsNotEntitled(err) || !gotoclient.IsRefused(err) || gotoclient.IsAmbiguous(err) || gotoclient.IsNotEntitled(nil) {
			t.Errorf("%s: %v", form, err)
		}
	}
}

func TestHistoryOfMeetings(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	group := gotoclient.Key(w.sim.AddGroup(acct, simulator.Group{Name: "Blue"}))
	w.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.GroupKey = group.String() })
	created, err := w.client.Meetings().Create(ctx, w.soon())
	if err != nil {
		t.Fatal(err)
	}
	id := created.ID
	session := w.play(id)
	meetings, organizers, groups := w.client.Meetings(), w.client.Organizers(), w.client.MeetingGroups()
	// What each list shows of a session beyond id, subject and duration.
	for name, c := range map[string]struct {
		read                             func() ([]gotoclient.PastMeeting, error)
		session, instance, who, recorded bool
	}{
		"own":            {func() ([]gotoclient.PastMeeting, error) { return meetings.Historical(ctx, w.day()) }, true, false, true, true},
		"own, old":       {func() ([]gotoclient.PastMeeting, error) { return meetings.History(ctx, w.day()) }, true, true, true, true},
		"organizer":      {func() ([]gotoclient.PastMeeting, error) { return organizers.Historical(ctx, self, w.day()) }, true, false, true, true},
		"organizer, old": {func() ([]gotoclient.PastMeeting, error) { return organizers.History(ctx, self, w.day()) }, false, false, false, false},
		"group":          {func() ([]gotoclient.PastMeeting, error) { return groups.Historical(ctx, group, w.day()) }, false, false, true, false},
		"group, old":     {func() ([]gotoclient.PastMeeting, error) { return groups.History(ctx, group, w.day()) }, false, true, true, false},
	} {
		all, err := c.read()
		if err != nil || len(all) != 1 {
			t.Errorf("%s: %v, %v", name, err, all)
			continue
		}
		m := all[0]
		if m.ID != id || m.Subject != "1 < 2 & 3 > 2" || m.End.Sub(m.Start) != 30*time.Minute || m.Type != gotoclient.MeetingScheduled ||
			(m.SessionID == session) != c.session || (m.InstanceKey == session) != c.instance || (m.OrganizerKey == self) != c.who ||
			(m.Attendees == 1) != c.who || (m.Recording != nil) != c.recorded || c.who && m.Duration != 30*time.Minute {
			t.Errorf("%s: %+v", name, m)
		}
	}
	for name, read := range map[string]func() ([]gotoclient.Attendance, error){
		"meeting":    func() ([]gotoclient.Attendance, error) { return meetings.Attendees(ctx, id) },
		"organizer":  func() ([]gotoclient.Attendance, error) { return organizers.Attendees(ctx, self, w.day()) },
		"group":      func() ([]gotoclient.Attendance, error) { return groups.Attendees(ctx, group, w.day()) },
		"group, all": func() ([]gotoclient.Attendance, error) { return groups.Attendees(ctx, group, gotoclient.TimeRange{}) },
	} {
		all, err := read()
		if err != nil || len(all) != 1 {
			t.Errorf("%s: %v, %d", name, err, len(all))
			continue
		}
		a := all[0]
		if a.MeetingID != id || a.InstanceKey != session || a.OrganizerKey != self || a.Name != "Ann Guest" || a.Email != "ann@guest.test" ||
			a.Leave.Sub(a.Join) != 30*time.Minute || a.End.Sub(a.Start) != 30*time.Minute || a.Subject != "1 < 2 & 3 > 2" {
			t.Errorf("%s: %s %s %+v", name, a.Name, a.Email, a)
		}
	}
	for _, erase := range []func(context.Context, gotoclient.Key, gotoclient.Key) error{
		organizers.DeleteSessionRecordings, organizers.DeleteSessionAttendees, organizers.DeleteSession,
	} {
		if err := erase(ctx, self, session); err != nil {
			t.Error(err)
		}
	}
	if err := organizers.DeleteSession(ctx, self, session); !gotoclient.IsNotFound(err) {
		t.Errorf("erased twice: %v", err)
	}
	all, err := meetings.Historical(ctx, w.day())
	if err != nil || len(all) != 1 || all[0].SessionID != "" || all[0].Recording != nil || all[0].ID != id {
		t.Errorf("%v: %+v", err, all)
	}
}

func TestInWindows(t *testing.T) {
	start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	var asked []gotoclient.TimeRange
	read := func(_ context.Context, r gotoclient.TimeRange) ([]gotoclient.PastMeeting, error) {
		asked = append(asked, r)
		var out []gotoclient.PastMeeting
		for n := range 200 { // one meeting each midnight, at the ends of windows too
			if at := day(n); !at.Before(r.Start) && !at.After(r.End) {
				out = append(out, gotoclient.PastMeeting{Meeting: gotoclient.Meeting{ID: "6", Start: at}})
			}
		}
		return out, nil
	}
	all, err := gotoclient.InWindows(t.Context(), gotoclient.TimeRange{Start: day(0), End: day(130)}, 60, read)
	if err != nil || len(all) != 131 || !all[0].Start.Equal(day(0)) || !all[130].Start.Equal(day(130)) {
		t.Errorf("%v, %d meetings", err, len(all))
	}
	want := []gotoclient.TimeRange{{Start: day(0), End: day(60)}, {Start: day(60), End: day(120)}, {Start: day(120), End: day(130)}}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
	asked = nil
	short := gotoclient.TimeRange{Start: day(0), End: day(1)}
	if all, err := gotoclient.InWindows(t.Context(), short, 0, read); err != nil || len(all) != 2 || len(asked) != 1 {
		t.Errorf("%v, %d meetings in %v", err, len(all), asked)
	}
	broken := errors.New("broken")
	calls := 0
	all, err = gotoclient.InWindows(t.Context(), gotoclient.TimeRange{Start: day(0), End: day(9)}, 3,
		func(ctx context.Context, r gotoclient.TimeRange) ([]gotoclient.PastMeeting, error) {
			if calls++; calls == 2 {
				return nil, broken
			}
			return read(ctx, r)
		})
	if !errors.Is(err, broken) || len(all) != 4 || calls != 2 {
		t.Errorf("%v, %d meetings, %d calls", err, len(all), calls)
	}
}

// The window that the service allows is met by reading in windows.
func TestLongHistory(t *testing.T) {
	w := newWorld(t)
	w.set(t, "historyWindow", "60")
	now := w.sim.Now()
	long := gotoclient.TimeRange{Start: now.AddDate(0, 0, -130), End: now}
	meetings := w.client.Meetings()
	if _, err := meetings.Historical(t.Context(), long); !gotoclient.IsRefused(err) {
		t.Errorf("got %v", err)
	}
	if _, err := gotoclient.InWindows(t.Context(), long, 60, meetings.Historical); err != nil || len(w.seen(gotoclient.OpListHistoricalMeetings)) != 4 {
		t.Errorf("%v after %v", err, w.seen(""))
	}
}
