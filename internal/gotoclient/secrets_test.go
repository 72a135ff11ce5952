package gotoclient_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

// leaks returns the secrets that show in any way of printing v.
func leaks(v any, secrets []string) []string {
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Fprintf(&out, verb+"\n", v)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
	if encoded, err := json.Marshal(v); err == nil {
		out.Write(encoded)
	}
	var found []string
	for _, s := range secrets {
		if strings.Contains(out.String(), s) {
			found = append(found, s+" in "+out.String())
		}
	}
	return found
}

// TestSecretsNeverShow lets every operation fail in every way of the simulator
// and looks for secrets, tokens, e-mail addresses and URLs in the errors.
func TestSecretsNeverShow(t *testing.T) {
	secrets := []string{
		simulator.DefaultClientSecret, simulator.DefaultRefreshToken, "sim-access-token", "Bearer", "Basic ",
		"fay@example.test", "user0@example.test", "Field", "http://", "filter=", "<html", "7999999999999999999",
		simulator.HostToken, "ann@guest.test", "Ann Guest", "Secret plan", "email=",
	}
	faults := []simulator.Fault{
		{Kind: simulator.FaultThrottle}, {Kind: simulator.FaultErrorBefore, Status: 500}, {Kind: simulator.FaultErrorAfter, Status: 503},
		{Kind: simulator.FaultErrorBefore, Status: 400}, {Kind: simulator.FaultCutBefore}, {Kind: simulator.FaultCutAfter},
		{Kind: simulator.FaultCutBody}, {Kind: simulator.FaultTruncate}, {Kind: simulator.FaultHTML}, {Kind: simulator.FaultExpireToken},
	}
	for _, fault := range faults {
		for _, operation := range []string{gotoclient.OpToken, ""} {
			t.Run(fmt.Sprintf("%s %d %s", fault.Kind, fault.Status, operation), func(t *testing.T) {
				w := newWorld(t)
				key := w.addUsers(1)[0]
				now := w.sim.Now()
				id := w.sim.AddMeeting(acct, simulator.Meeting{OrganizerKey: simulator.DefaultAdminKey, Subject: "Secret plan", Start: now, End: now})
				w.play(gotoclient.Key(id))
				if operation == "" {
					if _, err := w.client.Me(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				fault.Operation = operation
				w.sim.Inject(fault)
				for name, err := range everyFailure(t, w, key) {
					for _, leak := range leaks(err, secrets) {
						t.Errorf("%s: %s", name, leak)
					}
				}
			})
		}
	}
}

// everyFailure calls the operations and returns their errors.
func everyFailure(t *testing.T, w *world, key gotoclient.Key) map[string]error {
	t.Helper()
	ctx := t.Context()
	out := make(map[string]error)
	_, out["me"] = w.client.Me(ctx)
	_, out["accounts"] = w.client.Accounts().List(ctx)
	_, out["account"] = w.client.Accounts().Get(ctx, account)
	_, out["list"] = collect(w.users().List(ctx, gotoclient.ListOptions{}))
	_, out["get"] = w.users().Get(ctx, "7999999999999999999")
	_, out["create"] = w.users().Create(ctx, oneUser)
	out["rename"] = w.users().Update(ctx, []gotoclient.Key{key}, gotoclient.UserPatch{Email: ptr("OPS@example.test")})
	out["delete"] = w.users().Delete(ctx, []gotoclient.Key{key})
	_, out["groups"] = collect(w.client.Groups(account).List(ctx, gotoclient.ListOptions{}))
	_, out["licences"] = collect(w.client.Licenses(account).List(ctx, gotoclient.ListOptions{}))
	maps.Copy(out, everyFailureOfMeetings(t, w))
	failed := 0
	for _, err := range out {
		if err != nil {
			failed++
		}
	}
	if failed < 2 {
		t.Errorf("only %d of %d calls failed", failed, len(out))
	}
	return out
}

func everyFailureOfMeetings(t *testing.T, w *world) map[string]error {
	t.Helper()
	ctx, m, o, g := t.Context(), w.client.Meetings(), w.client.Organizers(), w.client.MeetingGroups()
	id := gotoclient.Key(w.sim.Meetings(acct)[0].ID)
	out := make(map[string]error)
	_, out["meeting"] = m.Create(ctx, w.soon(func(s *gotoclient.MeetingSpec) { s.Subject = "Secret plan" }))
	out["meeting update"] = m.Update(ctx, "7999999999999999999", w.soon())
	_, out["meeting get"] = m.Get(ctx, id)
	_, out["host URL"] = m.HostURL(ctx, id)
	_, out["attendees"] = m.Attendees(ctx, id)
	_, out["upcoming"] = m.Upcoming(ctx)
	_, out["historical"] = m.Historical(ctx, w.day())
	_, out["organizer"] = o.Create(ctx, newOrganizer("user0@example.test"))
	_, out["find"] = o.FindByEmail(ctx, "fay@example.test")
	_, out["organizer get"] = o.Get(ctx, "7999999999999999999")
	out["delete by e-mail"] = o.DeleteByEmail(ctx, "fay@example.test")
	_, out["organizer's attendees"] = o.Attendees(ctx, self, w.day())
	_, out["meeting groups"] = g.List(ctx)
	return out
}

// The check above would find a leak if there were one.
func TestLeaksFindsLeaks(t *testing.T) {
	type hidden struct{ s string }
	if len(leaks(fmt.Errorf("x CANARY"), []string{"CANARY"})) != 1 || len(leaks(hidden{"CANARY"}, []string{"CANARY"})) != 1 {
		t.Error("a leak was not found")
	}
}
