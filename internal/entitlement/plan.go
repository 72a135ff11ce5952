package entitlement

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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

// binding is a GoToLicenseBinding on its way through the plan.
type binding struct {
	*v1alpha1.GoToLicenseBinding

	license   gotoclient.Key
	frozen    bool // gives nothing new and takes nothing away
	taking    bool // is being deleted, and takes away what it gave
	selectors []labels.Selector
	groups    []groupSubject
	names     map[string]bool
	plan      Binding
}

type groupSubject struct {
	name      string
	key       gotoclient.Key
	subgroups bool
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

// prepare resolves what the bindings name.
func prepare(in Input) []*binding {
	var out []*binding
	for i := range in.Bindings {
		b := &binding{GoToLicenseBinding: &in.Bindings[i], names: map[string]bool{}}
		if !b.DeletionTimestamp.IsZero() {
			if b.Spec.Suspend || b.Spec.DeletionPolicy == v1alpha1.DeletionPolicyOrphan {
				continue // it leaves what it gave, like one that is gone
			}
			b.taking, b.license = true, gotoclient.Key(b.Status.LicenseKey)
			b.plan.License = b.license
			out = append(out, b)
			continue
		}
		b.license, b.plan.Err = selectLicense(b.Spec.License, in.Seats)
		if err := b.resolveSubjects(in.Groups); b.plan.Err == nil {
			b.plan.Err = err
		}
		b.plan.License = b.license
		// What has no finalizer yet could go without taking back what it gave.
		b.plan.Claimed = controllerutil.ContainsFinalizer(b, v1alpha1.Finalizer)
		b.frozen = b.Spec.Suspend || b.plan.Err != nil || !b.plan.Claimed
		out = append(out, b)
	}
	return out
}

func (b *binding) resolveSubjects(groups []v1alpha1.GoToGroup) error {
	for _, s := range b.Spec.Subjects {
		switch {
		case s.UserRef.Name != "":
			b.names[s.UserRef.Name] = true
		case s.Selector != nil:
			selector, err := metav1.LabelSelectorAsSelector(s.Selector)
			if err != nil {
				return &engine.BlockedReference{Reason: v1alpha1.ReasonRefused, Message: "a selector in spec.subjects is not valid: " + err.Error()}
			}
			b.selectors = append(b.selectors, selector)
		case s.GroupRef.Name != "":
			i := slices.IndexFunc(groups, func(g v1alpha1.GoToGroup) bool { return g.Namespace == b.Namespace && g.Name == s.GroupRef.Name })
			if i < 0 {
				return &engine.BlockedReference{Reason: v1alpha1.ReasonGroupNotFound, Message: "there is no GoToGroup " + s.GroupRef.Name + " of the same account"}
			}
			b.groups = append(b.groups, groupSubject{s.GroupRef.Name, gotoclient.Key(groups[i].Status.GroupKey), s.Subgroups == v1alpha1.IncludeSubgroups})
		}
	}
	return nil
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
			if first := len(u.wants[b.license]) == 0; first || *b.priority() > u.priority[b.license] {
				u.priority[b.license] = *b.priority()
			}
			u.wants[b.license] = append(u.wants[b.license], b)
			u.fail[b.license] = u.fail[b.license] || b.Spec.OnExhausted == v1alpha1.OnExhaustedFail
		}
	}
}

func (b *binding) priority() *int32 {
	if b.Spec.Priority != nil {
		return b.Spec.Priority
	}
	return new(int32)
}

func (b *binding) selects(u *user, groups []v1alpha1.GoToGroup) bool {
	if b.Namespace != u.Namespace {
		return false
	}
	if b.names[u.Name] {
		return true
	}
	for _, s := range b.selectors {
		if s.Matches(labels.Set(u.Labels)) {
			return true
		}
	}
	return slices.ContainsFunc(b.groups, func(g groupSubject) bool { return g.holds(u, groups) })
}

// holds is true for a user whose spec puts it into the group, or who is there while the spec names no group.
func (g groupSubject) holds(u *user, groups []v1alpha1.GoToGroup) bool {
	switch {
	case u.Spec.GroupRef.Name != "":
		return u.Spec.GroupRef.Name == g.name || (g.subgroups && slices.ContainsFunc(groups, func(o v1alpha1.GoToGroup) bool {
			return o.Namespace == u.Namespace && o.Name == u.Spec.GroupRef.Name &&
				(o.Spec.ParentRef.Name == g.name || (g.key != "" && gotoclient.Key(o.Spec.ParentKey) == g.key))
		}))
	case g.key == "":
		return false
	case u.Spec.GroupKey != "":
		return gotoclient.Key(u.Spec.GroupKey) == g.key || (g.subgroups && slices.Contains(u.remote.GroupKeyPath, g.key))
	}
	return u.remote.GroupKey == g.key || (g.subgroups && slices.Contains(u.remote.GroupKeyPath, g.key))
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

// count adds a user to what is said of bindings and licences.
func (u *user) count(plan *Plan) {
	slices.SortFunc(u.plan.Waiting, func(a, b Waiting) int { return compareKeys(a.License, b.License) })
	for license, givers := range u.wants {
		has := slices.Contains(u.remote.LicenseKeys, license)
		waits := slices.ContainsFunc(u.plan.Waiting, func(w Waiting) bool { return w.License == license })
		for _, b := range givers {
			if b.frozen && !b.selects(u, nil) {
				continue
			}
			b.plan.Selected++
			switch {
			case has:
				b.plan.Assigned++
			case waits:
				b.plan.Waiting++
			case !writable(u.GoToUser) || stalled(u.GoToUser):
				b.plan.Failed++
			default:
				b.plan.Working++
			}
		}
		l := plan.Licenses[license]
		if waits {
			l.Waiting++
		}
		plan.Licenses[license] = l
	}
	for _, given := range u.Status.GivenLicenses {
		if key := gotoclient.Key(given.Key); slices.Contains(u.remote.LicenseKeys, key) {
			l := plan.Licenses[key]
			l.Given++
			plan.Licenses[key] = l
		}
	}
}

// countHolding counts the users whom a binding still has to let go before it can be deleted. Those that nobody works on do
// not hold it up: they keep what they have.
func countHolding(u *user, byName map[types.NamespacedName]*binding) {
	if !writable(u.GoToUser) {
		return
	}
	counted := map[*binding]bool{}
	for _, given := range u.Status.GivenLicenses {
		for _, name := range given.Bindings {
			if b := byName[types.NamespacedName{Namespace: u.Namespace, Name: name}]; b != nil && !counted[b] {
				counted[b] = true
				b.plan.Holding++
				if engine.WaitsForBrake(u.GoToUser) {
					b.plan.Braked++
				}
			}
		}
	}
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
