package account

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/turn"
)

// Options of an Account. Zero values take the defaults that the fields name.
type Options struct {
	// Client calls GoTo; it should wait for Gate(Limiter).
	Client *gotoclient.Client
	// Limiter is the budget, for its rate to be shown.
	Limiter Budget
	// Me is the credentials' user, and Key the account to work in.
	Me  *gotoclient.Me
	Key gotoclient.Key
	// PageSize to ask for in lists (1000), BatchSize of users per request (100).
	PageSize, BatchSize int
	// ResyncInterval between two readings (10 minutes), with a tenth of jitter.
	ResyncInterval time.Duration
	// Brake of deletions.
	Brake *brake.Brake
	// OnChange is called after every reading, successful or not, with what is different. It must not block for long.
	OnChange func(Change)
	// Observe is told of every batch of writes; nil for nobody.
	Observe func(operation string, items int)
	// Organizers provisions users through the GoToMeeting API.
	Organizers bool
	// Now is the clock of the snapshot's age; time.Now.
	Now func() time.Time
}

// Budget is how many requests may be made: a budget.Limiter, or a budget.Share of one.
type Budget interface {
	gotoclient.Limiter
	// Rate is the number of requests per second in force.
	Rate() float64
}

// Gate is what a request waits for at last: the budget, and then that it may still be sent. Nobody may have given up who asked for it, and
// the brake must allow what it deletes.
func Gate(b Budget) gotoclient.Limiter { return gate{b} }

type gate struct{ Budget }

// Wait blocks until the request may be sent.
func (g gate) Wait(ctx context.Context) error {
	if err := g.Budget.Wait(ctx); err != nil {
		return err
	}
	if err := batch.Check(ctx); err != nil {
		return err
	}
	return brake.Use(ctx)
}

// Change says what a reading found different from the one before.
type Change struct {
	// Users are those that appeared, changed or vanished.
	Users []UserRef
	// Groups are those that appeared, changed or vanished.
	Groups []GroupRef
	// Licenses is true if a licence or its seats are different.
	Licenses bool
	// Meetings likewise.
	Meetings MeetingsChange
	// Err is why the reading failed; nothing changed then.
	Err error
	// Connected is true once, when the account has come into use, and Unusable when it is known that it cannot.
	Connected, Unusable bool
	// Reachable is true once, when GoTo answers again.
	Reachable bool
	// Rights is true if the credentials' user may do something else than before.
	Rights bool
}

// UserRef names a user by all that an object may know it by.
type UserRef struct {
	Key   gotoclient.Key
	Email string // by gotoclient.FoldEmail
}

// userService reads and writes the users of an account: gotoclient.UsersService, or what stands in for it where the
// account is not served by the Administration API.
type userService interface {
	Pages(ctx context.Context, opts gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[gotoclient.User], error]
	Get(ctx context.Context, key gotoclient.Key) (*gotoclient.User, error)
	Create(ctx context.Context, batch gotoclient.CreateUsers) ([]gotoclient.CreatedUser, error)
	Update(ctx context.Context, keys []gotoclient.Key, patch gotoclient.UserPatch) error
	Delete(ctx context.Context, keys []gotoclient.Key) error
}

// GroupRef names a group by all that an object may know it by.
type GroupRef struct {
	Key  gotoclient.Key
	Name string
}

// Account is one live GoTo account.
type Account struct {
	opts    Options
	users   userService
	creates *batch.Batcher[CreateUser, newUser]
	updates *batch.Batcher[updateItem, struct{}]
	moves   *batch.Batcher[moveItem, int]
	settles *batch.Batcher[settleItem, settled]

	refreshing turn.Turn // one reading at a time
	state      snapshot
	meetings   meetings
	know       *knowledge.Service
	seats      seats
	bulk       expectation
	me         atomic.Pointer[gotoclient.Me]
}

// Timing of batches: long enough that objects applied together arrive together, short enough for one person to wait.
const (
	batchIdle    = 200 * time.Millisecond
	batchLongest = 5 * time.Second
	settleIdle   = 300 * time.Millisecond
	settleLong   = 8 * time.Second
	// createFreshness is the age beyond which the snapshot is read again before it may authorise a create.
	createFreshness = time.Minute
)

// New returns an account whose batches live as long as ctx. It makes no request: call Refresh, then Run.
func New(ctx context.Context, opts Options) *Account {
	if opts.PageSize <= 0 {
		opts.PageSize = 1000
	}
	if opts.BatchSize <= 0 {
		opts.BatchSize = 100
	}
	if opts.ResyncInterval <= 0 {
		opts.ResyncInterval = 10 * time.Minute
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.OnChange == nil {
		opts.OnChange = func(Change) {}
	}
	if opts.Observe == nil {
		opts.Observe = func(string, int) {}
	}
	a := &Account{opts: opts, users: opts.Client.Users(opts.Key), know: knowledge.New(opts.PageSize)}
	a.me.Store(opts.Me)
	if opts.Organizers {
		a.serveOrganizers()
	}
	a.creates = batch.New(batch.Options[CreateUser, newUser]{Context: ctx, Idle: batchIdle, Longest: batchLongest, Size: opts.BatchSize, Run: a.postUsers})
	a.updates = batch.New(batch.Options[updateItem, struct{}]{
		Context: ctx, Idle: batchIdle / 4, Longest: batchLongest, Size: opts.BatchSize, Run: a.putUsers, Hold: a.expecting, Held: longestExpectation,
		Of: func(it updateItem) string { return string(it.key) },
	})
	a.moves = batch.New(batch.Options[moveItem, int]{
		Context: ctx, Idle: batchIdle, Longest: batchLongest, Size: opts.BatchSize, Run: a.moveUsers,
		Of: func(it moveItem) string { return string(it.user) },
	})
	a.settles = batch.New(batch.Options[settleItem, settled]{Context: ctx, Idle: settleIdle, Longest: settleLong, Size: 1 << 20, Run: a.confirm, Hold: a.writing})
	return a
}

// writing is true while writes are gathered or under way.
func (a *Account) writing() bool { return a.creates.Busy() || a.updates.Busy() || a.moves.Busy() }

// expectation is the number of changes that have been announced and have not come yet.
type expectation struct {
	mu      sync.Mutex
	pending int
	until   time.Time
}

// longestExpectation bounds how long an announcement holds others up while nothing of it comes.
const longestExpectation = 20 * time.Second

// Expect announces changes of so many users, in place of what was announced before, so that requests wait until they are
// full; Arrived takes one back.
func (a *Account) Expect(users int) {
	a.bulk.mu.Lock()
	defer a.bulk.mu.Unlock()
	a.bulk.pending = users
	if users < batch.Many {
		a.bulk.pending = 0
	}
	a.bulk.until = a.opts.Now().Add(longestExpectation)
}

// Arrived says that a user who was announced is being worked on.
func (a *Account) Arrived() {
	a.bulk.mu.Lock()
	defer a.bulk.mu.Unlock()
	a.bulk.pending = max(0, a.bulk.pending-1)
	a.bulk.until = a.opts.Now().Add(longestExpectation)
}

func (a *Account) expecting() bool {
	a.bulk.mu.Lock()
	defer a.bulk.mu.Unlock()
	if a.opts.Now().After(a.bulk.until) {
		a.bulk.pending = 0
	}
	return a.bulk.pending > 0
}

// Key of the account.
func (a *Account) Key() gotoclient.Key { return a.opts.Key }

// Me is the user whose credentials are in use, as last read.
func (a *Account) Me() *gotoclient.Me { return a.me.Load() }

// SetMe takes in what a later reading says of that user.
func (a *Account) SetMe(me *gotoclient.Me) { a.me.Store(me) }

// Brake of the account's deletions.
func (a *Account) Brake() *brake.Brake { return a.opts.Brake }

// ResyncInterval is the time between two readings, without its jitter.
func (a *Account) ResyncInterval() time.Duration { return a.opts.ResyncInterval }

// Rate is the number of requests per second in force.
func (a *Account) Rate() float64 { return a.opts.Limiter.Rate() }

const retryInterval = 15 * time.Second

// Run reads the account at every resync interval until ctx ends. After a failure it tries again sooner.
func (a *Account) Run(ctx context.Context) {
	for {
		wait := a.opts.ResyncInterval
		if a.LastError() != nil {
			wait = min(wait, retryInterval)
		}
		wait += time.Duration(float64(wait) * (rand.Float64() - 0.5) / 5) //nolint:gosec // jitter, not a secret
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if err := a.Refresh(ctx); err != nil && errors.Is(err, context.Canceled) {
			return
		}
	}
}
