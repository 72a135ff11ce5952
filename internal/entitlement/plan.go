package entitlement

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Plan is who is to have which licence in one account. It is brought up to date by what has changed, and then says the same
// as one that is made of everything.
type Plan struct {
	users    map[types.NamespacedName]*user
	twins    twins
	bindings bindings
	groups   forest
	index    index
	queues   queues
	licenses map[gotoclient.Key]License
	left     map[types.NamespacedName]bool
	watched  bool
	touched  []*user // in this update
	news     []*user // of whom it says something else than before
	scratch  []pick
	alike    alike
}

// Input is what has changed since the last update of a plan, and all of what there is little of. The objects are only read,
// and not kept.
type Input struct {
	// Users are those that are new or changed; Gone are those that are no more.
	Users []*v1alpha1.GoToUser
	Gone  []types.NamespacedName
	// Changed are the users in GoTo that changed, by key and by address in lower case.
	Changed []string

	// Bindings, Groups and Seats are all that there are.
	Bindings []*v1alpha1.GoToLicenseBinding
	Groups   []*v1alpha1.GoToGroup
	Seats    map[gotoclient.Key]account.Seats
	// Left are the bindings that were there, are gone, and let go of what they gave.
	Left map[types.NamespacedName]bool
	// Observe is true for an account in which nothing is written.
	Observe bool
	// Remote returns the user in GoTo with a key or, if that is "", an address.
	Remote func(key gotoclient.Key, email string) (gotoclient.User, bool)
	// Vanished tells whether a user whom Remote does not know is surely gone; nil for never.
	Vanished func(key gotoclient.Key) bool
}

// remote is what a plan keeps of the user with a key or, if that is "", an address.
func (in *Input) remote(key gotoclient.Key, email string) remote {
	u, known := in.Remote(key, email)
	if !known && key != "" && in.Vanished != nil && in.Vanished(key) {
		return remote{seat: vanished}
	}
	return remoteOf(u, known)
}

// Make works out a plan of everything. It is pure.
func Make(in Input) *Plan {
	p := &Plan{
		users: make(map[types.NamespacedName]*user, len(in.Users)), bindings: bindings{},
		queues: queues{of: map[gotoclient.Key]*queue{}}, licenses: map[gotoclient.Key]License{},
		touched: make([]*user, 0, len(in.Users)), news: make([]*user, 0, len(in.Users)),
	}
	p.twins = twins{make(map[string]*user, len(in.Users)), p.touch}
	p.Update(in)
	return p
}

// Update brings the plan up to date. It costs no more than what changed concerns.
func (p *Plan) Update(in Input) {
	p.observe(in.Observe)
	p.define(in)
	for _, name := range in.Gone {
		p.remove(name)
	}
	for _, u := range in.Users {
		f := factsOf(u)
		p.take(&f, in)
	}
	p.reread(in)
	p.decide()
	p.queues.serve(func(w *want) { p.touch(w.user) })
	p.conclude()
}

// User returns what the plan says of a GoToUser; false for one that it does not know or that is being deleted. It is for tests, which look
// at a plan without an account and its objects; a Planner's User says when it is not known yet, too.
func (p *Plan) User(name types.NamespacedName) (User, bool) {
	u := p.users[name]
	if u == nil || u.deleting {
		return User{}, false
	}
	return toUser(u.verdicts), true
}

// Binding returns what the plan says of a GoToLicenseBinding. It is for tests, as User is.
func (p *Plan) Binding(name types.NamespacedName) (Binding, bool) {
	b := p.bindings[name]
	if b == nil {
		return Binding{}, false
	}
	return b.said(), true
}

// Licenses returns what the plan says of every licence of which there is something to say.
func (p *Plan) Licenses() map[gotoclient.Key]License { return maps.Clone(p.licenses) }

// touch is called before anything of a user changes that is counted.
func (p *Plan) touch(u *user) {
	if !u.touched {
		p.count(u, -1)
		p.mark(u)
	}
}

func (p *Plan) mark(u *user) {
	u.touched = true
	p.touched = append(p.touched, u)
}

// announce notes that there is news of a user.
func (p *Plan) announce(u *user) {
	if !u.news {
		u.news = true
		p.news = append(p.news, u)
	}
}

// nextNews returns a user of whom there is news since it was last returned; nil for none.
func (p *Plan) nextNews() *user {
	for p.hasNews() {
		u := p.news[0]
		p.news, u.news = p.news[1:], false
		if !u.gone {
			return u
		}
	}
	p.news = nil
	return nil
}

// hasNews is true while nextNews may return somebody.
func (p *Plan) hasNews() bool { return len(p.news) > 0 }

// observe notes whether the account is only observed.
func (p *Plan) observe(watched bool) {
	if p.watched == watched {
		return
	}
	p.watched = watched
	for _, u := range p.users {
		p.touch(u)
		u.watched = watched
	}
}

// take takes in a GoToUser as it is.
func (p *Plan) take(f *facts, in Input) {
	u := p.users[f.name]
	if u == nil {
		u = &user{facts: *f, watched: p.watched}
		p.users[f.name] = u
		p.mark(u) // it was not counted before
		u.remote = p.alike.remote(in.remote(f.key, f.email))
		p.twins.join(u)
		u.could = u.able()
		return
	}
	p.touch(u)
	p.twins.part(u)
	if u.uid != f.uid {
		u.acted = nil
	}
	u.facts, u.remote = *f, p.alike.remote(in.remote(f.key, f.email))
	p.twins.join(u)
	p.lookAt(u.identity(), in)
}

// inherit takes over from an earlier plan who has acted on what.
func (p *Plan) inherit(before *Plan) {
	if before == nil {
		return
	}
	for name, u := range p.users {
		if was := before.users[name]; was != nil && was.uid == u.uid {
			u.acted = was.acted
		}
	}
	for name, b := range p.bindings {
		if was := before.bindings[name]; was != nil && was.uid == b.uid {
			b.shown = was.shown
		}
	}
}

func (p *Plan) remove(name types.NamespacedName) {
	u := p.users[name]
	if u == nil {
		return
	}
	p.touch(u)
	p.twins.part(u)
	p.queues.drop(u)
	delete(p.users, name)
	u.gone = true
}

// reread looks at the users in GoTo that changed, and at those who wait for a licence of which other seats are free or used than
// before: they may have got one.
func (p *Plan) reread(in Input) {
	for _, identity := range in.Changed {
		p.lookAt(identity, in)
	}
	p.queues.recount(in.Seats, func(u *user) { p.lookAt(u.identity(), in) })
}

// lookAt looks at all objects that stand for a user in GoTo: what one of them writes the others see.
func (p *Plan) lookAt(identity string, in Input) {
	for _, u := range p.twins.of(identity) {
		p.look(u, in)
	}
}

func (p *Plan) look(u *user, in Input) {
	now := p.alike.remote(in.remote(u.key, u.email))
	if now.equal(&u.remote) {
		return
	}
	p.touch(u)
	p.twins.part(u)
	u.remote = now
	p.twins.join(u)
}

// decide works out the licences of all who were touched.
func (p *Plan) decide() {
	p.touched = slices.DeleteFunc(p.touched, func(u *user) bool { return u.gone })
	for _, u := range p.touched {
		p.queues.drop(u)
		p.scratch = p.index.picks(&u.facts, &u.remote, p.scratch[:0])
		c := choice{user: u, picks: p.scratch, bindings: p.bindings, left: p.left, listed: p.queues.listed}
		u.open = c.decide()
		for i := range u.open.wants {
			if w := &u.open.wants[i]; w.sure && !u.twin && !u.has(w.license) {
				p.queues.add(w)
			}
		}
	}
}

// conclude judges and counts all who were touched.
func (p *Plan) conclude() {
	for _, u := range p.touched {
		u.touched = false
		p.count(u, 1)
		able := u.able()
		if able && !u.could { // it was not told of all while it could not act
			p.announce(u)
		}
		u.could = able
		now := p.alike.one(u.judge())
		if !slices.EqualFunc(now, u.verdicts, verdict.equal) {
			p.announce(u)
		}
		u.verdicts = now
		u.settle()
	}
	p.touched = nil
	for _, s := range p.index {
		clear(s.bySet)
	}
}

// define takes in the bindings and groups, and touches the users for whom something is different.
func (p *Plan) define(in Input) {
	groups := grow(in.Groups)
	now := map[types.NamespacedName]*definition{}
	for _, b := range in.Bindings {
		if !letsGo(b) {
			now[client.ObjectKeyFromObject(b)] = define(b, groups, &in)
		}
	}
	p.relist(in.Seats)
	p.redefine(now, groups, in.Left)
	p.groups, p.queues.seats, p.left = groups, in.Seats, in.Left
}

// relist touches the users to whom bindings gave a licence that the list shows and did not show, or the other way round.
func (p *Plan) relist(seats map[gotoclient.Key]account.Seats) {
	other := func(g v1alpha1.GivenLicense) bool {
		_, is := seats[gotoclient.Key(g.Key)]
		return is != p.queues.listed(gotoclient.Key(g.Key))
	}
	if sameKeys(seats, p.queues.seats) {
		return
	}
	for _, u := range p.users {
		if slices.ContainsFunc(u.given, other) {
			p.touch(u)
		}
	}
}

func sameKeys[K comparable, V any](a, b map[K]V) bool {
	return maps.EqualFunc(a, b, func(V, V) bool { return true })
}

// idle is true while there is nothing to plan, nothing to take back, and nothing to tell.
func (p *Plan) idle() bool {
	if len(p.bindings) > 0 || p.hasNews() {
		return false
	}
	for _, u := range p.users {
		if len(u.given) > 0 {
			return false
		}
	}
	return true
}

// knows is true if the plan has seen a binding as it is.
func (p *Plan) knows(b *v1alpha1.GoToLicenseBinding) bool {
	known := p.bindings[client.ObjectKeyFromObject(b)]
	return known != nil && known.seen == versionOf(b)
}
