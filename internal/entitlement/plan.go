package entitlement

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// User is what a plan says of one GoToUser.
type User struct {
	// Give are the licences that the user is to have, and the bindings that give each, by name.
	Give map[gotoclient.Key][]string
	// Take are the licences that bindings gave, and say that they give no longer.
	Take []gotoclient.Key
	// Waiting are the licences for which the user waits.
	Waiting []Waiting
}

// Waiting is a place in the queue of a licence.
type Waiting struct {
	License gotoclient.Key
	// Place counts from 1. Beyond 100 it is rounded up, so that a long queue is not written anew with every seat.
	Place int
	// Fail is true if a binding says onExhausted: Fail.
	Fail bool
}

// Binding is what a plan says of one GoToLicenseBinding.
type Binding struct {
	License gotoclient.Key
	// Err is a *engine.BlockedReference if the binding names something that cannot be used. It then changes nothing: who
	// has the licence through it keeps it.
	Err error
	// Selected, Assigned, Waiting and Failed count users as the binding's status does; Working those that neither have the
	// licence yet nor wait nor failed.
	Selected, Assigned, Waiting, Failed, Working int
	// Claimed is false as long as the binding has no finalizer: it gives nothing yet.
	Claimed bool
	// Holding are the users, selected or not, for whom it is recorded that this binding gave them a licence, and who can be
	// worked on. Braked are those of them that wait for the deletion brake.
	Holding, Braked int
}

// License is what a plan says of one licence.
type License struct{ Waiting, Given int }

// Plan is who is to have which licence in one account.
type Plan struct {
	Users    map[types.UID]User
	Bindings map[types.UID]Binding
	Licenses map[gotoclient.Key]License

	made  time.Time
	seen  map[types.UID]version // of the users and the bindings
	names map[types.UID]types.NamespacedName
}

// Input is what a plan is made of. The objects are only read.
type Input struct {
	Users    []v1alpha1.GoToUser
	Bindings []v1alpha1.GoToLicenseBinding
	Groups   []v1alpha1.GoToGroup
	Seats    map[gotoclient.Key]account.Seats
	// Remote returns the user in GoTo that an object stands for, if it is known.
	Remote func(*v1alpha1.GoToUser) (gotoclient.User, bool)
}

// user is a GoToUser on its way through the plan.
type user struct {
	*v1alpha1.GoToUser

	remote gotoclient.User
	plan   User
	// priority per licence, and whether a binding lets it fail.
	priority map[gotoclient.Key]int32
	fail     map[gotoclient.Key]bool
	wants    map[gotoclient.Key][]*binding
}

// Make works out the plan. It is pure.
func Make(in Input) *Plan {
	bindings := prepare(in)
	byName := map[types.NamespacedName]*binding{}
	for _, b := range bindings {
		byName[types.NamespacedName{Namespace: b.Namespace, Name: b.Name}] = b
	}
	queues := map[gotoclient.Key][]*user{}
	plan := &Plan{
		Users: make(map[types.UID]User, len(in.Users)), Bindings: map[types.UID]Binding{}, Licenses: map[gotoclient.Key]License{},
		seen: make(map[types.UID]version, len(in.Users)), names: make(map[types.UID]types.NamespacedName, len(in.Users)),
	}
	var users []*user
	for i := range in.Users {
		u := newUser(&in.Users[i], in.Remote)
		plan.note(u.GoToUser)
		countHolding(u, byName)
		if !u.DeletionTimestamp.IsZero() {
			continue
		}
		users = append(users, u)
		u.choose(bindings, in.Groups)
		u.release(byName)
		for license := range u.wants {
			if slices.Contains(u.remote.LicenseKeys, license) || !writable(u.GoToUser) {
				u.give(license)
			} else {
				queues[license] = append(queues[license], u)
			}
		}
	}
	for license, queue := range queues {
		serve(license, queue, in.Seats[license].Free)
	}
	for _, u := range users {
		u.count(plan)
		plan.Users[u.UID] = u.plan
	}
	for i := range in.Bindings {
		plan.note(&in.Bindings[i])
	}
	for _, b := range bindings {
		plan.Bindings[b.UID] = b.plan
	}
	return plan
}

// note remembers that the plan has seen an object as it is.
func (p *Plan) note(o client.Object) {
	p.seen[o.GetUID()] = versionOf(o)
	p.names[o.GetUID()] = client.ObjectKeyFromObject(o)
}

func newUser(o *v1alpha1.GoToUser, remote func(*v1alpha1.GoToUser) (gotoclient.User, bool)) *user {
	u := &user{GoToUser: o, priority: map[gotoclient.Key]int32{}, fail: map[gotoclient.Key]bool{}, wants: map[gotoclient.Key][]*binding{}}
	u.remote, _ = remote(o)
	return u
}

// choose finds the bindings that give the user something.
func (u *user) choose(bindings []*binding, groups []v1alpha1.GoToGroup) {
	for _, b := range bindings {
		switch {
		case b.taking:
		case b.frozen:
			for _, given := range u.Status.GivenLicenses {
				if b.Namespace == u.Namespace && slices.Contains(given.Bindings, b.Name) {
					u.wants[gotoclient.Key(given.Key)] = append(u.wants[gotoclient.Key(given.Key)], b)
				}
			}
		case b.selects(u, groups):
			if first := len(u.wants[b.license]) == 0; first || b.priority() > u.priority[b.license] {
				u.priority[b.license] = b.priority()
			}
			u.wants[b.license] = append(u.wants[b.license], b)
			u.fail[b.license] = u.fail[b.license] || b.Spec.OnExhausted == v1alpha1.OnExhaustedFail
		}
	}
}

// release finds what bindings gave and give no longer. A binding that is gone was let go on purpose (see
// v1alpha1.DeletionPolicyOrphan): what it gave stays.
func (u *user) release(byName map[types.NamespacedName]*binding) {
	for _, given := range u.Status.GivenLicenses {
		key := gotoclient.Key(given.Key)
		if len(u.wants[key]) > 0 || !slices.Contains(u.remote.LicenseKeys, key) {
			continue
		}
		for _, name := range given.Bindings {
			if byName[types.NamespacedName{Namespace: u.Namespace, Name: name}] != nil {
				u.plan.Take = append(u.plan.Take, key)
				break
			}
		}
	}
}

func (u *user) give(license gotoclient.Key) {
	if u.plan.Give == nil {
		u.plan.Give = map[gotoclient.Key][]string{}
	}
	var names []string
	for _, b := range u.wants[license] {
		names = append(names, b.Name)
	}
	slices.Sort(names)
	u.plan.Give[license] = slices.Compact(names)
}

// serve gives the free seats of a licence to those who come first, and the others their places.
func serve(license gotoclient.Key, queue []*user, free int) {
	slices.SortFunc(queue, func(a, b *user) int {
		return cmp.Or(
			cmp.Compare(b.priority[license], a.priority[license]),
			a.CreationTimestamp.Compare(b.CreationTimestamp.Time),
			cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name),
		)
	})
	for i, u := range queue {
		if i < free {
			u.give(license)
		} else {
			u.plan.Waiting = append(u.plan.Waiting, Waiting{License: license, Place: rounded(i - free + 1), Fail: u.fail[license]})
		}
	}
}

// rounded is exact up to 100, and beyond it a multiple of 100, or of 1000.
func rounded(place int) int {
	switch {
	case place <= 100:
		return place
	case place <= 1000:
		return (place + 99) / 100 * 100
	}
	return (place + 999) / 1000 * 1000
}

// writable is true for a user whose licences the operator may change.
func writable(u *v1alpha1.GoToUser) bool {
	return !u.Spec.Suspend && u.Spec.ManagementPolicy != v1alpha1.Observe
}

func stalled(u *v1alpha1.GoToUser) bool { return engine.IsStalled(u) }

// version is what of an object the plan depends on and its own reconcile may have seen before the plan.
type version struct {
	generation        int64
	deleting, claimed bool
	labels            string
}

func versionOf(o client.Object) version {
	claimed := controllerutil.ContainsFinalizer(o, v1alpha1.Finalizer)
	if _, isUser := o.(*v1alpha1.GoToUser); isUser {
		claimed = false // of no matter there
	}
	return version{o.GetGeneration(), !o.GetDeletionTimestamp().IsZero(), claimed, labels.Set(o.GetLabels()).String()}
}

// differs tells whether a user who acted on one plan has to act again. That there is less left to take away is the outcome
// of having acted.
func (u User) differs(acted User) bool {
	more := slices.ContainsFunc(u.Take, func(key gotoclient.Key) bool { return !slices.Contains(acted.Take, key) })
	return more || !slices.Equal(u.Waiting, acted.Waiting) || !maps.EqualFunc(u.Give, acted.Give, slices.Equal[[]string])
}

func (b Binding) differs(shown Binding) bool {
	if fmt.Sprint(b.Err) != fmt.Sprint(shown.Err) {
		return true
	}
	b.Err, shown.Err = nil, nil
	return b != shown
}
