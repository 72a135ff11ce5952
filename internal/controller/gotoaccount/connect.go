package gotoaccount

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/metrics"
)

// liveAccounts remembers which account object is connected, and with what.
type liveAccounts struct {
	mu sync.Mutex
	m  map[types.NamespacedName]*connection
}

type connection struct {
	uid         string
	fingerprint [sha256.Size]byte // of what the account was connected with
	acct        *account.Account
	stop        context.CancelFunc
	unmanaged   atomic.Int64 // users without a GoToUser, when last counted
}

// Connected lists the accounts in use, for the metrics.
func (r *Reconciler) Connected() []metrics.Account {
	r.live.mu.Lock()
	defer r.live.mu.Unlock()
	var out []metrics.Account
	for name, c := range r.live.m {
		s := c.acct.Summary()
		a := metrics.Account{
			NamespacedName: name, RequestsPerSecond: c.acct.Rate(), SnapshotAge: time.Since(s.TakenAt),
			Users: s.Users, Unmanaged: int(c.unmanaged.Load()),
		}
		for key, seats := range c.acct.Seats() {
			a.Licenses = append(a.Licenses, metrics.License{
				Key: string(key), Seats: seats.Seats, Assigned: seats.Used, Waiting: r.Planner.Licenses(name)[key].Waiting,
			})
		}
		out = append(out, a)
	}
	return out
}

func (l *liveAccounts) get(name types.NamespacedName) *connection {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.m[name]
}

// unchanged is true for a connection that was made with what the fingerprint is of.
func (l *liveAccounts) unchanged(c *connection, fingerprint [sha256.Size]byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return c.fingerprint == fingerprint
}

func (l *liveAccounts) set(name types.NamespacedName, c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.m == nil {
		l.m = map[types.NamespacedName]*connection{}
	}
	l.m[name] = c
}

func (r *Reconciler) disconnect(name types.NamespacedName) {
	r.live.mu.Lock()
	defer r.live.mu.Unlock()
	if c := r.live.m[name]; c != nil {
		c.stop()
		r.Registry.Remove(c.uid)
		delete(r.live.m, name)
	}
}

// credentials reads the Secret of an account.
func (r *Reconciler) credentials(ctx context.Context, ga *v1alpha1.GoToAccount) (gotoclient.Credentials, error) {
	name := types.NamespacedName{Namespace: ga.Namespace, Name: ga.Spec.Credentials.SecretRef.Name}
	var secret corev1.Secret
	if err := r.Secrets.Get(ctx, name, &secret); err != nil {
		if apierrors.IsNotFound(err) {
			return gotoclient.Credentials{}, &engine.BlockedReference{Reason: v1alpha1.ReasonSecretNotFound, Message: fmt.Sprintf("there is no Secret %s", name)}
		}
		return gotoclient.Credentials{}, err
	}
	var missing []string
	read := func(key string) string {
		value := strings.TrimSpace(string(secret.Data[key]))
		if value == "" {
			missing = append(missing, key)
		}
		return value
	}
	c := gotoclient.Credentials{
		Grant: gotoclient.Grant(ga.Spec.Credentials.Grant), ClientID: read(v1alpha1.SecretKeyClientID), ClientSecret: read(v1alpha1.SecretKeyClientSecret),
	}
	switch ga.Spec.Credentials.Grant {
	case v1alpha1.GrantRefreshToken:
		c.RefreshToken = read(v1alpha1.SecretKeyRefreshToken)
	case v1alpha1.GrantPersonalAccessToken:
		c.PersonalAccessToken = read(v1alpha1.SecretKeyPersonalAccessToken)
	case v1alpha1.GrantPassword:
		c.Username, c.Password = read(v1alpha1.SecretKeyUsername), read(v1alpha1.SecretKeyPassword)
	}
	if len(missing) > 0 {
		return c, &engine.BlockedReference{Reason: v1alpha1.ReasonSecretKeyMissing,
			Message: fmt.Sprintf("Secret %s lacks %s, which grant %s needs", name, strings.Join(missing, ", "), c.Grant)}
	}
	return c, nil
}

// saveRefreshToken writes a rotated token into the Secret, in place of the one it replaces.
func (r *Reconciler) saveRefreshToken(ga *v1alpha1.GoToAccount, c *connection, creds gotoclient.Credentials, endpoints gotoclient.Endpoints) func(context.Context, string) error {
	return func(ctx context.Context, token string) error {
		var secret corev1.Secret
		name := types.NamespacedName{Namespace: ga.Namespace, Name: ga.Spec.Credentials.SecretRef.Name}
		if err := r.Secrets.Get(ctx, name, &secret); err != nil {
			return err
		}
		if secret.Data == nil {
			secret.Data = map[string][]byte{}
		}
		secret.Data[v1alpha1.SecretKeyRefreshToken] = []byte(token)
		if err := r.Client.Update(ctx, &secret); err != nil {
			return err
		}
		creds.RefreshToken = token
		r.live.mu.Lock()
		c.fingerprint = fingerprint(ga, creds, endpoints)
		r.live.mu.Unlock()
		r.Events.Eventf(ga, nil, corev1.EventTypeNormal, v1alpha1.EventTokenRotated, "SaveToken", "GoTo issued a new refresh token; it is saved in the Secret")
		return nil
	}
}

// fingerprint is equal as long as a connection can be kept.
func fingerprint(ga *v1alpha1.GoToAccount, c gotoclient.Credentials, e gotoclient.Endpoints) [sha256.Size]byte {
	data, _ := json.Marshal([]any{ //nolint:errchkjson // plain strings and numbers
		ga.UID, e, ga.Spec.AccountKey, ga.Spec.RequestBudget, ga.Spec.ResyncInterval, string(c.Grant), c.ClientID, c.ClientSecret,
		c.RefreshToken, c.PersonalAccessToken, c.Username, c.Password,
	})
	return sha256.Sum256(data)
}

// connect returns the live connection of an account, made anew if what it rests on has changed. An account is live once
// it has been read completely.
func (r *Reconciler) connect(ctx context.Context, ga *v1alpha1.GoToAccount) (*connection, error) {
	endpoints, err := r.Allowed.endpoints(ga.Spec.Endpoints)
	if err != nil {
		return nil, err
	}
	creds, err := r.credentials(ctx, ga)
	if err != nil {
		return nil, err
	}
	name := client.ObjectKeyFromObject(ga)
	want := fingerprint(ga, creds, endpoints)
	if c := r.live.get(name); c != nil && r.live.unchanged(c, want) {
		c.acct.Brake().SetLimits(brakeLimits(ga))
		return c, nil
	}
	r.disconnect(name)
	c := &connection{uid: string(ga.UID), fingerprint: want}
	limiter := account.NewLimiter(float64(ga.Spec.RequestBudget.RequestsPerSecond))
	cl, err := gotoclient.New(gotoclient.Config{
		Endpoints: endpoints, Credentials: creds, Base: r.Transport, Limiter: limiter,
		SaveRefreshToken: r.saveRefreshToken(ga.DeepCopy(), c, creds, endpoints),
		Observe: func(call gotoclient.Call) {
			if r.ObserveCall != nil {
				r.ObserveCall(name, call)
			}
		},
	})
	if err != nil {
		return nil, &engine.StalledError{Reason: v1alpha1.ReasonRefused, Message: err.Error()}
	}
	me, key, err := identify(ctx, ga, cl, creds.Username)
	if err != nil {
		return nil, err
	}
	return c, r.start(ctx, ga, c, account.Options{Client: cl, Limiter: limiter, Me: me, Key: key, Organizers: byOrganizers(ga)})
}

// start reads the account once and puts it into use.
func (r *Reconciler) start(ctx context.Context, ga *v1alpha1.GoToAccount, c *connection, opts account.Options) error {
	name := client.ObjectKeyFromObject(ga)
	life, stop := context.WithCancel(r.Background)
	c.stop = stop
	connected := false
	opts.PageSize, opts.BatchSize = int(ga.Spec.RequestBudget.PageSize), int(ga.Spec.RequestBudget.BatchSize)
	opts.ResyncInterval = ga.Spec.ResyncInterval.Duration
	opts.Brake = brake.New(brakeLimits(ga), allotments(ga), r.saveAllotments(name), time.Now)
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
	if err := c.acct.Refresh(ctx); err != nil {
		stop()
		return err
	}
	connected = true
	r.live.set(name, c)
	r.Registry.Put(c.uid, c.acct)
	go c.acct.Run(life) //nolint:contextcheck // likewise
	r.Registry.Notify(name.String(), account.Change{Connected: true})
	return nil
}

// accountKey is the key to work with: the spec's if the credentials' user administers that account, else the user's own.
func accountKey(ga *v1alpha1.GoToAccount, me *gotoclient.Me) (gotoclient.Key, error) {
	if want := gotoclient.Key(ga.Spec.AccountKey); want != "" {
		if !me.HasAccount(want) {
			return "", &engine.StalledError{Reason: v1alpha1.ReasonAccountKeyMismatch,
				Message: fmt.Sprintf("the credentials' user does not belong to account %s", want)}
		}
		return want, nil
	}
	keys := me.AccountKeys()
	if len(keys) == 1 {
		return keys[0], nil
	}
	return "", &engine.StalledError{Reason: v1alpha1.ReasonAccountKeyRequired,
		Message: fmt.Sprintf("the credentials' user belongs to %d accounts; set spec.accountKey to the one to manage", len(keys))}
}

// isScopeMissing tells a token without the Admin scope: the token endpoint accepted the credentials, and the
// Administration API answers that the caller is not authenticated (L).
func isScopeMissing(err error) bool {
	var auth *gotoclient.AuthError
	return !errors.As(err, &auth) && gotoclient.IsUnauthenticated(err)
}
