package whole

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// A person's edit does not wait behind hundreds of others that came before it and share no request.
func TestAnEditGoesBeforeBulkWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const users = 300
		w := New(t)
		w.create(newAccount())
		for i := range users {
			w.create(newUser(fmt.Sprintf("user-%d", i)))
		}
		w.Start()
		w.Wait(15 * time.Minute)
		for i := 1; i < users; i++ { // all differ, so that none share a request
			edit(w, newUser(fmt.Sprintf("user-%d", i)), func(u *v1alpha1.GoToUser) { u.Spec.LastName = fmt.Sprintf("Name %d", i) })
		}
		time.Sleep(10 * time.Second)
		mine := newUser("user-0")
		edit(w, mine, func(u *v1alpha1.GoToUser) { u.Spec.FirstName = "Mine" })
		asked := time.Now()
		w.Until("the edit is in GoTo", func() bool {
			u, _ := w.Sim.UserByEmail(acct, "user-0@example.test")
			return u.FirstName == "Mine"
		})
		if took := time.Since(asked); took > 2*time.Second {
			t.Errorf("one edit beside %d waited %v", users, took)
		}
		w.Stop()
	})
}
