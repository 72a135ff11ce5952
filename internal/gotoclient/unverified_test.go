package gotoclient_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const seatLicense = gotoclient.Key(simulator.DefaultWebinarLicenseKey)

// Unless it is allowed, nothing leaves: no request, no token request, and the
// budget is not asked.
func TestAWriteThatNobodyHasVerifiedIsNotSent(t *testing.T) {
	for name, policy := range map[string]gotoclient.UnverifiedPolicy{"by default": "", "Deny": gotoclient.DenyUnverified} {
		w := newWorld(t, func(c *gotoclient.Config) { c.Unverified = policy })
		err := w.licenses().AddSeat(t.Context(), seatLicense, "1")
		var denied *gotoclient.UnverifiedError
		if !errors.As(err, &denied) || denied.Operation != gotoclient.OpAddSeat || !strings.Contains(err.Error(), "addSeat: not sent") {
			t.Errorf("%s: %v", name, err)
		}
		for _, is := range []func(error) bool{
			gotoclient.IsNotFound, gotoclient.IsAbsent, gotoclient.MayBeAbsent, gotoclient.IsNoSuchPath,
			gotoclient.IsRefused, gotoclient.IsAmbiguous, gotoclient.IsTemporary,
		} {
			if is(err) {
				t.Errorf("%s: a predicate takes it for an answer", name)
			}
		}
		if len(w.sim.Requests()) != 0 || len(w.seen("")) != 0 || w.waited() != 0 {
			t.Errorf("%s: sent %v, waited %d times", name, w.sim.Requests(), w.waited())
		}
	}
}

// An override vouches for the operation, be it by the table's own path, and what is
// verified is written under Deny.
func TestAnOverrideReleasesAWrite(t *testing.T) {
	w := newWorld(t, func(c *gotoclient.Config) {
		c.Unverified = gotoclient.DenyUnverified
		c.Operations = map[string]gotoclient.Override{gotoclient.OpAddSeat: {Method: "PUT"}}
	})
	user := w.addUsers(1)[0]
	if err := w.licenses().AddSeat(t.Context(), seatLicense, user); !gotoclient.IsRefused(err) || gotoclient.IsNoSuchPath(err) {
		t.Errorf("where there is no such call: %v", err)
	}
	w.set(t, "seatAssignment", "available")
	if err := w.licenses().AddSeat(t.Context(), seatLicense, user); err != nil {
		t.Error(err)
	}
	if err := w.licenses().RemoveSeat(t.Context(), seatLicense, user, true); err != nil {
		t.Error(err)
	}
	want := []string{"token 200", "addSeat 404", "addSeat 204", "removeSeat 204"}
	if diff := cmp.Diff(want, w.seen("")); diff != "" {
		t.Error(diff)
	}
}

// A read is sent on a guess, and a 404 says that the guess was wrong, of reads as of
// writes that are allowed.
func TestAPathThatDoesNotExist(t *testing.T) {
	w := newWorld(t, func(c *gotoclient.Config) { c.Unverified = gotoclient.DenyUnverified })
	group := gotoclient.Key(w.sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Name: "Blue"}))
	for range 2 { // the first time with a token request
		for _, err := range w.groups().Subgroups(t.Context(), group, gotoclient.ListOptions{}) {
			if !gotoclient.IsNoSuchPath(err) || !gotoclient.IsRefused(err) || !strings.Contains(err.Error(), "does not exist (nobody") {
				t.Errorf("list: %v", err)
			}
		}
	}
	if got := w.seen(gotoclient.OpListSubgroups); len(got) != 2 {
		t.Errorf("sent %v", got)
	}
	allowed := newWorld(t)
	if err := allowed.licenses().AddSeat(t.Context(), seatLicense, "1"); !gotoclient.IsNoSuchPath(err) {
		t.Errorf("write: %v", err)
	}
	if _, err := w.groups().Get(t.Context(), "1"); !gotoclient.IsNotFound(err) || gotoclient.IsNoSuchPath(err) {
		t.Errorf("a path that is known: %v", err)
	}
}

// The writes that nobody has verified, by name: one more is a decision, as the
// operator's users would have to allow it.
func TestWritesThatNobodyHasVerified(t *testing.T) {
	want := []string{
		gotoclient.OpDeleteAttribute, gotoclient.OpUpdateAttribute,
		gotoclient.OpUpdateGroupSettings, gotoclient.OpUpdateLicenseSettings,
		gotoclient.OpAddSeat, gotoclient.OpUploadLogo,
		gotoclient.OpUpdateNewUserSettings, gotoclient.OpAssignRoleSet, gotoclient.OpUpdateAccountSettings,
		gotoclient.OpDeleteTemplate, gotoclient.OpUpdateTemplate,
		gotoclient.OpClearRoleSets, gotoclient.OpSetUserAttributes, gotoclient.OpSetUserRoleSets, gotoclient.OpUpdateUserSettings,
	}
	var got []string
	for _, o := range gotoclient.Operations() {
		if o.Write() && o.Grade == gotoclient.GradeUnverified {
			got = append(got, o.ID)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
