package gotouser

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/settings"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// profiled is a world of GoToUsers with the plan of the process that runs.
type profiled struct {
	*world

	planner *settings.Planner
}

// newProfiled has a group of users who show all settings.
func newProfiled(t *testing.T) *profiled {
	t.Helper()
	w := &profiled{}
	w.world = &world{kindtest.New(t,
		func(i client.FieldIndexer) error {
			return errors.Join(addIndexes(i), engine.AddIndexes(i, byProvisioning{}))
		},
		func(c client.Client, r *account.Registry) engine.Kind[*v1alpha1.GoToUser, wants, gotoclient.User] {
			w.planner = settings.NewPlanner(c, r)
			return byProvisioning{Kind: Kind{c, entitlement.NewPlanner(c, r), w.planner}}
		})}
	w.Sim.SetSwitches(func(s *simulator.Switches) { s.UserSettings = "full" })
	return w
}

// profile gives every user settings.
func (w *profiled) profile(t *testing.T, name string, priority int32, says v1alpha1.MeetingSettings) *v1alpha1.GoToSettingsProfile {
	t.Helper()
	p := &v1alpha1.GoToSettingsProfile{ObjectMeta: metav1.ObjectMeta{Name: name, Finalizers: []string{v1alpha1.Finalizer}}}
	return kindtest.Apply(t, w.Kube, p, func(p *v1alpha1.GoToSettingsProfile) {
		p.Spec.AccountRef.Name, p.Spec.Product, p.Spec.Priority = kindtest.Account, v1alpha1.ProductMeeting, &priority
		p.Spec.Settings, p.Spec.Targets = &says, []v1alpha1.SettingsTarget{{Selector: &metav1.LabelSelector{}}}
	})
}

// has waits, as the queue does, until the user is Ready with these settings in GoTo.
func (w *profiled) has(t *testing.T, chat, webcam bool) {
	t.Helper()
	acct := types.NamespacedName{Namespace: kindtest.Namespace, Name: kindtest.Account}
	tries := 0
	w.reconcileUntil(t, func(u *v1alpha1.GoToUser) bool {
		_, _ = w.planner.Refresh(t.Context(), acct)
		time.Sleep(time.Minute)
		if tries++; tries == 4 { // the next resync
			w.Quietly(func() { _ = w.Acct.Refresh(t.Context()) })
		}
		remote, _ := w.remote()
		var all map[string]map[string]any
		_ = json.Unmarshal(remote.Settings, &all)
		is := func(name string, want bool) bool {
			has, stated := all["G2M"][name]
			return has == want || want && !stated
		}
		return u != nil && ready(u) && is("chatEnabled", chat) && is("webcamEnabled", webcam)
	})
}

// TestWalkOfSettings lets something go wrong at every request and every write of what a user has by profiles: settings that one gives, other
// ones, those of the profile that comes after it when it goes, and what somebody changes by hand.
func TestWalkOfSettings(t *testing.T) {
	t.Parallel()
	for _, position := range simulator.SwitchPositions()["settingsWrite"] {
		t.Run(position, func(t *testing.T) {
			t.Parallel()
			worlds := map[*walkWorld]*profiled{}
			build := func(t *testing.T) *walkWorld {
				t.Helper()
				w := newProfiled(t)
				w.Sim.SetSwitches(func(s *simulator.Switches) { s.SettingsWrite = position })
				worlds[w.World] = w
				return w.World
			}
			kindtest.Walk(t, build, func(t *testing.T, of *walkWorld) {
				t.Helper()
				w := worlds[of]
				w.profile(t, "quiet", 1, v1alpha1.MeetingSettings{ChatEnabled: new(false)})
				w.apply(t, asIs)
				w.has(t, false, true)
				loud := w.profile(t, "loud", 2, v1alpha1.MeetingSettings{ChatEnabled: new(true), WebcamEnabled: new(false)})
				w.has(t, true, false)
				w.Sim.UpdateUser(simulator.DefaultAccountKey, string(w.object(t).Status.UserKey), func(u *simulator.User) {
					u.Settings = json.RawMessage(`{"G2M":{"chatEnabled":false,"webcamEnabled":false}}`)
				})
				_ = w.Acct.Refresh(t.Context())
				w.has(t, true, false)
				loud.Finalizers = nil
				if err := w.Kube.Update(t.Context(), loud); err != nil {
					t.Fatal(err)
				}
				if err := w.Kube.Delete(t.Context(), loud); err != nil {
					t.Fatal(err)
				}
				w.has(t, false, false)
				w.stays(t, v1alpha1.Created)
			})
		})
	}
}
