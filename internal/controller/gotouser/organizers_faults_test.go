package gotouser

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// organizerFaults are those of users, with the gateway's own way to refuse a token, and the list that would tell what a
// lost answer did lost too.
func organizerFaults() map[string][]simulator.Fault {
	rows := kindtest.Faults(gotoclient.OpListOrganizers)
	rows["403"] = []simulator.Fault{{Kind: simulator.FaultErrorBefore, Status: 403, Count: 1}}
	rows["403 InvalidToken"] = []simulator.Fault{{Kind: simulator.FaultExpireToken, Count: 2}}
	rows["cut after, and blind"] = []simulator.Fault{
		{Kind: simulator.FaultCutAfter, Count: 1},
		{Kind: simulator.FaultErrorBefore, Operation: gotoclient.OpListOrganizers, Skip: 1, Count: 2}, // the first asks before inviting
	}
	rows["500 after, and a partial list"] = []simulator.Fault{
		{Kind: simulator.FaultErrorAfter, Status: 500, Count: 1},
		{Kind: simulator.FaultPartialList, Operation: gotoclient.OpListOrganizers, Skip: 1, Count: 1},
	}
	return rows
}

// organizerPositions are those of the switches of organizers, one after the other, each with keys at once and without.
var organizerPositions = map[string]func(*simulator.Switches){
	"default":                    func(*simulator.Switches) {},
	"suspendedOrganizerPost=409": func(s *simulator.Switches) { s.SuspendedOrganizerPost = "409" },
	"organizerWithoutGroup=zero": func(s *simulator.Switches) { s.OrganizerWithoutGroup = "zero" },
	"unknownOrganizerEmail=200":  func(s *simulator.Switches) { s.UnknownOrganizerEmail = "200" },
	"unknownEmailDelete=404":     func(s *simulator.Switches) { s.UnknownEmailDelete = "404" },
	"unknownEmailDelete=204":     func(s *simulator.Switches) { s.UnknownEmailDelete = "204" },
	"meetingErrorBody=errorCode": func(s *simulator.Switches) { s.MeetingErrorBody = "errorCode" },
	"meetingErrorBody=empty":     func(s *simulator.Switches) { s.MeetingErrorBody = "empty" },
}

// everywhere are the faults that are tried in every position: one of each sort. The default position meets them all.
var everywhere = []string{"429", "403 InvalidToken", "500 after", "cut after"}

// TestOrganizerFaults takes an organizer through its life, with the same fault at each write, in each position.
func TestOrganizerFaults(t *testing.T) {
	t.Parallel()
	for position, set := range organizerPositions {
		for row, faults := range organizerFaults() {
			if position != "default" && !slices.Contains(everywhere, row) {
				continue
			}
			t.Run(position+", "+row, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { newOrganizers(t, set).organizerLife(t, faults) })
			})
			t.Run(position+", keyless, "+row, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { newOrganizers(t, set, keyless).invitedLife(t, faults) })
			})
		}
	}
}

func (w *world) organizerLife(t *testing.T, faults []simulator.Fault) {
	t.Helper()
	w.invite(t, "G2M")
	w.Inject(faults, gotoclient.OpCreateOrganizer)
	w.reconcileUntil(t, ready)
	w.invitedOnce(t)
	w.productLife(t, faults)
	w.remove(t)
	w.deleted(t, faults, gotoclient.OpDeleteOrganizer)
}

func (w *world) invitedLife(t *testing.T, faults []simulator.Fault) {
	t.Helper()
	w.invite(t, "G2M")
	w.Inject(faults, gotoclient.OpCreateOrganizer)
	w.reconcileUntil(t, pending)
	w.invitedOnce(t)
	w.Sim.ClearFaults()
	w.accept(t)
	w.reconcileUntil(t, ready)
	w.productLife(t, faults)
	w.remove(t)
	w.deleted(t, faults, gotoclient.OpDeleteOrganizer)

	// Another one, who never accepts. GoTo revives a deleted address with its password, so it is another address.
	w.object(t)
	w.apply(t, func(u *v1alpha1.GoToUser) {
		u.Spec.Email, u.Spec.Products = "grace@example.test", []v1alpha1.Product{"G2M"}
	})
	w.reconcileUntil(t, pending)
	w.remove(t)
	w.deleted(t, faults, gotoclient.OpDeleteOrganizerByEmail)
}

func (w *world) invitedOnce(t *testing.T) {
	t.Helper()
	w.Met(t, gotoclient.OpCreateOrganizer)
	if users, mails := len(w.Sim.Users(simulator.DefaultAccountKey)), w.mails(); users != 2 || mails != 1 {
		t.Errorf("%d users, want the administrator and one; %d invitations", users, mails)
	}
	// An own user taken for an adopted one would stay behind when its object is deleted.
	if u := w.object(t); u.Status.Origin != v1alpha1.Created {
		t.Errorf("origin %q", u.Status.Origin)
	}
}

// productLife adds a product, suspends and reactivates; Ready means that GoTo holds it (see checkHonest).
func (w *world) productLife(t *testing.T, faults []simulator.Fault) {
	t.Helper()
	for _, change := range []func(*v1alpha1.GoToUser){
		func(u *v1alpha1.GoToUser) { u.Spec.Products = []v1alpha1.Product{"G2M", "G2W"} },
		func(u *v1alpha1.GoToUser) { u.Spec.State = v1alpha1.UserSuspended },
		func(u *v1alpha1.GoToUser) { u.Spec.State = v1alpha1.UserActive },
	} {
		w.apply(t, change)
		w.Inject(faults, gotoclient.OpUpdateOrganizer)
		w.reconcileUntil(t, ready)
		w.Met(t, gotoclient.OpUpdateOrganizer)
	}
	if n := w.mails(); n != 1 {
		t.Errorf("%d invitations", n)
	}
}

func (w *world) deleted(t *testing.T, faults []simulator.Fault, operation string) {
	t.Helper()
	w.Inject(faults, operation)
	w.reconcileUntil(t, gone)
	w.Met(t, operation)
	if n := len(w.Sim.Users(simulator.DefaultAccountKey)); n != 1 {
		t.Errorf("%d users, want the administrator alone", n)
	}
}
