package gotouser

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

func TestInvitationIsWaitedForAndCompletes(t *testing.T) {
	t.Parallel()
	w := newOrganizers(t, keyless)
	w.invite(t, "G2M", "G2T")
	if err := w.reconcile(t); err != nil {
		t.Fatal(err)
	}
	if u := w.object(t); !pending(u) || u.Status.Origin != v1alpha1.Created || w.Writes != 2 {
		t.Fatalf("%d writes, %s, %+v", w.Writes, readyIs(u), u.Status)
	}
	w.calls(t, map[string]int{gotoclient.OpListOrganizers: 2, gotoclient.OpCreateOrganizer: 1})
	w.Writes = 0
	var changed []account.UserRef
	w.watch(t, &changed)
	for range 2 {
		if err := w.reconcile(t); err != nil {
			t.Fatal(err)
		}
	}
	if w.Writes != 0 || len(changed) != 0 {
		t.Errorf("%d writes while nothing happened, changed %v", w.Writes, changed)
	}
	w.quiet(t)

	w.accept(t)
	key, _ := w.remote()
	if !slices.ContainsFunc(changed, func(r account.UserRef) bool { return string(r.Key) == key.Key && r.Email == email }) {
		t.Errorf("nothing would start the object: %v", changed)
	}
	w.reconcileUntil(t, ready)
	if u := w.object(t); string(u.Status.UserKey) != key.Key || u.Status.Invitation != "" || u.Status.Origin != v1alpha1.Created {
		t.Errorf("%+v", u.Status)
	}
	if w.mails() != 1 {
		t.Errorf("%d invitations", w.mails())
	}
	w.Sim.ResetLog()
	w.refresh(t)
	if s := w.Acct.Summary(); s.Users != 2 {
		t.Errorf("the invitation is still counted beside the user: %+v", s)
	}
}

func TestInvitationIsDeletedByEmail(t *testing.T) {
	t.Parallel()
	for row, accepted := range map[string]bool{"pending": false, "accepted since": true} {
		t.Run(row, func(t *testing.T) {
			w := newOrganizers(t, keyless)
			w.invite(t, "G2M")
			w.reconcileUntil(t, pending)
			if remote, _ := w.remote(); accepted {
				w.Sim.AcceptInvitation(simulator.DefaultAccountKey, remote.Key)
			}
			w.remove(t)
			w.Sim.ResetLog()
			w.reconcileUntil(t, gone)
			w.calls(t, map[string]int{gotoclient.OpDeleteOrganizerByEmail: 1})
			w.refresh(t)
			if s := w.Acct.Summary(); s.Users != 1 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestAdoptedInvitation(t *testing.T) {
	t.Parallel()
	for policy, stays := range map[v1alpha1.DeletionPolicy]bool{"": true, v1alpha1.DeletionPolicyDelete: false} {
		t.Run("deletionPolicy "+string(policy), func(t *testing.T) {
			w := newOrganizers(t, keyless)
			w.add(t, simulator.User{FirstName: "Ada", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}})
			w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.Products, u.Spec.DeletionPolicy = []v1alpha1.Product{"G2M"}, policy })
			w.reconcileUntil(t, pending)
			if u := w.object(t); u.Status.Origin != v1alpha1.Adopted {
				t.Errorf("origin %q", u.Status.Origin)
			}
			w.quiet(t)
			w.remove(t)
			if err := w.reconcile(t); err != nil || w.object(t) != nil {
				t.Errorf("%v, %+v", err, w.object(t))
			}
			if _, there := w.remote(); there != stays {
				t.Errorf("there: %t", there)
			}
		})
	}
}

// Between the request and the status the process ended, or the list that would have told failed too: what is left is the
// intent. The account may have been read before the invitation.
func TestUnconfirmedInvitationIsNotRepeated(t *testing.T) {
	t.Parallel()
	for row, deleted := range map[string]bool{"reconciled": false, "deleted": true} {
		t.Run(row, func(t *testing.T) {
			w := newOrganizers(t, keyless)
			w.Sim.AddUser(simulator.DefaultAccountKey, simulator.User{
				Email: email, FirstName: "Ada", LastName: "Lovelace", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}})
			w.apply(t, func(u *v1alpha1.GoToUser) {
				u.Spec.Products, u.Finalizers = []v1alpha1.Product{"G2M"}, []string{v1alpha1.Finalizer}
				kindtest.Intend(u, "Ada@Example.Test", time.Now())
			})
			if deleted {
				w.remove(t)
				w.reconcileUntil(t, gone)
				w.calls(t, map[string]int{gotoclient.OpListOrganizers: 1, gotoclient.OpDeleteOrganizerByEmail: 1})
				return
			}
			w.reconcileUntil(t, pending)
			w.calls(t, map[string]int{gotoclient.OpListOrganizers: 1})
			if u := w.object(t); u.Status.Origin != v1alpha1.Created {
				t.Errorf("origin %q", u.Status.Origin)
			}
		})
	}
}

// A list that lacks an organizer, though it agrees with itself, neither invites anybody again nor lets an object go.
func TestPartialListInvitesNobodyAgain(t *testing.T) {
	t.Parallel()
	for row, position := range map[string]func(*simulator.Switches){"keyed": func(*simulator.Switches) {}, "keyless": keyless} {
		t.Run(row, func(t *testing.T) {
			w := newOrganizers(t, position)
			w.invite(t, "G2M")
			w.reconcileUntil(t, func(u *v1alpha1.GoToUser) bool { return ready(u) || pending(u) })
			changed := []account.UserRef{}
			w.watch(t, &changed)
			w.Sim.Inject(simulator.Fault{Kind: simulator.FaultPartialList, Operation: gotoclient.OpListOrganizers, Count: 1})
			w.refresh(t)
			if len(changed) == 0 {
				t.Fatal("the partial list showed no difference")
			}
			if err := w.reconcile(t); err != nil {
				t.Fatal(err)
			}
			if u := w.object(t); !ready(u) && !pending(u) || w.mails() != 1 || w.Sim.Calls()[gotoclient.OpCreateOrganizer] != 0 {
				t.Errorf("%s; %d invitations; %v", readyIs(u), w.mails(), w.Sim.Calls())
			}

			w.Sim.Inject(simulator.Fault{Kind: simulator.FaultPartialList, Operation: gotoclient.OpListOrganizers, Count: 1})
			w.refresh(t)
			w.remove(t)
			w.reconcileUntil(t, gone)
			if u, there := w.remote(); there {
				t.Errorf("left behind: %+v", u)
			}
		})
	}
}

func TestListThatFailedOrCameBackEmptyInvitesNobody(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.FaultKind{simulator.FaultErrorBefore, simulator.FaultEmptyList, simulator.FaultTruncate} {
		for _, caller := range []bool{true, false} {
			t.Run(string(kind), func(t *testing.T) {
				w := newOrganizers(t)
				if !caller {
					w.Acct.Me().Key = "" // the Administration API did not tell
				}
				w.Sim.Inject(simulator.Fault{Kind: kind, Operation: gotoclient.OpListOrganizers})
				err := w.Acct.Refresh(t.Context())
				if err == nil || kind == simulator.FaultEmptyList && !errors.Is(err, account.ErrInconsistent) {
					t.Fatalf("the list was believed, or not for what it is: %v", err)
				}
				w.invite(t, "G2M")
				for range 3 {
					_ = w.reconcile(t)
				}
				if n := w.mails(); n != 0 || ready(w.object(t)) {
					t.Errorf("%d invitations, %s", n, readyIs(w.object(t)))
				}
				w.Sim.ClearFaults()
				w.refresh(t)
				w.reconcileUntil(t, ready)
			})
		}
	}
}

// A person took the invitation back in GoTo, which nobody but GoTo itself is believed about.
func TestInvitationThatIsGoneIsSentOnceMore(t *testing.T) {
	t.Parallel()
	w := newOrganizers(t, keyless)
	w.invite(t, "G2M")
	w.reconcileUntil(t, pending)
	var changed []account.UserRef
	w.watch(t, &changed)
	remote, _ := w.remote()
	w.Sim.RemoveUser(simulator.DefaultAccountKey, remote.Key)
	w.refresh(t)
	if d := cmp.Diff([]account.UserRef{{Key: account.InvitationKey(email), Email: email}}, changed); d != "" {
		t.Errorf("changed: %s", d)
	}
	w.reconcileUntil(t, pending)
	if _, there := w.remote(); !there || w.mails() != 2 {
		t.Errorf("%t, %d invitations", there, w.mails())
	}
	w.refresh(t)
	w.Sim.ResetLog()
	for range 3 {
		_ = w.reconcile(t)
	}
	w.quiet(t)
}

// What is said for want of a seat is UNVERIFIED. A 409 says the same of an organizer who exists and is not shown yet.
func TestInvitationForWantOfASeat(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{"409": "False Retrying", "400": "False RefusedByGoTo", "422": "False RefusedByGoTo"} {
		t.Run(status, func(t *testing.T) {
			w := newOrganizers(t, func(s *simulator.Switches) { s.SeatsExhausted = status })
			seats := func(n int) {
				w.Sim.UpdateLicense(simulator.DefaultAccountKey, simulator.DefaultWebinarLicenseKey, func(l *simulator.License) { l.Seats = n })
			}
			seats(0)
			w.invite(t, "G2W")
			for range 2 {
				_ = w.reconcile(t)
			}
			if u := w.object(t); readyIs(u) != want || w.mails() != 0 {
				t.Errorf("%s, %d invitations", readyIs(u), w.mails())
			}
			seats(1)
			w.reconcileUntil(t, ready)
			if u := w.object(t); u.Status.Origin != v1alpha1.Created || w.mails() != 1 {
				t.Errorf("%+v, %d invitations", u.Status, w.mails())
			}
		})
	}
}

// The answer is lost and GoTo does not show the organizer for a while (visibility lag: C, length UNVERIFIED): asked for the
// address it denies it, and only its 409 keeps the invitation from being sent again.
func TestLostInvitationThatIsNotShownYet(t *testing.T) {
	t.Parallel()
	for row, position := range map[string]func(*simulator.Switches){"keyed": func(*simulator.Switches) {}, "keyless": keyless} {
		t.Run(row, func(t *testing.T) {
			w := newOrganizers(t, position, func(s *simulator.Switches) { s.VisibilityLag = time.Minute })
			w.Sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: gotoclient.OpCreateOrganizer, Count: 1})
			w.invite(t, "G2M")
			for range 3 {
				if err := w.reconcile(t); err == nil {
					t.Fatal("not tried again")
				}
				if u := w.object(t); readyIs(u) != "False Retrying" {
					t.Error(readyIs(u))
				}
			}
			w.Sim.Advance(2 * time.Minute)
			w.reconcileUntil(t, func(u *v1alpha1.GoToUser) bool { return ready(u) || pending(u) })
			if u := w.object(t); u.Status.Origin != v1alpha1.Created || w.mails() != 1 {
				t.Errorf("%+v, %d invitations", u.Status, w.mails())
			}
		})
	}
}

// Shown only after the object was observed, an organizer is the operator's own if an earlier attempt may have invited it.
func TestOrganizerThatIsThereWhenItIsInvited(t *testing.T) {
	t.Parallel()
	for again, want := range map[bool]v1alpha1.Origin{true: v1alpha1.Created, false: v1alpha1.Adopted} {
		w := newOrganizers(t)
		w.Sim.AddUser(simulator.DefaultAccountKey, simulator.User{Email: email, FirstName: "Ada", LastName: "Lovelace"})
		seen, err := organizer{}.create(t.Context(), w.Acct, organizerSpec(func(*v1alpha1.GoToUserSpec) {}), again)
		if err != nil || seen.Origin != want || w.mails() != 0 {
			t.Errorf("again %t: %+v, %v", again, seen, err)
		}
	}
}
