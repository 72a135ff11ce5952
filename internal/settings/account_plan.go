package settings

import (
	"context"
	"errors"
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
	"github.com/goto-operator/goto-operator/internal/planning"
)

// untilShown is how long a reading of the settings of users is given before the plan looks for it again.
const untilShown = 5 * time.Second

// accountPlan is the plan of one account and what was made of it.
type accountPlan struct {
	inbox   planning.Inbox
	cost    atomic.Int64 // of the last update, in nanoseconds
	resting atomic.Bool  // while there is nothing to plan

	mu     sync.Mutex
	acct   *account.Account
	plan   *Plan // nil while there is nothing to plan
	shown  bool  // the records show the settings that the plan is about
	looked map[types.NamespacedName]looked
}

func (a *accountPlan) isOf(acct *account.Account) bool { return a.plan != nil && a.acct == acct }

// update makes the plan of an account, or takes in what has changed.
func (p *Planner) update(ctx context.Context, name types.NamespacedName, a *accountPlan, acct *account.Account) error {
	a.resting.Store(false)
	began := time.Now()
	in, err := p.read(ctx, name, acct)
	if err != nil {
		return err
	}
	in.looked = a.looked
	news := a.inbox.Empty()
	if next := Make(in); !a.isOf(acct) || !next.same(a.plan) {
		next.inherit(a.plan)
		if err = p.takeAll(ctx, name, next, in); err == nil {
			a.plan, a.acct = next, acct
			maps.DeleteFunc(a.looked, func(name types.NamespacedName, _ looked) bool { return next.profiles[name] == nil })
		}
	} else {
		err = p.takeSome(ctx, a.plan, news, in)
	}
	if err != nil {
		a.inbox.Return(news)
		return err
	}
	a.plan.selection.Rest()
	a.shown = acct.Users().KeepSettings(a.plan.Names())
	levels := a.plan.levels()
	acct.Settings().Use(func(context.Context) []account.SettingsRef { return levels })
	a.cost.Store(int64(time.Since(began)))
	return nil
}

// read reads what there is little of.
func (p *Planner) read(ctx context.Context, name types.NamespacedName, acct *account.Account) (Input, error) {
	in := Input{Seats: acct.Licenses().Seats(), Remote: planning.RemoteIn(acct)}
	var profiles v1alpha1.GoToSettingsProfileList
	var groups v1alpha1.GoToGroupList
	for _, list := range []client.ObjectList{&profiles, &groups} {
		if err := p.reader.List(ctx, list, planning.OfAccount(name)...); err != nil {
			return in, err
		}
	}
	in.Profiles, in.Groups = profiles.Items, groups.Items
	in.refused = map[string]error{}
	for _, profile := range in.Profiles {
		if err := p.mayAim(ctx, name, profile, in.refused); err != nil {
			return in, err
		}
	}
	return in, nil
}

// mayAim notes why the profiles of a namespace may not be about the whole account, once for those that are.
func (p *Planner) mayAim(ctx context.Context, name types.NamespacedName, o *v1alpha1.GoToSettingsProfile, refused map[string]error) error {
	if _, known := refused[o.Namespace]; known || !aims(o) {
		return nil
	}
	err := engine.WholeAccount(ctx, p.reader, name, o.Namespace)
	if refusal := new(engine.BlockedReference); err != nil && !errors.As(err, &refusal) {
		return err
	}
	refused[o.Namespace] = err
	return nil
}

func (p *Planner) takeAll(ctx context.Context, name types.NamespacedName, plan *Plan, in Input) error {
	var users v1alpha1.GoToUserList
	if err := p.reader.List(ctx, &users, planning.OfAccount(name)...); err != nil {
		return err
	}
	for _, u := range users.Items {
		plan.Take(u, in)
	}
	plan.forgetOthers(users.Items)
	return nil
}

func (p *Planner) takeSome(ctx context.Context, plan *Plan, news planning.News, in Input) error {
	users := map[types.NamespacedName]bool{}
	maps.Copy(users, news.Users)
	for id := range news.Remote {
		maps.Copy(users, plan.remote[id])
	}
	for name := range users {
		u := &v1alpha1.GoToUser{}
		switch err := p.reader.Get(ctx, name, u, client.UnsafeDisableDeepCopy); {
		case apierrors.IsNotFound(err):
			plan.Drop(name)
		case err != nil:
			return err
		default:
			plan.Take(u, in)
		}
	}
	return nil
}

// act takes it that a user acts on what the plan says, once its settings are read.
func (a *accountPlan) act(o *v1alpha1.GoToUser) *Wanted {
	w, name := a.plan.Take(o, Input{Remote: planning.RemoteIn(a.acct)}), client.ObjectKeyFromObject(o)
	a.inbox.Add(name) // the cache may know it better, which the next update finds
	if !a.shown {
		a.plan.users[name].told = nil
		return unread
	}
	a.plan.users[name].told = w
	return w
}

// affected are those who were not told yet what the plan says of them.
func (a *accountPlan) affected() Affected {
	var out Affected
	for name, u := range a.plan.users {
		if a.shown && !u.wanted.equal(u.told) {
			out.Users = append(out.Users, name)
		}
	}
	for name, made := range a.plan.profiles {
		if said := made.said(); made.shown != nil && !said.equal(made.shown) {
			out.Profiles = append(out.Profiles, name)
		}
	}
	return out
}

// rest is for an account in which there is nothing to plan. It returns those who still act on what was.
func (a *accountPlan) rest(acct *account.Account) Affected {
	var out Affected
	if a.plan != nil {
		for name, u := range a.plan.users {
			if !u.told.none() {
				out.Users = append(out.Users, name)
			}
		}
	}
	acct.Users().KeepSettings(nil)
	acct.Settings().Use(nil)
	a.resting.Store(true)
	a.inbox.Empty()
	a.plan, a.acct, a.shown, a.looked = nil, nil, false, nil
	return out
}

// knows is true if the plan has seen a profile as it is, and whether it may be about the whole account.
func (p *Plan) knows(o *v1alpha1.GoToSettingsProfile, refused error) bool {
	made := p.profiles[client.ObjectKeyFromObject(o)]
	return made != nil && made.seen == versionOf(o) && maps.Equal(made.levels, levels(o, refused))
}

// show takes it that a profile shows what the plan says.
func (p *Plan) show(name types.NamespacedName) Profile {
	made := p.profiles[name]
	if made == nil {
		return Profile{}
	}
	said := made.said()
	made.shown = &said
	return said
}

// forgetOthers forgets who was told something and is not there any more.
func (p *Plan) forgetOthers(users []*v1alpha1.GoToUser) {
	there := make(map[types.NamespacedName]bool, len(users))
	for _, u := range users {
		there[client.ObjectKeyFromObject(u)] = true
	}
	for name := range p.users {
		if !there[name] {
			p.Drop(name)
		}
	}
}

// levels are those that profiles write themselves.
func (p *Plan) levels() []account.SettingsRef {
	all := map[account.SettingsRef]bool{}
	for _, made := range p.profiles {
		for level := range made.own {
			all[RefOf(level, made.product)] = true
		}
	}
	return slices.Collect(maps.Keys(all))
}

// RefOf names a level of settings to an account.
func RefOf(level v1alpha1.SettingsLevel, product string) account.SettingsRef {
	if level == v1alpha1.LevelAccount {
		return account.SettingsRef{Level: account.SettingsOfAccount, Product: product}
	}
	return account.SettingsRef{Level: account.SettingsOfNewUsers, Product: product}
}
