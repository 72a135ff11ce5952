package simulator

import (
	"fmt"
	"net/http"
	"time"
)

// meetingControls is the part of the control port's endpoint table about what people do with meetings.
func meetingControls() []control {
	const (
		root    = "/accounts/{account}"
		meeting = root + "/meetings/{key}"
	)
	return []control{
		{"PATCH " + root, (*Simulator).controlUpdateAccount},
		{"POST " + root + "/users/{key}/accept", (*Simulator).controlAccept},
		{"GET " + root + "/meetings", func(s *Simulator, r *http.Request) (any, error) {
			return s.inAccount(r, func(a *account) (any, error) { return notNil(a.copyMeetings()), nil })
		}},
		{"POST " + root + "/meetings", (*Simulator).controlAddMeeting},
		{"POST " + meeting + "/start", (*Simulator).controlStart},
		{"POST " + meeting + "/join", (*Simulator).controlJoin},
		{"POST " + meeting + "/leave", (*Simulator).controlLeave},
		{"POST " + meeting + "/end", (*Simulator).controlEnd},
		{"GET " + root + "/sessions", func(s *Simulator, r *http.Request) (any, error) {
			return s.inAccount(r, func(a *account) (any, error) { return notNil(a.copySessions()), nil })
		}},
		{"POST " + root + "/sessions/{key}/recording", (*Simulator).controlRecording},
		{"POST /personal-access-tokens", (*Simulator).controlAddPAT},
		{"POST /clock/set", (*Simulator).controlSetClock},
	}
}

// controlUpdateAccount changes the fields that the body has.
func (s *Simulator) controlUpdateAccount(r *http.Request) (any, error) {
	return s.inAccount(r, func(a *account) (any, error) {
		body := struct {
			Free          bool `json:"free"`
			NoAdminAccess bool `json:"noAdminAccess"`
		}{a.free, a.noAdminAccess}
		if err := read(r, &body); err != nil {
			return nil, err
		}
		a.free, a.noAdminAccess = body.Free, body.NoAdminAccess
		return body, nil
	})
}

func (s *Simulator) controlAccept(r *http.Request) (any, error) {
	return s.inUser(r, func(a *account, u *User) (any, error) {
		u.PasswordCreated = true
		return a.snapshot(u), nil
	})
}

func (s *Simulator) controlAddMeeting(r *http.Request) (any, error) {
	var m Meeting
	if err := read(r, &m); err != nil {
		return nil, err
	}
	return s.inAccount(r, func(a *account) (any, error) {
		id, err := s.addMeeting(a, m)
		return map[string]string{"id": id}, err
	})
}

func (s *Simulator) controlStart(r *http.Request) (any, error) {
	return s.inAccount(r, func(a *account) (any, error) {
		id, err := s.startSession(a, r.PathValue("key"))
		return map[string]string{"sessionId": id}, err
	})
}

func (s *Simulator) controlJoin(r *http.Request) (any, error) {
	var who Attendee
	if err := read(r, &who); err != nil {
		return nil, err
	}
	return s.inAccount(r, func(a *account) (any, error) { return nil, s.joinSession(a, r.PathValue("key"), who) })
}

func (s *Simulator) controlLeave(r *http.Request) (any, error) {
	var body struct {
		Email string `json:"email"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	return s.inAccount(r, func(a *account) (any, error) { return nil, s.leaveSession(a, r.PathValue("key"), body.Email) })
}

func (s *Simulator) controlEnd(r *http.Request) (any, error) {
	return s.inAccount(r, func(a *account) (any, error) { return nil, s.endSession(a, r.PathValue("key")) })
}

func (s *Simulator) controlRecording(r *http.Request) (any, error) {
	var recording Recording
	if err := read(r, &recording); err != nil {
		return nil, err
	}
	return s.inAccount(r, func(a *account) (any, error) {
		id, err := s.attachRecording(a, r.PathValue("key"), recording)
		return map[string]string{"id": id}, err
	})
}

func (s *Simulator) controlAddPAT(r *http.Request) (any, error) {
	var token PersonalAccessToken
	if err := read(r, &token); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.addPAT(token)
	if err == nil {
		s.persist()
	}
	return nil, err
}

// controlSetClock sets the clock to a later time.
func (s *Simulator) controlSetClock(r *http.Request) (any, error) {
	var body struct {
		To time.Time `json:"to"`
	}
	if err := read(r, &body); err != nil {
		return nil, fmt.Errorf("to is a time such as 2030-01-07T09:00:00Z: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.advanceTo(body.To); err != nil {
		return nil, err
	}
	return map[string]time.Time{"now": s.time()}, nil
}
