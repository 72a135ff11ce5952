package account_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/inprocess"
)

const key = simulator.DefaultAccountKey

var limits = brake.Same(time.Hour, brake.Limit{Percent: 5, Minimum: 10, Maximum: 500})

// world is a simulator and an account that works on it, without a network and in fake time: it must be made in a bubble of
// synctest.
type world struct {
	sim    *simulator.Simulator
	acct   *account.Account
	opts   account.Options
	answer map[string]string // by method and path, in place of the simulator's

	gateway func(*http.Request) (status int, body string) // answers before the simulator does, unless the status is 0

	mu      sync.Mutex
	changes []account.Change
}

func newWorld(t *testing.T, change ...func(*simulator.Switches)) *world {
	t.Helper()
	w := &world{sim: simulator.New(simulator.Options{Rate: simulator.NoRateLimit})}
	for _, c := range change {
		w.sim.SetSwitches(c)
	}
	limiter := budget.NewLimiter(8)
	cl := w.client(t, limiter, gotoclient.AllowUnverified)
	me, err := cl.Me(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	unrecorded := brake.New(limits, nil, func(context.Context, []brake.Allotment) error { return nil }, time.Now)
	w.opts = account.Options{
		Client: cl, Limiter: limiter, Me: me, Key: key, Brake: unrecorded,
		OnChange: func(c account.Change) { w.mu.Lock(); defer w.mu.Unlock(); w.changes = append(w.changes, c) },
	}
	w.acct = account.New(t.Context(), w.opts)
	if err := w.acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.sim.ResetLog()
	return w
}

// made creates a user, and waits until it is known what came of it.
func (w *world) made(ctx context.Context, user *account.CreateUser) (*gotoclient.User, error) {
	making, err := w.acct.Users().Create(ctx, user)
	if err != nil {
		return nil, err
	}
	return making.Result()
}

// client returns one that waits for a budget.
func (w *world) client(t *testing.T, limiter gotoclient.Limiter, unverified gotoclient.UnverifiedPolicy) *gotoclient.Client {
	t.Helper()
	cl, err := gotoclient.New(gotoclient.Config{
		Endpoints: gotoclient.Endpoints{APIURL: "http://simulator.test", TokenURL: "http://simulator.test/oauth/token"},
		Credentials: gotoclient.Credentials{
			Grant: gotoclient.GrantRefreshToken, ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
			RefreshToken: simulator.DefaultRefreshToken,
		},
		Base: inprocess.Transport(w.handler()), Limiter: limiter, BeforeSend: account.BeforeSend, Unverified: unverified,
		SaveRefreshToken: func(context.Context, string) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return cl
}

// denying is the same account by a client that writes nothing to paths that nobody has verified.
func (w *world) denying(t *testing.T) *account.Account {
	t.Helper()
	opts := w.opts
	opts.Client = w.client(t, budget.NewLimiter(8), gotoclient.DenyUnverified)
	return account.New(t.Context(), opts)
}

func newUser(email string) *account.CreateUser {
	return &account.CreateUser{User: gotoclient.NewUser{Email: email, FirstName: "Fay", LastName: "Field"}}
}

func email(i int) string { return fmt.Sprintf("user-%03d@example.test", i) }

// each calls f n times at once, and returns its errors in order.
func each(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = f(i) })
	}
	wg.Wait()
	return errs
}

// createAll creates n users at once, as reconcilers do: what fails in a manner that passes is tried again.
func (w *world) createAll(t *testing.T, n int) []error {
	t.Helper()
	return each(n, func(i int) error {
		var err error
		for range 5 {
			if _, err = w.made(t.Context(), newUser(email(i))); err == nil || errors.Is(err, account.ErrExists) {
				return nil
			}
			time.Sleep(10 * time.Second)
		}
		return err
	})
}

// onlyOnce fails if users of the simulator share an address.
func (w *world) onlyOnce(t *testing.T, want int) {
	t.Helper()
	seen := map[string]bool{}
	for _, u := range w.sim.Users(key) {
		if seen[strings.ToLower(u.Email)] {
			t.Errorf("%s is there twice", u.Email)
		}
		seen[strings.ToLower(u.Email)] = true
	}
	if len(seen) != want {
		t.Errorf("%d users, want %d", len(seen), want)
	}
}

func (w *world) clean(t *testing.T, errs []error) {
	t.Helper()
	for i, err := range errs {
		if err != nil {
			t.Errorf("item %d: %v", i, err)
		}
	}
}

func TestUsersCreatedTogetherAreOneRequestPerHundred(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.clean(t, w.createAll(t, 250))
		w.onlyOnce(t, 251)
		calls := w.sim.Calls()
		if calls[simulator.OpCreateUsers] != 3 || calls[simulator.OpListUsers] > 1 || calls[simulator.OpGetUser] > 0 {
			t.Errorf("calls %v, want 3 creates and one list", calls)
		}
		u, ok := w.acct.Users().ByEmail(strings.ToUpper(email(7)))
		if seen, _ := w.sim.UserByEmail(key, email(7)); !ok || string(u.Key) != seen.Key || u.Status == "" {
			t.Errorf("the snapshot shows %+v, %t", u, ok)
		}
	})
}

// everyPosition runs a test in fake time in every position of every switch but those to skip.
func everyPosition(t *testing.T, run func(*testing.T, *world), skip ...string) {
	t.Helper()
	for name, positions := range simulator.SwitchPositions() {
		for _, position := range positions {
			id := name + "=" + position
			if slices.Contains(skip, id) {
				continue
			}
			t.Run(id, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					run(t, newWorld(t, func(s *simulator.Switches) {
						if err := s.Set(name, position); err != nil {
							t.Fatal(err)
						}
					}))
				})
			})
		}
	}
}

// TestLife takes ten users through create, update, delete and a reading in every position of every switch but the one in
// which no user without a licence can be created at all, and the one in which the change that it makes is not kept.
func TestLife(t *testing.T) { everyPosition(t, life, "licenseRequired=yes", "ignoredFields=lastName") }

func life(t *testing.T, w *world) {
	t.Helper()
	const n = 10
	w.clean(t, w.createAll(t, n))
	w.onlyOnce(t, n+1)
	time.Sleep(time.Minute) // whatever GoTo shows late is shown
	if err := w.acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	name := "Changed"
	w.clean(t, each(n, func(i int) error {
		u, ok := w.acct.Users().ByEmail(email(i))
		if !ok {
			return fmt.Errorf("%s is not in the snapshot", email(i))
		}
		return w.acct.Users().Update(t.Context(), u.Key, gotoclient.UserPatch{LastName: &name})
	}))
	for i := range n {
		if u, _ := w.sim.UserByEmail(key, email(i)); u.LastName != name {
			t.Errorf("%s is not changed: %+v", email(i), u)
		}
	}
	w.clean(t, each(n/2, func(i int) error {
		u, _ := w.acct.Users().ByEmail(email(i))
		return w.acct.Users().Delete(t.Context(), u.Key)
	}))
	w.onlyOnce(t, 1+n-n/2)
	if err := w.acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := w.acct.Summary(); s.Users != 1+n-n/2 {
		t.Errorf("the snapshot holds %d users, want %d", s.Users, 1+n-n/2)
	}
}

func TestNoFaultMakesADuplicate(t *testing.T) {
	faults := []simulator.Fault{
		{Kind: simulator.FaultThrottle}, {Kind: simulator.FaultErrorBefore}, {Kind: simulator.FaultErrorAfter}, {Kind: simulator.FaultCutBefore},
		{Kind: simulator.FaultCutAfter}, {Kind: simulator.FaultTruncate}, {Kind: simulator.FaultHTML}, {Kind: simulator.FaultExpireToken},
		{Kind: simulator.FaultErrorAfter, Status: 502}, {Kind: simulator.FaultErrorBefore, Status: 400},
	}
	for _, fault := range faults {
		for _, count := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s %d, %d times", fault.Kind, fault.Status, count), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					fault.Operation, fault.Count = simulator.OpCreateUsers, count
					w.sim.Inject(fault)
					w.clean(t, w.createAll(t, 20))
					w.onlyOnce(t, 21)
				})
			})
		}
	}
}

func TestALostAnswerIsLookedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: simulator.OpCreateUsers, Count: 1})
		u, err := w.made(t.Context(), newUser(email(1)))
		if seen, _ := w.sim.UserByEmail(key, email(1)); err != nil || string(u.Key) != seen.Key {
			t.Errorf("got %s, %v; want the key %s of the user that was made", u.Key, err, seen.Key)
		}
		if n := w.sim.Calls()[simulator.OpCreateUsers]; n != 1 {
			t.Errorf("%d creates", n)
		}
	})
}

func TestAPoisonedUserIsIsolated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpCreateUsers, Status: 400, Match: email(33)})
		errs := each(100, func(i int) error {
			_, err := w.made(t.Context(), newUser(email(i)))
			return err
		})
		for i, err := range errs {
			if bad := i == 33; bad != gotoclient.IsRefused(err) || !bad && err != nil {
				t.Errorf("user %d: %v", i, err)
			}
		}
		w.onlyOnce(t, 100)
		if n := w.sim.Calls()[simulator.OpCreateUsers]; n > 1+2*7 {
			t.Errorf("%d requests, want at most 15 to find one of 100", n)
		}
	})
}

func TestAUserThatTheListLacksIsNotCreatedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		there := w.sim.AddUser(key, simulator.User{Email: "zoe@example.test", FirstName: "Zoe", LastName: "Field"})
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultPartialList, Operation: simulator.OpListUsers, Count: 1})
		if err := w.acct.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		u, err := w.made(t.Context(), newUser("Zoe@example.test"))
		if !errors.Is(err, account.ErrExists) || string(u.Key) != there {
			t.Errorf("got %s, %v; want ErrExists and %s", u.Key, err, there)
		}
		w.onlyOnce(t, 2)
	})
}

func TestListsThatContradictThemselvesAreNotBelieved(t *testing.T) {
	for _, kind := range []simulator.FaultKind{simulator.FaultEmptyList, simulator.FaultShortList, simulator.FaultHTML, simulator.FaultTruncate} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.sim.AddUser(key, simulator.User{Email: "zoe@example.test", FirstName: "Zoe", LastName: "Field"})
				if err := w.acct.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				w.sim.Inject(simulator.Fault{Kind: kind, Operation: simulator.OpListUsers})
				if err := w.acct.Refresh(t.Context()); err == nil {
					t.Fatal("the list was believed")
				}
				if _, ok := w.acct.Users().ByEmail("zoe@example.test"); !ok || w.acct.Summary().Users != 2 {
					t.Error("the last good reading is lost")
				}
				if _, err := w.made(t.Context(), newUser("new@example.test")); err == nil {
					t.Error("a create was authorised")
				}
				w.onlyOnce(t, 2)
			})
		})
	}
}

func TestAPageThatIsRefusedIsHalved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(s *simulator.Switches) { s.MaxPageSize, s.OversizePage = 200, "refused" })
		if err := w.acct.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.sim.Calls()[simulator.OpListUsers]; n != 1 {
			t.Errorf("%d requests for a small list: the size that works is not remembered", n)
		}
	})
}

func TestAReadingReportsWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		zoe := w.sim.AddUser(key, simulator.User{Email: "Zoe@example.test", FirstName: "Zoe", LastName: "Field"})
		ida := w.sim.AddUser(key, simulator.User{Email: "ida@example.test", FirstName: "Ida", LastName: "Field"})
		w.expectChange(t, zoe, ida)
		w.expectChange(t)
		w.sim.UpdateUser(key, zoe, func(u *simulator.User) { u.LastName = "Other" })
		w.expectChange(t, zoe)
		w.sim.RemoveUser(key, ida)
		w.expectChange(t, ida)
	})
}

// A list that is read for the sake of new users also shows what somebody has changed of one that was written just before.
func TestAReadingForSomeReportsWhatChangedOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.clean(t, w.createAll(t, 5))
		first, _ := w.acct.Users().ByEmail(email(0))
		time.Sleep(time.Second)
		w.sim.UpdateUser(key, string(first.Key), func(u *simulator.User) { u.LastName = "Edited" })
		w.changes = nil
		w.clean(t, each(5, func(i int) error {
			_, err := w.made(t.Context(), newUser(email(10+i)))
			return err
		}))
		if len(w.changes) != 1 || len(w.changes[0].Users) != 1 || w.changes[0].Users[0].Key != first.Key {
			t.Errorf("reported: %+v", w.changes)
		}
	})
}

func (w *world) expectChange(t *testing.T, keys ...string) {
	t.Helper()
	w.changes = nil
	if err := w.acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, c := range w.changes {
		for _, u := range c.Users {
			got[string(u.Key)] = true
		}
	}
	if len(got) != len(keys) {
		t.Errorf("changed %v, want %v", got, keys)
	}
	for _, k := range keys {
		if !got[k] {
			t.Errorf("the change of %s is not reported", k)
		}
	}
}
