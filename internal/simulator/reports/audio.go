package reports

import (
	"maps"
	"slices"

	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

// The kinds of calls. That there are such is D-help; whether somebody called, and how, is a choice: everybody in a meeting that is
// not of VoIP alone did, toll-free where the meeting says so.
const (
	callToll     = "Toll"
	callTollFree = "Toll-free"
	voip         = "VoIP"
)

// calls calls f for each call that was made.
func (a *Ask) calls(f func(u *state.User, h *state.Session, who *state.Attendee, call string)) {
	a.held(func(u *state.User, h *state.Session) {
		call := callToll
		switch h.ConferenceCallInfo {
		case voip:
			return
		case "Hybrid":
			call = callTollFree
		}
		for i := range h.Attendees {
			f(u, h, &h.Attendees[i], call)
		}
	})
}

func audioUsage(a *Ask) (rows [][]any) {
	a.calls(func(u *state.User, h *state.Session, who *state.Attendee, call string) {
		rows = append(rows, a.whose(u, h.MeetingID, who.Name, a.clock(who.Join), minutes(who.Join, who.Leave), call))
	})
	return rows
}

func billingHistory(a *Ask) (rows [][]any) {
	sums := map[string]map[string]int{} // by user and kind of call
	a.calls(func(u *state.User, _ *state.Session, who *state.Attendee, call string) {
		if sums[u.Key] == nil {
			sums[u.Key] = map[string]int{}
		}
		sums[u.Key][call] += minutes(who.Join, who.Leave)
	})
	for _, u := range a.users() {
		for _, call := range slices.Sorted(maps.Keys(sums[u.Key])) {
			rows = append(rows, a.whose(u, call, sums[u.Key][call]))
		}
	}
	return rows
}

// ratesAndNumbers are invented, and so that nobody is called.
func ratesAndNumbers(*Ask) [][]any {
	return [][]any{
		{"Germany", "+49 30 000000", callToll, "0.00"},
		{"United States", "+1 555 0100", callToll, "0.00"},
		{"United States", "+1 800 555 0100", callTollFree, "0.05"},
	}
}

// conferenceRooms has a room for each user with OpenVoice.
func conferenceRooms(a *Ask) (rows [][]any) {
	for _, u := range a.users() {
		if slices.Contains(a.Account.Products(u), "OPENVOICE") {
			rows = append(rows, a.whose(u, u.Key[max(0, len(u.Key)-7):]))
		}
	}
	return rows
}

func tollFreeUsage(a *Ask) (rows [][]any) {
	a.calls(func(u *state.User, h *state.Session, who *state.Attendee, call string) {
		if call == callTollFree {
			rows = append(rows, []any{a.date(h.Start), u.Email, h.MeetingID, minutes(who.Join, who.Leave)})
		}
	})
	return rows
}
