package gotomeeting

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// intent is what is recorded on an object before a meeting is created for it: all that the request says, so that a meeting
// whose creation was never confirmed can be told from others, whatever the spec says by then.
type intent struct {
	At           time.Time              `json:"at"`
	Subject      string                 `json:"subject"`
	Start        time.Time              `json:"start"`
	End          time.Time              `json:"end"`
	Type         gotoclient.MeetingType `json:"type"`
	Call         string                 `json:"call"`
	Password     bool                   `json:"password,omitempty"`
	Coorganizers []gotoclient.Key       `json:"coorganizers,omitempty"`
	// Known are the meetings that looked like it before. None of them can be the one.
	Known []gotoclient.Key `json:"known,omitempty"`
	// Replaces is the meeting that the object had before. Once it has another one, the intent is fulfilled.
	Replaces gotoclient.Key `json:"replaces,omitempty"`
}

// newIntent is the intent of an attempt that is made now.
func newIntent(m *v1alpha1.GoToMeeting, want Wants) intent {
	spec := toSpec(m, want, gotoclient.Meeting{})
	return intent{
		At: want.now.UTC().Truncate(time.Millisecond), Subject: spec.Subject, Start: spec.Start, End: spec.End, Type: spec.Type,
		Call: spec.ConferenceCallInfo, Password: spec.PasswordRequired, Coorganizers: spec.CoorganizerKeys,
		Known: want.lookalikes, Replaces: gotoclient.Key(m.Status.MeetingID),
	}
}

// String is the intent as it is recorded.
func (in intent) String() string {
	data, _ := json.Marshal(in) //nolint:errchkjson // plain strings and times
	return string(data)
}

// openIntent is the intent of an attempt whose meeting the object does not know; false if there is none. One that cannot
// be read is open and of no time: nobody can tell what it asked for.
func openIntent(m *v1alpha1.GoToMeeting) (intent, bool) {
	text, _ := engine.CreateIntent(m)
	if text == "" {
		return intent{}, false
	}
	var in intent
	if json.Unmarshal([]byte(text), &in) != nil {
		return intent{}, m.Status.MeetingID == ""
	}
	return in, string(in.Replaces) == string(m.Status.MeetingID)
}

func (in intent) readable() bool { return !in.At.IsZero() }

// over is true if the meeting would have ended by now.
func (in intent) over(now time.Time) bool {
	return in.readable() && in.Type != gotoclient.MeetingRecurring && !now.Before(in.End)
}

// spec is the request that the intent describes.
func (in intent) spec() gotoclient.MeetingSpec {
	return gotoclient.MeetingSpec{
		Subject: in.Subject, Start: in.Start, End: in.End, Type: in.Type, PasswordRequired: in.Password,
		ConferenceCallInfo: in.Call, CoorganizerKeys: in.Coorganizers,
	}
}

func (in intent) applied() *v1alpha1.AppliedMeeting { return appliedOf(in.spec()) }

// found is a meeting that the attempt has made.
func (in intent) found(m gotoclient.Meeting) *Remote {
	return &Remote{Meeting: m, applied: in.applied(), origin: v1alpha1.Created}
}

// matches tells whether a meeting can be the one that the intent is about: every list shows this much of it.
func (in intent) matches(m gotoclient.Meeting) bool {
	return gotoclient.SameSubject(in.Subject, m.Subject) && in.Start.Equal(m.Start) && in.End.Equal(m.End) && in.Type == m.Type &&
		!slices.Contains(in.Known, m.ID) && m.ID != in.Replaces
}

// signature is equal for meetings that nobody can tell apart.
func (in intent) signature() string {
	return string(in.Type) + "/" + strconv.FormatInt(in.Start.Unix(), 10) + "/" + strconv.FormatInt(in.End.Unix(), 10) + "/" + in.Subject
}

// lookalikes are the meetings that an attempt now could later be confused with.
func lookalikes(m *v1alpha1.GoToMeeting, list []gotoclient.Meeting) []gotoclient.Key {
	like := newIntent(m, Wants{})
	like.Replaces = ""
	var out []gotoclient.Key
	for i := range list {
		if like.matches(list[i]) {
			out = append(out, list[i].ID)
		}
	}
	return out
}
