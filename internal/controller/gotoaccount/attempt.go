package gotoaccount

import (
	"context"
	"errors"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/backoff"
)

// errConnecting says that an attempt is under way. Its end starts the account again.
var errConnecting = errors.New("the account is being connected")

// longestRetry is the longest time between two attempts to connect with the same.
const longestRetry = 10 * time.Minute

// attempt connects an account and reads it for the first time, in a goroutine of its own: GoTo may not answer for minutes, and no other
// account is to wait for that.
type attempt struct {
	of    wish // as the object asked
	c     *connection
	began time.Time
	stop  context.CancelFunc
	done  chan struct{} // is closed when it has ended, by err
	err   error
}

func (a *attempt) ended() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// setback is something that failed in a manner that may pass: the next attempt at it keeps its distance.
type setback = backoff.Setback[fingerprint]

// serves tells whether an attempt is about what the object asks for now. GoTo may have replaced the token on the way, and it may be saved or
// not.
func (k *known) serves(want wish) bool {
	if k.attempt == nil {
		return false
	}
	old := want
	if k.unsaved != "" && old.creds.RefreshToken == k.unsaved {
		old.creds.RefreshToken = k.unsavedFrom
	}
	return slices.Contains([]wish{want, old}, k.attempt.of) || k.attempt.c.with() == want
}

// begin starts an attempt.
func (n *connector) begin(ga *v1alpha1.GoToAccount, want wish) error {
	name := client.ObjectKeyFromObject(ga)
	work, done, may := n.Grace.Begin(n.Background)
	if !may {
		done()
		return context.Canceled
	}
	ctx, stop := context.WithCancel(work)
	a := &attempt{of: want, c: &connection{has: want}, began: time.Now(), stop: stop, done: make(chan struct{})}
	n.live.of(name, func(k *known) { k.attempt = a })
	object := ga.DeepCopy()
	n.attempts.Go(func() {
		defer done()
		defer stop()
		a.err = n.dial(ctx, object, a.c)
		n.live.end(name, a)
		n.Registry.Notify(name.String(), account.Change{})
	})
	return nil
}

// finish keeps the process from ending before the attempts that are under way: one may have replaced a token.
func (n *connector) finish(ctx context.Context) error {
	<-ctx.Done()
	n.attempts.Wait()
	return nil
}

// end ends an attempt. What came of one that nobody waits for any more is ended with it.
func (l *liveAccounts) end(name types.NamespacedName, a *attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(a.done)
	if k := l.m[name]; (k == nil || k.attempt != a) && a.err == nil {
		a.c.stop()
	}
}

// abandon ends the attempt that is under way, if any: what it is about is not asked for any more.
func (n *connector) abandon(name types.NamespacedName) {
	n.live.of(name, func(k *known) {
		a := k.attempt
		if a == nil {
			return
		}
		k.attempt = nil
		if a.stop(); a.ended() && a.err == nil {
			a.c.stop()
		}
	})
}

// outcome takes in what came of an attempt that has ended.
func (n *connector) outcome(name types.NamespacedName, a *attempt) (*connection, error) {
	err := a.err
	n.live.of(name, func(k *known) {
		k.attempt, k.refused = nil, nil
		of := wish{a.of.settings, a.c.with().creds}.fingerprint() // its token may have been replaced on the way
		switch {
		case err == nil:
			k.setback = setback{}
		case isRefusal(err):
			k.setback, k.refused, k.refusedOf = setback{}, err, of
		default:
			k.setback = k.setback.Again(of, err, func(lasted time.Duration) time.Duration { return backoff.Next(lasted, longestRetry) })
		}
	})
	if err != nil {
		return nil, err
	}
	n.use(name, a.c)
	return a.c, nil
}

// waits is why the last attempt at the same failed, until it is time for the next.
func (l *liveAccounts) waits(name types.NamespacedName, w wish) (err error) {
	l.of(name, func(k *known) { err = k.setback.Holds(w.fingerprint()) })
	return err
}

// nextTry is how long it is to the next attempt.
func (l *liveAccounts) nextTry(name types.NamespacedName) (after time.Duration) {
	l.of(name, func(k *known) { after = max(time.Second, time.Until(k.setback.Next)) })
	return after
}
