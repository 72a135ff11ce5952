package account

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/account/meetings"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/tracing"
)

// Options of an Account. Zero values take the defaults that the fields name.
type Options struct {
	// Client calls GoTo; it should wait for Limiter, and ask BeforeSend.
	Client *gotoclient.Client
	// Limiter is the budget, for its rate to be shown.
	Limiter Budget
	// Me is the credentials' user, and Key the account to work in.
	Me  *gotoclient.Me
	Key gotoclient.Key
	// PageSize to ask for in lists (1000), BatchSize of users per request (100).
	PageSize, BatchSize int
	// Stopping ends when the operator is asked to stop: nobody waits for more to come then. Nil where that is not known.
	Stopping context.Context //nolint:containedctx // it ends no request
	// ResyncInterval between two readings (10 minutes), with a tenth of jitter.
	ResyncInterval time.Duration
	// Brake of deletions.
	Brake *brake.Brake
	// OnChange is called after every reading that found something different, and after every resync, successful or not. It must not
	// block for long.
	OnChange func(Change)
	// Observe is told of every batch of writes; nil for nobody.
	Observe func(operation string, items int)
	// Organizers provisions users through the GoToMeeting API.
	Organizers bool
	// KeepSettings are the settings of users that the first reading is to keep, as of Users.KeepSettings.
	KeepSettings map[string][]string
	// Before is the connection to the same account whose place this one may take; nil for none.
	Before *Account
	// Now is the clock of the records' age; time.Now.
	Now func() time.Time
}

func (o *Options) setDefaults() {
	if o.PageSize <= 0 {
		o.PageSize = 1000
	}
	if o.BatchSize <= 0 {
		o.BatchSize = 100
	}
	if o.ResyncInterval <= 0 {
		o.ResyncInterval = 10 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Stopping == nil {
		o.Stopping = context.Background()
	}
	if o.OnChange == nil {
		o.OnChange = func(Change) {}
	}
	if o.Observe == nil {
		o.Observe = func(string, int) {}
	}
}

// Budget is how many requests may be made: a budget.Limiter, or a budget.Share of one.
type Budget interface {
	gotoclient.Limiter
	// Rate is the number of requests per second in force.
	Rate() float64
}

// BeforeSend looks at a request once more when it is about to leave, as the client's Config wants it: nobody may have given up who asked for
// it, and the brake must allow what it takes away. Reads take nothing away, whatever they are made for.
func BeforeSend(ctx context.Context, write bool) error {
	if err := batch.Check(ctx); err != nil || !write {
		return err
	}
	if err := brake.Use(ctx); err != nil {
		return err
	}
	return batch.Check(ctx) // the brake may have had to write its record
}

// Account is one live GoTo account. What is done with its users, groups, licences and meetings is said to the services of these.
type Account struct {
	opts       Options
	know       facts
	expected   Expectation
	users      *Users
	groups     *Groups
	licenses   *Licenses
	meetings   *meetings.Meetings
	attributes *Definitions[gotoclient.Attribute]
	templates  *Definitions[gotoclient.Template]
	roleSets   *RoleSets
	settings   *Settings
	organizers *Organizers // nil where the Administration API serves the account
	me         atomic.Pointer[gotoclient.Me]
	resyncs    atomic.Int64

	mu      sync.Mutex
	lastErr error
}

// lag is how long a list may still show a user as it was before our own write (visibility lag: C, length
// UNVERIFIED). For that long our own write is believed rather than the list.
const lag = 2 * time.Minute

// createFreshness is the age beyond which a list is read again before it may authorise a create.
const createFreshness = time.Minute

// New returns an account whose readings and batches live as long as ctx. It makes no request: call Refresh.
func New(ctx context.Context, opts Options) *Account {
	opts.setDefaults()
	a := &Account{opts: opts, know: facts{knowledge.New(opts.PageSize), opts.Now}, expected: Expectation{now: opts.Now}}
	a.me.Store(opts.Me)
	a.groups = newGroups(ctx, a)
	a.licenses = newLicenses(ctx, a)
	a.attributes, a.templates, a.roleSets = newAttributes(ctx, a), newTemplates(ctx, a), newRoleSets(ctx, a)
	a.users = newUsers(ctx, a)
	a.settings = newSettings(ctx, a)
	a.meetings = meetings.New(ctx, meetings.Options{
		API: opts.Client.Meetings(), Organizer: opts.Me.Key, Brake: opts.Brake, Lag: lag, Now: opts.Now,
		OnChange: func(keys []gotoclient.Key) { opts.OnChange(Change{Meetings: MeetingsChange{Keys: keys}}) },
	})
	if before := opts.Before; before != nil && before.Key() == a.Key() {
		inherit(a, before)
	}
	return a
}

// Users of the account.
func (a *Account) Users() *Users { return a.users }

// Groups of the account.
func (a *Account) Groups() *Groups { return a.groups }

// Licenses of the account, and their seats.
func (a *Account) Licenses() *Licenses { return a.licenses }

// Attributes are the custom attributes of the account.
func (a *Account) Attributes() *Definitions[gotoclient.Attribute] { return a.attributes }

// Templates are the welcome e-mail templates of the account.
func (a *Account) Templates() *Definitions[gotoclient.Template] { return a.templates }

// RoleSets are the custom roles of the account.
func (a *Account) RoleSets() *RoleSets { return a.roleSets }

// Meetings of the credentials' user.
func (a *Account) Meetings() *meetings.Meetings { return a.meetings }

// Settings for new users and of the account. Those of users are theirs: see Users.UpdateSettings.
func (a *Account) Settings() *Settings { return a.settings }

// Organizers are the users of an account that is provisioned through the GoToMeeting API; nil of any other.
func (a *Account) Organizers() *Organizers { return a.organizers }

// Client is for what is read past the records, such as reports.
func (a *Account) Client() *gotoclient.Client { return a.opts.Client }

// Key of the account.
func (a *Account) Key() gotoclient.Key { return a.opts.Key }

// Me is the user whose credentials are in use, as last read.
func (a *Account) Me() *gotoclient.Me { return a.me.Load() }

// SetMe takes in what a later reading says of that user.
func (a *Account) SetMe(me *gotoclient.Me) { a.me.Store(me) }

// Deletions are how many deletions the account allows.
func (a *Account) Deletions() Deletions { return Deletions{a} }

// Expected are changes of users that have been announced.
func (a *Account) Expected() *Expectation { return &a.expected }

// ResyncInterval is the time between two readings, without its jitter.
func (a *Account) ResyncInterval() time.Duration { return a.opts.ResyncInterval }

// Rate is the number of requests per second in force.
func (a *Account) Rate() float64 { return a.opts.Limiter.Rate() }

// Knowledge of the service, as it is now.
func (a *Account) Knowledge() knowledge.Summary { return a.know.Summary(a.opts.Now()) }

// Summary is what an account's status shows of the records.
type Summary struct {
	// TakenAt is when the last complete reading of the users began.
	TakenAt       time.Time
	Users, Groups int
	Licenses      []gotoclient.License
}

// Summary of the last complete reading.
func (a *Account) Summary() Summary {
	return Summary{TakenAt: a.users.records.ReadAt(), Users: a.users.records.Len(), Groups: a.groups.records.Len(), Licenses: a.licenses.list()}
}

// LastError is why the last resync failed, or nil.
func (a *Account) LastError() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lastErr
}

// Refresh reads users, groups, licences and meetings, and reports what changed. It costs one request per page.
func (a *Account) Refresh(ctx context.Context) error {
	ctx = budget.WithPriority(ctx, budget.Background)
	err := a.read(ctx)
	a.mu.Lock()
	a.lastErr = err
	a.mu.Unlock()
	a.attributes.resync(ctx)
	a.templates.resync(ctx)
	a.roleSets.resync(ctx)
	recovered := a.meetings.Resync(ctx)
	a.resyncs.Add(1)
	a.opts.OnChange(Change{Meetings: MeetingsChange{Recovered: recovered}, Settings: a.settings.resync(ctx), Err: err})
	return err
}

// read reads the lists, one after the other; organizers' API has neither groups nor licences.
func (a *Account) read(ctx context.Context) error {
	if err := a.users.reader.After(ctx, a.opts.Now()); err != nil || a.opts.Organizers {
		return err
	}
	if err := a.groups.reader.After(ctx, a.opts.Now()); err != nil {
		return err
	}
	if err := a.licenses.reader.After(ctx, a.opts.Now()); err != nil {
		return err
	}
	a.licenses.forgive()
	return nil
}

// traced is the span of a batch.
func traced(what string) func(context.Context, []context.Context) (context.Context, func()) {
	return func(ctx context.Context, callers []context.Context) (context.Context, func()) {
		ctx, span := tracing.Shared(ctx, "batch "+what, callers)
		return ctx, func() { span.End(nil) }
	}
}
