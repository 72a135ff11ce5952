package gotoclient_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func newOrganizer(email string) gotoclient.NewOrganizer {
	return gotoclient.NewOrganizer{Email: email, FirstName: "Fay", LastName: "Field", Product: gotoclient.ProductMeeting}
}

// The life of an organizer, in every call that the client has for it.
func TestOrganizerLife(t *testing.T) {
	w := newWorld(t)
	ctx, organizers, groups := t.Context(), w.client.Organizers(), w.client.MeetingGroups()
	blue := w.newGroup(t, "Blue", "")
	navy := w.newGroup(t, "Navy", blue)
	key, err := groups.CreateOrganizer(ctx, navy, newOrganizer("fay@example.test"))
	if err != nil {
		t.Fatal(err)
	}
	want := gotoclient.Organizer{
		Key: key, Email: "fay@example.test", FirstName: "Fay", LastName: "Field", GroupKey: navy, GroupName: "Navy",
		Status: gotoclient.OrganizerActive, Products: []string{"G2M"}, MaxAttendees: 150,
	}
	got, err := organizers.Get(ctx, key)
	if diff := cmp.Diff(&want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	found, err := organizers.FindByEmail(ctx, "FAY@example.test")
	inGroup, err2 := groups.Organizers(ctx, navy)
	all, err3 := organizers.List(ctx)
	if diff := cmp.Diff(found, inGroup); errors.Join(err, err2, err3) != nil || diff != "" || len(found) != 1 || len(all) != 2 {
		t.Errorf("%v: %v, %v, %v", errors.Join(err, err2, err3), found, inGroup, all)
	}
	list, err := groups.List(ctx)
	if diff := cmp.Diff([]gotoclient.MeetingGroup{
		{Key: blue, Name: "Blue", Status: gotoclient.OrganizerActive},
		{Key: navy, Name: "Navy", ParentKey: blue, Status: gotoclient.OrganizerActive, Organizers: 1},
	}, list); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := organizers.Create(ctx, newOrganizer("fay@example.test")); !gotoclient.IsConflict(err) || gotoclient.IsAmbiguous(err) {
		t.Errorf("created twice: %v", err)
	}
	if err := organizers.AddProduct(ctx, key, gotoclient.ProductWebinar); err != nil {
		t.Error(err)
	}
	if got, _ := organizers.Get(ctx, key); cmp.Diff([]string{"G2M", "G2W"}, got.Products) != "" {
		t.Errorf("products %v", got.Products)
	}
	if err := organizers.Suspend(ctx, key); err != nil {
		t.Error(err)
	}
	if got, _ := organizers.Get(ctx, key); got.Status != gotoclient.OrganizerSuspended || len(got.Products) != 0 {
		t.Errorf("suspended %+v", got)
	}
	if err := organizers.Delete(ctx, key); err != nil {
		t.Error(err)
	}
	if err := organizers.Delete(ctx, key); !gotoclient.IsNotFound(err) {
		t.Errorf("deleted twice: %v", err)
	}
	again, err := organizers.Create(ctx, newOrganizer("fay@example.test"))
	if err != nil || again != key {
		t.Errorf("revived as %s, %v", again, err)
	}
	if err := organizers.DeleteByEmail(ctx, "fay@example.test"); err != nil {
		t.Error(err)
	}
	if found, err := organizers.FindByEmail(ctx, "fay@example.test"); err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}

func TestOrganizerWithoutAKey(t *testing.T) {
	w := newWorld(t)
	w.set(t, "invitedOrganizer", "legacyNoKey")
	ctx, organizers := t.Context(), w.client.Organizers()
	key, err := organizers.Create(ctx, newOrganizer("fay@example.test"))
	found, err2 := organizers.FindByEmail(ctx, "fay@example.test")
	if err != nil || err2 != nil || key != "" || len(found) != 1 || found[0].Key != "" {
		t.Fatalf("%v, %v: %q, %+v", err, err2, key, found)
	}
	u, _ := w.sim.UserByEmail(acct, "fay@example.test")
	w.sim.AcceptInvitation(acct, u.Key)
	if found, err = organizers.FindByEmail(ctx, "fay@example.test"); err != nil || found[0].Key != gotoclient.Key(u.Key) {
		t.Errorf("%v: %+v", err, found)
	}
}

func TestInvalidKeysOfMeetingsAreNotSent(t *testing.T) {
	w := newWorld(t)
	ctx, m, o, g := t.Context(), w.client.Meetings(), w.client.Organizers(), w.client.MeetingGroups()
	for _, bad := range []gotoclient.Key{"", "abc", "1/../2", "1?x=y"} {
		_, get := m.Get(ctx, bad)
		_, host := m.HostURL(ctx, bad)
		_, attendees := m.Attendees(ctx, bad)
		_, organizer := o.Get(ctx, bad)
		_, upcoming := o.Upcoming(ctx, bad)
		_, organizers := g.Organizers(ctx, bad)
		_, inGroup := g.CreateOrganizer(ctx, bad, newOrganizer("fay@example.test"))
		_, history := g.History(ctx, bad, w.day())
		for _, err := range []error{
			get, host, attendees, organizer, upcoming, organizers, inGroup, history, m.Delete(ctx, bad), m.Update(ctx, bad, w.soon()),
			o.Suspend(ctx, bad), o.Delete(ctx, bad), o.DeleteSession(ctx, bad, "1"), o.DeleteSession(ctx, "1", bad),
		} {
			if !errors.Is(err, gotoclient.ErrInvalidKey) {
				t.Errorf("%q: got %v", bad, err)
			}
		}
	}
	if n := len(w.sim.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}
