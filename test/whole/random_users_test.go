package whole

import (
	"fmt"
	"time"

	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

func (s *story) onUsers() acting {
	return acting{
		"apply a user": s.applyUser, "delete a user": s.deleteUser, "lose a cluster's copy of a user": s.restoreUser,
		"apply all users": s.applyAll, "delete all users": s.deleteAll, "swap two addresses": s.swap, "rename a user": s.renameUser, "rename a user twice": s.renameTwice,
		"give a value": s.applyValue,
	}
}

// lastName is another one each time, so that it tells of a request which edit it was decided on.
func (s *story) lastName() string { return fmt.Sprintf("Field%d", len(s.told)) }

func (s *story) applyUser(t *rapid.T) {
	u := newUser(s.one(t, names, "name"))
	address, last := s.one(t, names, "address"), s.lastName()
	group, vip := s.one(t, append([]string{""}, groups...), "group"), s.one(t, either, "vip")
	suspended, observed := s.one(t, rarely, "suspended") == "yes", s.one(t, rarely, "observed") == "yes"
	s.apply(u, func() {
		u.Spec.Email, u.Spec.LastName, u.Spec.GroupRef.Name, u.Spec.Suspend = address+"@example.test", last, group, suspended
		u.Spec.ManagementPolicy = v1alpha1.Manage
		if observed {
			u.Spec.ManagementPolicy = v1alpha1.Observe
		}
		u.Labels = map[string]string{"vip": vip}
	})
}

// renameUser is a small edit, soon followed by another.
func (s *story) renameUser(t *rapid.T) {
	name, last := s.one(t, names, "name"), s.lastName()
	edit(s.World, newUser(name), func(u *v1alpha1.GoToUser) { u.Spec.LastName = last })
}

func (s *story) renameTwice(t *rapid.T) {
	name, last := s.one(t, names, "name"), s.lastName()
	rename := func(to string) { edit(s.World, newUser(name), func(u *v1alpha1.GoToUser) { u.Spec.LastName = to }) }
	rename(last)
	s.Wait(time.Duration(s.number(t, []int{100, 1000, 3000}, "milliseconds")) * time.Millisecond)
	rename(last + "b")
}

// applyAll is what a repository does that is synced again: each has its own address, and nothing else is said.
func (s *story) applyAll(*rapid.T) {
	last := s.lastName()
	for _, name := range names {
		u := newUser(name)
		s.apply(u, func() {
			u.Spec = newUser(name).Spec
			u.Spec.LastName = last
		})
	}
}

// deleteAll is what an emptied repository or kubectl delete --all does.
func (s *story) deleteAll(*rapid.T) {
	for _, name := range names {
		s.remove(newUser(name))
	}
}

// swap gives two people each other's address.
func (s *story) swap(t *rapid.T) {
	one, other := newUser(s.one(t, names, "one")), newUser(s.one(t, names, "other"))
	if !s.there(one) || !s.there(other) || one.DeletionTimestamp != nil || other.DeletionTimestamp != nil {
		return
	}
	first, second := one.Spec.Email, other.Spec.Email
	edit(s.World, one, func(u *v1alpha1.GoToUser) { u.Spec.Email = second })
	edit(s.World, other, func(u *v1alpha1.GoToUser) { u.Spec.Email = first })
}

func (s *story) deleteUser(t *rapid.T) { s.remove(newUser(s.one(t, names, "name"))) }

// restoreUser takes an object away as the loss of a cluster does, and brings it back as a backup without status has it.
func (s *story) restoreUser(t *rapid.T) {
	u := newUser(s.one(t, names, "name"))
	if !s.there(u) || u.DeletionTimestamp != nil {
		return
	}
	s.gate.kill() // nobody is there to see it
	saved := newUser(u.Name)
	s.tearOut(saved)
	saved.ResourceVersion, saved.UID, saved.Status = "", "", v1alpha1.GoToUserStatus{}
	s.create(saved)
	s.Wait(s.aMoment())
}

// tearOut takes an object away whatever holds it, and leaves it as it was.
func (s *story) tearOut(o client.Object) {
	s.must(s.Kube.Get(s.Context(), client.ObjectKeyFromObject(o), o))
	copied, _ := o.DeepCopyObject().(client.Object)
	s.remove(copied)
	edit(s.World, copied, func(o client.Object) { o.SetFinalizers(nil) })
}
