package whole

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// walk takes a script through a strike of each kind at each point that it comes by after it was prepared. The order of the points
// is not the same each time: what is struck is the n-th of them, whichever it is.
func walk(t *testing.T, prepare func(*World), script func(*World)) {
	t.Helper()
	points := 0
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		prepare(w)
		w.gate.arm(0, strike{})
		script(w)
		points = w.gate.points
		w.Stop()
	})
	if points < 10 {
		t.Fatalf("a walk of %d points proves nothing", points)
	}
	for at := range points {
		for _, s := range strikes {
			t.Run(fmt.Sprintf("%d %s", at+1, s.name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := New(t)
					prepare(w)
					w.gate.arm(at+1, s)
					script(w)
					w.Stop()
				})
			})
		}
	}
}

// A namespace goes with credentials, account and objects in it: what the operator made goes from GoTo, over the brake and a new
// refresh token, what was there before stays, and nothing of Kubernetes hangs.
func TestANamespaceIsDeleted(t *testing.T) {
	t.Parallel()
	users := []string{"ann", "ben", "cem", "dot", "eve"}
	walk(t, func(w *World) {
		w.Sim.AddUser(acct, simulator.User{Email: "ann@example.test", FirstName: "Fay", LastName: "Field"})
		w.create(newAccount())
		w.create(newGroup("sales"))
		w.create(newMeeting("sync", w.Sim.Now().Add(100*24*time.Hour).Truncate(time.Minute)))
		w.create(newBinding("all", simulator.DefaultWebinarLicenseKey, everybody))
		for _, name := range users {
			u := newUser(name)
			u.Spec.GroupRef.Name = "sales"
			w.create(u)
		}
		w.Start()
		w.Until("everybody is there", func() bool {
			return !slices.ContainsFunc(users, func(name string) bool { return w.ready(newUser(name)) != "True/Synced" })
		})
		w.Wait(time.Minute)
	}, func(w *World) {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
		w.Sim.Advance(simulator.RefreshTokenRotation + 24*time.Hour)
		w.remove(ns)
		w.Wait(10 * time.Minute)
		if n := len(w.Sim.Users(acct)); n < 3 {
			w.Errorf("%d users are left: the brake lets three go", n)
		}
		edit(w, newAccount(), func(ga *v1alpha1.GoToAccount) {
			ga.Annotations = map[string]string{v1alpha1.ApproveDeletionsUntilAnnotation: time.Now().Add(time.Hour).Format(time.RFC3339)}
		})
		w.Until("the namespace is gone", func() bool {
			w.renewLostToken()
			return !w.there(ns)
		})
		var left []string
		for _, u := range w.Sim.Users(acct) {
			left = append(left, u.Email)
		}
		if len(left) != 2 || !slices.Contains(left, "ann@example.test") {
			w.Errorf("left in GoTo: %v", left)
		}
		if n := len(w.Sim.Meetings(acct)); n > 0 {
			w.Errorf("%d meetings are left", n)
		}
	})
}
