package engine

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
)

// life is one reconcile of one object that is neither deleted nor suspended, in an account that is in use.
type life[O Object, W, S any] struct {
	*Reconciler[O, W, S]

	work     *work[O, S]
	acct     *account.Account
	policy   policy
	before   O // as it was read
	obj      O
	want     W
	recalled bool // the object knows its counterpart by metadata alone
	found    bool // the counterpart was found, and status did not know it
}

// live goes from what the object wants to what became of it.
func (l *life[O, W, S]) live(ctx context.Context) outcome {
	_, status := l.obj.Managed()
	confirmed, observes := status.Origin != "", l.observes()
	if observes {
		l.rivals().gone(ctx, client.ObjectKeyFromObject(l.obj)) // whatever of what it names cannot be used
	}
	var err error
	if l.want, err = l.Kind.Resolve(ctx, l.acct, l.obj); err != nil {
		return outcomeOf(err)
	}
	seen, made, err := l.observe(ctx, l.acct, l.obj, l.want, l.work)
	if err != nil {
		return outcomeOf(err)
	}
	if observes {
		return l.pause(l.obj, l.observeOnly(ctx, seen))
	}
	if made {
		return l.creation().finish(ctx, seen)
	}
	if err := l.ownership().own(ctx, seen); err != nil {
		return refused(err, l.recalled)
	}
	if seen == nil {
		return l.creation().create(ctx, confirmed)
	}
	l.found = status.Origin == "" || l.recalled
	if err := l.adopt(ctx, seen); err != nil {
		return refused(err, l.recalled)
	}
	return l.correction().correct(ctx, seen)
}

// observes tells whether nothing is to be written for the object.
func (l *life[O, W, S]) observes() bool {
	spec, _ := l.obj.Managed()
	_, reads := any(l.Kind).(Reader)
	return l.policy.observe && !reads || spec.ManagementPolicy == v1alpha1.Observe
}

// refused is the outcome for an object that may not have the counterpart that was found.
func refused(err error, recalled bool) outcome {
	out := outcomeOf(err)
	out.forget = recalled
	return out
}

// observeOnly shows what Manage would do. It claims nothing: who only observes holds nothing but what it has made itself.
func (l *life[O, W, S]) observeOnly(ctx context.Context, seen *Seen[S]) outcome {
	_, status := l.obj.Managed()
	status.Drift = nil
	if seen == nil {
		return outcome{ready: metav1.ConditionFalse, reason: v1alpha1.ReasonNotFound, message: "there is no counterpart in GoTo; managementPolicy Observe creates none"}
	}
	out := outcome{ready: metav1.ConditionTrue, reason: v1alpha1.ReasonObserved, message: "observed; nothing is written to GoTo"}
	if l.hasMade(ctx, seen) {
		l.note(seen)
		l.identify(&out, seen)
	} else {
		l.Kind.Report(l.obj, seen.Remote)
	}
	if w, ok := l.Kind.(Writer[O, W, S]); ok {
		status.Drift = drift(w.Diff(l.obj, l.want, seen.Remote), v1alpha1.ReasonObserved)
	}
	return out
}

// hasMade tells whether the object has made the counterpart that was seen, and has not come to say so before it was only to observe. Later
// nothing would prove it any more.
func (l *life[O, W, S]) hasMade(ctx context.Context, seen *Seen[S]) bool {
	_, status := l.obj.Managed()
	c := l.claimer()
	if c == nil || status.Origin != "" || seen.Origin != v1alpha1.Created || l.mayHave(seen.Origin) != nil {
		return false
	}
	key := c.Key(seen.Remote)
	holder, err := l.ownership().rival(ctx, key, KeyClaim(key))
	return err == nil && holder == nil
}

// adopt notes the counterpart that was found, if the account's policy lets the object have it.
func (l *life[O, W, S]) adopt(ctx context.Context, seen *Seen[S]) error {
	if l.found {
		if err := l.mayHave(seen.Origin); err != nil {
			return err
		}
	}
	if err := l.ownership().take(ctx, seen); err != nil {
		return err
	}
	if l.note(seen) && seen.Origin == v1alpha1.Adopted {
		l.normal(l.obj, v1alpha1.EventAdopted, "adopted the existing counterpart in GoTo")
	}
	return nil
}

// mayHave asks the account's policy. What nobody claims anybody may have.
func (l *life[O, W, S]) mayHave(origin v1alpha1.Origin) error {
	if l.claimer() == nil {
		return nil
	}
	return l.policy.mayHave(l.obj, origin)
}

// note copies what was seen into status. It tells whether the object had no counterpart before.
func (l *life[O, W, S]) note(seen *Seen[S]) (fresh bool) {
	_, status := l.obj.Managed()
	l.work.noted = true
	fresh = status.Origin == ""
	if fresh {
		status.Origin = seen.Origin
		if held := identityOf(l.obj); held.open() && seen.Origin == v1alpha1.Created {
			l.memories().recallMemory(l.obj, held)
		}
	}
	if status.AccountKey == "" {
		status.AccountKey = v1alpha1.Key(l.acct.Key())
	}
	l.Kind.Report(l.obj, seen.Remote)
	return fresh
}

// identify has an outcome see to it that metadata knows the counterpart as well.
func (l *life[O, W, S]) identify(out *outcome, seen *Seen[S]) {
	out.identified, out.identify = l.memories().remembered(l.obj, l.proves(seen)), true
}

// proves is true while the recorded intent is enough to find the counterpart again as one that the operator made.
func (l *life[O, W, S]) proves(seen *Seen[S]) bool {
	c, creates := l.Kind.(Creator[O, W, S])
	return creates && c.Proves(l.obj, l.want, seen.Remote)
}
