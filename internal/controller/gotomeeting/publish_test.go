package gotomeeting

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// ask sets the annotation that asks for a reconcile.
func (w *world) ask(t *testing.T, name, value string) {
	t.Helper()
	m := w.object(t, name)
	m.Annotations[v1alpha1.ReconcileRequestedAtAnnotation] = value
	if err := w.Kube.Update(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestHostURLIsInItsSecretAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "a", withHost)
		w.Forget()
		w.once(t, "a")
		m := w.object(t, "a")
		w.calls(t, map[string]int{gotoclient.OpListUpcomingMeetings: 1, gotoclient.OpCreateMeeting: 1, gotoclient.OpGetStartURL: 1})
		s := secretOf(t, w.bubble, "a-host")
		if !metav1.IsControlledBy(s, m) {
			t.Errorf("not the object's: %+v", s.OwnerReferences)
		}
		if url := string(s.Data["host-url"]); !strings.Contains(url, simulator.HostToken) || string(s.Data["meeting-id"]) != w.one(t).ID || string(s.Data["join-url"]) != m.Status.JoinURL {
			t.Errorf("it holds %q", s.Data)
		}
		w.quiet(t, "a")

		t.Log("a Secret that lost it gets it back")
		delete(s.Data, "host-url")
		s.Data["mine"] = []byte("stays")
		if err := w.Kube.Update(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		w.once(t, "a")
		if s = secretOf(t, w.bubble, "a-host"); len(s.Data["host-url"]) == 0 || string(s.Data["mine"]) != "stays" {
			t.Errorf("it holds %q", s.Data)
		}

		t.Log("and a person who asks gets a fresh one")
		w.Forget()
		w.ask(t, "a", "1")
		w.once(t, "a")
		w.calls(t, map[string]int{gotoclient.OpGetStartURL: 1})
		w.quiet(t, "a")

		t.Log("another meeting has another one")
		deleteInGoTo(w.Sim, string(m.Status.MeetingID))
		time.Sleep(5 * time.Minute)
		w.resync(t)
		w.once(t, "a")
		if s = secretOf(t, w.bubble, "a-host"); string(s.Data["meeting-id"]) != w.one(t).ID || !strings.Contains(string(s.Data["host-url"]), w.one(t).ID) {
			t.Errorf("it holds %q", s.Data)
		}
		for place, text := range map[string]string{"object": fmt.Sprint(w.object(t, "a")), "events": strings.Join(w.Events, "\n")} {
			if strings.Contains(text, simulator.HostToken) {
				t.Errorf("the host URL is in the %s", place)
			}
		}
	})
}

func TestSecretOfSomebodyElseIsNotTouched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		theirs := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: kindtest.Namespace, Name: "a-host"}, Data: map[string][]byte{"client-secret": []byte("x")}}
		if err := w.Kube.Create(t.Context(), theirs); err != nil {
			t.Fatal(err)
		}
		w.apply(t, "a", withHost)
		w.once(t, "a")
		w.is(t, "a", "False SecretNotOwned")
		if conditionOf(w.object(t, "a"), "Upcoming") != "True Planned" {
			t.Error("what else there is to say is missing")
		}
		if d := cmp.Diff(theirs.Data, secretOf(t, w.bubble, "a-host").Data); d != "" {
			t.Error(d)
		}
		if n := w.Sim.Calls()[gotoclient.OpGetStartURL]; n > 0 {
			t.Error("the host URL was read, and there is no place for it")
		}
	})
}
