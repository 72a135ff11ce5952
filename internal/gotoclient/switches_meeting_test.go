package gotoclient_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// walkMeetings goes through the life of a meeting.
func walkMeetings(t *testing.T, w *world, step func(string, error) bool) {
	t.Helper()
	ctx, meetings := t.Context(), w.client.Meetings()
	spec := w.soon(func(s *gotoclient.MeetingSpec) { s.PasswordRequired = true })
	created, err := meetings.Create(ctx, spec)
	if !step("meeting", err) {
		w.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) {
			u.LicenseKeys = []string{simulator.DefaultMeetingLicenseKey}
		})
		if created, err = meetings.Create(ctx, spec); err != nil {
			t.Fatal(err)
		}
	}
	id := created.ID
	if created.JoinURL == "" || !created.UniqueID.Valid() {
		t.Errorf("created %+v", created)
	}
	w.sim.Advance(3 * time.Second) // past the visibility lag
	got, err := meetings.Get(ctx, id)
	upcoming, err2 := meetings.Upcoming(ctx)
	scheduled, err3 := meetings.Scheduled(ctx)
	if !step("meeting get", err) || !step("upcoming", err2) || !step("scheduled", err3) || len(upcoming) != 1 || len(scheduled) != 1 {
		t.Fatalf("%+v, %+v", upcoming, scheduled)
	}
	// A caller who compares what it wants with what it reads sees no difference, wherever it reads.
	for name, m := range map[string]gotoclient.Meeting{"get": *got, "upcoming": upcoming[0], "scheduled": scheduled[0]} {
		if m.ID != id || !w.showsText(spec.Subject, m.Subject) || !gotoclient.SameSubject(spec.Subject, m.Subject) || !m.Start.Equal(spec.Start) ||
			!m.End.Equal(spec.End) || m.Type != spec.Type || m.PasswordRequired == nil || !*m.PasswordRequired ||
			!gotoclient.SameConferenceCall(spec.ConferenceCallInfo, m.ConferenceCallInfo) || m.Status != gotoclient.MeetingInactive {
			t.Errorf("%s: %+v", name, m)
		}
	}
	step("meeting update", meetings.Update(ctx, id, spec))
	_, err = meetings.HostURL(ctx, id)
	step("host URL", err)
	_, err = meetings.Create(ctx, w.soon(func(s *gotoclient.MeetingSpec) { s.ConferenceCallInfo = "PTSN" }))
	step("meeting, misspelt", err)
	_, err = meetings.Historical(ctx, w.day())
	step("empty history", err)
	_, err = meetings.Historical(ctx, gotoclient.TimeRange{Start: w.sim.Now().AddDate(0, 0, -120), End: w.sim.Now()})
	step("long history", err)
	walkHistory(t, w, step, id)
	w.sim.Advance(2 * time.Hour)
	_, err = meetings.Get(ctx, id)
	step("ended meeting", err)
	step("meeting delete", meetings.Delete(ctx, id))
	w.missing(t, "a meeting that is gone", meetings.Delete(ctx, id))
}

func walkHistory(t *testing.T, w *world, step func(string, error) bool, id gotoclient.Key) {
	t.Helper()
	ctx, meetings, organizers := t.Context(), w.client.Meetings(), w.client.Organizers()
	session := w.play(id)
	past, err := meetings.Historical(ctx, w.day())
	old, err2 := meetings.History(ctx, w.day())
	if step("history", err) && step("old history", err2) {
		for _, m := range append(past, old...) {
			if m.ID != id || m.SessionID != session || m.Attendees != 1 || m.Recording == nil || !w.showsText("1 < 2 & 3 > 2", m.Subject) || m.Start.IsZero() {
				t.Errorf("history %+v", m)
			}
		}
	}
	who, err := meetings.Attendees(ctx, id)
	if step("attendees", err) && (len(who) != 1 || who[0].Email != "ann@guest.test" || who[0].MeetingID != id || who[0].Join.IsZero()) {
		t.Errorf("attendees %+v", who)
	}
	step("erase", organizers.DeleteSession(ctx, self, session))
	past, err = meetings.Historical(ctx, w.day())
	if step("history without session", err) && (len(past) != 1 || past[0].SessionID != "" || past[0].ID != id) {
		t.Errorf("history %+v", past)
	}
	_, err = meetings.Create(ctx, w.soon(func(s *gotoclient.MeetingSpec) { s.Start = s.Start.Add(-48 * time.Hour) }))
	step("meeting of old", err)
	theirs, _ := w.sim.UserByEmail(acct, "bare@example.test")
	if theirs.Key == "" { // where users need a licence
		theirs.Key = w.sim.AddUser(acct, simulator.User{Email: "bare@example.test", FirstName: "B", LastName: "B"})
	}
	w.sim.AcceptInvitation(acct, theirs.Key)
	now := w.sim.Now()
	foreign := gotoclient.Key(w.sim.AddMeeting(acct, simulator.Meeting{OrganizerKey: theirs.Key, Subject: "Theirs", Start: now, End: now}))
	_, get := meetings.Get(ctx, foreign)
	_, host := meetings.HostURL(ctx, foreign)
	for name, err := range map[string]error{
		"get": get, "host URL": host, "delete": meetings.Delete(ctx, foreign), "update": meetings.Update(ctx, foreign, w.soon()),
	} {
		if !gotoclient.IsNotFound(err) && !gotoclient.IsForbidden(err) || !gotoclient.IsRefused(err) || gotoclient.IsUnauthenticated(err) {
			t.Errorf("%s of somebody else's meeting: %v", name, err)
		}
	}
	_, err = organizers.Historical(ctx, gotoclient.Key(theirs.Key), w.day())
	step("organizer's history", err)
}

// walkOrganizers goes through the life of an organizer.
func walkOrganizers(t *testing.T, w *world, step func(string, error) bool) {
	t.Helper()
	ctx, organizers, groups := t.Context(), w.client.Organizers(), w.client.MeetingGroups()
	const email = "organizer@example.test"
	key, err := organizers.Create(ctx, newOrganizer(email))
	step("organizer", err)
	u, ok := w.sim.UserByEmail(acct, email)
	if !ok || key != "" && key != gotoclient.Key(u.Key) {
		t.Fatalf("created as %s, the user is %+v", key, u)
	}
	w.sim.Advance(3 * time.Second) // past the visibility lag
	found, err := organizers.FindByEmail(ctx, "Organizer@example.test")
	if step("find organizer", err) && (len(found) != 1 || found[0].Key != key || found[0].GroupKey != "") {
		t.Errorf("found %+v", found)
	}
	w.sim.AcceptInvitation(acct, u.Key)
	key = gotoclient.Key(u.Key)
	got, err := organizers.Get(ctx, key)
	if step("organizer get", err) && (got.Email != email || got.Status != gotoclient.OrganizerActive || len(got.Products) != 1) {
		t.Errorf("got %+v", got)
	}
	step("suspend", organizers.Suspend(ctx, key))
	if again, err := organizers.Create(ctx, newOrganizer(email)); step("suspended again", err) && again != key {
		t.Errorf("taken back as %s", again)
	}
	step("suspend twice", organizers.Suspend(ctx, key))
	step("add product", organizers.AddProduct(ctx, key, gotoclient.ProductMeeting))
	if _, err := organizers.Create(ctx, newOrganizer(email)); !gotoclient.IsConflict(err) {
		t.Errorf("an organizer who exists: %v", err)
	}
	step("delete organizer", organizers.Delete(ctx, key))
	if err := organizers.DeleteByEmail(ctx, email); err != nil && !gotoclient.IsRefused(err) {
		t.Errorf("nobody has the e-mail: %v", err)
	}
	found, err = organizers.FindByEmail(ctx, email)
	if step("find nobody", err) && len(found) != 0 {
		t.Errorf("found %+v", found)
	}

	crowd := gotoclient.Key(w.sim.AddGroup(acct, simulator.Group{Name: "Crowd"}))
	for i := range 51 {
		w.sim.AddUser(acct, simulator.User{Email: fmt.Sprintf("member%d@example.test", i), GroupKey: crowd.String()})
	}
	if _, err := groups.Upcoming(ctx, crowd); !gotoclient.IsRefused(err) && !gotoclient.IsTemporary(err) || gotoclient.IsNotFound(err) {
		t.Errorf("a large group: %v", err)
	}
	if _, err := groups.Organizers(ctx, "7499999999999999999"); !gotoclient.IsRefused(err) || gotoclient.IsNotFound(err) {
		t.Errorf("a group that does not exist: %v", err)
	}
	// Without the scope, whatever is said.
	poor := world{sim: w.sim}
	poor.connect(t, w.url, patGrant(simulator.NoMeetingScopePersonalAccessToken))
	_, err = poor.client.Meetings().Upcoming(ctx)
	if !gotoclient.IsForbidden(err) && !gotoclient.IsUnauthenticated(err) || gotoclient.IsTemporary(err) {
		t.Errorf("without the scope: %v", err)
	}
}
