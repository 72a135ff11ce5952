package entitlement

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/planning"
)

const (
	// planGap is the least time between two updates of a plan that reconciles ask for: of many new users each waits a little,
	// and all are in one update.
	planGap = 200 * time.Millisecond
)

// accountPlan is the plan of one account and what was made of it.
type accountPlan struct {
	inbox planning.Inbox
	cost  atomic.Int64 // of the last update, in nanoseconds
	// resting is true while there is nothing to plan.
	resting atomic.Bool

	mu       sync.Mutex
	acct     *account.Account
	plan     *Plan // nil while there is nothing to plan
	updated  time.Time
	left     map[types.NamespacedName]bool // see Input
	seen     map[types.NamespacedName]bool // the bindings as last listed
	licenses map[gotoclient.Key]License    // as last told
	expected expectation
}

func (a *accountPlan) gap() time.Duration {
	return planning.Gap(time.Duration(a.cost.Load()), planGap)
}

func (a *accountPlan) isOf(acct *account.Account) bool { return a.plan != nil && a.acct == acct }

// wait waits, without the lock, until the plan may be brought up to date again. It tells whether it had to.
func (a *accountPlan) wait(ctx context.Context, acct *account.Account) (bool, error) {
	left := a.gap() - time.Since(a.updated)
	if !a.isOf(acct) || left <= 0 {
		return false, nil
	}
	a.mu.Unlock()
	err := planning.Sleep(ctx, left)
	a.mu.Lock()
	return true, err
}

// inputOf is what an account knows of its users.
func inputOf(acct *account.Account) Input {
	return Input{Remote: planning.RemoteIn(acct), Vanished: acct.Users().Gone}
}

// see brings the plan up to date if it has not seen the user as it is, and tells whether it had to. A user who comes or
// changes waits for others that do; what came of its own acts does not.
func (p *Planner) see(ctx context.Context, a *accountPlan, acct *account.Account, u *v1alpha1.GoToUser) (bool, error) {
	name, f, in := engine.AccountName(u), factsOf(u), inputOf(acct)
	for a.isOf(acct) {
		known := a.plan.users[f.name]
		if known != nil && known.traits == f.traits {
			if now := in.remote(f.key, f.email); known.equal(&f) && known.remote.equal(&now) {
				return false, nil
			}
			break
		}
		if waited, err := a.wait(ctx, acct); err != nil {
			return false, err
		} else if !waited {
			break
		}
	}
	err := p.update(ctx, name, a, acct, u)
	a.inbox.Add(f.name) // the cache may know it better, which the next update finds
	return true, err
}

// update makes the plan of an account, or takes in what has changed. The user at hand, if any, is taken as it is.
func (p *Planner) update(ctx context.Context, name types.NamespacedName, a *accountPlan, acct *account.Account, hand *v1alpha1.GoToUser) error {
	a.resting.Store(false)
	began := time.Now()
	in := inputOf(acct)
	in.Seats = acct.Licenses().Seats()
	news := a.inbox.Empty()
	err := p.read(ctx, name, &in)
	if err == nil && a.isOf(acct) {
		err = p.readUsers(ctx, news.Users, &in)
	} else if err == nil {
		err = p.readAll(ctx, name, &in)
	}
	if err != nil {
		a.inbox.Return(news)
		return err
	}
	if hand != nil {
		in.Users = append(in.Users, hand.DeepCopy()) // whoever has it at hand changes its status
	}
	in.Changed = slices.Collect(maps.Keys(news.Remote))
	a.seen, a.left = departed(in.Bindings, a.seen, a.left)
	in.Left = a.left
	if a.isOf(acct) {
		a.plan.Update(in)
	} else {
		next := Make(in)
		next.inherit(a.plan)
		a.plan, a.acct = next, acct
	}
	a.updated = time.Now()
	a.cost.Store(int64(a.updated.Sub(began)))
	return nil
}

// read reads what there is little of.
func (p *Planner) read(ctx context.Context, name types.NamespacedName, in *Input) error {
	var ga v1alpha1.GoToAccount
	if err := p.reader.Get(ctx, name, &ga, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	in.Observe = ga.Spec.ManagementPolicy == v1alpha1.Observe
	var bindings v1alpha1.GoToLicenseBindingList
	var groups v1alpha1.GoToGroupList
	for _, list := range []client.ObjectList{&bindings, &groups} {
		if err := p.reader.List(ctx, list, planning.OfAccount(name)...); err != nil {
			return err
		}
	}
	in.Bindings, in.Groups = bindings.Items, groups.Items
	return nil
}

func (p *Planner) readUsers(ctx context.Context, users map[types.NamespacedName]bool, in *Input) error {
	for name := range users {
		u := &v1alpha1.GoToUser{}
		switch err := p.reader.Get(ctx, name, u, client.UnsafeDisableDeepCopy); {
		case apierrors.IsNotFound(err):
			in.Gone = append(in.Gone, name)
		case err != nil:
			return err
		default:
			in.Users = append(in.Users, p.recalled(u))
		}
	}
	return nil
}

func (p *Planner) readAll(ctx context.Context, name types.NamespacedName, in *Input) error {
	var users v1alpha1.GoToUserList
	if err := p.reader.List(ctx, &users, planning.OfAccount(name)...); err != nil {
		return err
	}
	for i, u := range users.Items {
		users.Items[i] = p.recalled(u)
	}
	in.Users = users.Items
	return nil
}

// departed notes which bindings are there, and which were and have let go of what they gave. That one was deleted while
// nobody looked is not known: what it gave stays, and so does the record, for it may come back from a backup.
func departed(bindings []*v1alpha1.GoToLicenseBinding, seen, left map[types.NamespacedName]bool) (now, gone map[types.NamespacedName]bool) {
	now, gone = map[types.NamespacedName]bool{}, maps.Clone(left)
	if gone == nil {
		gone = map[types.NamespacedName]bool{}
	}
	maps.Copy(gone, seen)
	for _, b := range bindings {
		name := client.ObjectKeyFromObject(b)
		if now[name] = true; !letsGo(b) {
			delete(gone, name)
		} else {
			gone[name] = true
		}
	}
	return now, gone
}

// act takes it that a user acts on what the plan says.
func (a *accountPlan) act(o *v1alpha1.GoToUser) User {
	u := a.plan.users[client.ObjectKeyFromObject(o)]
	if u == nil || u.deleting {
		return User{}
	}
	u.acted = u.verdicts
	return toUser(u.verdicts)
}

// show takes it that a binding shows what the plan says.
func (a *accountPlan) show(o *v1alpha1.GoToLicenseBinding) Binding {
	b := a.plan.bindings[client.ObjectKeyFromObject(o)]
	if b == nil {
		return Binding{}
	}
	said := b.said()
	b.shown = &said
	return said
}

func (a *accountPlan) unserved(name types.NamespacedName) {
	if a.plan == nil || a.plan.users[name] == nil {
		return
	}
	u := a.plan.users[name]
	u.acted = nil
	a.plan.announce(u)
}

// arrived notes that a user who was told to act does, or will not.
func (a *accountPlan) arrived(acct *account.Account, name types.NamespacedName) {
	if a.expected.came(name) {
		acct.Expected().Arrived()
	}
}

// affected are those who were not told yet what the plan says of them. Of many users they are some: the others are told when these have come.
func (a *accountPlan) affected(name types.NamespacedName) Affected {
	out := Affected{}
	a.expected.forget()
	for room := a.expected.room(); len(out.Users) < room; {
		u := a.plan.nextNews()
		if u == nil {
			break
		}
		if !differ(u.verdicts, u.acted, u.able()) {
			continue
		}
		out.Users = append(out.Users, u.name)
		if u.able() {
			a.expected.add(u.name)
		}
	}
	for key, b := range a.plan.bindings {
		if b.shown != nil && b.said().differs(*b.shown) {
			out.Bindings = append(out.Bindings, key)
		}
	}
	out.Account = a.tell(name, a.plan.Licenses())
	return out
}

// tell notes what is said of the licences, and returns the account's name if that is something else than before.
func (a *accountPlan) tell(name types.NamespacedName, licenses map[gotoclient.Key]License) types.NamespacedName {
	if a.licenses != nil && maps.Equal(a.licenses, licenses) {
		return types.NamespacedName{}
	}
	a.licenses = licenses
	return name
}

// rest is what there is to tell where there is nothing to plan.
func (a *accountPlan) rest(name types.NamespacedName) Affected {
	a.resting.Store(true)
	a.inbox.Empty()
	a.plan, a.acct = nil, nil
	return Affected{Account: a.tell(name, map[gotoclient.Key]License{})}
}
