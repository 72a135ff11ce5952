package whole

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// An object whose counterpart has vanished goes, whatever GoTo answers about what is not there. A 403 about a meeting is another matter: it
// says that the meeting is not the caller's.
func TestAVanishedThingHoldsNoObject(t *testing.T) {
	t.Parallel()
	for _, status := range []int{404, 400, 410, 422} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				things := makers()
				w := started(t, append([]client.Object{newAccount()}, things...)...)
				w.Wait(35 * time.Minute)
				w.answers(func(r *http.Response) {
					if r.StatusCode == http.StatusNotFound {
						r.StatusCode = status
						r.Header = http.Header{}
						r.Body = http.NoBody
						r.ContentLength = 0
					}
				})
				vanish(w)
				for _, o := range things {
					w.remove(o)
				}
				w.Wait(25 * time.Minute)
				for _, o := range things {
					if w.there(o) {
						t.Errorf("%T is still there", o)
					}
				}
				if t.Failed() {
					t.Log(w.standing())
				}
				w.Stop()
			})
		})
	}
}

// makers are objects of all kinds that make something in GoTo.
func makers() []client.Object {
	return []client.Object{
		newUser("ann"), newGroup("sales"), newAttribute("room"), newTemplate("welcome"), newMeeting("sync", time.Date(2040, 1, 2, 9, 0, 0, 0, time.UTC)),
	}
}

// vanish has somebody delete what objects have made.
func vanish(w *World) {
	if u, ok := w.Sim.UserByEmail(acct, "ann@example.test"); ok {
		w.Sim.RemoveUser(acct, u.Key)
	}
	for _, g := range w.Sim.State().Accounts[0].Groups {
		w.Sim.RemoveGroup(acct, g.Key)
	}
	for _, m := range w.Sim.Meetings(acct) {
		w.Sim.RemoveMeeting(acct, m.ID)
	}
	w.Sim.Define(acct, func(d *simulator.Defined) { d.Attributes, d.Templates = nil, nil })
}
