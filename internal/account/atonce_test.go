package account_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Who was created waits to be read back while others may come, the longer the longer the list is. Nobody comes while all who can be worked on
// wait: beside a hundred thousand users a thousand waited fifty seconds for nobody.
func TestNobodyIsWaitedForWhileAllWait(t *testing.T) {
	for name, row := range map[string]struct {
		atOnce   int
		at, most time.Duration
	}{
		"all who can come wait":        {20, 0, 10 * time.Second},
		"nearly all who can come wait": {21, 0, 10 * time.Second},
		"others may come":              {40, 19 * time.Second, time.Minute},
		"it is not known who may come": {0, 19 * time.Second, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				for i := range 1000 {
					w.sim.AddUser(key, simulator.User{Email: email(i), FirstName: "Fay", LastName: "Field"})
				}
				w.opts.PageSize, w.opts.AtOnce = 25, row.atOnce
				w.acct = account.New(t.Context(), w.opts)
				w.refresh(t)
				began := time.Now()
				for i, err := range each(20, func(i int) error {
					_, err := w.acct.Users().Create(t.Context(), newUser(email(2000+i)))
					return err
				}) {
					if err != nil {
						t.Fatal(i, err)
					}
				}
				if took := time.Since(began); took < row.at || took > row.most {
					t.Errorf("%s", took)
				}
			})
		})
	}
}
