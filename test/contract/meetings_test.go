package contract_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const self = gotoclient.Key(simulator.DefaultAdminKey)

// aMeeting is a meeting an hour from now.
func (w *world) aMeeting(kind gotoclient.MeetingType) gotoclient.MeetingSpec {
	start := w.sim.Now().Add(time.Hour)
	return gotoclient.MeetingSpec{
		Subject: "1 < 2", Start: start, End: start.Add(30 * time.Minute), Type: kind, ConferenceCallInfo: gotoclient.CallHybrid,
		CoorganizerKeys: []gotoclient.Key{self},
	}
}

// lately is the range of time of the last days.
func (w *world) lately(days int) gotoclient.TimeRange {
	return gotoclient.TimeRange{Start: w.sim.Now().AddDate(0, 0, -days), End: w.sim.Now()}
}

func anOrganizer(email, product string) gotoclient.NewOrganizer {
	return gotoclient.NewOrganizer{Email: email, FirstName: "Orga", LastName: "Nizer", Product: product}
}

// driveMeetings takes meetings, history and organizers through every call. The group is of the API's own, and large once.
func (w *world) driveMeetings() {
	client := w.refreshClient()
	ctx := w.t.Context()
	_, _ = client.Meetings().Create(ctx, w.aMeeting(gotoclient.MeetingScheduled)) // without a licence
	w.sim.UpdateUser(string(account), simulator.DefaultAdminKey, func(u *simulator.User) {
		u.LicenseKeys = append(u.LicenseKeys, simulator.DefaultMeetingLicenseKey)
	})
	group := gotoclient.Key(w.sim.AddGroup(string(account), simulator.Group{Name: "Meeters"}))
	id := w.drivePlans(client)
	w.driveLists(client, group)
	w.driveHeld(client, group, id)
	w.driveOrganizers(client, group)
	w.driveForeign(client)
	_ = client.Meetings().Delete(ctx, id)
	_ = client.Meetings().Delete(ctx, id)
	w.sim.SetFree(string(account), true)
	_, _ = client.Meetings().Upcoming(ctx)
	w.sim.SetFree(string(account), false)
	scope := w.patClient(simulator.NoMeetingScopePersonalAccessToken)
	_, _ = scope.Meetings().Upcoming(ctx)
}

// drivePlans returns the id of a meeting that is there whatever the switches say.
func (w *world) drivePlans(client *gotoclient.Client) gotoclient.Key {
	ctx, meetings := w.t.Context(), client.Meetings()
	specs := []gotoclient.MeetingSpec{
		w.aMeeting(gotoclient.MeetingScheduled), w.aMeeting(gotoclient.MeetingRecurring), w.aMeeting(gotoclient.MeetingImmediate),
		w.aMeeting(gotoclient.MeetingScheduled), w.aMeeting(gotoclient.MeetingScheduled), w.aMeeting(gotoclient.MeetingScheduled),
	}
	specs[1].Subject, specs[1].PasswordRequired, specs[1].ConferenceCallInfo = "Every week", true, gotoclient.CallVoIP
	specs[3].ConferenceCallInfo = "PTSN"
	specs[4].CoorganizerKeys = []gotoclient.Key{nobody}
	specs[5].Start = specs[5].Start.Add(-24 * time.Hour)
	var id gotoclient.Key
	for i, spec := range specs {
		created, err := meetings.Create(ctx, spec)
		if i == 0 {
			if err != nil {
				w.t.Fatal(err)
			}
			id = created.ID
		}
	}
	_, _ = meetings.Upcoming(ctx) // perhaps too early
	w.sim.Advance(3 * time.Second)
	backwards := specs[0]
	backwards.End = backwards.Start.Add(-time.Hour)
	_ = meetings.Update(ctx, id, specs[0])
	other := specs[0]
	other.Subject, other.ConferenceCallInfo = anyText, gotoclient.CallFree
	_ = meetings.Update(ctx, id, other)
	_, _ = meetings.Get(ctx, id)
	_ = meetings.Update(ctx, id, specs[0])
	_ = meetings.Update(ctx, id, backwards)
	_ = meetings.Update(ctx, nobody, specs[0])
	_, _ = meetings.Get(ctx, id)
	_, _ = meetings.Get(ctx, nobody)
	_, _ = meetings.HostURL(ctx, id)
	_, _ = meetings.HostURL(ctx, nobody)
	return id
}

// driveLists reads every list.
func (w *world) driveLists(client *gotoclient.Client, group gotoclient.Key) {
	ctx, meetings, organizers, groups := w.t.Context(), client.Meetings(), client.Organizers(), client.MeetingGroups()
	day := w.lately(1)
	_, _ = meetings.Upcoming(ctx)
	_, _ = meetings.Scheduled(ctx)
	_, _ = meetings.History(ctx, day)
	for _, days := range []int{1, 70, 100} {
		_, _ = meetings.Historical(ctx, w.lately(days))
	}
	for _, key := range []gotoclient.Key{self, nobody} {
		_, _ = organizers.Upcoming(ctx, key)
		_, _ = organizers.Historical(ctx, key, day)
		_, _ = organizers.Scheduled(ctx, key)
		_, _ = organizers.History(ctx, key, day)
		_, _ = organizers.Attendees(ctx, key, day)
	}
	_, _ = organizers.Historical(ctx, self, gotoclient.TimeRange{Start: day.End, End: day.Start})
	_, _ = groups.List(ctx)
	for _, key := range []gotoclient.Key{group, nobody} {
		_, _ = groups.Organizers(ctx, key)
		_, _ = groups.Upcoming(ctx, key)
		_, _ = groups.Historical(ctx, key, day)
		_, _ = groups.Scheduled(ctx, key)
		_, _ = groups.History(ctx, key, day)
		_, _ = groups.Attendees(ctx, key, day)
	}
	_, _ = groups.Attendees(ctx, group, gotoclient.TimeRange{})
}

// driveHeld holds a meeting, looks at it from everywhere, and erases it bit by bit.
func (w *world) driveHeld(client *gotoclient.Client, group, id gotoclient.Key) {
	ctx, meetings, organizers := w.t.Context(), client.Meetings(), client.Organizers()
	_, _ = meetings.Attendees(ctx, id) // not held yet
	_, _ = meetings.Attendees(ctx, nobody)
	w.sim.UpdateUser(string(account), simulator.DefaultAdminKey, func(u *simulator.User) { u.GroupKey = string(group) })
	session := gotoclient.Key(w.sim.StartMeeting(string(account), string(id)))
	w.sim.JoinMeeting(string(account), string(id), simulator.Attendee{Name: "Ann", Email: "ann@guest.test"})
	_, _ = meetings.Get(ctx, id)
	w.sim.Advance(10 * time.Minute)
	w.sim.EndMeeting(string(account), string(id))
	w.sim.AttachRecording(string(account), string(session), simulator.Recording{Name: "Take one", ShareURL: "https://example.test/r", Size: 1 << 40})
	_, _ = meetings.Attendees(ctx, id)
	w.driveLists(client, group)
	_ = organizers.DeleteSessionRecordings(ctx, self, session)
	_ = organizers.DeleteSessionAttendees(ctx, self, session)
	for range 2 { // the second time there is nothing left
		_ = organizers.DeleteSession(ctx, self, session)
	}
	_ = organizers.DeleteSessionAttendees(ctx, self, session)
	_ = organizers.DeleteSessionRecordings(ctx, self, session)
	_, _ = meetings.Historical(ctx, w.lately(1))
	_, _ = meetings.History(ctx, w.lately(1))
	w.sim.Advance(2 * time.Hour) // the meeting's own time is over
	_, _ = meetings.Get(ctx, id)
	_, _ = meetings.Upcoming(ctx)
}

func (w *world) driveOrganizers(client *gotoclient.Client, group gotoclient.Key) {
	ctx, organizers, groups := w.t.Context(), client.Organizers(), client.MeetingGroups()
	const first, second = "organizer1@example.test", "organizer2@example.test"
	_, _ = organizers.Create(ctx, anOrganizer(first, gotoclient.ProductMeeting))
	_, _ = organizers.Create(ctx, anOrganizer(first, gotoclient.ProductMeeting)) // exists
	_, _ = organizers.Create(ctx, anOrganizer("no address", gotoclient.ProductMeeting))
	_, _ = groups.CreateOrganizer(ctx, group, anOrganizer(second, gotoclient.ProductWebinar))
	_, _ = groups.CreateOrganizer(ctx, group, anOrganizer(second, gotoclient.ProductWebinar))
	_, _ = groups.CreateOrganizer(ctx, nobody, anOrganizer(second, gotoclient.ProductWebinar))
	w.sim.Advance(3 * time.Second)
	_, _ = organizers.FindByEmail(ctx, first)
	_, _ = organizers.FindByEmail(ctx, "nobody@example.test")
	_, _ = organizers.List(ctx)
	u, ok := w.sim.UserByEmail(string(account), first)
	if !ok {
		w.t.Fatal("the organizer was not created")
	}
	key := gotoclient.Key(u.Key)
	_, _ = organizers.Get(ctx, key) // perhaps without a key as yet
	w.sim.AcceptInvitation(string(account), u.Key)
	_, _ = organizers.Get(ctx, key)
	_ = organizers.Suspend(ctx, key)
	_, _ = organizers.Get(ctx, key)
	_, _ = organizers.Create(ctx, anOrganizer(first, gotoclient.ProductMeeting)) // suspended
	_ = organizers.AddProduct(ctx, key, gotoclient.ProductOpenVoice)             // no licence has it
	w.sim.UpdateLicense(string(account), simulator.DefaultWebinarLicenseKey, func(l *simulator.License) { l.Seats = 0 })
	_ = organizers.AddProduct(ctx, key, gotoclient.ProductWebinar)
	_, _ = organizers.Create(ctx, anOrganizer("late@example.test", gotoclient.ProductWebinar))
	_, _ = groups.CreateOrganizer(ctx, group, anOrganizer("late@example.test", gotoclient.ProductWebinar))
	now := w.sim.Now()
	w.sim.AddMeeting(string(account), simulator.Meeting{OrganizerKey: u.Key, Subject: "Theirs", Start: now, End: now.Add(time.Hour)})
	_ = organizers.Delete(ctx, key)
	_ = organizers.Delete(ctx, key)
	_, _ = organizers.Create(ctx, anOrganizer(first, gotoclient.ProductMeeting)) // revived
	_, _ = organizers.Upcoming(ctx, key)
	_ = organizers.DeleteByEmail(ctx, first)
	_ = organizers.DeleteByEmail(ctx, first)
	_ = organizers.Suspend(ctx, nobody)

	for i := range 51 {
		w.sim.AddUser(string(account), simulator.User{Email: fmt.Sprintf("meeter%d@example.test", i), GroupKey: string(group)})
	}
	_, _ = groups.Upcoming(ctx, group)
	_, _ = groups.Historical(ctx, group, w.lately(1))
	_, _ = groups.Attendees(ctx, group, w.lately(1))
}

// driveForeign reaches for somebody else's meeting, and sends what the client does not.
func (w *world) driveForeign(client *gotoclient.Client) {
	ctx, meetings := w.t.Context(), client.Meetings()
	now := w.sim.Now()
	key := w.sim.AddUser(string(account), simulator.User{Email: "colleague@example.test"})
	id := gotoclient.Key(w.sim.AddMeeting(string(account), simulator.Meeting{OrganizerKey: key, Subject: "Theirs", Start: now, End: now}))
	_, _ = meetings.Get(ctx, id)
	_, _ = meetings.HostURL(ctx, id)
	_ = meetings.Update(ctx, id, w.aMeeting(gotoclient.MeetingScheduled))
	_ = meetings.Delete(ctx, id)
	_, authorize := w.accessToken()
	const meeting = `"subject":"X","starttime":"2031-01-07T10:00:00Z","endtime":"2031-01-07T10:30:00Z","passwordrequired":true,` +
		`"conferencecallinfo":"hybrid","meetingtype":"scheduled"`
	for _, b := range []byHand{
		{"createMeeting", http.MethodPost, "/G2M/rest/meetings", "{" + meeting + "}"}, // without timezonekey
		{"createMeeting", http.MethodPost, "/G2M/rest/meetings", "{" + meeting + `,"timezonekey":"Europe/Berlin"}`},
		{"listMeetings", http.MethodGet, "/G2M/rest/meetings?scheduled=true&history=true", ""},
		{"listOrganizerMeetings", http.MethodGet, "/G2M/rest/organizers/" + string(self) + "/meetings", ""},
		{"updateOrganizer", http.MethodPut, "/G2M/rest/organizers/" + key, `{"status":"suspended","productType":"G2M"}`},
	} {
		w.send(b, authorize)
	}
}

// sweepMeetings are the calls of the GoToMeeting API for a sweep; nothing is lost where one succeeds.
func (w *world) sweepMeetings(client *gotoclient.Client) []func() {
	ctx, meetings, organizers, groups := w.t.Context(), client.Meetings(), client.Organizers(), client.MeetingGroups()
	day := w.lately(1)
	return []func(){
		func() { _, _ = meetings.Create(ctx, w.aMeeting(gotoclient.MeetingScheduled)) },
		func() { _, _ = meetings.Get(ctx, nobody) },
		func() { _ = meetings.Update(ctx, nobody, w.aMeeting(gotoclient.MeetingScheduled)) },
		func() { _ = meetings.Delete(ctx, nobody) },
		func() { _, _ = meetings.HostURL(ctx, nobody) },
		func() { _, _ = meetings.Attendees(ctx, nobody) },
		func() { _, _ = meetings.Upcoming(ctx) },
		func() { _, _ = meetings.Historical(ctx, day) },
		func() { _, _ = meetings.Scheduled(ctx) },
		func() {
			_, _ = organizers.Create(ctx, anOrganizer("crowd001@example.test", gotoclient.ProductOpenVoice))
		},
		func() { _, _ = organizers.FindByEmail(ctx, "nobody@example.test") },
		func() { _ = organizers.DeleteByEmail(ctx, "nobody@example.test") },
		func() { _, _ = organizers.Get(ctx, nobody) },
		func() { _ = organizers.Suspend(ctx, nobody) },
		func() { _ = organizers.Delete(ctx, nobody) },
		func() { _, _ = organizers.Attendees(ctx, nobody, day) },
		func() { _, _ = organizers.Historical(ctx, nobody, day) },
		func() { _, _ = organizers.Upcoming(ctx, nobody) },
		func() { _, _ = organizers.Scheduled(ctx, nobody) },
		func() { _ = organizers.DeleteSession(ctx, nobody, nobody) },
		func() { _ = organizers.DeleteSessionAttendees(ctx, nobody, nobody) },
		func() { _ = organizers.DeleteSessionRecordings(ctx, nobody, nobody) },
		func() { _, _ = groups.List(ctx) },
		func() { _, _ = groups.Organizers(ctx, nobody) },
		func() {
			_, _ = groups.CreateOrganizer(ctx, nobody, anOrganizer("crowd001@example.test", gotoclient.ProductOpenVoice))
		},
		func() { _, _ = groups.Attendees(ctx, nobody, day) },
		func() { _, _ = groups.Historical(ctx, nobody, day) },
		func() { _, _ = groups.Upcoming(ctx, nobody) },
		func() { _, _ = groups.Scheduled(ctx, nobody) },
	}
}
