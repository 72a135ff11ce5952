package account_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const invited = "ada@example.test"

func keyless(s *simulator.Switches) { s.InvitedOrganizer = "legacyNoKey" }

// newOrganizers is a world whose account is provisioned by organizers.
func newOrganizers(t *testing.T, change ...func(*simulator.Switches)) *world {
	t.Helper()
	w := newWorld(t, change...)
	w.opts.Organizers = true
	w.acct = account.New(t.Context(), w.opts)
	w.refresh(t)
	w.sim.ResetLog()
	return w
}

// handler is the simulator, but for the answers that a test gives.
func (w *world) handler() http.Handler {
	simulated := w.sim.APIHandler()
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if body, ok := w.answer[r.Method+" "+r.URL.Path]; ok {
			_, _ = io.WriteString(rw, body)
			return
		}
		if w.gateway != nil {
			if status, body := w.gateway(r); status != 0 {
				rw.Header().Set("Content-Type", "application/json")
				rw.WriteHeader(status)
				_, _ = io.WriteString(rw, body)
				return
			}
		}
		simulated.ServeHTTP(rw, r)
	})
}

func newOrganizer() gotoclient.NewOrganizer {
	return gotoclient.NewOrganizer{Email: "Ada@Example.test", FirstName: "Ada", LastName: "Lovelace", Product: gotoclient.ProductWebinar}
}

func (w *world) refresh(t *testing.T) {
	t.Helper()
	if err := w.acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The list may lag behind an invitation, and goes on without it once the person is there: never both, never neither.
func TestInvitationBecomesAUserInTheSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newOrganizers(t, keyless)
		u, err := w.acct.Organizers().Invite(t.Context(), newOrganizer())
		if err != nil || u.Key != account.InvitationKey(invited) || !account.IsInvitation(u.Key) || u.Status != gotoclient.UserInvited {
			t.Fatalf("%+v, %v", u, err)
		}
		if d := cmp.Diff([]string{"G2M", "G2W"}, u.Products); d != "" {
			t.Error(d)
		}
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultPartialList, Operation: gotoclient.OpListOrganizers, Count: 1})
		for range 2 { // a list that does not show it yet, and one that does
			w.refresh(t)
			if _, there := w.acct.Users().ByEmail(invited); !there {
				t.Fatal("the invitation is forgotten")
			}
		}
		remote, _ := w.sim.UserByEmail(key, invited)
		w.sim.AcceptInvitation(key, remote.Key)
		for range 2 {
			w.refresh(t)
			u, there := w.acct.Users().ByEmail(invited)
			if !there || string(u.Key) != remote.Key || u.Status != gotoclient.UserActive {
				t.Errorf("%+v, %t", u, there)
			}
			if _, still := w.acct.Users().Get(account.InvitationKey(invited)); still || w.acct.Summary().Users != 2 {
				t.Errorf("the invitation stays beside the user: %+v", w.acct.Summary())
			}
		}
	})
}

// Our own invitation is kept against lists that lag, but not beside the user whom the first list shows already.
func TestInvitationAcceptedBeforeAnyList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newOrganizers(t, keyless)
		if _, err := w.acct.Organizers().Invite(t.Context(), newOrganizer()); err != nil {
			t.Fatal(err)
		}
		remote, _ := w.sim.UserByEmail(key, invited)
		w.sim.AcceptInvitation(key, remote.Key)
		for range 50 { // the order of a map is random
			w.refresh(t)
			if u, there := w.acct.Users().ByEmail(invited); !there || string(u.Key) != remote.Key || w.acct.Summary().Users != 2 {
				t.Errorf("%+v, %t, %+v", u, there, w.acct.Summary())
			}
		}
	})
}

// Whoever looks for the address first learns of the key.
func TestConfirmEmailPutsTheUserInTheInvitationsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newOrganizers(t, keyless)
		if _, err := w.acct.Organizers().Invite(t.Context(), newOrganizer()); err != nil {
			t.Fatal(err)
		}
		remote, _ := w.sim.UserByEmail(key, invited)
		w.sim.AcceptInvitation(key, remote.Key)
		u, there, err := w.acct.Organizers().ConfirmEmail(t.Context(), invited)
		if err != nil || !there || string(u.Key) != remote.Key || w.acct.Summary().Users != 2 {
			t.Errorf("%+v, %t, %v, %+v", u, there, err, w.acct.Summary())
		}
		if u, there := w.acct.Users().ByEmail(invited); !there || string(u.Key) != remote.Key {
			t.Errorf("%+v, %t", u, there)
		}
	})
}

func TestConfirmEmailForgetsAnInvitationThatIsGone(t *testing.T) {
	for _, position := range []string{"404", "200"} {
		synctest.Test(t, func(t *testing.T) {
			w := newOrganizers(t, keyless, func(s *simulator.Switches) { s.UnknownOrganizerEmail = position })
			if _, err := w.acct.Organizers().Invite(t.Context(), newOrganizer()); err != nil {
				t.Fatal(err)
			}
			remote, _ := w.sim.UserByEmail(key, invited)
			w.sim.RemoveUser(key, remote.Key)
			if u, there, err := w.acct.Organizers().ConfirmEmail(t.Context(), invited); err != nil || there {
				t.Errorf("%+v, %v", u, err)
			}
			if u, there := w.acct.Users().ByEmail(invited); there {
				t.Errorf("%+v", u)
			}
		})
	}
}

func TestInviteOrganizerAsksBeforeItInvites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newOrganizers(t)
		w.sim.AddUser(key, simulator.User{Email: invited, FirstName: "Ada", LastName: "Lovelace", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}})
		u, err := w.acct.Organizers().Invite(t.Context(), newOrganizer())
		if !errors.Is(err, account.ErrExists) || u.Email != invited || w.sim.Calls()[gotoclient.OpCreateOrganizer] != 0 {
			t.Errorf("%+v, %v, %v", u, err, w.sim.Calls())
		}

		w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: gotoclient.OpListOrganizers, Status: 500})
		other := newOrganizer()
		other.Email = "grace@example.test"
		if _, err := w.acct.Organizers().Invite(t.Context(), other); !gotoclient.IsTemporary(err) || w.sim.Calls()[gotoclient.OpCreateOrganizer] != 0 {
			t.Errorf("%v, %v", err, w.sim.Calls())
		}
	})
}

// Looking at once saves the wait before the object is tried again.
func TestLostAnswerToAnInvitationIsLookedAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newOrganizers(t)
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: gotoclient.OpCreateOrganizer, Count: 1})
		u, err := w.acct.Organizers().Invite(t.Context(), newOrganizer())
		remote, _ := w.sim.UserByEmail(key, invited)
		if err != nil || string(u.Key) != remote.Key || u.Key == "" {
			t.Errorf("%+v, %v", u, err)
		}
		want := map[string]int{gotoclient.OpListOrganizers: 2, gotoclient.OpCreateOrganizer: 1}
		if d := cmp.Diff(want, w.sim.Calls()); d != "" {
			t.Error(d)
		}
	})
}

func TestOrganizersHaveNoUserWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newOrganizers(t)
		_, err := w.made(t.Context(), newUser("fay@example.test"))
		name := "Grace"
		updateErr := w.acct.Users().Update(t.Context(), simulator.DefaultAdminKey, gotoclient.UserPatch{FirstName: &name})
		if !errors.Is(err, account.ErrNotServed) || !errors.Is(updateErr, account.ErrNotServed) {
			t.Errorf("%v, %v", err, updateErr)
		}
	})
}

func TestChangeOrganizerOfOneWhoIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newOrganizers(t)
		u, err := w.acct.Organizers().Invite(t.Context(), newOrganizer())
		if err != nil {
			t.Fatal(err)
		}
		w.sim.RemoveUser(key, string(u.Key))
		if err := w.acct.Organizers().Change(t.Context(), u.Key, account.OrganizerChange{AddProducts: []string{"G2T"}}); !errors.Is(err, account.ErrGone) {
			t.Error(err)
		}
		if _, there := w.acct.Users().Get(u.Key); there {
			t.Error("not forgotten")
		}
	})
}

// Each request adds one product: what was added before one is refused is known.
func TestChangeOrganizerHalfWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newOrganizers(t)
		invite := newOrganizer()
		invite.Product = gotoclient.ProductMeeting
		u, err := w.acct.Organizers().Invite(t.Context(), invite)
		if err != nil {
			t.Fatal(err)
		}
		err = w.acct.Organizers().Change(t.Context(), u.Key, account.OrganizerChange{AddProducts: []string{"G2W", "G2T"}}) // of which there is no licence
		if !gotoclient.IsRefused(err) {
			t.Error(err)
		}
		seen, _ := w.acct.Users().Get(u.Key)
		if d := cmp.Diff([]string{"G2M", "G2W"}, seen.Products); d != "" {
			t.Error(d)
		}
	})
}

// A list that shows one organizer twice, or one with neither key nor address, is not believed.
func TestContradictoryListOfOrganizers(t *testing.T) {
	for row, list := range map[string]string{
		"twice":             `[{"organizerKey":1,"email":"a@example.test","status":"active"},{"organizerKey":1,"email":"a@example.test","status":"active"}]`,
		"invited twice":     `[{"email":"a@example.test","status":"active"},{"email":"A@example.test","status":"active"}]`,
		"nobody":            `[{"status":"active","products":["G2M"]}]`,
		"no list":           `{"organizers":[]}`,
		"a key that is not": `[{"organizerKey":"x","email":"a@example.test"}]`,
	} {
		t.Run(row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newOrganizers(t)
				w.answer = map[string]string{"GET /G2M/rest/organizers": list}
				before := w.acct.Summary()
				if err := w.acct.Refresh(t.Context()); err == nil {
					t.Error("believed")
				}
				if after := w.acct.Summary(); after.Users != before.Users || !after.TakenAt.Equal(before.TakenAt) {
					t.Errorf("%+v, then %+v", before, after)
				}
			})
		})
	}
	t.Run("invited and there", func(t *testing.T) { // an invitation that was sent again, say: the user counts
		synctest.Test(t, func(t *testing.T) {
			w := newOrganizers(t)
			w.answer = map[string]string{"GET /G2M/rest/organizers": `[{"email":"a@example.test"},{"organizerKey":1,"email":"A@example.test","status":"active","products":["OV","G2M"]}]`}
			w.refresh(t)
			u, there := w.acct.Users().ByEmail("a@example.test")
			if !there || u.Key != "1" || w.acct.Summary().Users != 1 || cmp.Diff([]string{"G2M", "OPENVOICE"}, u.Products) != "" {
				t.Errorf("%+v, %+v", u, w.acct.Summary())
			}
		})
	})
}

// For a while our own invitation is believed rather than the list (visibility lag: C).
func TestListThatLagsBehindAnInvitation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newOrganizers(t, keyless, func(s *simulator.Switches) { s.VisibilityLag = 30 * time.Second })
		if _, err := w.acct.Organizers().Invite(t.Context(), newOrganizer()); err != nil {
			t.Fatal(err)
		}
		w.refresh(t)
		if _, there := w.acct.Users().ByEmail(invited); !there {
			t.Error("forgotten")
		}
		if err := w.acct.Users().Delete(t.Context(), account.InvitationKey(invited)); err != nil {
			t.Error(err)
		}
		w.refresh(t)
		if _, there := w.acct.Users().ByEmail(invited); there {
			t.Error("it is back")
		}
	})
}

// Many are invited at one request a second, each again after the minutes that a try has, beside readings of the account: it takes little
// longer than their requests do.
func TestManyInvitationsMakeProgress(t *testing.T) {
	const n, each = 200, 2 * time.Second // one request to look, and one to invite
	synctest.Test(t, func(t *testing.T) {
		w := newOrganizers(t)
		limiter := budget.NewLimiter(1)
		w.opts.Client, w.opts.Limiter = w.client(t, limiter, gotoclient.AllowUnverified), limiter
		w.acct = account.New(t.Context(), w.opts)
		w.refresh(t)
		resync := time.NewTicker(2 * time.Minute)
		defer resync.Stop()
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-resync.C:
					_ = w.acct.Refresh(ctx)
				}
			}
		}()
		began := time.Now()
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() { w.invite(t.Context(), email(i)) })
		}
		wg.Wait()
		if took := time.Since(began); took > n*each*3/2 {
			t.Errorf("%d invitations took %s, their requests alone %s", n, took, n*each)
		}
		w.onlyOnce(t, n+1)
		stop()
		synctest.Wait()
	})
}

// invite invites an organizer, as a reconciler does: a try has five minutes.
func (w *world) invite(ctx context.Context, email string) {
	for {
		limited, cancel := context.WithTimeout(budget.WithPriority(ctx, budget.Interactive), 5*time.Minute)
		_, err := w.acct.Organizers().Invite(limited, gotoclient.NewOrganizer{Email: email, FirstName: "Fay", LastName: "Field", Product: gotoclient.ProductMeeting})
		cancel()
		if err == nil || errors.Is(err, account.ErrExists) || ctx.Err() != nil {
			return
		}
		time.Sleep(5 * time.Second)
	}
}
