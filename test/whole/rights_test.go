package whole

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// roles gives the credentials' user other admin roles.
func (w *World) roles(roles ...string) {
	w.Helper()
	w.Sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.AdminRoles = roles })
}

// Rights that end while the operator works are told by the account, and what was forbidden is done when they are back.
func TestRightsThatEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.connected()
		ga, u := newAccount(), newUser("fay")
		w.roles()
		w.create(u)
		w.Wait(time.Minute)
		if got := w.ready(u); got != "False/"+v1alpha1.ReasonForbidden {
			t.Errorf("the user is %s", got)
		}
		w.Wait(15 * time.Minute) // a resync
		if got := w.ready(ga); got != "False/"+v1alpha1.ReasonForbidden || w.conditionOf(ga, v1alpha1.ConditionCredentialsValid) != "False" {
			t.Errorf("the account is %s", got)
		}
		w.anew()
		w.Wait(time.Hour)
		if got := w.requests(); got > 60 {
			t.Errorf("%d requests in an hour: %v", got, w.Sim.Calls())
		}
		w.roles(simulator.RoleSuperUser)
		w.request("now")
		w.Wait(30 * time.Second)
		if x, y := w.ready(ga), w.ready(u); x != "True/Connected" || y != "True/Synced" {
			t.Errorf("with the roles back the account is %s, and the user %s\n%s", x, y, w.standing())
		}
		w.Stop()
	})
}

// A user who belongs to the account no more ends its use as well, whatever is said of roles.
func TestAUserWhoLeavesTheAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.connected()
		w.answers(func(resp *http.Response) {
			if strings.HasSuffix(resp.Request.URL.Path, "/me") {
				resp.Body = io.NopCloser(strings.NewReader(`{"key":"` + simulator.DefaultAdminKey + `","accounts":[{"key":"` + simulator.OtherAccountKey + `"}]}`))
			}
		})
		w.request("now")
		w.Wait(30 * time.Second)
		if got := w.ready(newAccount()); got != "False/"+v1alpha1.ReasonAccountKeyMismatch || w.conditionOf(newAccount(), "Stalled") != "True" {
			t.Errorf("the account is %s", got)
		}
		w.transform.Store(nil)
		w.request("again")
		w.Wait(30 * time.Second)
		if got := w.ready(newAccount()); got != "True/Connected" {
			t.Errorf("back in the account, it is %s", got)
		}
		w.Stop()
	})
}

// An account of which GoTo says that it is not in order is Stalled, and nothing more is asked until a person asks for it.
func TestAnIllegalAccount(t *testing.T) {
	t.Parallel()
	for name, connectedFirst := range map[string]bool{"from the start": false, "while it works": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				if connectedFirst {
					w.connected()
				}
				var asked atomic.Int64
				w.answers(func(resp *http.Response) {
					if strings.HasPrefix(resp.Request.URL.Path, "/admin") {
						asked.Add(1)
						resp.StatusCode, resp.Body = http.StatusBadGateway, io.NopCloser(strings.NewReader(`{"errorCode":"BAD","message":"Illegal Account"}`))
					}
				})
				ga := newAccount()
				if connectedFirst {
					w.request("now")
				} else {
					w.create(ga)
					w.Start()
				}
				w.Wait(time.Minute)
				if got := w.ready(ga); got != "False/"+v1alpha1.ReasonIllegalAccount || w.conditionOf(ga, "Stalled") != "True" {
					t.Errorf("the account is %s", got)
				}
				if n := asked.Swap(0); n > 2 {
					t.Errorf("%d requests", n)
				}
				w.Wait(24 * time.Hour)
				if n := asked.Load(); n > 0 {
					t.Errorf("%d requests in a day", n)
				}
				w.transform.Store(nil)
				w.request("support says so")
				w.Wait(time.Minute)
				if got := w.ready(ga); got != "True/Connected" {
					t.Errorf("in order again, and %s\n%s", got, w.standing())
				}
				w.Stop()
			})
		})
	}
}
