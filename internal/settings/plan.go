package settings

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Users are how many of the users that a profile selects are in which state: Applied, Pending, Refused and NotEntitled are all that it
// selects. Denied are those of Refused for whom the account does not let anything be written.
type Users struct{ Selected, Applied, Pending, Refused, NotEntitled, Overridden, Denied int }

// Profile is what a plan says of one GoToSettingsProfile.
type Profile struct {
	// Err is a *engine.BlockedReference or *engine.StalledError if the profile cannot be used, and then changes nothing; or if it may not
	// be about the whole account, and then has its say about users alone.
	Err error
	// Users counts those that it selects.
	Users Users
	// Conflicts are the settings that other profiles decide, at any level.
	Conflicts []v1alpha1.SettingConflict
	// Decides are the settings that it writes itself, by level.
	Decides map[v1alpha1.SettingsLevel][]Setting
	// Before is what the profiles beside it found at the levels.
	Before []Before
}

func (p *Profile) equal(o *Profile) bool {
	return fmt.Sprint(p.Err) == fmt.Sprint(o.Err) && p.Users == o.Users &&
		slices.EqualFunc(p.Conflicts, o.Conflicts, func(a, b v1alpha1.SettingConflict) bool {
			return a.Name == b.Name && a.By == b.By && a.Level == b.Level && value(a.Users) == value(b.Users)
		}) &&
		maps.EqualFunc(p.Decides, o.Decides, slices.Equal[[]Setting])
}

func value(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// Plan is which user of one account is to have which settings. It is brought up to date by what has changed; when a profile or a
// group has, it is made anew.
type Plan struct {
	selection *entitlement.Selection
	profiles  map[types.NamespacedName]*profile
	users     map[types.NamespacedName]*user
	remote    map[string]map[types.NamespacedName]bool // GoToUsers by key and address of the user that they stand for
	wanted    map[string]*Wanted                       // by the profiles that select a user
}

// user is a GoToUser in a plan.
type user struct {
	name   types.NamespacedName
	ids    [2]string
	wanted *Wanted
	states []state // of the shares of wanted, then of those that watch
	told   *Wanted // as last acted on
}

// state is what became of what a profile says for one user.
type state uint8

const (
	applied state = iota
	pending
	refused
	denied
	notEntitled
)

// Input is what a plan is made of. The objects are only read, and not kept.
type Input struct {
	Profiles []*v1alpha1.GoToSettingsProfile
	Groups   []*v1alpha1.GoToGroup
	Seats    map[gotoclient.Key]account.Seats
	// Remote returns the user in GoTo with a key or, if that is "", an address.
	Remote func(key gotoclient.Key, email string) (gotoclient.User, bool)

	looked  map[types.NamespacedName]looked // at the countries of profiles
	refused map[string]error                // by namespace, why its profiles may not be about the whole account
}

// Make works out a plan of profiles and groups; users are for Take.
func Make(in Input) *Plan {
	p := &Plan{
		selection: entitlement.NewSelection(in.Groups, in.Seats), profiles: map[types.NamespacedName]*profile{},
		users: map[types.NamespacedName]*user{}, remote: map[string]map[types.NamespacedName]bool{}, wanted: map[string]*Wanted{},
	}
	for _, profile := range in.Profiles {
		p.define(profile, in)
	}
	decideLevels(slices.Collect(maps.Values(p.profiles)))
	return p
}

func (p *Plan) define(o *v1alpha1.GoToSettingsProfile, in Input) {
	made := newProfile(o, in.refused[o.Namespace])
	made.withhold(in.looked[made.name])
	if err := p.selection.Add(made.name, o.Spec.Targets); err != nil && made.err == nil {
		made.err, made.holds = err, true
	}
	p.profiles[made.name] = made
}

// inherit takes over what users and profiles were told by the plan before, if there was one.
func (p *Plan) inherit(before *Plan) {
	if before == nil {
		return
	}
	for name, made := range p.profiles {
		if was := before.profiles[name]; was != nil && was.uid == made.uid {
			made.shown = was.shown
		}
	}
	for name, u := range before.users {
		if u.told != nil {
			p.users[name] = &user{name: name, told: u.told, wanted: &Wanted{}}
		}
	}
}

// same is true if a plan made anew would select and decide the same.
func (p *Plan) same(o *Plan) bool {
	return p.selection.Equal(o.selection) && maps.EqualFunc(p.profiles, o.profiles, func(a, b *profile) bool {
		return a.seen == b.seen && maps.Equal(a.withheld, b.withheld) && maps.Equal(a.levels, b.levels) && fmt.Sprint(a.err) == fmt.Sprint(b.err)
	})
}

// Take takes in a GoToUser as it is, and returns what it is to have.
func (p *Plan) Take(o *v1alpha1.GoToUser, in Input) *Wanted {
	name := client.ObjectKeyFromObject(o)
	u := p.users[name]
	if u == nil {
		u = &user{name: name}
		p.users[name] = u
	}
	p.uncount(u)
	seen, known := in.Remote(gotoclient.Key(o.Status.UserKey), gotoclient.FoldEmail(o.Spec.Email))
	p.identify(u, string(seen.Key), gotoclient.FoldEmail(o.Spec.Email))
	u.wanted = &Wanted{}
	if o.DeletionTimestamp.IsZero() {
		u.wanted = p.wantedBy(p.selection.Of(o, seen, known))
	}
	u.states = u.judge(o, RecordOf(seen), known)
	p.count(u, 1)
	return u.wanted
}

// Drop forgets a GoToUser that is no more.
func (p *Plan) Drop(name types.NamespacedName) {
	if u := p.users[name]; u != nil {
		p.uncount(u)
		p.identify(u, "", "")
		delete(p.users, name)
	}
}

func (p *Plan) identify(u *user, ids ...string) {
	for _, id := range u.ids {
		if delete(p.remote[id], u.name); len(p.remote[id]) == 0 {
			delete(p.remote, id)
		}
	}
	u.ids = [2]string(ids)
	for _, id := range ids {
		if id == "" {
			continue
		}
		if p.remote[id] == nil {
			p.remote[id] = map[types.NamespacedName]bool{}
		}
		p.remote[id][u.name] = true
	}
}

// wantedBy is what the profiles that select a user make of its settings.
func (p *Plan) wantedBy(selected []entitlement.Selected) *Wanted {
	slices.SortFunc(selected, func(a, b entitlement.Selected) int { return strings.Compare(a.Name.String(), b.Name.String()) })
	id := fmt.Sprint(selected)
	if w := p.wanted[id]; w != nil {
		return w
	}
	picks := make([]pick, len(selected))
	for i, s := range selected {
		picks[i] = pick{p.profiles[s.Name], s.Sure}
	}
	w := wantedOf(picks)
	p.wanted[id] = w
	return w
}

// judge finds what became of what each profile says for the user.
func (u *user) judge(o *v1alpha1.GoToUser, record Record, known bool) []state {
	var out []state
	for i := range u.wanted.by {
		out = append(out, u.wanted.by[i].state(o, record, known))
	}
	for _, p := range u.wanted.watched {
		alone := p.share(map[Setting]Setting{}, true)
		out = append(out, alone.state(o, record, known))
	}
	return out
}

func (s *share) state(o *v1alpha1.GoToUser, record Record, known bool) state {
	a := Assess(&Wanted{Settings: s.decides}, record)
	done := known && len(a.Lacking) == 0 && !a.Unknown
	switch {
	case done && len(a.Refused) == 0:
		return applied
	case done:
		return notEntitled
	case isDenied(o):
		return denied
	case !entitlement.Able(o) || s.observes || notKept(o, s.product):
		return refused
	}
	return pending
}

// isDenied is true for a user of whom the account lets nothing be written that nobody has verified.
func isDenied(o *v1alpha1.GoToUser) bool {
	c := meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionReady)
	return c != nil && c.Reason == v1alpha1.ReasonEndpointUnverified && c.ObservedGeneration == o.Generation
}

// notKept is true for a user of whom GoTo does not keep what was written for a product.
func notKept(o *v1alpha1.GoToUser, product string) bool {
	return slices.ContainsFunc(o.Status.Drift, func(d v1alpha1.FieldDrift) bool {
		return d.Reason == v1alpha1.ReasonNotKept && strings.HasPrefix(d.Field, FieldPrefix+product+".")
	})
}

// Matters is true for a change of a GoToUser that may be one for a plan.
func Matters(before, now client.Object) bool {
	b, _ := before.(*v1alpha1.GoToUser)
	n, _ := now.(*v1alpha1.GoToUser)
	return entitlement.Matters(before, now) || isDenied(b) != isDenied(n) || !slices.Equal(b.Status.Drift, n.Status.Drift)
}

func (p *Plan) uncount(u *user) {
	if u.states != nil {
		p.count(u, -1)
	}
	u.states = nil
}

// count adds n times a user to what is said of the profiles that select it.
func (p *Plan) count(u *user, n int) {
	for i, s := range u.states {
		if i >= len(u.wanted.by) {
			u.wanted.watched[i-len(u.wanted.by)].users.add(s, n)
			continue
		}
		sh := &u.wanted.by[i]
		sh.users.add(s, n)
		if len(sh.lost) > 0 {
			sh.users.Overridden += n
		}
		for _, c := range sh.lost {
			sh.conflicts[c] += n
		}
	}
}

func (c *Users) add(s state, n int) {
	c.Selected += n
	switch s {
	case applied:
		c.Applied += n
	case pending:
		c.Pending += n
	case denied:
		c.Denied += n
		c.Refused += n
	case refused:
		c.Refused += n
	case notEntitled:
		c.NotEntitled += n
	}
}

// Profile returns what the plan says of a GoToSettingsProfile.
func (p *Plan) Profile(name types.NamespacedName) (Profile, bool) {
	made := p.profiles[name]
	if made == nil {
		return Profile{}, false
	}
	return made.said(), true
}

// mostConflicts that status has room for.
const mostConflicts = 64

func (p *profile) said() Profile {
	out := Profile{Err: cmp.Or(p.err, p.refused), Users: p.users, Decides: map[v1alpha1.SettingsLevel][]Setting{}}
	for _, level := range Levels {
		if s, writes := p.own[level]; writes {
			out.Decides[level] = s.decides
			for _, c := range s.lost {
				out.Conflicts = append(out.Conflicts, v1alpha1.SettingConflict{Name: c.name, By: c.by, Level: level})
			}
		}
	}
	for _, c := range slices.SortedFunc(maps.Keys(p.conflicts), compareConflicts) {
		if n := int64(p.conflicts[c]); n > 0 {
			out.Conflicts = append(out.Conflicts, v1alpha1.SettingConflict{Name: c.name, By: c.by, Level: v1alpha1.LevelUsers, Users: &n})
		}
	}
	out.Conflicts = out.Conflicts[:min(len(out.Conflicts), mostConflicts)]
	return out
}

// Names are the settings of users of which profiles say something, by product.
func (p *Plan) Names() map[string][]string {
	out := map[string][]string{}
	for _, made := range p.profiles {
		if !made.deleting && made.targets {
			out[made.product] = slices.AppendSeq(out[made.product], maps.Keys(made.values))
		}
	}
	for product, names := range out {
		slices.Sort(names)
		out[product] = slices.Compact(names)
	}
	return out
}
