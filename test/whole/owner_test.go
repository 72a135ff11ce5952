package whole

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/engine"
)

// Two objects that ask for one counterpart, made within a second: one has it, and the other says so. Whoever wrote last meanwhile, GoTo
// has what the owner asks for.
func TestTwoObjectsAskForOneCounterpart(t *testing.T) {
	t.Parallel()
	kinds := map[string]struct {
		asks func(name string) engine.Object
		has  func(*testing.T, *World, string) // fails unless GoTo has one counterpart, and it is as this object asks for
	}{
		"user": {func(name string) engine.Object {
			u := newUser(name)
			u.Spec.Email, u.Spec.LastName = "same@example.test", name
			return u
		}, func(t *testing.T, w *World, owner string) {
			t.Helper()
			if seen, _ := w.Sim.UserByEmail(acct, "same@example.test"); seen.LastName != owner || len(w.Sim.Users(acct)) != 2 {
				t.Errorf("%s has the user, and GoTo has %s\n%s", owner, seen.LastName, w.standing())
			}
		}},
		"group": {func(name string) engine.Object {
			g := newGroup(name)
			g.Spec.Name = "Same"
			return g
		}, func(t *testing.T, w *World, _ string) {
			t.Helper()
			if n := len(w.Sim.State().Accounts[0].Groups); n != 1 {
				t.Errorf("%d groups", n)
			}
		}},
	}
	for kind, k := range kinds {
		for _, names := range [][2]string{{"ben", "cem"}, {"cem", "ben"}} {
			for later := time.Duration(0); later < time.Second; later += 50 * time.Millisecond {
				t.Run(kind+" "+names[0]+", the other after "+later.String(), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						w := New(t)
						w.create(newAccount())
						w.Start()
						a, b := k.asks(names[0]), k.asks(names[1])
						w.create(a)
						time.Sleep(later)
						w.create(b)
						w.Wait(time.Hour)
						owner, loser := a, b
						if w.ready(b) == "True/Synced" {
							owner, loser = b, a
						}
						if x, y := w.ready(owner), w.ready(loser); x != "True/Synced" || y != "False/Conflict" {
							t.Fatalf("%s and %s\n%s", x, y, w.standing())
						}
						k.has(t, w, owner.GetName())
						w.Stop()
					})
				})
			}
		}
	}
}
