package gotoaccount

import (
	"context"
	"errors"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/tracing"
)

const (
	// identifyTimeout bounds how long a service that does not answer occupies a worker.
	identifyTimeout = 20 * time.Second
	// readTimeout bounds the first reading: a large account has many pages.
	readTimeout = 5 * time.Minute
)

// connect returns the connection to work with, nil if there is none, and why it is not the one that the object asks for.
// What works is kept until what is to replace it works too. With again, what GoTo refused is tried once more.
func (r *Reconciler) connect(ctx context.Context, ga *v1alpha1.GoToAccount, secret *corev1.Secret, again bool) (*connection, error) {
	name := client.ObjectKeyFromObject(ga)
	live := r.live.get(name)
	if live != nil {
		live.acct.Brake().SetLimits(brakeLimits(ga))
	}
	want, err := r.wish(ga, secret)
	if err == nil && live != nil && live.with() == want && !(again && isRefusal(live.acct.LastError())) {
		return live, nil
	}
	if err == nil {
		var next *connection
		if next, err = r.prove(ctx, ga, want, again); err == nil {
			return next, nil
		}
	}
	if live != nil {
		err = r.defend(ctx, ga, live, want, err)
	}
	return live, err
}

// wish is what the object asks for, if it is complete and allowed.
func (r *Reconciler) wish(ga *v1alpha1.GoToAccount, secret *corev1.Secret) (wish, error) {
	if _, err := expectedKey(ga); err != nil {
		return wish{}, err
	}
	endpoints, err := r.Allowed.endpoints(ga.Spec.Endpoints)
	if err != nil {
		return wish{}, err
	}
	creds, err := credentials(ga, secret)
	w := wish{settings{endpoints, ga.Spec.AccountKey, ga.Spec.RequestBudget, ga.Spec.ResyncInterval.Duration}, creds}
	r.live.of(client.ObjectKeyFromObject(ga), func(k *known) {
		if k.unsaved != "" && w.creds.RefreshToken == k.unsavedFrom {
			w.creds.RefreshToken = k.unsaved
		}
	})
	return w, err
}

// prove connects with what an object asks for, unless GoTo has refused just that. Nothing is read from an account but the
// one that the object stands for.
func (r *Reconciler) prove(ctx context.Context, ga *v1alpha1.GoToAccount, want wish, again bool) (*connection, error) {
	name := client.ObjectKeyFromObject(ga)
	if err := r.live.refusal(name, want); err != nil && !again {
		return nil, err
	}
	c := &connection{has: want}
	err := r.dial(ctx, ga, c)
	refused := wish{want.settings, c.with().creds} // its token may have been replaced on the way
	r.live.of(name, func(k *known) {
		k.refused = nil
		if isRefusal(err) {
			k.refused, k.refusedOf = err, refused.fingerprint()
		}
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// isRefusal tells an answer about the credentials that stays the same until they change.
func isRefusal(err error) bool {
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
func (r *Reconciler) dial(ctx context.Context, ga *v1alpha1.GoToAccount, c *connection) error {
	name, want := client.ObjectKeyFromObject(ga), c.with()
	if err := r.saveUnsaved(ctx, name, want); err != nil {
		return err
	}
	share := r.budgets.Join(want.client(), name.String(), float64(want.settings.budget.RequestsPerSecond))
	if err := r.identified(ctx, ga, c, share); err != nil {
		share.Leave()
		return err
	}
	return nil
}

// identified finds out whose the credentials are, and goes on with that account.
func (r *Reconciler) identified(ctx context.Context, ga *v1alpha1.GoToAccount, c *connection, share *budget.Share) error {
	name, want := client.ObjectKeyFromObject(ga), c.with()
	cl, err := gotoclient.New(gotoclient.Config{
		Endpoints: want.settings.endpoints, Credentials: want.creds, Base: tracing.Transport(r.Transport), Limiter: r.budget(account.Gate(share)),
		SaveRefreshToken: r.saveRefreshToken(name, c),
		Observe: func(call gotoclient.Call) {
			if r.ObserveCall != nil {
				r.ObserveCall(name, call)
			}
		},
	})
	if err != nil {
		return &engine.StalledError{Reason: v1alpha1.ReasonRefused, Message: err.Error()}
	}
	soon, cancel := context.WithTimeout(ctx, identifyTimeout)
	defer cancel()
	me, key, err := identify(soon, ga, cl, want.creds.Username)
	if err != nil {
		return err
	}
	return r.start(ctx, ga, c, share, account.Options{Client: cl, Limiter: share, Me: me, Key: key, Organizers: byOrganizers(ga)})
}

// start reads the account once and puts it into use, in place of an earlier connection.
func (r *Reconciler) start(ctx context.Context, ga *v1alpha1.GoToAccount, c *connection, share *budget.Share, opts account.Options) error {
	name := client.ObjectKeyFromObject(ga)
	life, stop := context.WithCancel(r.Background)
	c.stop = func() {
		stop()
		share.Leave()
	}
	connected := false
	opts.PageSize, opts.BatchSize = int(ga.Spec.RequestBudget.PageSize), int(ga.Spec.RequestBudget.BatchSize)
	opts.ResyncInterval = ga.Spec.ResyncInterval.Duration
	opts.Brake = r.brakeOf(ga)
	opts.Now = r.Now
	opts.OnChange = func(change account.Change) {
		if connected {
			r.Registry.Notify(name.String(), change)
		}
	}
	opts.Observe = func(operation string, items int) {
		if r.ObserveBatch != nil {
			r.ObserveBatch(name, operation, items)
		}
	}
	c.acct = account.New(life, opts) //nolint:contextcheck // an account outlives the reconcile that started it
	reading, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if err := c.acct.Refresh(reading); err != nil {
		stop()
		return err
	}
	connected = true
	r.replace(name, c)
	go c.acct.Run(life) //nolint:contextcheck // likewise
	r.Registry.Notify(name.String(), account.Change{Connected: true})
	return nil
}

// replace puts a connection into use, and ends the one before.
func (r *Reconciler) replace(name types.NamespacedName, c *connection) {
	r.live.of(name, func(k *known) {
		before := k.conn
		k.conn = c
		r.Registry.Put(string(k.uid), c.acct)
		if before != nil {
			before.stop()
		}
	})
}

// brakeOf is the brake of an account object, made from its record once.
func (r *Reconciler) brakeOf(ga *v1alpha1.GoToAccount) (b *brake.Brake) {
	name := client.ObjectKeyFromObject(ga)
	r.live.of(name, func(k *known) {
		if k.brake == nil {
			k.brake = brake.New(brakeLimits(ga), allotments(ga), r.saveAllotments(name), time.Now)
		}
		b = k.brake
	})
	b.SetLimits(brakeLimits(ga))
	return b
}

// isScopeMissing tells a token without the Admin scope: the token endpoint accepted the credentials, and the
// Administration API answers that the caller is not authenticated (L).
func isScopeMissing(err error) bool {
	var auth *gotoclient.AuthError
	return !errors.As(err, &auth) && gotoclient.IsUnauthenticated(err)
}
