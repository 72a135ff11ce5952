package console

import (
	"errors"
	"fmt"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

func meetingScreen() screen {
	return screen{
		name: "meetings", title: "Meetings", one: "meeting",
		list: listMeetings, fields: meetingFields, save: saveMeeting,
		acts: map[string]func(live.View, *state.Directory, string) error{
			"delete": deleteMeeting,
			"start": func(v live.View, d *state.Directory, id string) error {
				_, err := v.Store.Start(d, id, v.Now)
				return err
			},
			"end": func(v live.View, d *state.Directory, id string) error { return d.End(id, v.Now) },
		},
	}
}

func listMeetings(s screen, _ live.View, d *state.Directory, _ string) page {
	t := table{
		Caption: fmt.Sprintf("%d meetings", len(d.Meetings)), None: "No meeting.",
		Head: []string{"Subject", "Organizer", "Start (UTC)", "End (UTC)", "Type", "Running", "Id"},
	}
	for _, m := range d.Meetings {
		running, act, label := "no", "start", "Start"
		if d.Running(m.ID) != nil {
			running, act, label = "yes", "end", "End"
		}
		t.Rows = append(t.Rows, row{
			First:   cell{Text: m.Subject, Href: s.path(d, m.ID)},
			Cells:   texts(organizer(d, m.OrganizerKey), shown(m.Start), shown(m.End), m.Type, running, m.ID),
			Buttons: []button{s.button(d, m.ID, act, label, m.Subject), s.button(d, m.ID, "delete", "Delete", m.Subject)},
		})
	}
	return page{Links: s.adding(d), Tables: []table{t}}
}

// organizer is the e-mail address of an organizer, or the key of one who is gone.
func organizer(d *state.Directory, key string) string {
	if u := d.User(key); u != nil {
		return u.Email
	}
	return key
}

func shown(t time.Time) string { return t.UTC().Format(time.DateTime) }

func meetingFields(d *state.Directory, id string) []field {
	m := &state.Meeting{Type: state.MeetingScheduled, ConferenceCallInfo: "VoIP"}
	if id != "" {
		if m = d.Meeting(id); m == nil {
			return nil
		}
	}
	fields := []field{
		{Name: "subject", Label: "Subject", Type: "text", Value: m.Subject, Required: true},
		{Name: "start", Label: "Start (UTC)", Type: "datetime-local", Value: typed(m.Start), Required: true},
		{Name: "end", Label: "End (UTC)", Type: "datetime-local", Value: typed(m.End), Required: true},
		{Name: "type", Label: "Type", Type: "select", Value: m.Type, Options: options(state.MeetingTypes())},
		{Name: "conferenceCallInfo", Label: "Audio", Type: "text", Value: m.ConferenceCallInfo},
		check("passwordRequired", "Asks for a password", m.PasswordRequired),
	}
	if id == "" {
		fields = append(fields, field{Name: "organizer", Label: "E-mail address of the organizer", Type: "email", Required: true})
	}
	return fields
}

// typed is a time as a field has it, empty for none.
func typed(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeLayout)
}

func saveMeeting(v live.View, d *state.Directory, id string, in input) error {
	if id == "" {
		return addMeeting(v, d, in)
	}
	m := d.Meeting(id)
	if m == nil {
		return state.ErrNothing
	}
	changed := *m
	if err := takeMeeting(&changed, in); err != nil {
		return err
	}
	return d.Replan(m, &changed)
}

func addMeeting(v live.View, d *state.Directory, in input) error {
	host := d.ByEmail(in.text("organizer"))
	if host == nil {
		return fmt.Errorf("nobody has the e-mail address %q", in.text("organizer"))
	}
	m := state.Meeting{OrganizerKey: host.Key, CreateTime: v.Now}
	if err := takeMeeting(&m, in); err != nil {
		return err
	}
	_, err := v.Store.AddMeeting(d, m)
	return err
}

func takeMeeting(m *state.Meeting, in input) (err error) {
	m.Subject, m.Type, m.ConferenceCallInfo = in.text("subject"), in.text("type"), in.text("conferenceCallInfo")
	m.PasswordRequired = in.flag("passwordRequired")
	if m.Subject == "" {
		return errors.New("a meeting has a subject")
	}
	if m.Start, err = in.moment("start"); err != nil {
		return err
	}
	m.End, err = in.moment("end")
	return err
}

func deleteMeeting(_ live.View, d *state.Directory, id string) error {
	if d.Meeting(id) == nil {
		return state.ErrNothing
	}
	d.RemoveMeetings(func(m *state.Meeting) bool { return m.ID == id })
	return nil
}
