package whole

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// What only metadata remembers, as after a restore without status, counts in the plan of licences as it does in a reconcile. Where the
// object may not have it, each undid what the other had said to the plan, which started the object anew: two requests in every 0.7 seconds,
// for ever.
func TestWhatOnlyMetadataRemembersStartsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		ben, eve := newUser("ben"), newUser("eve")
		w.create(newAccount())
		w.create(ben)
		w.create(eve)
		w.create(newBinding("all", ofMeets, everybody))
		w.Start()
		w.settled()
		w.Stop()
		w.there(ben)
		w.Sim.RemoveUser(acct, string(ben.Status.UserKey))
		edit(w, ben, func(u *v1alpha1.GoToUser) { u.Spec.Email = eve.Spec.Email })
		ben.Status = v1alpha1.GoToUserStatus{}
		w.must(w.Kube.Status().Update(w.Context(), ben))
		w.Start()
		w.settled()
		if got := w.ready(ben); got != "False/Conflict" {
			t.Fatalf("%q", got)
		}
		w.anew()
		w.Wait(time.Hour)
		if n := w.reconciles.Load(); n > 12 {
			t.Errorf("%d reconciles in an hour in which nothing happens: %v", n, w.Sim.Calls())
		}
		w.Stop()
	})
}
