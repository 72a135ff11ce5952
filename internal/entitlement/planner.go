package entitlement

import (
	"context"
	"maps"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Affected are the objects for which a plan says something else than what they last acted on.
type Affected struct {
	Account         types.NamespacedName
	Users, Bindings []types.NamespacedName
}

// Planner keeps the plan of every account. A plan is made from the cache of all objects of an account, so that it is the
// same after a restart; it is made anew when something it rests on has changed, and not more often than planGap.
type Planner struct {
	reader   client.Reader
	registry *account.Registry

	mu          sync.Mutex
	accounts    map[types.NamespacedName]*accountPlan
	subscribers []func(Affected)
	stale       []func(types.NamespacedName)
}

// planGap is the least time between two plans that reconciles ask for: of many new users each waits a little, and all
// are in one plan.
const planGap = 200 * time.Millisecond

type accountPlan struct {
	mu       sync.Mutex
	acct     *account.Account
	plan     *Plan
	users    map[types.UID]User // as last acted on
	bindings map[types.UID]Binding
	licenses map[gotoclient.Key]License // as last told
	expected map[types.UID]bool         // users who were told to act and have not begun to
}

// NewPlanner returns a planner that reads the cache of a manager, whose indexes by account (engine.IndexAccount) it needs.
func NewPlanner(reader client.Reader, registry *account.Registry) *Planner {
	return &Planner{reader: reader, registry: registry, accounts: map[types.NamespacedName]*accountPlan{}}
}

// Subscribe calls f whenever a plan says something new.
func (p *Planner) Subscribe(f func(Affected)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.subscribers = append(p.subscribers, f)
}

// SubscribeStale calls f with the name of an account whose plan should be made anew.
func (p *Planner) SubscribeStale(f func(account types.NamespacedName)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stale = append(p.stale, f)
}

// Unserved says that a user could not act on the plan, for want of a seat that the plan took for free. It is asked to act
// again if the next plan gives it a seat.
func (p *Planner) Unserved(u *v1alpha1.GoToUser) {
	name := engine.AccountName(u)
	a := p.of(name)
	a.mu.Lock()
	delete(a.users, u.UID)
	a.mu.Unlock()
	p.mu.Lock()
	stale := p.stale
	p.mu.Unlock()
	for _, f := range stale {
		f(name)
	}
}

// User returns what the plan says of a user, and takes it that the user acts on it.
func (p *Planner) User(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser) (User, error) {
	a := p.of(engine.AccountName(u))
	defer a.arrived(acct, u.UID)
	if len(u.Status.GivenLicenses) == 0 {
		if some, err := p.hasBindings(ctx, u); err != nil || !some {
			return User{}, err
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	plan, err := p.current(ctx, a, acct, u)
	if err != nil {
		return User{}, err
	}
	a.users[u.UID] = plan.Users[u.UID]
	return plan.Users[u.UID], nil
}

// hasBindings is the short way for an account without bindings.
func (p *Planner) hasBindings(ctx context.Context, u *v1alpha1.GoToUser) (bool, error) {
	var list v1alpha1.GoToLicenseBindingList
	err := p.reader.List(ctx, &list, client.InNamespace(u.Namespace), client.UnsafeDisableDeepCopy,
		client.MatchingFields{engine.IndexAccount: engine.AccountName(u).String()})
	return len(list.Items) > 0, err
}

// Binding returns what the plan says of a binding.
func (p *Planner) Binding(ctx context.Context, acct *account.Account, b *v1alpha1.GoToLicenseBinding) (Binding, error) {
	a := p.of(engine.AccountName(b))
	a.mu.Lock()
	defer a.mu.Unlock()
	plan, err := p.current(ctx, a, acct, b)
	if err != nil {
		return Binding{}, err
	}
	a.bindings[b.UID] = plan.Bindings[b.UID]
	return plan.Bindings[b.UID], nil
}

// Licenses returns what the last plan of an account says of its licences.
func (p *Planner) Licenses(name types.NamespacedName) map[gotoclient.Key]License {
	a := p.of(name)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.plan == nil {
		return nil
	}
	return a.plan.Licenses
}

// Refresh makes the plan of an account anew, and tells the subscribers whom that concerns. An account that is not in use
// has no plan.
func (p *Planner) Refresh(ctx context.Context, name types.NamespacedName) error {
	var ga v1alpha1.GoToAccount
	if err := p.reader.Get(ctx, name, &ga); err != nil {
		return client.IgnoreNotFound(err)
	}
	acct, ok := p.registry.Get(string(ga.UID))
	if !ok {
		return nil
	}
	a := p.of(name)
	a.mu.Lock()
	if err := p.replan(ctx, name, a, acct); err != nil {
		a.mu.Unlock()
		return err
	}
	affected := a.affected(name)
	acct.Expect(len(a.expected))
	a.mu.Unlock()
	p.mu.Lock()
	subscribers := p.subscribers
	p.mu.Unlock()
	for _, f := range subscribers {
		f(affected)
	}
	return nil
}

func (p *Planner) of(name types.NamespacedName) *accountPlan {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.accounts[name]
	if a == nil {
		a = &accountPlan{users: map[types.UID]User{}, bindings: map[types.UID]Binding{}}
		p.accounts[name] = a
	}
	return a
}

// current returns a plan that has seen the object as it is.
func (p *Planner) current(ctx context.Context, a *accountPlan, acct *account.Account, o engine.Object) (*Plan, error) {
	for {
		if a.plan != nil && a.acct == acct {
			if a.plan.seen[o.GetUID()] == versionOf(o) {
				return a.plan, nil
			}
			if wait := planGap - time.Since(a.plan.made); wait > 0 {
				a.mu.Unlock()
				err := sleep(ctx, wait)
				a.mu.Lock()
				if err != nil {
					return nil, err
				}
				continue // another may have made one meanwhile
			}
		}
		before := a.plan
		if err := p.replan(ctx, engine.AccountName(o), a, acct); err != nil {
			return nil, err
		}
		if before != nil && a.plan.seen[o.GetUID()] != versionOf(o) {
			return a.plan, nil // the cache is ahead of the object, which is on its way to be reconciled again
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// replan makes a plan of what the cache and the snapshot hold.
func (p *Planner) replan(ctx context.Context, name types.NamespacedName, a *accountPlan, acct *account.Account) error {
	made := time.Now()
	of := []client.ListOption{client.MatchingFields{engine.IndexAccount: name.String()}, client.UnsafeDisableDeepCopy}
	var users v1alpha1.GoToUserList
	var bindings v1alpha1.GoToLicenseBindingList
	var groups v1alpha1.GoToGroupList
	for _, list := range []client.ObjectList{&users, &bindings, &groups} {
		if err := p.reader.List(ctx, list, of...); err != nil {
			return err
		}
	}
	a.plan = Make(Input{
		Users: users.Items, Bindings: bindings.Items, Groups: groups.Items, Seats: acct.Seats(),
		Remote: func(u *v1alpha1.GoToUser) (gotoclient.User, bool) {
			if u.Status.UserKey != "" {
				return acct.User(gotoclient.Key(u.Status.UserKey))
			}
			return acct.UserByEmail(u.Spec.Email)
		},
	})
	a.plan.made, a.acct = made, acct
	maps.DeleteFunc(a.users, func(uid types.UID, _ User) bool { _, there := a.plan.Users[uid]; return !there })
	maps.DeleteFunc(a.bindings, func(uid types.UID, _ Binding) bool { _, there := a.plan.Bindings[uid]; return !there })
	return nil
}

// arrived notes that a user has begun to act.
func (a *accountPlan) arrived(acct *account.Account, uid types.UID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.expected[uid] {
		delete(a.expected, uid)
		acct.Arrived()
	}
}

func (a *accountPlan) affected(name types.NamespacedName) Affected {
	out := Affected{}
	a.expected = map[types.UID]bool{}
	tell := func(uid types.UID) {
		out.Users = append(out.Users, a.plan.names[uid])
		a.expected[uid] = true
	}
	for uid, acted := range a.users {
		if a.plan.Users[uid].differs(acted) {
			tell(uid)
		}
	}
	// A user that never asked had no binding to ask for; it has one now.
	for uid, u := range a.plan.Users {
		if _, asked := a.users[uid]; !asked && u.differs(User{}) {
			tell(uid)
		}
	}
	for uid, shown := range a.bindings {
		if a.plan.Bindings[uid].differs(shown) {
			out.Bindings = append(out.Bindings, a.plan.names[uid])
		}
	}
	if !maps.Equal(a.plan.Licenses, a.licenses) {
		out.Account, a.licenses = name, a.plan.Licenses
	}
	return out
}
