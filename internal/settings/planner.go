package settings

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/planning"
)

// Affected are the objects for which a plan says something else than what they last acted on.
type Affected struct{ Users, Profiles []types.NamespacedName }

// Planner keeps the plan of every account that has a GoToSettingsProfile. It takes in what has changed, gathered for a while that
// follows what the last time cost.
type Planner struct {
	planning.Plans[accountPlan, Affected]

	reader   client.Reader
	registry *account.Registry
}

// NewPlanner returns a planner that reads the cache of a manager, whose indexes by account (engine.IndexAccount) it needs.
func NewPlanner(reader client.Reader, registry *account.Registry) *Planner {
	return &Planner{reader: reader, registry: registry}
}

// Changed notes that a GoToUser came, went, or is different. The next Refresh of its account looks at it.
func (p *Planner) Changed(u *v1alpha1.GoToUser) {
	if a := p.Known(engine.AccountName(u)); a != nil {
		a.inbox.Add(client.ObjectKeyFromObject(u))
	}
}

// ChangedInGoTo notes what a reading of an account found different.
func (p *Planner) ChangedInGoTo(name types.NamespacedName, c account.Change) {
	if a := p.Known(name); a != nil {
		a.inbox.AddRemote(c.Users)
	}
}

// Wrote notes that a GoToUser has written its settings, so that its profiles count it anew.
func (p *Planner) Wrote(u *v1alpha1.GoToUser) {
	p.Changed(u)
	p.TellStale(engine.AccountName(u))
}

// Rests is true for an account in which there is nothing to plan: it has no profile, and that has been told. A profile that comes ends
// it; no user does.
func (p *Planner) Rests(name types.NamespacedName) bool {
	a := p.Known(name)
	return a != nil && a.resting.Load()
}

// Delay is how long changes of an account should be gathered: least, or longer where a plan costs much.
func (p *Planner) Delay(name types.NamespacedName, least time.Duration) time.Duration {
	if a := p.Known(name); a != nil {
		return planning.Gap(time.Duration(a.cost.Load()), least)
	}
	return least
}

// User returns what a user is to have, and takes it that the user acts on it. Nothing is wanted as long as its settings are not read.
func (p *Planner) User(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser) (*Wanted, error) {
	name := engine.AccountName(u)
	if p.Rests(name) {
		return nil, nil
	}
	a := p.Of(name)
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.isOf(acct) {
		if some, err := p.hasProfiles(ctx, name); err != nil || !some {
			return nil, err
		}
		if err := p.update(ctx, name, a, acct); err != nil {
			return nil, err
		}
		defer p.TellStale(name) // others may have to be told
	}
	return a.act(u), nil
}

// Names are the settings of users of which the profiles of an account say something, by product: a plan keeps just these.
func (p *Planner) Names(ctx context.Context, account types.NamespacedName) (map[string][]string, error) {
	var list v1alpha1.GoToSettingsProfileList
	err := p.reader.List(ctx, &list, planning.OfAccount(account)...)
	return Make(Input{Profiles: list.Items}).Names(), err
}

// hasProfiles is the short way for an account without profiles.
func (p *Planner) hasProfiles(ctx context.Context, name types.NamespacedName) (bool, error) {
	return planning.Any(ctx, p.reader, &v1alpha1.GoToSettingsProfileList{}, name)
}

// Profile returns what the plan says of a profile, of whose countries the account does not have some, and takes it that the profile shows
// it.
func (p *Planner) Profile(ctx context.Context, acct *account.Account, o *v1alpha1.GoToSettingsProfile, nowhere Nowhere) (Profile, error) {
	name := engine.AccountName(o)
	refused := map[string]error{}
	if err := p.mayAim(ctx, name, o, refused); err != nil {
		return Profile{}, err
	}
	a := p.Of(name)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.look(o, nowhere) || !a.isOf(acct) || !a.plan.knows(o, refused[o.Namespace]) {
		if err := p.update(ctx, name, a, acct); err != nil {
			return Profile{}, err
		}
		defer p.TellStale(name)
	}
	if err := p.awaitReading(ctx, name, a, acct); err != nil {
		return Profile{}, err
	}
	said := a.plan.show(client.ObjectKeyFromObject(o))
	if len(said.Decides) == 0 {
		return said, nil
	}
	var err error
	said.Before, err = p.before(ctx, o, a.plan, refused)
	return said, err
}

// awaitReading waits, without the lock, for the settings of users to be read: until they are, there is nothing to count. It does not wait
// for ever.
func (p *Planner) awaitReading(ctx context.Context, name types.NamespacedName, a *accountPlan, acct *account.Account) error {
	for range longestReading / lookEvery {
		if a.shown {
			return nil
		}
		a.mu.Unlock()
		err := planning.Sleep(ctx, lookEvery)
		a.mu.Lock()
		if err == nil {
			err = p.update(ctx, name, a, acct)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	longestReading = 30 * time.Second
	lookEvery      = time.Second
)

// Refresh brings the plan of an account up to date, and tells the subscribers whom that concerns. It returns after how long that should
// be done again though nothing changes, 0 for never: until the settings of users are read. An account that is gone or not in use has no
// plan.
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

func (p *Planner) refresh(ctx context.Context, name types.NamespacedName, acct *account.Account) (Affected, time.Duration, error) {
	a := p.Of(name)
	a.mu.Lock()
	defer a.mu.Unlock()
	some, err := p.hasProfiles(ctx, name)
	if err != nil {
		return Affected{}, 0, err
	}
	if !some {
		return a.rest(acct), 0, nil
	}
	if err := p.update(ctx, name, a, acct); err != nil {
		return Affected{}, 0, err
	}
	if !a.shown {
		return a.affected(), untilShown, nil
	}
	return a.affected(), 0, nil
}
