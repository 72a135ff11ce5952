package whole

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// What is suspended and then deleted, as uninstalling the chart of a team does it, goes from Kubernetes and leaves GoTo as it is: an object
// of every kind alone, beside others that are at work, and all of them, in whatever order they go.
func TestWhatIsSuspendedLeavesGoToAlone(t *testing.T) {
	t.Parallel()
	rows := map[string]func([]client.Object) []client.Object{
		"all, first to last": func(all []client.Object) []client.Object { return all },
		"all, last to first": func(all []client.Object) []client.Object {
			slices.Reverse(all)
			return all
		},
	}
	for i, o := range oneOfEach()[1:] {
		rows[fmt.Sprintf("%T", o)] = func(all []client.Object) []client.Object { return all[i : i+1] }
	}
	for row, chosen := range rows {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, all := New(t), oneOfEach()
				w.allReady(all)
				leaving := chosen(all[1:]) // the account stays, and is in use
				for _, o := range leaving {
					w.patch(o, `{"spec":{"suspend":true}}`)
				}
				w.Wait(time.Minute)
				w.Sim.ResetLog()
				for _, o := range leaving {
					w.remove(o)
					w.Until(row+" is gone", func() bool { return !w.there(o) })
				}
				w.Wait(20 * time.Minute)
				for _, r := range w.Sim.Requests() {
					if r.Method != http.MethodGet && r.Operation != simulator.OpToken {
						t.Errorf("%s %s: %s", r.Operation, r.Path, r.Body)
					}
				}
				w.Stop()
			})
		})
	}
}

// allReady makes objects, and starts the operator. A profile is one that puts back what it found.
func (w *World) allReady(objects []client.Object) {
	w.Helper()
	for _, o := range objects {
		if p, is := o.(*v1alpha1.GoToSettingsProfile); is {
			p.Spec.NewUsers, p.Spec.DeletionPolicy = true, v1alpha1.SettingsRestore
		}
		w.create(o)
	}
	w.Start()
	w.areReady(objects...)
	w.Wait(time.Minute)
}
