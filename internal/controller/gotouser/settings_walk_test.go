package gotouser

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
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
		func(c client.Client, r *account.Registry) engine.Kind[*v1alpha1.GoToUser, *wants, *gotoclient.User] {
			w.planner = settings.NewPlanner(c, r)
			return byProvisioning{Kind: newKind(c, entitlement.NewPlanner(c, r), w.planner)}
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

// TestWalkOfSettings lets something go wrong at every request and every write of what a user has by profiles, and of what three users have who differ.
func TestWalkOfSettings(t *testing.T) {
	t.Parallel()
	for name, play := range settingsLives {
		for _, position := range simulator.SwitchPositions()["settingsWrite"] {
			t.Run(name+", "+position, func(t *testing.T) {
				t.Parallel()
				build, script := profiledLife(position, play)
				kindtest.Walk(t, build, script)
			})
		}
	}
}

// profiledLife are worlds in a position of settingsWrite, and a life in them.
func profiledLife(position string, play func(*testing.T, *profiled)) (build func(*testing.T) *walkWorld, script func(*testing.T, *walkWorld)) {
	var current *profiled
	build = func(t *testing.T) *walkWorld {
		t.Helper()
		current = newProfiled(t)
		current.Sim.SetSwitches(func(s *simulator.Switches) { s.SettingsWrite = position })
		return current.World
	}
	return build, func(t *testing.T, _ *walkWorld) { t.Helper(); play(t, current) }
}

var settingsLives = map[string]func(*testing.T, *profiled){"one user": oneUser, "three users": threeUsers}

// oneUser has settings that a profile gives, other ones, those of the profile that comes after it when it goes, and what somebody changes
// by hand.
func oneUser(t *testing.T, w *profiled) {
	t.Helper()
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
}

// differing are three users and what each has before a profile is there; the last has a setting of which no profile speaks.
var differing = map[string]string{
	"ada": `{"G2M":{"chatEnabled":true,"webcamEnabled":true}}`,
	"bob": `{"G2M":{"chatEnabled":false,"webcamEnabled":true}}`,
	"cyd": `{"G2M":{"chatEnabled":true,"webcamEnabled":false,"recordingEnabled":false}}`,
}

// threeUsers differ, so that what one profile wants of them is written by several requests, or by one whose form is learned.
func threeUsers(t *testing.T, w *profiled) {
	t.Helper()
	var all []*v1alpha1.GoToUser
	for _, name := range slices.Sorted(maps.Keys(differing)) {
		all = append(all, kindtest.Apply(t, w.Kube, &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Name: name}}, func(u *v1alpha1.GoToUser) {
			u.Spec = v1alpha1.GoToUserSpec{Email: name + "@example.test", FirstName: name, LastName: "Field"}
			u.Spec.AccountRef.Name, u.Spec.ManagementPolicy = kindtest.Account, v1alpha1.Manage
		}))
	}
	w.Quietly(func() { w.Until(t, all[0], kindtest.Ready, all[1:]...) }) // how users are created others show
	for _, u := range all {
		w.Sim.UpdateUser(simulator.DefaultAccountKey, string(u.Status.UserKey), func(r *simulator.User) { r.Settings = json.RawMessage(differing[u.Name]) })
	}
	w.Quietly(func() { _ = w.Acct.Refresh(t.Context()) })
	w.profile(t, "quiet", 1, v1alpha1.MeetingSettings{ChatEnabled: new(false), WebcamEnabled: new(false)})
	for tries := 0; !w.quietAll(t, all); tries++ {
		if tries == 4 {
			t.Fatal("not all have the settings after four resyncs")
		}
		_, _ = w.planner.Refresh(t.Context(), types.NamespacedName{Namespace: kindtest.Namespace, Name: kindtest.Account})
		w.AtOnce(t, slices.Sorted(maps.Keys(differing))...)
		time.Sleep(kindtest.Resync)
		w.Quietly(func() { _ = w.Acct.Refresh(t.Context()) })
	}
	w.Until(t, all[0], kindtest.Ready, all[1:]...)
	if remote, _ := w.Sim.UserByEmail(simulator.DefaultAccountKey, "cyd@example.test"); settingsOf(t, remote)["recordingEnabled"] != false {
		t.Errorf("what no profile states is %s", remote.Settings)
	}
	if n := len(w.Sim.Users(simulator.DefaultAccountKey)); n != 1+len(all) {
		t.Errorf("%d users", n)
	}
}

// quietAll is true once all have chat and webcam off.
func (w *profiled) quietAll(t *testing.T, all []*v1alpha1.GoToUser) bool {
	t.Helper()
	return !slices.ContainsFunc(all, func(u *v1alpha1.GoToUser) bool {
		remote, _ := w.Sim.UserByEmail(simulator.DefaultAccountKey, u.Spec.Email)
		got := settingsOf(t, remote)
		return got["chatEnabled"] != false || got["webcamEnabled"] != false
	})
}

// settingsOf are what GoTo holds of a user for meetings.
func settingsOf(t *testing.T, u simulator.User) map[string]any {
	t.Helper()
	var all map[string]map[string]any
	if err := json.Unmarshal(u.Settings, &all); err != nil {
		t.Fatalf("%v: %s", err, u.Settings)
	}
	return all["G2M"]
}
