package gotomeeting

import (
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

var guarded = kindtest.Guarded[*v1alpha1.GoToMeeting, Wants, Remote]{
	Build: with(),
	Apply: applyIn,
	Plant: func(w *bubble, m *v1alpha1.GoToMeeting, at time.Time) string {
		return w.Sim.AddMeeting(simulator.DefaultAccountKey, simulator.Meeting{
			OrganizerKey: simulator.DefaultAdminKey, Subject: m.Spec.Subject, Start: m.Spec.Start.Time, End: m.Spec.End.Time,
			ConferenceCallInfo: string(m.Spec.Audio.Type), CreateTime: at,
		})
	},
	Count: func(w *bubble) int { return len(w.Sim.Meetings(simulator.DefaultAccountKey)) },
	Claim: func(m, other *v1alpha1.GoToMeeting) { m.Spec.MeetingID = other.Status.MeetingID },
	Intent: func(m *v1alpha1.GoToMeeting, at time.Time) string {
		return newIntent(m, Wants{now: at}).String()
	},
	Creates: gotoclient.OpCreateMeeting, Updates: gotoclient.OpUpdateMeeting,
	Edit:   func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = "Something else" },
	Alike:  true,
	Memory: []byte(`{"applied":{"audio":"Hybrid"}}`),
}

func TestAccountSwitched(t *testing.T)            { t.Parallel(); guarded.AccountSwitched(t) }
func TestReplacedByPUT(t *testing.T)              { t.Parallel(); guarded.Replaced(t) }
func TestOlderObjectTakesNothing(t *testing.T)    { t.Parallel(); guarded.TakenOver(t) }
func TestAdoptionPolicies(t *testing.T)           { t.Parallel(); guarded.Adoption(t) }
func TestRefusedIsTriedAtEachResync(t *testing.T) { t.Parallel(); guarded.TriedAgain(t) }

// TestExpiredAndAppliedAgain: an object that has served its time, and that GitOps applies again, is Ready and stays.
func TestExpiredAndAppliedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := with()(t)
		ttl := int32(60)
		soon := func(m *v1alpha1.GoToMeeting) {
			m.Spec.Start, m.Spec.End = metav1.NewTime(epoch.Add(2*time.Hour)), metav1.NewTime(epoch.Add(3*time.Hour))
			m.Spec.TTLSecondsAfterEnd = &ttl
		}
		m := applyIn(t, w, "a", soon)
		w.Start("a")
		w.Run(t, 4*time.Hour)
		if _, there := kindtest.Object(t, w.Kube, m); there {
			w.Start("a") // the deletion starts it
			w.Run(t, time.Minute)
		}
		if _, there := kindtest.Object(t, w.Kube, m); there || guarded.Count(w) != 1 {
			t.Fatalf("still there %t: %s; %d meetings", there, kindtest.Reason(m), guarded.Count(w))
		}
		m = applyIn(t, w, "a", func(m *v1alpha1.GoToMeeting) { soon(m); m.UID = "again" })
		w.Start("a")
		w.Forget()
		w.Run(t, 24*time.Hour)
		w.Restart(t)
		w.Run(t, 24*time.Hour)
		guarded.Is(t, w, m, "True "+v1alpha1.ReasonOver)
		if len(w.Changes()) > 0 || guarded.Count(w) != 1 {
			t.Errorf("GoTo was changed: %v", w.Sim.Calls())
		}
	})
}

// TestSecretsAfterARestore: what the object published before it was restored is its own again; what anybody else has made is not
// touched.
func TestSecretsAfterARestore(t *testing.T) {
	t.Parallel()
	yes := true
	owner := func(kind, name, uid string) []metav1.OwnerReference {
		return []metav1.OwnerReference{{APIVersion: v1alpha1.GroupVersion.String(), Kind: kind, Name: name, UID: types.UID(uid), Controller: &yes}}
	}
	published := map[string]string{v1alpha1.PublishedByAnnotation: "GoToMeeting/a"}
	for row, c := range map[string]struct {
		change func(*corev1.Secret)
		want   string
	}{
		"as it was, of the UID before": {func(*corev1.Secret) {}, "True Synced"},
		"without its owner":            {func(s *corev1.Secret) { s.OwnerReferences = nil }, "True Synced"},
		"without its annotation":       {func(s *corev1.Secret) { s.Annotations = nil }, "True Synced"},
		"with neither":                 {func(s *corev1.Secret) { s.OwnerReferences, s.Annotations = nil, nil }, "False SecretNotOwned"},
		"lost":                         {nil, "True Synced"},
		"another meeting's":            {func(s *corev1.Secret) { s.OwnerReferences = owner("GoToMeeting", "b", "b-uid") }, "False SecretNotOwned"},
		"another kind's of that name":  {func(s *corev1.Secret) { s.OwnerReferences = owner("GoToUser", "a", "a-uid") }, "False SecretNotOwned"},
		"published by another meeting": {func(s *corev1.Secret) {
			s.OwnerReferences = nil
			s.Annotations[v1alpha1.PublishedByAnnotation] = "GoToMeeting/b"
		}, "False SecretNotOwned"},
		"somebody else's, with our word": {func(s *corev1.Secret) { s.OwnerReferences, s.Annotations = owner("Other", "x", "x-uid"), published }, "False SecretNotOwned"},
	} {
		t.Run(row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { secretAfterARestore(t, c.change, c.want) })
		})
	}
}

func secretAfterARestore(t *testing.T, change func(*corev1.Secret), want string) {
	t.Helper()
	w := with()(t)
	m := applyIn(t, w, "a", withHost)
	w.Start("a")
	w.Run(t, kindtest.Resync)
	guarded.Is(t, w, m, "True Synced")
	before := secretOf(t, w, "a-host")
	if err := w.Kube.Delete(t.Context(), before.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	saved := kindtest.Vanish(t, w.Kube, m)
	saved.Status = v1alpha1.GoToMeetingStatus{}
	if err := w.Kube.Create(t.Context(), saved); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		before.ResourceVersion, before.UID = "", "another"
		change(before)
		if err := w.Kube.Create(t.Context(), before); err != nil {
			t.Fatal(err)
		}
	}
	w.Restart(t)
	w.Run(t, 2*kindtest.Resync)
	guarded.Is(t, w, m, want)
	after := secretOf(t, w, "a-host")
	if mine := metav1.IsControlledBy(after, saved); mine != (want == "True Synced") {
		t.Errorf("the restored object owns the Secret: %t", mine)
	}
	if change != nil && string(after.Data[v1alpha1.SecretKeyHostURL]) != string(before.Data[v1alpha1.SecretKeyHostURL]) {
		t.Error("the Secret was written")
	}
	if len(w.Changes()) > 0 || guarded.Count(w) != 1 {
		t.Errorf("%d meetings, %v", guarded.Count(w), w.Sim.Calls())
	}
}
