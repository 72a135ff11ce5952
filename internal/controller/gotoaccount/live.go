package gotoaccount

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/breaker"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// settings are what a connection rests on besides its credentials.
type settings struct {
	endpoints  gotoclient.Endpoints
	operations string // the overrides, see canonical
	unverified v1alpha1.UnverifiedPolicy
	accountKey v1alpha1.Key
	budget     v1alpha1.RequestBudget
	resync     time.Duration
}

// wish is what an account object asks to be connected with.
type wish struct {
	settings settings
	creds    gotoclient.Credentials
}

// client is the OAuth client that the requests of a connection count for.
func (w wish) client() string { return w.settings.endpoints.TokenURL + " " + w.creds.ClientID }

type fingerprint [sha256.Size]byte

// fingerprint is equal for equal wishes, and tells nothing of the credentials.
func (w wish) fingerprint() fingerprint {
	c := w.creds
	data, _ := json.Marshal([]any{ //nolint:errchkjson // plain strings and numbers
		w.settings.endpoints, w.settings.operations, w.settings.unverified, w.settings.accountKey, w.settings.budget, w.settings.resync, string(c.Grant), c.ClientID, c.ClientSecret,
		c.RefreshToken, c.PersonalAccessToken, c.Username, c.Password,
	})
	return sha256.Sum256(data)
}

// connection is one live account, and what it was made with.
type connection struct {
	acct      *account.Account
	client    *gotoclient.Client
	breaker   *breaker.Breaker
	keeper    *keeper         // once it is in use
	life      context.Context //nolint:containedctx // it is the connection's
	stop      context.CancelFunc
	used      atomic.Bool
	unmanaged atomic.Int64 // users without a GoToUser, when last counted
	own       ownSettings
	asked     int // the reading that a person asked for last, by number; 0 for none

	mu    sync.Mutex
	has   wish  // its refresh token is the newest
	ended error // why the credentials' user may no longer work in the account
}

func (c *connection) with() wish {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.has
}

func (c *connection) rotate(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.has.creds.RefreshToken = token
}

// known is what the process knows of an account object. All but the connection is lost with the process without harm.
type known struct {
	uid   types.UID
	conn  *connection
	brake *brake.Brake // outlives connections, and the object: what one has let go counts for the next
	// attempt is under way, or has ended and was not looked at yet; setback is what became of the last one.
	attempt *attempt
	setback setback
	// asked is the value of the annotation that asks for a reconcile that was last acted on.
	asked string
	// counting is what it last cost to count the objects of the account.
	counting time.Duration
	// said is what was last said of what the object asks for, beside the connection that works.
	said error
	// refused is why GoTo refused what the fingerprint is of. It is not tried again.
	refused   error
	refusedOf fingerprint
	// putBackAt is when a live token was last saved over the refused one that the fingerprint is of.
	putBackAt time.Time
	putBackOf fingerprint
	// A token that replaced another one in GoTo and could not be saved.
	unsavedFrom, unsaved string
}

// liveAccounts remembers what is known of each account object. Each is worked on by one reconcile at a time; its methods are
// for whoever else looks.
type liveAccounts struct {
	mu sync.Mutex
	m  map[types.NamespacedName]*known
}

// of calls f with what is known of an account.
func (l *liveAccounts) of(name types.NamespacedName, f func(*known)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.m == nil {
		l.m = map[types.NamespacedName]*known{}
	}
	if l.m[name] == nil {
		l.m[name] = &known{}
	}
	f(l.m[name])
}

// get returns the connection of an account, or nil.
func (l *liveAccounts) get(name types.NamespacedName) *connection {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := l.m[name]; k != nil {
		return k.conn
	}
	return nil
}

// attempt is the one that is about what an object asks for now, or nil.
func (l *liveAccounts) attempt(name types.NamespacedName, w wish) (a *attempt) {
	l.of(name, func(k *known) {
		if k.serves(w) {
			a = k.attempt
		}
	})
	return a
}

// handled tells whether what a person asks for by an annotation was acted on, though the object may not say so yet.
func (l *liveAccounts) handled(name types.NamespacedName, asked string) (yes bool) {
	l.of(name, func(k *known) { yes = k.asked == asked })
	return yes
}

// handle notes that it was.
func (l *liveAccounts) handle(name types.NamespacedName, asked string) {
	l.of(name, func(k *known) { k.asked = asked })
}

// cost notes what it cost to count the objects of an account.
func (l *liveAccounts) cost(name types.NamespacedName, counting time.Duration) {
	l.of(name, func(k *known) { k.counting = counting })
}

// gap is for how long changes of an account's objects are gathered before they are counted again.
func (l *liveAccounts) gap(name types.NamespacedName) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := l.m[name]; k != nil {
		return max(countDelay, countShare*k.counting)
	}
	return countDelay
}

// attempts tells whether there is one.
func (l *liveAccounts) attempts(name types.NamespacedName, w wish) bool {
	return l.attempt(name, w) != nil
}

// say returns what is to be said of what an object asks for beside its connection: while that is being found out, what was said before.
func (l *liveAccounts) say(name types.NamespacedName, refusal error) error {
	l.of(name, func(k *known) {
		if errors.Is(refusal, errConnecting) {
			refusal = k.said
		}
		k.said = refusal
	})
	return refusal
}

// refusal is why GoTo refused a wish, or nil.
func (l *liveAccounts) refusal(name types.NamespacedName, w wish) (err error) {
	l.of(name, func(k *known) {
		if k.refused != nil && k.refusedOf == w.fingerprint() {
			err = k.refused
		}
	})
	return err
}

// disconnect takes an account out of use, and ends what would bring it into use.
func (n *connector) disconnect(name types.NamespacedName) {
	n.abandon(name)
	n.live.of(name, func(k *known) {
		if k.conn != nil {
			k.conn.stop()
			n.Registry.Remove(string(k.uid))
			k.conn = nil
		}
	})
}

// forget drops what is known of an account object that is gone, but for what is left to one that comes in its place.
func (n *connector) forget(name types.NamespacedName) {
	n.disconnect(name)
	n.live.mu.Lock()
	defer n.live.mu.Unlock()
	if k := n.live.m[name]; k != nil {
		n.Registry.Remove(string(k.uid))
		n.live.m[name] = k.legacy()
	}
}

// legacy is what outlives the object. What was deleted for it counts: a backup that is put back, or a tool that replaces objects, must not let
// the brake go, and only the approval was the object's own. A token that could not be saved is the only one that works.
func (k *known) legacy() *known {
	if k.brake != nil {
		k.brake.Approve(time.Time{})
	}
	return &known{brake: k.brake, unsavedFrom: k.unsavedFrom, unsaved: k.unsaved}
}

// recognise forgets what was known of an earlier object of the same name, and returns the brake of this one, connected or not: its record
// may be all that outlives the object.
func (n *connector) recognise(ga *v1alpha1.GoToAccount) *brake.Brake {
	var other bool
	name := client.ObjectKeyFromObject(ga)
	n.live.of(name, func(k *known) { other = k.uid != "" && k.uid != ga.UID })
	if other {
		n.forget(name)
	}
	n.live.of(name, func(k *known) { k.uid = ga.UID })
	b := n.brakeOf(ga)
	b.SetLimits(brakeLimits(ga))
	return b
}
