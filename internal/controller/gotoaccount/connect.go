package gotoaccount

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/breaker"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/tracing"
)

const (
	// identifySilence is how long a service that does not answer is waited for.
	identifySilence = 20 * time.Second
	// readSilence is how long the first reading waits for an answer: a page of a large account takes its time, and may be tried again.
	readSilence = 5 * time.Minute
)

// connector connects accounts, and keeps what it is known of each while the process lives.
type connector struct {
	*Config

	live     *liveAccounts
	tokens   *tokens
	attempts *sync.WaitGroup
	budgets  budget.Clients
	pauses   gotoclient.TokenPauses // of all attempts and connections: one that follows another is not to log in at once again
}

// connect returns the connection to work with, nil if there is none, and why it is not the one that the object asks for:
// errConnecting while that is being found out. What works is kept until what is to replace it works too. With again, what GoTo
// refused is tried once more.
func (n *connector) connect(ctx context.Context, ga *v1alpha1.GoToAccount, secret *corev1.Secret, again bool) (*connection, error) {
	name := client.ObjectKeyFromObject(ga)
	live := n.live.get(name)
	want, err := n.wish(ga, secret)
	if err == nil && live != nil && live.with() == want && !(again && isRefusal(live.acct.LastError())) && !n.live.attempts(name, want) {
		n.abandon(name)
		return live, nil
	}
	if err == nil {
		var next *connection
		if next, err = n.prove(ga, want, again); err == nil { //nolint:contextcheck // an attempt outlives the reconcile that began it
			return next, nil
		}
	} else {
		n.abandon(name)
	}
	if live != nil && !errors.Is(err, errConnecting) {
		err = n.tokens.defend(ctx, ga, live, want, err)
	}
	return live, err
}

// wish is what the object asks for, if it is complete and allowed.
func (n *connector) wish(ga *v1alpha1.GoToAccount, secret *corev1.Secret) (wish, error) {
	if _, err := expectedKey(ga); err != nil {
		return wish{}, err
	}
	endpoints, err := n.Allowed.endpoints(ga.Spec.Endpoints)
	if err != nil {
		return wish{}, err
	}
	if err := checkOperations(ga.Spec.Endpoints); err != nil {
		return wish{}, err
	}
	creds, err := credentials(ga, secret)
	w := wish{settings{endpoints, canonical(ga.Spec.Endpoints), ga.Spec.Endpoints.Unverified, ga.Spec.AccountKey, ga.Spec.RequestBudget, ga.Spec.ResyncInterval.Duration}, creds}
	n.live.of(client.ObjectKeyFromObject(ga), func(k *known) {
		if k.unsaved != "" && w.creds.RefreshToken == k.unsavedFrom {
			w.creds.RefreshToken = k.unsaved
		}
	})
	return w, err
}

// prove connects with what an object asks for, unless GoTo has refused just that, or did not answer a moment ago. Nothing is read
// from an account but the one that the object stands for.
func (n *connector) prove(ga *v1alpha1.GoToAccount, want wish, again bool) (*connection, error) {
	name := client.ObjectKeyFromObject(ga)
	if a := n.live.attempt(name, want); a != nil {
		if !a.ended() {
			return nil, errConnecting
		}
		return n.outcome(name, a)
	}
	n.abandon(name)
	if err := cmp.Or(n.live.refusal(name, want), n.live.waits(name, want)); err != nil && !again {
		return nil, err
	}
	if err := n.begin(ga, want); err != nil {
		return nil, err
	}
	return nil, errConnecting
}

// isRefusal tells an answer about the credentials, or the account, that stays the same until a person does something.
func isRefusal(err error) bool {
	if gotoclient.IsIllegalAccount(err) {
		return true
	}
	var auth *gotoclient.AuthError
	if errors.As(err, &auth) {
		return slices.Contains([]gotoclient.AuthReason{
			gotoclient.AuthInvalidClient, gotoclient.AuthInvalidGrant, gotoclient.AuthUnsupportedGrant,
		}, auth.Reason)
	}
	var stalled *engine.StalledError
	return errors.As(err, &stalled)
}

// dial finds out what the credentials are good for, and puts the account into use.
func (n *connector) dial(ctx context.Context, ga *v1alpha1.GoToAccount, c *connection) error {
	name, want := client.ObjectKeyFromObject(ga), c.with()
	if err := n.tokens.saveUnsaved(ctx, name, want); err != nil {
		return err
	}
	share := n.budgets.Join(want.client(), name.String(), float64(want.settings.budget.RequestsPerSecond))
	if err := n.identified(ctx, ga, c, share); err != nil {
		share.Leave()
		return err
	}
	return nil
}

// identified finds out whose the credentials are, and goes on with that account.
func (n *connector) identified(ctx context.Context, ga *v1alpha1.GoToAccount, c *connection, share *budget.Share) error {
	name, want := client.ObjectKeyFromObject(ga), c.with()
	c.breaker = breaker.New(gotoclient.OperationOf)
	watched := &watch{Share: share}
	cl, err := gotoclient.New(gotoclient.Config{
		Endpoints: want.settings.endpoints, Credentials: want.creds, Base: c.breaker.Transport(tracing.Transport(n.Transport), asksForToken(want)),
		Limiter:          n.budget(breaker.Guard{Limiter: watched, Breaker: c.breaker}),
		Deadline:         budget.Deadline,
		TokenPauses:      &n.pauses,
		BeforeSend:       account.BeforeSend,
		Operations:       overrides(ga.Spec.Endpoints),
		Unverified:       gotoclient.UnverifiedPolicy(want.settings.unverified),
		SaveRefreshToken: n.tokens.saveRefreshToken(name, c),
		Observe: func(call gotoclient.Call) {
			if n.ObserveCall != nil {
				n.ObserveCall(name, call)
			}
		},
	})
	if err != nil {
		return &engine.StalledError{Reason: v1alpha1.ReasonRefused, Message: err.Error()}
	}
	c.client = cl
	var opts account.Options
	err = watched.during(ctx, identifySilence, func(ctx context.Context) error {
		me, key, err := identify(ctx, ga, cl, want.creds.Username)
		opts = account.Options{Client: cl, Limiter: watched, Me: me, Key: key, Organizers: byOrganizers(ga)}
		return err
	})
	if err != nil {
		return err
	}
	return n.start(ctx, ga, c, watched, opts)
}

// asksForToken tells the requests that another service answers than the API.
func asksForToken(want wish) func(*http.Request) bool {
	return func(req *http.Request) bool { return req.URL.String() == want.settings.endpoints.TokenURL }
}

// start reads the account once. What its objects need of it is known before that, so that nothing is read, and no object started, twice.
func (n *connector) start(ctx context.Context, ga *v1alpha1.GoToAccount, c *connection, watched *watch, opts account.Options) error {
	name := client.ObjectKeyFromObject(ga)
	var err error
	if opts.KeepSettings, err = n.KeepSettings(ctx, name); err != nil {
		return err
	}
	life, stop := context.WithCancel(n.Background)
	c.life, c.stop = life, func() {
		stop()
		watched.Leave()
	}
	opts.PageSize, opts.BatchSize = int(ga.Spec.RequestBudget.PageSize), int(ga.Spec.RequestBudget.BatchSize)
	opts.Stopping = n.Grace.Stopping()
	opts.ResyncInterval = ga.Spec.ResyncInterval.Duration
	opts.Brake = n.brakeOf(ga)
	opts.Now = n.Now
	if live := n.live.get(name); live != nil {
		opts.Before = live.acct
	}
	opts.OnChange = func(change account.Change) {
		if c.used.Load() {
			n.Registry.Notify(name.String(), change)
		}
	}
	opts.Observe = func(operation string, items int) {
		if n.ObserveBatch != nil {
			n.ObserveBatch(name, operation, items)
		}
	}
	c.acct = account.New(life, opts) //nolint:contextcheck // an account outlives the attempt that started it
	if err := watched.during(ctx, readSilence, c.acct.Refresh); err != nil {
		stop()
		return err
	}
	return nil
}

// use puts an account that was read into use, in place of an earlier connection.
func (n *connector) use(name types.NamespacedName, c *connection) {
	c.keeper = newKeeper(c.acct.ResyncInterval(), isRefusal, func(ctx context.Context) error { return n.look(ctx, name, c) })
	c.used.Store(true)
	before := n.replace(name, c)
	go c.keeper.run(c.life)
	go c.breaker.Run(c.life, c.probe, func(open bool) {
		if !open && c.acct.LastError() != nil {
			c.keeper.ask()
		}
		n.Registry.Notify(name.String(), account.Change{Reachable: !open})
	})
	n.Registry.Notify(name.String(), c.news(before))
}

// news is what objects are told of a connection that is put into use in place of another one, if any.
func (c *connection) news(before *connection) (out account.Change) {
	if before != nil && c.continues(before) {
		out = c.acct.Since(before.acct)
		out.Replaced = true
	}
	out.Connected = true
	return out
}

// continues is true of a connection by which the same user does the same in the same account as by another one: credentials, budget and
// intervals are nothing to objects. Who the user is may not be known.
func (c *connection) continues(other *connection) bool {
	is, was := c.with().settings, other.with().settings
	is.budget, is.resync = was.budget, was.resync
	me := c.acct.Me().Key
	return is == was && c.acct.Key() == other.acct.Key() && me != "" && me == other.acct.Me().Key
}

// probe asks GoTo whether it answers. That it does not like the question is an answer too.
func (c *connection) probe(ctx context.Context) error {
	_, err := c.client.Me(budget.WithPriority(ctx, budget.Interactive))
	if gotoclient.IsIllegalAccount(err) {
		return nil
	}
	return err
}

// replace puts a connection into use, and ends the one before, which it returns.
func (n *connector) replace(name types.NamespacedName, c *connection) (before *connection) {
	n.live.of(name, func(k *known) {
		before = k.conn
		k.conn = c
		n.Registry.Put(string(k.uid), c.acct)
		if before != nil {
			before.stop()
		}
	})
	return before
}

// brakeOf is the brake of an account object, made from its record once.
func (n *connector) brakeOf(ga *v1alpha1.GoToAccount) (b *brake.Brake) {
	name := client.ObjectKeyFromObject(ga)
	n.live.of(name, func(k *known) {
		if k.brake == nil {
			k.brake = brake.New(brakeLimits(ga), allotments(ga), n.saveAllotments(name), time.Now)
		}
		b = k.brake
	})
	return b
}

// isScopeMissing tells a token without the Admin scope: the token endpoint accepted the credentials, and the
// Administration API answers that the caller is not authenticated (L).
func isScopeMissing(err error) bool {
	var auth *gotoclient.AuthError
	return !errors.As(err, &auth) && gotoclient.IsUnauthenticated(err)
}
