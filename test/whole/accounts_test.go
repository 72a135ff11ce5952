package whole

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/controller"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// keyOf is the key of one of many GoTo accounts, and nameOf that of the object that stands for it.
func keyOf(i int) string { return fmt.Sprintf("%d", 7_400_000_000_000_000_000+i) }

func nameOf(i int) string { return fmt.Sprintf("account-%03d", i) }

func numbered(i int) *v1alpha1.GoToAccount {
	return &v1alpha1.GoToAccount{ObjectMeta: named(nameOf(i))}
}

// accounts makes n GoTo accounts of one administrator, and an object for each.
func (w *World) accounts(n int) {
	w.Helper()
	state := w.Sim.State()
	founder := state.Accounts[0].Users[0]
	for i := range n {
		state.Accounts = append(state.Accounts, simulator.Account{Key: keyOf(i), Name: nameOf(i), Users: []simulator.User{founder}})
	}
	w.must(w.Sim.Load(state))
	for i := range n {
		ga := newAccount()
		ga.Name, ga.Spec.AccountKey = nameOf(i), v1alpha1.Key(keyOf(i))
		w.create(ga)
	}
}

// connects waits until accounts are connected, and returns how long that took.
func (w *World) connects(of []int) time.Duration {
	w.Helper()
	began := time.Now()
	w.Until("the accounts are ready", func() bool {
		return !slices.ContainsFunc(of, func(i int) bool {
			return w.ready(numbered(i)) != "True/Connected"
		})
	})
	return time.Since(began)
}

// bad is how many of many accounts do not answer, and how many are refused: more than there are workers.
const bad = 20

// hinder makes the first of many accounts hang, and as many after them use credentials that GoTo does not know.
func (w *World) hinder() {
	w.Helper()
	w.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "bad"}, Data: map[string][]byte{
		v1alpha1.SecretKeyClientID: []byte("unknown"), v1alpha1.SecretKeyClientSecret: []byte("x"), v1alpha1.SecretKeyRefreshToken: []byte("x"),
	}})
	for i := range bad {
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultHang, Match: keyOf(i)})
		edit(w, numbered(bad+i), func(ga *v1alpha1.GoToAccount) { ga.Spec.Credentials.SecretRef.Name = "bad" })
	}
}

// hindered fails unless those accounts say what is wrong with them.
func (w *World) hindered() {
	w.Helper()
	for i := range bad {
		if got := w.ready(numbered(bad + i)); got != "False/"+v1alpha1.ReasonInvalidClient {
			w.Errorf("one with wrong credentials: %s", got)
		}
		if got := w.ready(numbered(i)); got != "False/"+v1alpha1.ReasonConnecting && got != "False/"+v1alpha1.ReasonUnreachable {
			w.Errorf("one that does not answer: %s", got)
		}
	}
}

// workers are the goroutines that wait for objects, however many accounts there are: those of each kind, and the spare ones.
func workers() (n int) {
	for _, of := range controller.DefaultConcurrency() {
		n += of + of/20 + 1
	}
	return n
}

// Two hundred accounts in one process, of which more than there are workers do not answer and as many are refused: the others are
// connected as soon as if those worked, by four requests each and a few goroutines.
func TestTwoHundredAccounts(t *testing.T) {
	const n = 200
	var good []int
	for i := 2 * bad; i < n; i++ {
		good = append(good, i)
	}
	took := map[bool]time.Duration{}
	for _, hinder := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := New(t)
			w.accounts(n)
			if hinder {
				w.hinder()
			}
			before := runtime.NumGoroutine()
			w.Start()
			took[hinder] = w.connects(good)
			calls := w.Sim.Calls()
			for _, op := range []string{simulator.OpGetMe, simulator.OpListUsers, simulator.OpListGroups, simulator.OpListLicenses} {
				if calls[op] < len(good) || calls[op] > n+4*bad {
					t.Errorf("%d requests of %s", calls[op], op)
				}
			}
			w.Wait(2 * time.Minute)
			if each := (runtime.NumGoroutine() - before - workers()) / n; each > 3 {
				t.Errorf("%d goroutines for each account", each)
			}
			if hinder {
				w.hindered()
			}
			w.Sim.ClearFaults()
			w.Stop()
			time.Sleep(time.Minute)
			synctest.Wait()
			if left := runtime.NumGoroutine() - before; left > n/4 { // one for each account would be a leak
				t.Errorf("%d goroutines are left", left)
			}
		})
	}
	t.Logf("%d accounts: %v, and %v beside %d that do not work", len(good), took[false], took[true], 2*bad)
	if took[true] > took[false]*11/10 {
		t.Errorf("%v beside those that do not work, %v without them", took[true], took[false])
	}
}

// What an attempt to connect is about ends it when it is no longer asked for: nobody waits for its time limit, and nothing of it is left.
func TestAnAttemptEndsWithWhatItIsAbout(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		act  func(*World, *v1alpha1.GoToAccount)
		want string
	}{
		"deleted": {func(w *World, ga *v1alpha1.GoToAccount) { w.remove(ga) }, "gone"},
		"suspended": {func(w *World, ga *v1alpha1.GoToAccount) {
			edit(w, ga, func(ga *v1alpha1.GoToAccount) { ga.Spec.Suspend = true })
		}, "False/" + v1alpha1.ReasonSuspended},
		"another budget": {func(w *World, ga *v1alpha1.GoToAccount) {
			edit(w, ga, func(ga *v1alpha1.GoToAccount) { ga.Spec.RequestBudget.RequestsPerSecond = 5 })
		}, "True/Connected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				w.Start()
				id := w.Sim.Inject(simulator.Fault{Kind: simulator.FaultHang, Operation: simulator.OpListUsers, Count: 1})
				ga := newAccount()
				w.create(ga)
				w.must(w.Sim.WaitHeld(t.Context(), id))
				w.Wait(2 * time.Second)
				row.act(w, ga)
				w.Wait(3 * time.Second)
				if got := w.ready(ga); got != row.want {
					t.Errorf("%s, want %s", got, row.want)
				}
				if calls := w.Sim.Calls(); calls[simulator.OpListUsers] > 2 {
					t.Errorf("%v", calls)
				}
				if _, used := w.registry.Get(string(ga.UID)); used != (row.want == "True/Connected") {
					t.Errorf("in use: %v", used)
				}
				w.Stop()
			})
		})
	}
}
