package gotolicensebinding

import (
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

type world = kindtest.World[*v1alpha1.GoToLicenseBinding, wants, entitlement.Binding]

func newWorld(t *testing.T) *world {
	t.Helper()
	return kindtest.New(t,
		func(i client.FieldIndexer) error { return engine.AddIndexes(i, Kind{}) },
		func(c client.Client, r *account.Registry) engine.Kind[*v1alpha1.GoToLicenseBinding, wants, entitlement.Binding] {
			return Kind{entitlement.NewPlanner(c, r)}
		})
}

// TestAccountSwitched: a binding says nothing about the licences of another account, and its deletion waits until the account is
// the one again in which it gave something.
func TestAccountSwitched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		b := selecting(t, w, "webinars")
		start := func() {
			w.Start("webinars")
			w.Run(t, time.Minute)
			kindtest.Object(t, w.Kube, b)
		}
		start()
		start() // the plan has seen that it is claimed
		if got := kindtest.Reason(b); got != "True Synced" || b.Status.LicenseKey == "" {
			t.Fatalf("%s: %+v", got, b.Status)
		}
		w.Switch(t, simulator.OtherAccountKey, simulator.OtherAccountPersonalAccessToken)
		start()
		if got := kindtest.Reason(b); got != "False "+v1alpha1.ReasonAccountKeyMismatch || len(w.Sim.Calls()) > 0 {
			t.Errorf("%s, calls %v", got, w.Sim.Calls())
		}
		if err := w.Kube.Delete(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		start()
		if _, there := kindtest.Object(t, w.Kube, b); !there {
			t.Error("it went, and what it gave could not be seen")
		}
		w.Switch(t, simulator.DefaultAccountKey, "")
		w.Start("webinars")
		w.Run(t, time.Minute)
		if _, there := kindtest.Object(t, w.Kube, b); there {
			t.Errorf("still there: %s", kindtest.Reason(b))
		}
	})
}
