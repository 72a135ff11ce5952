package engine

import (
	"reflect"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// object is a GoToUser of the given age, by name.
func object(name string, age time.Duration, change ...func(*v1alpha1.GoToUser)) *v1alpha1.GoToUser {
	u := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: name, UID: types.UID(name)}}
	u.CreationTimestamp = metav1.NewTime(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).Add(-age))
	for _, f := range change {
		f(u)
	}
	return u
}

func has(origin v1alpha1.Origin) func(*v1alpha1.GoToUser) {
	return func(u *v1alpha1.GoToUser) { u.Status.UserKey, u.Status.Origin = "7", origin }
}

func remembers(u *v1alpha1.GoToUser) {
	id := identity{Key: "7", Origin: v1alpha1.Created}
	id.set(u)
}

// The order of those who lay claim to one counterpart, first the one who has it.
func TestWhoHoldsGoesBeforeWhoNames(t *testing.T) {
	order := []*v1alpha1.GoToUser{
		object("created", 0, has(v1alpha1.Created)),
		object("adopted, older", time.Hour, has(v1alpha1.Adopted)),
		object("adopted, younger", 0, has(v1alpha1.Adopted)),
		object("remembers", 0, remembers),
		object("names, oldest", 3*time.Hour),
		object("observed once", 2*time.Hour, func(u *v1alpha1.GoToUser) { u.Status.UserKey = "7" }),
		object("has another", time.Hour, func(u *v1alpha1.GoToUser) { u.Status.UserKey, u.Status.Origin = "8", v1alpha1.Created }),
		object("a, of one age", 0),
		object("b, of one age", 0),
	}
	for i, a := range order {
		for j, b := range order {
			if got := (claimant{Object: a}).behind(b, "7"); i != j && got != (j < i) {
				t.Errorf("%q behind %q: %t", a.Name, b.Name, got)
			}
		}
	}
}

// What only metadata says is a claim, whatever it says: a person can write it.
func TestARecalledObjectHoldsNoMoreThanAClaim(t *testing.T) {
	forged := object("forged", 10*time.Hour, has(v1alpha1.Created))
	for _, other := range []*v1alpha1.GoToUser{object("adopted", 0, has(v1alpha1.Adopted)), object("created", 0, has(v1alpha1.Created))} {
		if !(claimant{forged, true}).behind(other, "7") {
			t.Errorf("it goes before %s", other.Name)
		}
	}
	if (claimant{forged, true}).behind(object("names", 20*time.Hour), "7") {
		t.Error("it does not go before one that only names it")
	}
}

func TestOneThatDoesNothingHoldsNothing(t *testing.T) {
	now := metav1.Now()
	for name, change := range map[string]func(*v1alpha1.GoToUser){
		"observes":  func(u *v1alpha1.GoToUser) { u.Spec.ManagementPolicy = v1alpha1.Observe },
		"suspended": func(u *v1alpha1.GoToUser) { u.Spec.Suspend = true },
		"leaves": func(u *v1alpha1.GoToUser) {
			u.DeletionTimestamp, u.Spec.DeletionPolicy = &now, v1alpha1.DeletionPolicyOrphan
		},
		"leaves, adopted": func(u *v1alpha1.GoToUser) { u.DeletionTimestamp, u.Status.Origin = &now, v1alpha1.Adopted },
	} {
		if o := object(name, 0, has(v1alpha1.Created), change); !passive(o) || HeldKey(o) != "" {
			t.Errorf("%s: passive %t, holds %q", name, passive(o), HeldKey(o))
		}
	}
	deleting := object("deleting", 0, has(v1alpha1.Created), func(u *v1alpha1.GoToUser) { u.DeletionTimestamp = &now })
	if passive(deleting) || HeldKey(deleting) != "7" {
		t.Error("one that deletes its counterpart holds it until then")
	}
}

func TestAnIdentityIsBoundToItsObject(t *testing.T) {
	u := object("fay", 0, remembers)
	if identityOf(u).Key != "7" {
		t.Fatal("not read back")
	}
	for row, change := range map[string]func(*v1alpha1.GoToUser){
		"another name":      func(u *v1alpha1.GoToUser) { u.Name = "max" },
		"another namespace": func(u *v1alpha1.GoToUser) { u.Namespace = "other" },
		"no JSON":           func(u *v1alpha1.GoToUser) { u.Annotations[v1alpha1.IdentityAnnotation] = "{" },
		"no key": func(u *v1alpha1.GoToUser) {
			id := identity{Key: "../7", Origin: v1alpha1.Created}
			id.set(u)
		},
	} {
		copied := u.DeepCopy()
		change(copied)
		if got := identityOf(copied); got.Key != "" || got.Origin != "" {
			t.Errorf("%s: %+v", row, got)
		}
	}
	group := &v1alpha1.GoToGroup{ObjectMeta: u.ObjectMeta}
	if identityOf(group).Key != "" {
		t.Error("an object of another kind takes it")
	}
	u.UID = "restored"
	if identityOf(u).Key != "7" {
		t.Error("a restored object has another UID, and knows nothing any more")
	}
}

// An update that takes finalizer or identity away starts the object; the operator's own writes do not.
func TestMetadataThatIsLostStartsTheObject(t *testing.T) {
	base := object("fay", 0, has(v1alpha1.Created), remembers, func(u *v1alpha1.GoToUser) { u.Finalizers = []string{v1alpha1.Finalizer} })
	intends := func(u *v1alpha1.GoToUser) {
		id := identity{Intent: "fay@example.test"}
		id.set(u)
	}
	rows := []struct {
		name        string
		before, now func(*v1alpha1.GoToUser)
		starts      bool
	}{
		{"finalizer", func(*v1alpha1.GoToUser) {}, func(u *v1alpha1.GoToUser) { u.Finalizers = nil }, true},
		{"identity", func(*v1alpha1.GoToUser) {}, func(u *v1alpha1.GoToUser) { u.Annotations = nil }, true},
		{"another key", func(*v1alpha1.GoToUser) {}, func(u *v1alpha1.GoToUser) {
			id := identity{Key: "8", Origin: v1alpha1.Created}
			id.set(u)
		}, true},
		{"intent", intends, func(u *v1alpha1.GoToUser) { u.Annotations = nil }, true},
		{"claimed", func(u *v1alpha1.GoToUser) { u.Finalizers, u.Annotations = nil, nil }, intends, false},
		{"key after intent", intends, remembers, false},
		{"intent after key", remembers, intends, false},
		{"another intent", intends, func(u *v1alpha1.GoToUser) {
			id := identity{Intent: "zoe@example.test"}
			id.set(u)
		}, false},
		{"other annotation", func(*v1alpha1.GoToUser) {}, func(u *v1alpha1.GoToUser) { u.Annotations["x"] = "y" }, false},
	}
	for _, row := range rows {
		before, now := base.DeepCopy(), base.DeepCopy()
		row.before(before)
		row.now(now)
		if got := MetadataLost().Update(updateOf(before, now)); got != row.starts {
			t.Errorf("%s: %t", row.name, got)
		}
	}
}

// One who was refused and is annotated then would stay refused otherwise.
func TestTheAnnotationThatAllowsAdoptionStartsTheObject(t *testing.T) {
	with := func(value string) *v1alpha1.GoToUser {
		return &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{v1alpha1.AdoptAnnotation: value}}}
	}
	for _, row := range []struct {
		before, now *v1alpha1.GoToUser
		starts      bool
	}{
		{&v1alpha1.GoToUser{}, with("true"), true},
		{with("false"), with("true"), true},
		{&v1alpha1.GoToUser{}, with("yes"), false},
		{with("true"), with("true"), false},
		{with("true"), &v1alpha1.GoToUser{}, false},
	} {
		if got := adoptionAllowed().Update(updateOf(row.before, row.now)); got != row.starts {
			t.Errorf("%v, then %v: starts %t", row.before.Annotations, row.now.Annotations, got)
		}
	}
}

// An account that appears, in whatever state, and one that is not in use and whose state is another one start their objects. Those of one
// that is in use work on, whatever it says.
func TestWhatOfAnAccountStartsItsObjects(t *testing.T) {
	account := func(reason string) *v1alpha1.GoToAccount {
		ga := &v1alpha1.GoToAccount{}
		if reason != "" {
			status := metav1.ConditionFalse
			if reason == v1alpha1.ReasonConnected {
				status = metav1.ConditionTrue
			}
			ga.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: status, Reason: reason}}
		}
		return ga
	}
	never := func(*v1alpha1.GoToAccount) bool { return false }
	always := func(*v1alpha1.GoToAccount) bool { return true }
	states := []string{"", v1alpha1.ReasonConnected, v1alpha1.ReasonInvalidClient, v1alpha1.ReasonSecretNotFound}
	for _, before := range states {
		for _, now := range states {
			if got := accountMatters(never).Update(updateOf(account(before), account(now))); got != (before != now) {
				t.Errorf("from %q to %q: %t", before, now, got)
			}
			if accountMatters(always).Update(updateOf(account(before), account(now))) {
				t.Errorf("in use, from %q to %q: starts all", before, now)
			}
		}
	}
	leaving := account("")
	leaving.DeletionTimestamp = new(metav1.Now())
	if !accountMatters(always).Update(updateOf(account(""), leaving)) {
		t.Error("an account that is deleted starts nothing")
	}
	if !accountMatters(never).Create(createOf(account(""))) {
		t.Error("an account that appears starts nothing")
	}
}

// An edit of an account in use starts all of its objects, whatever it is about that they may depend on; not where it is the account's own
// affair.
func TestWhichEditsOfAnAccountStartItsObjects(t *testing.T) {
	own := []string{"Credentials", "RequestBudget", "ResyncInterval", "Brake", "Settings"}
	always := func(*v1alpha1.GoToAccount) bool { return true }
	spec := reflect.TypeFor[v1alpha1.GoToAccountSpec]()
	for i := range spec.NumField() {
		before, now := &v1alpha1.GoToAccount{}, &v1alpha1.GoToAccount{}
		now.Generation++
		set(reflect.ValueOf(&now.Spec).Elem().Field(i))
		name := spec.Field(i).Name
		if got := accountMatters(always).Update(updateOf(before, now)); got == slices.Contains(own, name) {
			t.Errorf("%s: starts %t", name, got)
		}
	}
}

// set gives something a value that is not zero.
func set(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		set(v.Field(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.String:
		v.SetString("other")
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(1)
	}
}

func updateOf(before, now client.Object) event.UpdateEvent {
	return event.UpdateEvent{ObjectOld: before, ObjectNew: now}
}

func createOf(o client.Object) event.CreateEvent { return event.CreateEvent{Object: o} }
