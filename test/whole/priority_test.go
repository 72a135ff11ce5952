package whole

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/simulator"
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
		asked := w.renames(mine, "Mine")
		if took := time.Since(asked); took > 2*time.Second {
			t.Errorf("one edit beside %d waited %v", users, took)
		}
		w.Stop()
	})
}

// renames gives a user another first name and waits until GoTo has it. It returns when that was asked for.
func (w *World) renames(u *v1alpha1.GoToUser, name string) time.Time {
	w.Helper()
	edit(w, u, func(u *v1alpha1.GoToUser) { u.Spec.FirstName = name })
	asked := time.Now()
	w.Until("the edit is in GoTo", func() bool {
		seen, _ := w.Sim.UserByEmail(acct, u.Spec.Email)
		return seen.FirstName == name
	})
	return asked
}

// Nor does it wait behind thousands of objects that are new, whose status an API server takes a minute to write.
func TestAnEditGoesBeforeNewObjects(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const users = 2000
		w := New(t)
		w.create(newAccount())
		mine := newUser("mine")
		w.create(mine)
		w.Start()
		w.settled()
		w.gate.slows(10 * time.Millisecond)
		w.hire(many(users))
		for i := range 5 {
			time.Sleep(5 * time.Second)
			asked := w.renames(mine, fmt.Sprintf("Mine %d", i))
			if took := time.Since(asked); took > 2*time.Second {
				t.Errorf("one edit beside %d new users waited %v", users, took)
			}
			w.Until("it is written down", func() bool { return w.ready(mine) == "True/Synced" })
			if took := time.Since(asked); took > 4*time.Second {
				t.Errorf("one edit beside %d new users was written down after %v", users, took)
			}
		}
		if got := w.synced(many(users), w.userReady); got == users {
			t.Error("all was over before the last edit: nothing was shown")
		}
		w.Stop()
	})
}

// Nor does it wait behind a report of many requests, each of which leaves the way to whatever else there is to do.
func TestAnEditGoesBeforeAReport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		for i := range 60 { // in no group: each is read alone
			w.Sim.AddUser(acct, simulator.User{
				Email: fmt.Sprintf("organizer-%d@example.test", i), FirstName: "Org", LastName: "Anizer", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}, PasswordCreated: true,
			})
		}
		var hasty atomic.Int64
		w.answers(func(r *http.Response) {
			if strings.Contains(r.Request.URL.Path, "/historicalMeetings") && budget.PriorityOf(r.Request.Context()) != budget.Background {
				hasty.Add(1)
			}
		})
		mine, report := newUser("mine"), newReport("year")
		report.Spec.Range.Last = "366d"
		w.create(newAccount())
		w.create(mine)
		w.Start()
		w.settled()
		w.create(report)
		for i := range 5 {
			time.Sleep(10 * time.Second)
			asked := w.renames(mine, fmt.Sprintf("Mine %d", i))
			if took := time.Since(asked); took > 2*time.Second || w.ready(report) != "False/"+v1alpha1.ReasonMaking {
				t.Errorf("one edit waited %v; the report is %s", took, w.ready(report))
			}
		}
		w.Until("the report is made", func() bool { return w.ready(report) == "True/"+v1alpha1.ReasonMade })
		if n := w.Sim.Calls()["listOrganizerHistoricalMeetings"]; n < 60*7 || hasty.Load() > 0 {
			t.Errorf("%d of %d requests were no background work: %v", hasty.Load(), n, w.Sim.Calls())
		}
		w.Stop()
	})
}

// An edit finds a worker though more objects than there are workers wait for GoTo: of users whom a tool has changed, where GoTo refuses what
// is about many, so that each batch is halved down to single users.
func TestAnEditFindsAWorkerBesideAThousandThatWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 1500
		w := New(t)
		w.create(newUser("mine"))
		w.team(n, []string{"sales"})
		for _, u := range w.Sim.Users(acct) {
			if u.FirstName == "Fay" && u.Email != "mine@example.test" {
				w.Sim.UpdateUser(acct, u.Key, func(u *simulator.User) { u.LastName = "Drift" })
			}
		}
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.MultiKeyPut = "refused" })
		w.request("now")
		w.Wait(10 * time.Second)
		for _, name := range []string{"One", "Two", "Three"} {
			if took := time.Since(w.renames(newUser("mine"), name)); took > 2*time.Second {
				t.Errorf("an edit waited %v", took)
			}
		}
		w.Stop()
	})
}
