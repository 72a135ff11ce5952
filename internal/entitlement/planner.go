package entitlement

import (
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/planning"
)

// Affected are the objects for which a plan says something else than what they last acted on.
type Affected struct {
	Account         types.NamespacedName
	Users, Bindings []types.NamespacedName
}

// Planner keeps the plan of every account. A plan is made once of all objects in the cache, so that it is the same after a
// restart; from then on it takes in what has changed, gathered for a while that follows what the last time cost.
type Planner struct {
	planning.Plans[accountPlan, Affected]

	reader   client.Reader
	registry *account.Registry
	recalled func(*v1alpha1.GoToUser) *v1alpha1.GoToUser
}

// NewPlanner returns a planner that reads the cache of a manager, whose indexes by account (engine.IndexAccount) it needs.
func NewPlanner(reader client.Reader, registry *account.Registry) *Planner {
	itself := func(u *v1alpha1.GoToUser) *v1alpha1.GoToUser { return u }
	return &Planner{reader: reader, registry: registry, recalled: itself}
}

// Recalls says what a GoToUser in the cache is with what its metadata remembers, as the reconciles have it that ask for the plan: if the
// two were not the same, each would undo in the plan what the other has said. It is called before anything else.
func (p *Planner) Recalls(recalled func(*v1alpha1.GoToUser) *v1alpha1.GoToUser) {
	p.recalled = recalled
}

// Changed notes that a GoToUser came, went, or is different. The next Refresh of its account looks at it.
func (p *Planner) Changed(u *v1alpha1.GoToUser) {
	if a := p.Known(engine.AccountName(u)); a != nil {
		a.inbox.Add(client.ObjectKeyFromObject(u))
	}
}

// Matters is true for a change of a GoToUser that may be one for the plan. The licences that status shows are not in the plan:
// they tell that the user has just acted, so that what GoTo holds of it is looked at again.
func Matters(before, now client.Object) bool {
	b, _ := before.(*v1alpha1.GoToUser)
	n, _ := now.(*v1alpha1.GoToUser)
	was, is := factsOf(b), factsOf(n)
	return !was.equal(&is) || b.Status.Group.Key != n.Status.Group.Key || !slices.Equal(b.Status.LicenseKeys, n.Status.LicenseKeys)
}

// ChangedInGoTo notes what a reading of an account found different. The next Refresh looks at it.
func (p *Planner) ChangedInGoTo(name types.NamespacedName, c account.Change) {
	if a := p.Known(name); a != nil {
		a.inbox.AddRemote(c.Users)
	}
}

// Rests is true for an account in which there is nothing to plan: it has no binding, and that has been told. A binding that comes
// ends it; no user does.
func (p *Planner) Rests(name types.NamespacedName) bool {
	a := p.Known(name)
	return a != nil && a.resting.Load()
}

// Delay is how long changes of an account should be gathered: least, or longer where a plan costs much.
func (p *Planner) Delay(name types.NamespacedName, least time.Duration) time.Duration {
	if a := p.Known(name); a != nil {
		return max(least, a.gap())
	}
	return least
}

// Unserved says that a user could not act on the plan, for want of a seat that the plan took for free. It is asked to act
// again if the next plan gives it a seat.
func (p *Planner) Unserved(u *v1alpha1.GoToUser) {
	a := p.Of(engine.AccountName(u))
	a.mu.Lock()
	a.unserved(client.ObjectKeyFromObject(u))
	a.mu.Unlock()
	p.TellStale(engine.AccountName(u))
}

// User returns what the plan says of a user, and takes it that the user acts on it.
func (p *Planner) User(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser) (User, error) {
	name := engine.AccountName(u)
	a := p.Of(name)
	a.mu.Lock()
	defer a.mu.Unlock()
	if user := client.ObjectKeyFromObject(u); a.expected.awaits(user) {
		context.AfterFunc(ctx, func() { p.arrived(a, acct, user) }) // at the latest when the work on it ends
	}
	if a.plan == nil && len(u.Status.GivenLicenses) == 0 {
		if some, err := p.hasBindings(ctx, name); err != nil || !some {
			return User{}, err
		}
	}
	updated, err := p.see(ctx, a, acct, u)
	if err != nil {
		return User{}, err
	}
	if updated {
		p.TellStale(name) // others may have to be told
	}
	return a.act(u), nil
}

// Arrived says that a user who was told to act has come as far as to be changed.
func (p *Planner) Arrived(acct *account.Account, u *v1alpha1.GoToUser) {
	p.arrived(p.Of(engine.AccountName(u)), acct, client.ObjectKeyFromObject(u))
}

func (*Planner) arrived(a *accountPlan, acct *account.Account, user types.NamespacedName) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.arrived(acct, user)
}

// hasBindings is the short way for an account without bindings.
func (p *Planner) hasBindings(ctx context.Context, name types.NamespacedName) (bool, error) {
	return planning.Any(ctx, p.reader, &v1alpha1.GoToLicenseBindingList{}, name)
}

// Binding returns what the plan says of a binding.
func (p *Planner) Binding(ctx context.Context, acct *account.Account, b *v1alpha1.GoToLicenseBinding) (Binding, error) {
	name := engine.AccountName(b)
	a := p.Of(name)
	a.mu.Lock()
	defer a.mu.Unlock()
	for !a.isOf(acct) || !a.plan.knows(b) {
		waited, err := a.wait(ctx, acct)
		if err != nil {
			return Binding{}, err
		}
		if waited {
			continue // another may have brought it up to date meanwhile
		}
		if err := p.update(ctx, name, a, acct, nil); err != nil {
			return Binding{}, err
		}
		break // at the latest now the cache is as new as the object, or newer
	}
	return a.show(b), nil
}

// Licenses returns what the last plan of an account says of its licences; nil before there was one.
func (p *Planner) Licenses(name types.NamespacedName) map[gotoclient.Key]License {
	a := p.Known(name)
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.licenses
}

// Refresh brings the plan of an account up to date, and tells the subscribers whom that concerns. An account that is gone or
// not in use has no plan, and is forgotten. It is to be done again while there are others to tell.
func (p *Planner) Refresh(ctx context.Context, name types.NamespacedName) (time.Duration, error) {
	acct, err := planning.Live(ctx, p.reader, p.registry, name)
	if err != nil {
		return 0, err
	}
	if acct == nil {
		p.Forget(name)
		return 0, nil
	}
	affected, again, err := p.refresh(ctx, name, acct)
	if err != nil {
		return 0, err
	}
	p.Tell(affected)
	return again, nil
}

func (p *Planner) refresh(ctx context.Context, name types.NamespacedName, acct *account.Account) (affected Affected, again time.Duration, err error) {
	a := p.Of(name)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.plan == nil || a.plan.idle() {
		if some, err := p.hasBindings(ctx, name); err != nil || !some {
			return a.rest(name), 0, err
		}
	}
	if err := p.update(ctx, name, a, acct, nil); err != nil {
		return Affected{}, 0, err
	}
	affected = a.affected(name)
	acct.Expected().Expect(len(a.expected.users))
	if a.plan.hasNews() {
		again = untilMore
	}
	return affected, again, nil
}
