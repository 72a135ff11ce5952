package gotouser

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// rooms defines an attribute in GoTo, and returns its key.
func rooms(w *world) string {
	w.Sim.Define(simulator.DefaultAccountKey, func(d *simulator.Defined) {
		d.Attributes = simulator.Definitions{{Key: "7500000000000000001", Name: "room"}}
		d.RoleSets = simulator.Definitions{{Key: "a-1", Name: "Auditor"}, {Key: "b-2", Name: "Host"}}
	})
	return "7500000000000000001"
}

func person(name string) *v1alpha1.GoToUser {
	return &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

// put creates a user with a spec, or changes it.
func put(t *testing.T, w *world, name string, change func(*v1alpha1.GoToUser)) *v1alpha1.GoToUser {
	t.Helper()
	return kindtest.Apply(t, w.Kube, person(name), func(u *v1alpha1.GoToUser) {
		if u.Spec.Email == "" {
			u.Spec.AccountRef.Name, u.Spec.Email = kindtest.Account, name+"@example.test"
			u.Spec.FirstName, u.Spec.LastName = "Fay", "Field"
		}
		change(u)
	})
}

func inRoom(number string) func(*v1alpha1.GoToUser) {
	return func(u *v1alpha1.GoToUser) {
		u.Spec.Attributes = map[string]v1alpha1.AttributeValue{"room": v1alpha1.AttributeValue(number)}
	}
}

func inGoTo(w *world, name string) simulator.User {
	u, _ := w.Sim.UserByEmail(simulator.DefaultAccountKey, name+"@example.test")
	return u
}

// In every position of what nobody knows of values they are written, once, and then nothing is.
func TestValuesInEveryPosition(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"attributeForm", "attributeWrite", "attributesInReads", "multiKeyPut", "updateStatus"} {
		for _, position := range simulator.SwitchPositions()[name] {
			t.Run(name+"="+position, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					key := rooms(w)
					w.Sim.SetSwitches(func(s *simulator.Switches) {
						if err := s.Set(name, position); err != nil {
							t.Error(err)
						}
					})
					u := put(t, w, "fay", inRoom("7"))
					w.Until(t, u, kindtest.Ready)
					put(t, w, "fay", inRoom("8"))
					w.Until(t, u, kindtest.Ready)
					if got := inGoTo(w, "fay").Attributes[key]; got != "8" || u.Status.Attributes["room"] != "8" {
						t.Errorf("GoTo has %q, status %v", got, u.Status.Attributes)
					}
					w.Restart(t)
					if err := w.Reconcile(t, "fay"); err != nil {
						t.Error(err)
					}
					if n := w.Sim.Calls()[gotoclient.OpSetUserAttributes]; n != 0 {
						t.Errorf("%d writes after a restart", n)
					}
				})
			})
		}
	}
}

// In every place where values may be set they are, where the account says that it is another, or the object says that nobody knows the
// place; nothing else is held up.
func TestValuesInEveryPlace(t *testing.T) {
	t.Parallel()
	const change = "/admin/rest/v1/accounts/{accountKey}/users/{userKey}"
	for _, row := range []struct {
		position        string
		vouched, cannot bool // vouched: that they are part of the change of a user
	}{{"ownPath", false, false}, {"userPut", false, true}, {"userPut", true, false}, {"unavailable", false, true}} {
		t.Run(fmt.Sprint(row), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := inPosition(t, "attributeValues", row.position)
				if row.vouched {
					w.Operations = map[string]gotoclient.Override{gotoclient.OpSetUserAttributes: {Path: change}}
					w.Restart(t)
				}
				for _, number := range []string{"7", "8"} {
					put(t, w, "fay", func(u *v1alpha1.GoToUser) { inRoom(number)(u); u.Spec.LastName = "F" + number })
					reason, _ := settle(t, w)
					want, wantReason := number, "True Synced"
					if row.cannot {
						want, wantReason = "", "False "+v1alpha1.ReasonEndpointUnverified
					}
					if has := inGoTo(w, "fay"); has.Attributes["7500000000000000001"] != want || reason != wantReason || has.LastName != "F"+number {
						t.Errorf("%s with %v and %s, want %s with %q", reason, has.Attributes, has.LastName, wantReason, want)
					}
				}
			})
		})
	}
}

// A value that somebody changes by hand comes back, one that no spec names stays, and an empty one is taken away.
func TestValuesAreCorrected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		key := rooms(w)
		w.Sim.Define(simulator.DefaultAccountKey, func(d *simulator.Defined) {
			d.Attributes = append(d.Attributes, simulator.Definition{Key: "7500000000000000002", Name: "car"})
		})
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.AttributeWrite = "replace" })
		u := put(t, w, "fay", inRoom("7"))
		w.Until(t, u, kindtest.Ready)
		w.Sim.UpdateUser(simulator.DefaultAccountKey, string(u.Status.UserKey), func(u *simulator.User) {
			u.Attributes = map[string]string{key: "9", "7500000000000000002": "blue"}
		})
		w.Run(t, 2*kindtest.Resync)
		if got := fmt.Sprint(inGoTo(w, "fay").Attributes); got != "map["+key+":7 7500000000000000002:blue]" {
			t.Error(got)
		}
		put(t, w, "fay", inRoom(""))
		w.Until(t, u, kindtest.Ready)
		if got := fmt.Sprint(inGoTo(w, "fay").Attributes); got != "map[7500000000000000002:blue]" {
			t.Error(got)
		}
	})
}

// What the account does not define, and what may not be sent, holds nothing else up.
func TestWhatIsNotDefinedHoldsNothingUp(t *testing.T) {
	t.Parallel()
	for reason, deny := range map[string]bool{v1alpha1.ReasonAttributeNotDefined: false, v1alpha1.ReasonEndpointUnverified: true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			if deny {
				rooms(w)
			}
			w.Deny = deny
			w.Restart(t)
			u := put(t, w, "fay", inRoom("7"))
			for range 3 {
				_ = w.Reconcile(t, "fay")
			}
			put(t, w, "fay", func(u *v1alpha1.GoToUser) { u.Spec.LastName = "Forest" })
			for range 3 {
				_ = w.Reconcile(t, "fay")
			}
			if kindtest.Object(t, w.Kube, u); kindtest.Reason(u) != "False "+reason {
				t.Errorf("%s, want %s: %+v", kindtest.Reason(u), reason, u.Status.Conditions)
			}
			if got := inGoTo(w, "fay"); got.LastName != "Forest" || len(got.Attributes) != 0 {
				t.Errorf("GoTo has %+v", got)
			}
			if n := w.Sim.Calls()[gotoclient.OpSetUserAttributes]; n != 0 {
				t.Errorf("%d values were sent", n)
			}
			if deny {
				return
			}
			rooms(w)
			if err := w.Acct.Refresh(t.Context()); err != nil {
				t.Error(err)
			}
			w.Until(t, u, kindtest.Ready)
			if got := inGoTo(w, "fay").Attributes; len(got) != 1 {
				t.Errorf("once it is defined GoTo has %v", got)
			}
		})
	}
}

// Equal values of many users share a request.
func TestEqualValuesShareARequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		rooms(w)
		var all []gotoclient.Key
		for i := range 50 {
			email := fmt.Sprintf("u%d@example.test", i)
			all = append(all, gotoclient.Key(w.Sim.AddUser(simulator.DefaultAccountKey, simulator.User{Email: email, FirstName: "U", LastName: "U"})))
		}
		if err := w.Acct.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		u := put(t, w, "fay", inRoom("7"))
		w.Until(t, u, kindtest.Ready)
		w.Sim.ResetLog()
		done := make(chan error)
		for _, key := range all {
			go func() {
				values := Kind{reader: w.Kube}.values(t.Context(), w.Acct, u)
				done <- w.Acct.Users().SetValues(t.Context(), key, values.written())
			}()
		}
		for range all {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if calls := w.Sim.Calls(); calls[gotoclient.OpSetUserAttributes] != 1 {
			t.Errorf("calls %v", calls)
		}
	})
}

// Custom roles are given beside others, taken all, or made exactly these, and by the rule of the account.
func TestRoleSets(t *testing.T) {
	t.Parallel()
	for _, position := range simulator.SwitchPositions()["roleSetAssign"] {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			rooms(w)
			w.Sim.SetSwitches(func(s *simulator.Switches) { s.RoleSetAssign = position })
			is := func(want ...string) {
				t.Helper()
				u := person("fay")
				w.Until(t, u, kindtest.Ready)
				if got := inGoTo(w, "fay").RoleSets; !slices.Equal(got, want) {
					t.Errorf("%s: GoTo has %v, want %v", position, got, want)
				}
			}
			put(t, w, "fay", func(u *v1alpha1.GoToUser) { u.Spec.RoleSets = []v1alpha1.RoleSet{"Auditor"} })
			is("a-1")
			put(t, w, "fay", func(u *v1alpha1.GoToUser) {
				u.Spec.RoleSets, u.Spec.AdminRolesMatch = []v1alpha1.RoleSet{"b-2"}, v1alpha1.RolesExactly
			})
			is("b-2")
			w.Sim.ResetLog()
			if err := w.Reconcile(t, "fay"); err != nil || len(w.Sim.Calls()) != 0 {
				t.Errorf("a steady user: %v, %v", err, w.Sim.Calls())
			}
			put(t, w, "fay", func(u *v1alpha1.GoToUser) { u.Spec.RoleSets = []v1alpha1.RoleSet{} })
			is()
			u := put(t, w, "fay", func(u *v1alpha1.GoToUser) { u.Spec.RoleSets = []v1alpha1.RoleSet{"Nobody"}; u.Spec.LastName = "Forest" })
			for range 3 {
				_ = w.Reconcile(t, "fay")
			}
			if kindtest.Object(t, w.Kube, u); kindtest.Reason(u) != "False "+v1alpha1.ReasonRoleSetNotFound || inGoTo(w, "fay").LastName != "Forest" {
				t.Errorf("%s, %+v", kindtest.Reason(u), inGoTo(w, "fay"))
			}
		})
	}
}

// In another namespace none is given that the account does not list, by name or id.
func TestRoleSetsOfOtherNamespaces(t *testing.T) {
	w := newWorld(t)
	rooms(w)
	if err := w.Acct.RoleSets().Need(t.Context(), "test", nil); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		limit roleLimit
		id    gotoclient.Key
		want  bool
	}{
		{roleLimit{}, "a-1", true},
		{roleLimit{limited: true}, "a-1", false},
		{roleLimit{limited: true, sets: []v1alpha1.RoleSet{"Auditor"}}, "a-1", true},
		{roleLimit{limited: true, sets: []v1alpha1.RoleSet{"a-1"}}, "a-1", true},
		{roleLimit{limited: true, sets: []v1alpha1.RoleSet{"Auditor"}}, "b-2", false},
		{roleLimit{limited: true, sets: []v1alpha1.RoleSet{""}}, "c-3", false},
	} {
		if got := row.limit.allowsSet(w.Acct.RoleSets(), row.id); got != row.want {
			t.Errorf("%+v of %s: %v", row.limit, row.id, got)
		}
	}
}

// The mail of a template is sent with the create, once; a template that is missing holds up nothing but that.
func TestWelcomeMailOfATemplate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		named := func(u *v1alpha1.GoToUser) {
			u.Spec.WelcomeEmail = &v1alpha1.WelcomeEmail{TemplateRef: v1alpha1.TemplateReference{Name: "welcome"}}
		}
		u := put(t, w, "fay", named)
		for range 3 {
			_ = w.Reconcile(t, "fay")
		}
		if kindtest.Object(t, w.Kube, u); kindtest.Reason(u) != "False "+v1alpha1.ReasonTemplateNotFound || len(w.Sim.Outbox()) != 0 {
			t.Errorf("%s, %v", kindtest.Reason(u), w.Sim.Outbox())
		}
		template := &v1alpha1.GoToEmailTemplate{ObjectMeta: metav1.ObjectMeta{Name: "welcome"}}
		kindtest.Apply(t, w.Kube, template, func(e *v1alpha1.GoToEmailTemplate) {
			e.Spec.AccountRef.Name, e.Spec.Title, e.Spec.Subject, e.Spec.Text = kindtest.Account, "Welcome", "Hello", "Your account is ready."
		})
		w.Until(t, u, kindtest.Ready)
		if out := w.Sim.Outbox(); len(out) != 1 || out[0].Subject != "Hello" || out[0].Text != "Your account is ready." {
			t.Errorf("sent %+v", out)
		}
		if err := w.Kube.Delete(t.Context(), template); err != nil {
			t.Fatal(err)
		}
		put(t, w, "fay", func(u *v1alpha1.GoToUser) { u.Spec.LastName = "Forest" })
		w.Until(t, u, kindtest.Ready)
		w.Sim.AddUser(simulator.DefaultAccountKey, simulator.User{Email: "ann@example.test", FirstName: "Fay", LastName: "Field"})
		if err := w.Acct.Refresh(t.Context()); err != nil {
			t.Error(err)
		}
		ann := put(t, w, "ann", named)
		w.Until(t, ann, kindtest.Ready)
		if n := len(w.Sim.Outbox()); n != 1 {
			t.Errorf("%d mails", n)
		}
	})
}
