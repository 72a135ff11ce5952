package account_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/breaker"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

type lateWait func(t *testing.T, w *world, meanwhile func()) (begin func())

// lateWaits are what holds a request up once it has been decided. Each returns what is called right before the next one is asked for, and
// calls meanwhile a few seconds before that one leaves.
var lateWaits = map[string]lateWait{
	"an access token": func(_ *testing.T, w *world, meanwhile func()) func() {
		time.Sleep(55*time.Minute + 5*time.Second) // it is due
		first := true
		w.gateway = func(r *http.Request) (int, string) {
			if r.URL.Path == "/oauth/token" && first {
				first = false
				takes(meanwhile)
			}
			return 0, ""
		}
		return func() {}
	},
	"a suspicion": func(t *testing.T, w *world, meanwhile func()) func() {
		t.Helper()
		limiter, b := budget.NewLimiter(1), breaker.New(gotoclient.OperationOf)
		w.opts.Client = w.client(t, breaker.Guard{Limiter: limiter, Breaker: b}, gotoclient.AllowUnverified)
		w.anew(t)
		go b.Run(t.Context(), func(context.Context) error { takes(meanwhile); return nil }, func(bool) {})
		return func() {
			_ = limiter.Wait(t.Context()) // so that the next waits for a second, at whose half GoTo is suspected
			time.AfterFunc(500*time.Millisecond, func() { fail(t, b) })
		}
	},
	"a repetition": func(_ *testing.T, w *world, meanwhile func()) func() {
		first := true
		w.gateway = func(r *http.Request) (int, string) {
			if r.Method != http.MethodGet && first {
				first = false
				takes(meanwhile)
				return http.StatusServiceUnavailable, ""
			}
			return 0, ""
		}
		return func() {}
	},
}

// whileHeldUp plays a test, in an account of three users, for everything that holds a request up.
func whileHeldUp(t *testing.T, test func(t *testing.T, w *world, late lateWait)) {
	t.Helper()
	for name, late := range lateWaits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.addUsers(0, 3)
				test(t, w, late)
			})
		})
	}
}

// takes is twenty seconds, in which something happens.
func takes(meanwhile func()) {
	time.Sleep(5 * time.Second)
	meanwhile()
	time.Sleep(15 * time.Second)
}

// anew puts another account in the place of the one before, and reads it.
func (w *world) anew(t *testing.T) {
	t.Helper()
	w.acct = account.New(t.Context(), w.opts)
	w.refresh(t)
}

type cut struct{}

func (cut) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

// fail lets a breaker see as many failures as make it doubt the service.
func fail(t *testing.T, b *breaker.Breaker) {
	t.Helper()
	for range 3 {
		_, _ = b.Transport(cut{}, func(*http.Request) bool { return false }).RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	}
}

func (w *world) limited(most int) {
	save := func(context.Context, []brake.Allotment) error { return nil }
	w.opts.Brake = brake.New(brake.Same(time.Hour, brake.Limit{Minimum: most, Maximum: most}), nil, save, time.Now)
}

// arrived is when the last request of an operation did.
func (w *world) arrived(t *testing.T, operation string) (at time.Time) {
	t.Helper()
	for _, r := range w.sim.Requests() {
		if r.Operation == operation {
			at = r.Time
		}
	}
	return at
}

// An approval that is withdrawn while a deletion waits stops it, whatever it waits for.
func TestAnApprovalThatEndsStopsWhatHasNotLeft(t *testing.T) {
	whileHeldUp(t, func(t *testing.T, w *world, late lateWait) {
		t.Helper()
		w.limited(0)
		w.anew(t)
		begin := late(t, w, func() { w.opts.Brake.Approve(time.Time{}) })
		w.opts.Brake.Approve(time.Now().Add(time.Hour))
		begin()
		err := w.acct.Users().Delete(t.Context(), w.user(t, 0).Key)
		var blocked *account.BlockedError
		if _, there := w.sim.UserByEmail(key, email(0)); !there || !errors.As(err, &blocked) {
			t.Errorf("deleted: %t, %v", !there, err)
		}
		if recent := w.opts.Brake.Recent(); len(recent) > 0 {
			t.Errorf("counted: %v", recent)
		}
	})
}

// The limit is one in an hour, and so are the deletions on the wire, whatever the first has waited for.
func TestADeletionIsDatedWhenItLeaves(t *testing.T) {
	whileHeldUp(t, func(t *testing.T, w *world, late lateWait) {
		t.Helper()
		w.limited(1)
		w.anew(t)
		late(t, w, func() {})()
		var left []time.Time
		for i := range 2 {
			for w.acct.Users().Delete(t.Context(), w.user(t, i).Key) != nil {
				time.Sleep(time.Second)
			}
			left = append(left, w.arrived(t, simulator.OpDeleteUsers))
		}
		if d := left[1].Sub(left[0]); d < time.Hour {
			t.Errorf("two deletions within %s", d)
		}
	})
}

// A change whose caller has given up by the time that it could leave is not sent.
func TestWhatNobodyWaitsForDoesNotLeave(t *testing.T) {
	whileHeldUp(t, func(t *testing.T, w *world, late lateWait) {
		t.Helper()
		w.refresh(t)
		ctx, giveUp := context.WithCancel(t.Context())
		late(t, w, giveUp)()
		name := "Other"
		err := w.acct.Users().Update(ctx, w.user(t, 0).Key, gotoclient.UserPatch{LastName: &name})
		time.Sleep(time.Minute)
		if u, _ := w.sim.UserByEmail(key, email(0)); u.LastName == name || !errors.Is(err, context.Canceled) {
			t.Errorf("sent: %t, %v", u.LastName == name, err)
		}
	})
}

// What leads to a change that takes licences away, or looks at it, takes nothing away: the brake neither counts nor stops it.
func TestReadsNeedNoTicket(t *testing.T) {
	for _, how := range []string{"replace", "merge"} { // the second takes a call for each licence, and a look after it
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(s *simulator.Switches) { s.LicenseKeysInPut = how })
				w.sim.AddUser(key, simulator.User{Email: email(0), FirstName: "Fay", LastName: "Field", LicenseKeys: []string{string(meetingLicense)}})
				w.limited(1)
				w.anew(t)
				ticket, err := w.acct.Deletions().Take(t.Context(), brake.Licenses)
				if err != nil {
					t.Fatal(err)
				}
				w.gateway = func(r *http.Request) (int, string) {
					if r.Method == http.MethodPut && how == "replace" || r.Method == http.MethodDelete {
						w.opts.Brake.SetLimits(brake.Same(time.Hour, brake.Limit{})) // it has left, and nothing more may be taken
					}
					return 0, ""
				}
				var none []gotoclient.Key
				if err := w.acct.Users().Update(brake.With(t.Context(), ticket), w.user(t, 0).Key, gotoclient.UserPatch{LicenseKeys: &none}); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// What was taken counts, whatever becomes of the look that follows, or of the requests for one user each where that shows nothing.
func TestWhatWasTakenCounts(t *testing.T) {
	for _, users := range []int{1, 2} {
		for _, status := range []int{400, 401, 403, 404, 410, 422, 500, 503} {
			t.Run(fmt.Sprintf("%d of %d users", status, users), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { whatWasTakenCounts(t, users, status) })
			})
		}
	}
}

func whatWasTakenCounts(t *testing.T, users, status int) {
	t.Helper()
	w := newWorld(t)
	for i := range users {
		w.sim.AddUser(key, simulator.User{Email: email(i), FirstName: "Fay", LastName: "Field", LicenseKeys: []string{string(meetingLicense)}})
	}
	w.limited(users)
	w.anew(t)
	taken := false
	w.gateway = func(r *http.Request) (int, string) {
		if was := taken; was {
			return status, ""
		}
		taken = r.Method == http.MethodPut
		return 0, ""
	}
	_ = each(users, func(i int) error { return w.take(t, w.user(t, i).Key) })
	for i := range users {
		if u, _ := w.sim.UserByEmail(key, email(i)); len(u.LicenseKeys) > 0 {
			t.Fatalf("%v was not taken: it proves nothing", u.LicenseKeys)
		}
	}
	if _, err := w.acct.Deletions().Take(t.Context(), brake.Licenses); !errors.As(err, new(*account.BlockedError)) {
		t.Errorf("one more may be taken: %v", err)
	}
}

// Of who is gone no licence was taken, so that another's may be, also where both were asked for at once.
func TestWhatWasTakenOfNobodyDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for i := range 3 {
			w.sim.AddUser(key, simulator.User{Email: email(i), FirstName: "Fay", LastName: "Field", LicenseKeys: []string{string(meetingLicense)}})
		}
		w.limited(2)
		w.anew(t)
		w.sim.RemoveUser(key, string(w.user(t, 0).Key))
		if errs := each(2, func(i int) error { return w.take(t, w.user(t, i).Key) }); !errors.Is(errs[0], account.ErrGone) || errs[1] != nil {
			t.Errorf("taken: %v", errs)
		}
		if err := w.take(t, w.user(t, 2).Key); err != nil {
			t.Errorf("one more: %v", err)
		}
	})
}

// take takes all licences of a user.
func (w *world) take(t *testing.T, user gotoclient.Key) error {
	t.Helper()
	ticket, err := w.acct.Deletions().Take(t.Context(), brake.Licenses)
	if err != nil {
		return err
	}
	err = w.acct.Users().Update(brake.With(t.Context(), ticket), user, gotoclient.UserPatch{LicenseKeys: new([]gotoclient.Key)})
	evidence.Settle(ticket, err)
	return err
}

// A deletion that has never left is given back, whatever it waited for when its caller gave up; one that has left is not.
func TestDeletionsThatNeverLeftAreGivenBack(t *testing.T) {
	const most = 8 // in an hour; as many are made at once
	for name, row := range map[string]struct {
		arrange func(w *world)
		left    int
		more    bool
	}{
		"for the budget": {func(w *world) { w.opts.Limiter.Throttled(time.Minute) }, 0, true},
		"for a token": {func(w *world) {
			w.sim.ExpireAccessTokens()
			time.Sleep(55 * time.Minute)
			w.gateway = func(r *http.Request) (int, string) {
				if r.URL.Path == "/oauth/token" {
					time.Sleep(20 * time.Second)
				}
				return 0, ""
			}
		}, 0, true},
		"for an answer": {func(w *world) {
			w.gateway = func(r *http.Request) (int, string) {
				if r.Method == http.MethodDelete {
					time.Sleep(20 * time.Second)
				}
				return 0, ""
			}
		}, most, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.addUsers(0, 30)
				w.limited(most)
				w.anew(t)
				row.arrange(w)
				_ = each(most, func(i int) error {
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
					defer cancel()
					return w.acct.Users().Delete(ctx, w.user(t, i).Key)
				})
				time.Sleep(2 * time.Minute)
				if n := w.sim.Calls()[simulator.OpDeleteUsers]; n != row.left {
					t.Fatalf("%d have left", n)
				}
				if err := w.acct.Users().Delete(t.Context(), w.user(t, 20).Key); (err == nil) != row.more {
					t.Errorf("one more: %v", err)
				}
			})
		})
	}
}
