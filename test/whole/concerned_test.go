package whole

import (
	"testing"
	"testing/synctest"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
)

// few is more than an event starts that concerns one object and its account.
const few = 20

// startsFew fails if an act starts more than a few of the objects that there are.
func (w *World) startsFew(what string, act func()) {
	w.Helper()
	w.anew()
	act()
	w.settled()
	if got := w.reconciles.Load(); got > few {
		w.Errorf("%s: %d reconciles", what, got)
	}
}

// labels gives a namespace labels.
func (w *World) labels(namespace string, labels map[string]string) {
	w.Helper()
	edit(w, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, func(ns *corev1.Namespace) { ns.Labels = labels })
}

// A label of which no account speaks concerns nobody, be it in the account's own namespace or in another.
func TestALabelOfNoAccountStartsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 100
		w := New(t)
		w.team(n, []string{"sales"})
		w.startsFew("a label", func() { w.labels(namespace, map[string]string{"cost-centre": "7"}) })
		edit(w, newAccount(), func(ga *v1alpha1.GoToAccount) { ga.Spec.AllowedNamespaces = labelled("goto") })
		w.settled()
		w.startsFew("one of which the account speaks, of its own namespace", func() { w.labels(namespace, map[string]string{"goto": "yes"}) })
		w.Stop()
	})
}

// labelled are the namespaces that have a label.
func labelled(label string) v1alpha1.AllowedNamespaces {
	return v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromSelector, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{label: "yes"}}}
}

// A namespace that comes by the right to use an account, or loses it, starts its objects of every kind, and so does one whose objects may be
// about the whole account.
func TestALabelThatMattersStartsTheObjects(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const other = "other"
		w := New(t)
		ga := newAccount()
		ga.Spec.AllowedNamespaces, ga.Spec.WholeAccountNamespaces = labelled("goto"), labelled("whole")
		w.create(ga)
		w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: other}})
		objects := elsewhere(other)
		for _, o := range objects {
			w.create(o)
		}
		w.Start()
		w.settled()
		for _, step := range []struct {
			name   string
			labels map[string]string
			denied func(client.Object) bool
		}{
			{"neither", nil, func(client.Object) bool { return true }},
			{"allowed", map[string]string{"goto": "yes"}, isOfAll},
			{"for the whole", map[string]string{"goto": "yes", "whole": "yes"}, func(client.Object) bool { return false }},
			{"for the whole no more", map[string]string{"goto": "yes"}, isOfAll},
			{"not allowed any more", map[string]string{"cost-centre": "7"}, func(client.Object) bool { return true }},
		} {
			w.labels(other, step.labels)
			w.settled()
			for _, o := range objects {
				if ready := w.ready(o); isDenied(ready) != step.denied(o) {
					t.Errorf("%s: %T is %s", step.name, o, ready)
				}
			}
		}
		w.Stop()
	})
}

// isOfAll is true of an object that is about the whole account.
func isOfAll(o client.Object) bool {
	_, report := o.(*v1alpha1.GoToReport)
	_, profile := o.(*v1alpha1.GoToSettingsProfile)
	return report || profile
}

func isDenied(ready string) bool {
	return ready == "False/"+v1alpha1.ReasonAccountNotAllowed || ready == "False/"+v1alpha1.ReasonWholeAccountDenied
}

// elsewhere is one object of each kind, in another namespace than their account.
func elsewhere(namespace string) []client.Object {
	all := oneOfEach()[1:]
	for _, o := range all {
		o.SetNamespace(namespace)
		refOf(o).Namespace = newAccount().Namespace
	}
	return all
}

func refOf(o client.Object) *v1alpha1.AccountReference {
	if p, is := o.(*v1alpha1.GoToSettingsProfile); is {
		p.Spec.NewUsers = true
		return &p.Spec.AccountRef
	}
	spec, _ := o.(engine.Object).Managed() //nolint:forcetypeassert // all others are
	return &spec.AccountRef
}
