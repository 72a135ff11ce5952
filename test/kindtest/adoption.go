package kindtest

import (
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Policy changes what the GoToAccount says of all its objects.
func (w *World[O, W, S]) Policy(t *testing.T, change func(*v1alpha1.GoToAccountSpec)) {
	t.Helper()
	var ga v1alpha1.GoToAccount
	if err := w.Kube.Get(t.Context(), client.ObjectKey{Namespace: Namespace, Name: Account}, &ga); err != nil {
		t.Fatal(err)
	}
	change(&ga.Spec)
	if err := w.Kube.Update(t.Context(), &ga); err != nil {
		t.Fatal(err)
	}
}

// adoptionPolicy is what an account and an annotation say, and whether an object may have what exists then.
type adoptionPolicy struct {
	policy     v1alpha1.AdoptionPolicy
	annotation string
	allowed    bool
}

var adoptionPolicies = map[string]adoptionPolicy{
	"by default":                {"", "", true},
	"IfExists":                  {v1alpha1.AdoptIfExists, "", true},
	"Never":                     {v1alpha1.AdoptNever, "true", false},
	"Annotated, and it is not":  {v1alpha1.AdoptAnnotated, "", false},
	"Annotated, with yes":       {v1alpha1.AdoptAnnotated, "yes", false},
	"Annotated, and it is true": {v1alpha1.AdoptAnnotated, "true", true},
}

// way is how an object comes by a counterpart that was there before it.
type way struct {
	late   bool                                // the counterpart is not in the last reading
	held   func(o client.Object, was Identity) // nil where metadata says nothing
	origin v1alpha1.Origin
}

var ways = map[string]way{
	"found by its name":        {origin: v1alpha1.Adopted},
	"returned by the create":   {late: true, origin: v1alpha1.Adopted},
	"restored with its key":    {held: restoredKey(v1alpha1.Created), origin: v1alpha1.Created},
	"restored as adopted":      {held: restoredKey(v1alpha1.Adopted), origin: v1alpha1.Adopted},
	"restored with its intent": {held: restoredIntent, origin: v1alpha1.Created},
}

// restoredKey is metadata that has the key of the counterpart.
func restoredKey(origin v1alpha1.Origin) func(client.Object, Identity) {
	return func(o client.Object, was Identity) {
		SetIdentity(o, Identity{Account: was.Account, Key: was.Key, Memory: was.Memory, Origin: origin})
	}
}

// restoredIntent is metadata that has no more than what was about to be created.
func restoredIntent(o client.Object, was Identity) { Intend(o, was.Intent, was.At) }

// Adoption tries every way by which an object comes by a counterpart that was there, under every policy, and lets the object
// be deleted later and at once. What it may not have is not touched, and stays.
func (g Guarded[O, W, S]) Adoption(t *testing.T) {
	t.Helper()
	for name, by := range ways {
		for policy, p := range adoptionPolicies {
			for _, at := range []string{"later", "at once"} {
				t.Run(name+"/"+policy+"/deleted "+at, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { g.adoption(t, by, p, at == "at once") })
				})
			}
		}
	}
}

func (g Guarded[O, W, S]) adoption(t *testing.T, by way, p adoptionPolicy, atOnce bool) {
	t.Helper()
	if by.late && g.Alike {
		return // nothing is returned by a create that it has not made
	}
	w := g.Build(t)
	w.Policy(t, func(s *v1alpha1.GoToAccountSpec) { s.Adoption = p.policy })
	time.Sleep(time.Hour)
	made := time.Now().Add(-30 * time.Minute) // before the object is
	model := g.Apply(t, w, one, func(O) {})
	if err := w.Kube.Delete(t.Context(), model); err != nil {
		t.Fatal(err)
	}
	if by.late {
		w.read(t)
	}
	key := g.Plant(w, model, made)
	if !by.late {
		w.read(t)
	}
	w.Forget()
	o := g.Apply(t, w, one, func(o O) {
		o.SetCreationTimestamp(metav1.Now())
		if p.annotation != "" {
			o.SetAnnotations(map[string]string{v1alpha1.AdoptAnnotation: p.annotation})
		}
		if by.held != nil {
			by.held(o, Identity{Account: simulator.DefaultAccountKey, Key: key, Intent: g.Intent(model, made), At: made, Memory: g.Memory})
			o.SetFinalizers([]string{v1alpha1.Finalizer})
		}
	})
	if !atOnce {
		w.Start(one)
		w.Run(t, 2*Resync)
		g.adopted(t, w, o, by, p, key)
	}
	g.Remove(t, w, o)
	w.Run(t, 3*Resync)
	if _, there := Object(t, w.Kube, o); there {
		t.Errorf("the object is held: %s", Reason(o))
	}
	want := 1
	if p.allowed && by.origin == v1alpha1.Created {
		want = 0
	}
	g.left(t, w, want)
}

// adopted fails unless the object has, or has not, what was there.
func (g Guarded[O, W, S]) adopted(t *testing.T, w *World[O, W, S], o O, by way, p adoptionPolicy, key string) {
	t.Helper()
	Object(t, w.Kube, o)
	_, status := o.Managed()
	switch has := string(*o.RemoteKey()); {
	case p.allowed:
		if has != key || status.Origin != by.origin || Reason(o) != "True Synced" || len(w.Changes()) > boolean(by.late) {
			t.Errorf("%s, key %s for %s, origin %q, %v", Reason(o), has, key, status.Origin, w.Sim.Calls())
		}
	case g.Alike && by.held == nil:
		if has == key || status.Origin != v1alpha1.Created || Reason(o) != "True Synced" {
			t.Errorf("%s, key %s, origin %q: it has none of its own", Reason(o), has, status.Origin)
		}
	default:
		if has != "" || status.Origin != "" || Reason(o) != "False "+v1alpha1.ReasonAdoptionNotAllowed || len(w.Changes()) > boolean(by.late) {
			t.Errorf("%s, key %q, origin %q, %v", Reason(o), has, status.Origin, w.Sim.Calls())
		}
	}
}

func boolean(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
