package whole

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/controller"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Beside a list that is longer than those who can be worked on are worth, new users are read back once for each time that all of them wait, and
// nobody waits long for others who cannot come. That an API server takes its time changes little.
func TestNewUsersBesideALongList(t *testing.T) {
	t.Parallel()
	for _, slow := range []time.Duration{0, 5 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			const existing, n, atOnce, page = 1500, 300, 100, 25
			w := New(t)
			w.workers = controller.Concurrency{"GoToUser": atOnce}
			w.crowd(existing)
			ga := newAccount()
			ga.Spec.RequestBudget.PageSize, ga.Spec.RequestBudget.BatchSize = page, 10
			w.create(ga)
			w.Start()
			w.settled()
			w.anew()
			w.hire(many(n))
			w.gate.slows(slow)
			took := w.takes("all are ready", func() bool {
				return w.synced(many(n), w.userReady) == n
			})
			calls := w.Sim.Calls()
			looks := n/atOnce + 1 // and the reading that allows the creates
			if pages := calls[simulator.OpListUsers]; pages > (looks+1)*((existing+n)/page+1) {
				t.Errorf("slow %s: %d pages for %d times that all wait: %v", slow, pages, looks-1, calls)
			}
			if most := 2 * time.Minute; took > most {
				t.Errorf("slow %s: %s", slow, took)
			}
			w.Stop()
		})
	}
}

// Beside such a list those whom somebody edits, many at once, are not read back one by one either: that costs many times what the edits did.
func TestEditsOfManyBesideALongList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const existing, n, page = 1500, 40, 25
		w := New(t)
		w.crowd(existing)
		ga := newAccount()
		ga.Spec.RequestBudget.PageSize = page
		w.create(ga)
		w.create(newGroup("blue"))
		w.create(newGroup("green"))
		w.hire(many(n))
		w.Start()
		w.settled()
		for _, group := range []string{"blue", "green"} { // with the first it is found out that one request moves many
			w.anew()
			for _, name := range many(n) {
				edit(w, newUser(name), func(u *v1alpha1.GoToUser) { u.Spec.GroupRef.Name = group })
			}
			w.settled()
		}
		if calls := w.Sim.Calls(); calls[simulator.OpGetUser] >= batch.Many || calls[simulator.OpMoveUsers] == 0 || calls[simulator.OpMoveUsers] > n/2 {
			t.Errorf("%d users were moved by %v", n, calls)
		}
		w.Stop()
	})
}

// takes is how long it takes until something is so.
func (w *World) takes(what string, done func() bool) time.Duration {
	w.Helper()
	began := time.Now()
	w.Until(what, done)
	return time.Since(began)
}
