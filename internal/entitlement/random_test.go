package entitlement

import (
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// chaos is an account to which everything happens, in small: names, addresses and keys are few, so that they meet.
type chaos struct {
	*rand.Rand

	users    map[string]*v1alpha1.GoToUser // by namespace/name
	bindings map[string]*v1alpha1.GoToLicenseBinding
	groups   map[string]*v1alpha1.GoToGroup
	remote   map[gotoclient.Key]gotoclient.User
	free     map[gotoclient.Key]int
	used     int // seats of every licence, by those who acted
	observe  bool
	seen     map[types.NamespacedName]bool
	left     map[types.NamespacedName]bool

	// Since the last update.
	dirty   map[string]bool
	changed map[string]bool
}

func newChaos(seed int64) *chaos {
	return &chaos{
		Rand: rand.New(rand.NewSource(seed)), users: map[string]*v1alpha1.GoToUser{}, bindings: map[string]*v1alpha1.GoToLicenseBinding{},
		groups: map[string]*v1alpha1.GoToGroup{}, remote: map[gotoclient.Key]gotoclient.User{},
		free: map[gotoclient.Key]int{"1": 2, "2": 1, "3": 0}, dirty: map[string]bool{}, changed: map[string]bool{},
	}
}

func (c *chaos) one(words ...string) string { return words[c.Intn(len(words))] }
func (c *chaos) rarely() bool               { return c.Intn(6) == 0 }
func (c *chaos) mail() string               { return fmt.Sprintf("m%d@example.test", c.Intn(10)) }

func (c *chaos) some(words ...string) []gotoclient.Key {
	var out []gotoclient.Key
	for _, w := range words {
		if c.Intn(3) == 0 {
			out = append(out, gotoclient.Key(w))
		}
	}
	return out
}

func (c *chaos) step() {
	acts := []func(){c.changeUser, c.changeUser, c.changeUser, c.changeBinding, c.changeBinding, c.changeGroup, c.changeRemote, c.changeRemote, c.changeSeats}
	for range 1 + c.Intn(3) {
		acts[c.Intn(len(acts))]()
	}
	if c.Intn(40) == 0 {
		c.observe = !c.observe
	}
}

func (c *chaos) changeUser() {
	ns, name := c.one("team", "team", "team", "other"), fmt.Sprint("u", c.Intn(12))
	id := ns + "/" + name
	c.dirty[id] = true
	old := c.users[id]
	if old != nil && c.rarely() {
		delete(c.users, id)
		return
	}
	u := &v1alpha1.GoToUser{}
	if old != nil {
		u = old.DeepCopy()
	} else {
		u.Namespace, u.Name, u.UID, u.Spec.Email = ns, name, types.UID(fmt.Sprint(c.Int63())), c.mail()
		u.CreationTimestamp = metav1.NewTime(start.Add(time.Duration(c.Intn(5)) * time.Second))
	}
	switch c.Intn(8) {
	case 0:
		u.Labels = map[string]string{"team": c.one("a", "b"), "vip": c.one("yes", "no")}
	case 1:
		u.Spec.GroupRef.Name, u.Spec.GroupKey = c.one("", "g0", "g1", "g2", "gone"), ""
	case 2:
		u.Spec.GroupRef.Name, u.Spec.GroupKey = "", v1alpha1.Key(c.one("", "10", "11", "12"))
	case 3:
		u.Spec.Suspend, u.Spec.ManagementPolicy = c.rarely(), v1alpha1.ManagementPolicy(c.one("Manage", "Manage", "Observe"))
	case 4:
		u.Status.Conditions = nil
		if c.Intn(2) == 0 {
			stalledBy(c.one(v1alpha1.ReasonConflict, v1alpha1.ReasonSeatsExhausted))(u)
		}
	case 5:
		u.Status.UserKey = v1alpha1.Key(c.one("", "100", "101", "102", "103"))
		u.Spec.Email = c.mail()
	case 6:
		u.Status.GivenLicenses = nil
		for _, key := range c.some("1", "2", "3", "4") {
			u.Status.GivenLicenses = append(u.Status.GivenLicenses, v1alpha1.GivenLicense{Key: v1alpha1.Key(key), Bindings: []string{fmt.Sprint("b", c.Intn(5))}})
		}
	case 7:
		if c.rarely() {
			u.DeletionTimestamp = &u.CreationTimestamp
		}
	}
	c.users[id] = u
}

func (c *chaos) changeBinding() {
	ns, name := c.one("team", "team", "other"), fmt.Sprint("b", c.Intn(5))
	id := ns + "/" + name
	b := c.bindings[id]
	if b != nil && c.rarely() {
		delete(c.bindings, id)
		return
	}
	if b == nil {
		b = &v1alpha1.GoToLicenseBinding{}
		b.Namespace, b.Name, b.UID, b.Finalizers = ns, name, types.UID(fmt.Sprint(c.Int63())), []string{v1alpha1.Finalizer}
		b.Spec.License.Key = v1alpha1.Key(c.one("1", "2", "3"))
		b.Spec.Subjects = []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": c.one("a", "b")}}}}
	} else {
		b = b.DeepCopy()
	}
	c.bindings[id] = b
	b.Generation++
	priority := int32(c.Intn(3))
	switch c.Intn(6) {
	case 0:
		b.Spec.License.Key = v1alpha1.Key(c.one("1", "2", "3", "4"))
	case 1:
		b.Spec.Suspend, b.Spec.Priority, b.Spec.OnExhausted = c.rarely(), &priority, v1alpha1.OnExhausted(c.one("Wait", "Fail"))
	case 2:
		b.Finalizers = []string{v1alpha1.Finalizer}
	case 3:
		if c.rarely() {
			now := metav1.NewTime(start)
			b.DeletionTimestamp, b.Spec.DeletionPolicy = &now, v1alpha1.DeletionPolicy(c.one("Delete", "Orphan"))
			b.Status.LicenseKey = b.Spec.License.Key
		}
	default:
		b.Finalizers = []string{v1alpha1.Finalizer}
		b.Spec.Subjects = nil
		for range 1 + c.Intn(3) {
			b.Spec.Subjects = append(b.Spec.Subjects, c.subject())
		}
	}
}

func (c *chaos) subject() v1alpha1.LicenseSubject {
	switch c.Intn(4) {
	case 0:
		return v1alpha1.LicenseSubject{UserRef: v1alpha1.UserReference{Name: fmt.Sprint("u", c.Intn(12))}}
	case 1:
		return v1alpha1.LicenseSubject{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": c.one("a", "b")}}}
	}
	return v1alpha1.LicenseSubject{GroupRef: v1alpha1.GroupReference{Name: c.one("g0", "g1", "g2")}, Subgroups: v1alpha1.SubgroupPolicy(c.one("Include", "Exclude"))}
}

func (c *chaos) changeGroup() {
	id := c.one("team", "other") + "/" + c.one("g0", "g1", "g2")
	if c.groups[id] != nil && c.rarely() {
		delete(c.groups, id)
		return
	}
	g := &v1alpha1.GoToGroup{}
	g.Namespace, g.Name, _ = strings.Cut(id, "/")
	g.Status.GroupKey = v1alpha1.Key(c.one("", "10", "11", "12"))
	switch c.Intn(3) {
	case 0:
		g.Spec.ParentRef.Name = c.one("g0", "g1")
	case 1:
		g.Spec.ParentKey = v1alpha1.Key(c.one("10", "11"))
	}
	if c.rarely() {
		g.DeletionTimestamp = &metav1.Time{Time: start}
	}
	c.groups[id] = g
}

func (c *chaos) changeRemote() {
	key := gotoclient.Key(c.one("100", "101", "102", "103", "104", "105"))
	before, there := c.remote[key]
	c.changed[string(key)], c.changed[before.Email] = true, true
	if there && c.rarely() {
		delete(c.remote, key)
		return
	}
	now := gotoclient.User{Key: key, Email: c.mail(), LicenseKeys: c.some("1", "2", "3", "4"), GroupKey: gotoclient.Key(c.one("", "10", "11", "12"))}
	if there && c.Intn(2) == 0 {
		now.Email = before.Email
	}
	if other, taken := c.find("", now.Email); taken && other.Key != key {
		return // an address is one user's
	}
	if now.GroupKey != "" {
		now.GroupKeyPath = append(c.some("10"), now.GroupKey)
	}
	c.remote[key] = now
	c.changed[now.Email] = true
}

func (c *chaos) changeSeats() {
	key := gotoclient.Key(c.one("1", "2", "3"))
	if _, listed := c.free[key]; listed && c.rarely() {
		delete(c.free, key)
		return
	}
	c.free[key] = c.Intn(4)
}

// find finds the user with a key or an address.
func (c *chaos) find(key gotoclient.Key, email string) (gotoclient.User, bool) {
	if key != "" {
		u, ok := c.remote[key]
		return u, ok
	}
	for k := range c.remote {
		if c.remote[k].Email == email {
			return c.remote[k], true
		}
	}
	return gotoclient.User{}, false
}

// input is everything, without the users.
func (c *chaos) input() Input {
	in := Input{Seats: map[gotoclient.Key]account.Seats{}, Observe: c.observe, Remote: c.find}
	for _, id := range slices.Sorted(maps.Keys(c.bindings)) {
		in.Bindings = append(in.Bindings, c.bindings[id].DeepCopy())
	}
	for _, id := range slices.Sorted(maps.Keys(c.groups)) {
		in.Groups = append(in.Groups, c.groups[id].DeepCopy())
	}
	for key, free := range c.free {
		in.Seats[key] = account.Seats{License: gotoclient.License{Key: key, Enabled: true}, Free: free, Used: c.used}
	}
	c.seen, c.left = departed(in.Bindings, c.seen, c.left)
	in.Left = c.left
	return in
}

func (c *chaos) full(in Input) Input {
	for _, u := range c.users {
		in.Users = append(in.Users, u)
	}
	return in
}

// fresh are the changes since the last update.
func (c *chaos) fresh(in Input) Input {
	for id := range c.dirty {
		if u := c.users[id]; u != nil {
			in.Users = append(in.Users, u)
		} else {
			ns, name, _ := strings.Cut(id, "/")
			in.Gone = append(in.Gone, types.NamespacedName{Namespace: ns, Name: name})
		}
	}
	in.Changed = slices.Collect(maps.Keys(c.changed))
	c.dirty, c.changed = map[string]bool{}, map[string]bool{}
	return in
}

// act lets a user who is to get a licence take it, as the operator's own write does: no reading tells of it.
func (c *chaos) act(p *Plan) {
	for _, id := range slices.Sorted(maps.Keys(c.users)) {
		u := c.users[id]
		said, _ := p.User(client.ObjectKeyFromObject(u))
		r, ok := c.find(gotoclient.Key(u.Status.UserKey), u.Spec.Email)
		for _, key := range slices.Sorted(maps.Keys(said.Give)) {
			if ok && p.users[client.ObjectKeyFromObject(u)].able() && !slices.Contains(r.LicenseKeys, key) && c.free[key] > 0 {
				r.LicenseKeys = append(slices.Clone(r.LicenseKeys), key)
				c.remote[r.Key] = r
				c.free[key]--
				c.used++
				return
			}
		}
	}
}

// TestChangesComeToTheSameAsAPlanOfEverything is what incremental plans rest on. Whatever happened, the plan keeps its
// promises too.
func TestChangesComeToTheSameAsAPlanOfEverything(t *testing.T) {
	t.Parallel()
	for seed := range int64(60) {
		c := newChaos(seed)
		p := Make(c.full(c.input()))
		for step := range 120 {
			if c.step(); c.rarely() {
				c.act(p)
			}
			in := c.input()
			p.Update(c.fresh(in))
			whole := Make(c.full(in))
			if d := cmp.Diff(everything(whole), everything(p)); d != "" {
				t.Fatalf("seed %d, step %d: (-all at once +change by change)\n%s", seed, step, d)
			}
			c.check(t, p)
			if t.Failed() {
				t.Fatalf("seed %d, step %d", seed, step)
			}
		}
	}
}

// check checks what must hold of every plan.
func (c *chaos) check(t *testing.T, p *Plan) {
	t.Helper()
	seats, places := maps.Clone(c.free), map[string]bool{}
	for name, u := range p.users {
		said, _ := p.User(name)
		lacking := false
		for key := range said.Give {
			if !u.has(key) {
				lacking = true
				seats[key]--
			}
		}
		for _, w := range said.Waiting {
			lacking = true
			if seats[w.License] > c.free[w.License] || u.has(w.License) {
				t.Errorf("%s waits for %s, which it has", name, w.License)
			}
		}
		if len(said.Give)+len(said.Waiting)+len(said.Take) > 0 && places[u.identity()] {
			t.Errorf("%s is the second object with a say for one user", name)
		}
		places[u.identity()] = places[u.identity()] || len(said.Give)+len(said.Waiting)+len(said.Take) > 0
		for _, key := range append(said.Take, said.Forget...) {
			if _, listed := c.free[key]; !u.remote.known || !listed || !u.recorded(key) {
				t.Errorf("%s: %s is taken or forgotten, though it is not known, not listed or not ours", name, key)
			}
		}
		if len(said.Take) > 0 && lacking && !c.deletesOne(u, said.Take) {
			t.Errorf("%s: %v is taken before %v and %v are given", name, said.Take, said.Give, said.Waiting)
		}
	}
	for key, left := range seats {
		if left < 0 {
			t.Errorf("%d more seats of %s are given than there are", -left, key)
		}
	}
}

func (c *chaos) deletesOne(u *user, keys []gotoclient.Key) bool {
	return slices.ContainsFunc(u.given, func(g v1alpha1.GivenLicense) bool {
		return slices.Contains(keys, gotoclient.Key(g.Key)) && slices.ContainsFunc(g.Bindings, func(name string) bool {
			b := c.bindings[u.name.Namespace+"/"+name]
			return b != nil && b.DeletionTimestamp != nil
		})
	})
}

// stalledBy stalls a user.
func stalledBy(reason string) func(*v1alpha1.GoToUser) {
	return func(u *v1alpha1.GoToUser) {
		u.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionStalled, Status: metav1.ConditionTrue, Reason: reason, ObservedGeneration: u.Generation}}
	}
}
