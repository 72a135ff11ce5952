package gotosettingsprofile

import (
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/settings"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// A write to the account is announced for as long as it takes to stop it, with just what is written then.
func TestAnnounced(t *testing.T) {
	t.Parallel()
	account := func(more ...func(*v1alpha1.GoToSettingsProfileSpec)) func(*v1alpha1.GoToSettingsProfileSpec) {
		return func(s *v1alpha1.GoToSettingsProfileSpec) {
			s.Account, s.NewUsers, s.Suspend = true, false, false
			for _, f := range more {
				f(s)
			}
		}
	}
	suspended := func(s *v1alpha1.GoToSettingsProfileSpec) { s.Suspend = true }
	webcam := func(s *v1alpha1.GoToSettingsProfileSpec) { s.Settings.WebcamEnabled = new(false) }
	another := func(s *v1alpha1.GoToSettingsProfileSpec) {
		s.Settings = &v1alpha1.MeetingSettings{WebcamEnabled: new(false)}
	}
	for name, play := range map[string]func(*testing.T, *world){
		"suspended, and other settings": func(t *testing.T, w *world) {
			t.Helper()
			if p := step(t, w, account(suspended), 24*time.Hour); said(p) != nil || p.Status.Announced != nil {
				t.Errorf("while it is suspended: %v, %v", said(p), p.Status.Announced)
			}
			step(t, w, account(another), 0)
		},
		"suspended, and the same settings": func(t *testing.T, w *world) {
			t.Helper()
			step(t, w, account(suspended), 24*time.Hour)
			step(t, w, account(), 0)
		},
		"observed for a day": func(t *testing.T, w *world) {
			t.Helper()
			observed := func(s *v1alpha1.GoToSettingsProfileSpec) { s.ManagementPolicy = v1alpha1.Observe }
			if p := step(t, w, account(observed), 24*time.Hour); said(p) != nil {
				t.Errorf("while it only observes: %v", said(p))
			}
			step(t, w, account(), 0)
		},
		"of an account that is suspended for a day": func(t *testing.T, w *world) {
			t.Helper()
			suspend(t, w, true)
			if p := step(t, w, account(), 24*time.Hour); said(p) != nil || kindtest.Reason(p) != "False "+v1alpha1.ReasonAccountSuspended {
				t.Errorf("while its account is: %s, %v", kindtest.Reason(p), said(p))
			}
			suspend(t, w, false)
			step(t, w, account(), 0)
		},
		"one more at the last second": func(t *testing.T, w *world) {
			t.Helper()
			time.Sleep(59 * time.Second)
			step(t, w, account(webcam), settings.AnnounceFor-2*time.Second)
			_ = w.Reconcile(t, "base")
		},
		"not allowed for a day": func(t *testing.T, w *world) {
			t.Helper()
			deny(t, w, true)
			p := step(t, w, account(), 24*time.Hour)
			if kindtest.Reason(p) != "False "+v1alpha1.ReasonEndpointUnverified || said(p) != nil || p.Status.Announced != nil {
				t.Errorf("%s, announced %v, %v", kindtest.Reason(p), p.Status.Announced, said(p))
			}
			if n := len(w.Changes()); n > 0 {
				t.Errorf("%d writes that nobody has verified", n)
			}
			deny(t, w, false)
			step(t, w, account(), 0)
		},
		"put back": func(t *testing.T, w *world) {
			t.Helper()
			until(t, w, kindtest.Ready)
			p, _ := kindtest.Object(t, w.Kube, object())
			if err := w.Kube.Delete(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			_ = w.Reconcile(t, "base")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				step(t, w, account(), 0)
				play(t, w)
				writes := len(w.Changes())
				p, _ := kindtest.Object(t, w.Kube, object())
				if c := said(p); c == nil || kindtest.Reason(p) != "False "+v1alpha1.ReasonAnnounced {
					t.Errorf("%s, announced %v", kindtest.Reason(p), c)
				}
				time.Sleep(settings.AnnounceFor)
				_ = w.Reconcile(t, "base")
				if n := len(w.Changes()) - writes; n != 1 {
					t.Errorf("%d writes after it was announced for long enough", n)
				}
			})
		})
	}
}

// suspend suspends the account, or lets it go on.
func suspend(t *testing.T, w *world, suspended bool) {
	t.Helper()
	ga := &v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Name: kindtest.Account}}
	kindtest.Apply(t, w.Kube, ga, func(ga *v1alpha1.GoToAccount) { ga.Spec.Suspend = suspended })
}

// step changes the profile, reconciles it, and lets time pass.
func step(t *testing.T, w *world, change func(*v1alpha1.GoToSettingsProfileSpec), then time.Duration) *v1alpha1.GoToSettingsProfile {
	t.Helper()
	p := apply(t, w, change)
	_ = w.Reconcile(t, p.Name)
	time.Sleep(then)
	kindtest.Object(t, w.Kube, p)
	return p
}

// deny starts the operator anew with an account that sends, or does not, what nobody has verified.
func deny(t *testing.T, w *world, on bool) {
	t.Helper()
	w.Deny = on
	w.Restart(t)
}

// said is the condition that announces a write to the account.
func said(p *v1alpha1.GoToSettingsProfile) *metav1.Condition {
	return meta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionAccountWriteAnnounced)
}
