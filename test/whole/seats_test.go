package whole

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// A seat is not kept for a user who cannot be made, whatever the reason: the next in the queue has it.
func TestNoSeatIsKeptForWhoCannotBeMade(t *testing.T) {
	t.Parallel()
	for name, cannot := range map[string]func(*World, *v1alpha1.GoToUser){
		"no name":                 func(_ *World, u *v1alpha1.GoToUser) { u.Spec.FirstName = "" },
		"group that is not there": func(_ *World, u *v1alpha1.GoToUser) { u.Spec.GroupRef.Name = "none" },
		"group of another account": func(w *World, u *v1alpha1.GoToUser) {
			g := newGroup("other")
			g.Spec.AccountRef.Name = "elsewhere"
			w.create(g)
			u.Spec.GroupRef.Name = "other"
		},
		"group that is suspended": func(w *World, u *v1alpha1.GoToUser) {
			g := newGroup("asleep")
			g.Spec.Suspend = true
			w.create(g)
			u.Spec.GroupRef.Name = "asleep"
		},
		"group below one that is not there": func(w *World, u *v1alpha1.GoToUser) {
			g := newGroup("orphan")
			g.Spec.ParentRef.Name = "none"
			w.create(g)
			u.Spec.GroupRef.Name = "orphan"
		},
		"template that is not there": func(_ *World, u *v1alpha1.GoToUser) {
			u.Spec.WelcomeEmail = &v1alpha1.WelcomeEmail{TemplateRef: v1alpha1.TemplateReference{Name: "none"}}
		},
		"counterpart in another account": func(*World, *v1alpha1.GoToUser) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				n := 1
				for _, u := range w.Sim.Users(acct) {
					if slices.Contains(u.LicenseKeys, ofMeets) {
						n++
					}
				}
				w.Sim.UpdateLicense(acct, ofMeets, func(l *simulator.License) { l.Seats = n })
				w.create(newAccount())
				first := newUser("first")
				cannot(w, first)
				w.create(first)
				if name == "counterpart in another account" {
					first.Status.Origin, first.Status.AccountKey, first.Status.UserKey = v1alpha1.Created, "999999", "888888"
					w.must(w.Kube.Status().Update(w.Context(), first))
				}
				w.Wait(2 * time.Second)
				w.create(newBinding("all", ofMeets, everybody))
				w.Start()
				w.settled()
				w.create(newUser("second"))
				w.settled()
				w.Wait(35 * time.Minute)
				seen, _ := w.Sim.UserByEmail(acct, "second@example.test")
				if !slices.Contains(seen.LicenseKeys, ofMeets) {
					t.Errorf("first is %s and has no user; second is %s and waits: %v", w.ready(newUser("first")), w.ready(newUser("second")), seen.LicenseKeys)
				}
				w.Stop()
			})
		})
	}
}

// Whoever had a seat, lost it to the next in the queue, and is made anew since somebody has deleted the user in GoTo, waits for one as all others:
// what is recorded of the user who is gone gives none, also where GoTo would.
func TestWhoIsMadeAnewTakesNobodysSeat(t *testing.T) {
	t.Parallel()
	for _, anew := range []string{"first@example.test", "another@example.test"} {
		synctest.Test(t, func(t *testing.T) {
			w := New(t)
			has := func(email string) bool {
				u, _ := w.Sim.UserByEmail(acct, email)
				return slices.Contains(u.LicenseKeys, ofWebs)
			}
			w.Sim.UpdateLicense(acct, ofWebs, func(l *simulator.License) { l.Seats = uncounted })
			w.answers(func(r *http.Response) { saysSeats(r, 1) })
			w.create(newUser("first"))
			w.create(newBinding("all", ofWebs, everybody))
			w.connected()
			w.create(newUser("second"))
			w.settled()
			if !has("first@example.test") || has("second@example.test") {
				t.Fatal("the first has no seat, or both have one")
			}
			edit(w, newUser("first"), func(u *v1alpha1.GoToUser) { u.Spec.GroupRef.Name = "none" })
			first, _ := w.Sim.UserByEmail(acct, "first@example.test")
			w.Sim.UpdateUser(acct, first.Key, func(u *simulator.User) { u.LicenseKeys = nil })
			w.Wait(40 * time.Minute)
			if has("first@example.test") || !has("second@example.test") {
				t.Fatal("the second has no seat, or both have one")
			}
			w.Sim.RemoveUser(acct, first.Key)
			edit(w, newUser("first"), func(u *v1alpha1.GoToUser) { u.Spec.GroupRef.Name, u.Spec.Email = "", anew })
			w.Wait(40 * time.Minute)
			if ready := w.ready(newUser("first")); ready != "True/Synced" || has(anew) {
				t.Errorf("made anew as %s, the first is %s, and took a seat: %t", anew, ready, has(anew))
			}
			w.Stop()
		})
	}
}
