package gotosettingsprofile

import (
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/settings"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// allow says which namespaces may use the account, and be about all of it.
func allow(t *testing.T, w *world, some, whole v1alpha1.AllowedNamespaces) {
	t.Helper()
	ga := &v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Name: kindtest.Account}}
	kindtest.Apply(t, w.Kube, ga, func(ga *v1alpha1.GoToAccount) {
		ga.Spec.AllowedNamespaces, ga.Spec.WholeAccountNamespaces = some, whole
	})
}

var (
	same    = v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromSame}
	all     = v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromAll}
	trusted = v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromSelector, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"trusted": "yes"}}}
)

// elsewhere is a profile for new users and the account in another namespace, of a higher priority than others.
func elsewhere(t *testing.T, w *world) func(want string) *v1alpha1.GoToSettingsProfile {
	t.Helper()
	p := object()
	p.Namespace, p.UID, p.Generation = "other", "other-base", 1
	p.Spec.AccountRef = v1alpha1.AccountReference{Namespace: kindtest.Namespace, Name: kindtest.Account}
	p.Spec.Product, p.Spec.NewUsers, p.Spec.DeletionPolicy, p.Spec.Priority = v1alpha1.ProductMeeting, true, v1alpha1.SettingsRestore, new(int32(9))
	p.Spec.Settings, p.Spec.ManagementPolicy = &v1alpha1.MeetingSettings{ChatEnabled: new(false)}, v1alpha1.Manage
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: p.Namespace, Labels: map[string]string{"trusted": "yes"}}}
	for _, o := range []client.Object{ns, p} {
		if err := w.Kube.Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	return func(want string) *v1alpha1.GoToSettingsProfile {
		t.Helper()
		for range 4 {
			_ = w.Reconcile(t, "other/base")
			time.Sleep(settings.AnnounceFor)
		}
		if err := w.Kube.Get(t.Context(), client.ObjectKeyFromObject(p), p); err != nil {
			t.Fatal(err)
		}
		if got := kindtest.Reason(p); got != want {
			t.Errorf("the profile is %s, want %s", got, want)
		}
		return p
	}
}

// A profile for new users or the account, of a namespace that may use the account, is written only where the account lets the namespace be
// about all of it; and the word of one that may not keeps nobody else's from being written, nor what it found from staying as it is.
func TestWholeAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		allow(t, w, all, same)
		is := elsewhere(t, w)
		p := is("False " + v1alpha1.ReasonWholeAccountDenied)
		if n := len(w.Changes()); n > 0 || len(p.Status.Found) > 0 {
			t.Errorf("%d writes, found %v", n, p.Status.Found)
		}
		mine := apply(t, w, func(s *v1alpha1.GoToSettingsProfileSpec) { s.Settings.ChatEnabled = new(true) })
		w.Sim.EditNewUserSettings(simulator.DefaultAccountKey, "G2M", "chatEnabled", false)
		until(t, w, kindtest.Ready)
		if got := chat(w)[0]; got != true {
			t.Errorf("chat is %v, though nobody else may say so", got)
		}
		if err := w.Kube.Delete(t.Context(), mine); err != nil {
			t.Fatal(err)
		}
		until(t, w, kindtest.Gone)
		w.Sim.EditNewUserSettings(simulator.DefaultAccountKey, "G2M", "chatEnabled", true)

		allow(t, w, all, trusted)
		w.Restart(t)
		is("True Synced")
		if got := chat(w)[0]; got != false {
			t.Errorf("chat is %v once it is allowed", got)
		}
		allow(t, w, trusted, same)
		p = is("False " + v1alpha1.ReasonWholeAccountDenied)
		w.Forget()
		if err := w.Kube.Delete(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			_ = w.Reconcile(t, "other/base")
		}
		if err := w.Kube.Get(t.Context(), client.ObjectKeyFromObject(p), p); client.IgnoreNotFound(err) != nil || err == nil || len(w.Changes()) > 0 {
			t.Errorf("deleted: %v, %d writes", err, len(w.Changes()))
		}
	})
}

// What a person without the account's leave writes into a profile's memory is not put back either.
func TestWholeAccountByAForgedMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		allow(t, w, all, all)
		is := elsewhere(t, w)
		p := is("True Synced")
		allow(t, w, all, same)
		p.Status.Found[0].Value, p.Status.Found[0].Name = "false", "webcamEnabled"
		if err := w.Kube.Status().Update(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		w.Forget()
		if err := w.Kube.Delete(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			_ = w.Reconcile(t, "other/base")
			time.Sleep(settings.AnnounceFor)
		}
		if n := len(w.Changes()); n > 0 {
			t.Errorf("%d writes", n)
		}
	})
}

// What a profile that may not be about the whole account says it found is nothing to another: not what was there before that one, be it
// true or made up, and no reason to leave what it has written where it is.
func TestWholeAccountOfOneThatFoundSomething(t *testing.T) {
	t.Parallel()
	dial := func(country v1alpha1.CountryCode) *v1alpha1.MeetingSettings {
		return &v1alpha1.MeetingSettings{DialOutCountries: []v1alpha1.CountryCode{country}}
	}
	// mine writes over what is there, and is what comes first.
	mine := func(t *testing.T, w *world) *v1alpha1.GoToSettingsProfile {
		t.Helper()
		p := apply(t, w, func(s *v1alpha1.GoToSettingsProfileSpec) { s.Settings, s.Priority = dial("CA"), new(int32(10)) })
		until(t, w, kindtest.Ready)
		return p
	}
	// theirs is written while it may be.
	theirs := func(t *testing.T, w *world) {
		t.Helper()
		allow(t, w, all, all)
		is := elsewhere(t, w)
		p := &v1alpha1.GoToSettingsProfile{}
		if err := w.Kube.Get(t.Context(), client.ObjectKey{Namespace: "other", Name: "base"}, p); err != nil {
			t.Fatal(err)
		}
		p.Generation, p.Spec.Settings = 2, dial("US")
		if err := w.Kube.Update(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		is("True Synced")
	}
	for name, row := range map[string]struct {
		play func(*testing.T, *world) *v1alpha1.GoToSettingsProfile
		want func(before settings.Value) settings.Value
	}{
		"the leave is withdrawn once both have written": {func(t *testing.T, w *world) *v1alpha1.GoToSettingsProfile {
			t.Helper()
			theirs(t, w)
			p := mine(t, w)
			allow(t, w, all, same)
			return p
		}, func(before settings.Value) settings.Value { return before }},
		"the leave is withdrawn before the second writes": {func(t *testing.T, w *world) *v1alpha1.GoToSettingsProfile {
			t.Helper()
			theirs(t, w)
			allow(t, w, all, same)
			return mine(t, w)
		}, func(settings.Value) settings.Value { return `["US"]` }},
		"one that never had the leave makes it up": {func(t *testing.T, w *world) *v1alpha1.GoToSettingsProfile {
			t.Helper()
			allow(t, w, all, same)
			p := elsewhere(t, w)("False " + v1alpha1.ReasonWholeAccountDenied)
			p.Spec.Settings, p.Generation = dial("US"), 2
			p.Annotations = map[string]string{v1alpha1.IdentityAnnotation: `{"for":"GoToSettingsProfile/other/base","origin":"Created","key":"` +
				simulator.DefaultAccountKey +
				`","memory":{"found":[{"level":"NewUsers","name":"dialOutCountries","value":"[\"ZZ\"]"}]}}`}
			w.Sim.EditNewUserSettings(simulator.DefaultAccountKey, "G2M", "dialOutCountries", []any{"US"})
			if err := w.Kube.Update(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if _ = w.Reconcile(t, "other/base"); w.Kube.Get(t.Context(), client.ObjectKeyFromObject(p), p) != nil || len(p.Status.Found) != 1 {
				t.Fatalf("it does not say that it found anything: %+v", p.Status)
			}
			return mine(t, w)
		}, func(settings.Value) settings.Value { return `["US"]` }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				before := dialOut(w)
				p := row.play(t, w)
				w.Restart(t)
				if got := dialOut(w); got != `["CA"]` {
					t.Fatalf("not written: %v", got)
				}
				if err := w.Kube.Delete(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				until(t, w, kindtest.Gone)
				if got, want := dialOut(w), row.want(before); got != want {
					t.Errorf("%v is left, want %v", got, want)
				}
			})
		})
	}
}
