package control

import (
	"net/http"

	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

// meetingEndpoints is the part of the endpoint table about what people do with meetings.
func meetingEndpoints() []endpoint {
	const (
		root    = "/accounts/{account}"
		meeting = root + "/meetings/{key}"
	)
	return []endpoint{
		{"GET " + root + "/meetings", func(p *Panel, r *http.Request) (any, error) {
			return inAccount(p, r, func(_ live.View, d *state.Directory) (any, error) { return d.CopyMeetings(), nil })
		}},
		{"POST " + root + "/meetings", addMeeting},
		{"POST " + meeting + "/start", start},
		{"POST " + meeting + "/join", join},
		{"POST " + meeting + "/leave", leave},
		{"POST " + meeting + "/end", end},
		{"GET " + root + "/sessions", func(p *Panel, r *http.Request) (any, error) {
			return inAccount(p, r, func(_ live.View, d *state.Directory) (any, error) { return d.CopySessions(), nil })
		}},
		{"POST " + root + "/sessions/{key}/recording", addRecording},
	}
}

func addMeeting(p *Panel, r *http.Request) (any, error) {
	var m state.Meeting
	if err := read(r, &m); err != nil {
		return nil, err
	}
	return inAccount(p, r, func(v live.View, d *state.Directory) (any, error) {
		id, err := v.Store.AddMeeting(d, m)
		return map[string]string{"id": id}, err
	})
}

func start(p *Panel, r *http.Request) (any, error) {
	return inAccount(p, r, func(v live.View, d *state.Directory) (any, error) {
		id, err := v.Store.Start(d, r.PathValue("key"), v.Now)
		return map[string]string{"sessionId": id}, err
	})
}

func join(p *Panel, r *http.Request) (any, error) {
	var who state.Attendee
	if err := read(r, &who); err != nil {
		return nil, err
	}
	return inAccount(p, r, func(v live.View, d *state.Directory) (any, error) {
		return nil, d.Join(r.PathValue("key"), who, v.Now)
	})
}

func leave(p *Panel, r *http.Request) (any, error) {
	var body struct {
		Email string `json:"email"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	return inAccount(p, r, func(v live.View, d *state.Directory) (any, error) {
		return nil, d.Leave(r.PathValue("key"), body.Email, v.Now)
	})
}

func end(p *Panel, r *http.Request) (any, error) {
	return inAccount(p, r, func(v live.View, d *state.Directory) (any, error) { return nil, d.End(r.PathValue("key"), v.Now) })
}

func addRecording(p *Panel, r *http.Request) (any, error) {
	var recording state.Recording
	if err := read(r, &recording); err != nil {
		return nil, err
	}
	return inAccount(p, r, func(v live.View, d *state.Directory) (any, error) {
		id, err := v.Store.Attach(d, r.PathValue("key"), recording)
		return map[string]string{"id": id}, err
	})
}
