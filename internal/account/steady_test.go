package account_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// A list is read once, though users are created and deleted all the while.
func TestAListIsSteadyWhileItIsRead(t *testing.T) {
	const pages, deleted = 3, 30
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var keys []gotoclient.Key
		for i := range pages*1000 - 500 {
			u := simulator.User{Email: fmt.Sprintf("u%d@example.test", i), FirstName: "Fay", LastName: "Field"}
			keys = append(keys, gotoclient.Key(w.sim.AddUser(string(key), u)))
		}
		if err := w.acct.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.sim.ResetLog()
		ctx := budget.WithPriority(t.Context(), budget.Background)
		done := make(chan error)
		for i := range deleted {
			go func() { done <- w.acct.Users().Delete(ctx, keys[i]) }()
		}
		read := make(chan error)
		go func() { read <- w.acct.Refresh(ctx) }()
		for range deleted {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if err := <-read; err != nil {
			t.Error(err)
		}
		if calls := w.sim.Calls(); calls[simulator.OpListUsers] != pages || calls[simulator.OpDeleteUsers] != deleted {
			t.Errorf("%v", calls)
		}
	})
}
