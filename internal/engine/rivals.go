package engine

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// rivals are the other objects of a kind, as far as they may have what one of them has.
type rivals[O Object, W, S any] struct {
	reader   client.Reader
	kind     Kind[O, W, S]
	claimer  Claimer[O, S] // nil for a kind that claims nothing
	accounts accounts
	written  *corrections                                                 // by whom
	wake     func(ctx context.Context, by client.Object, claims []string) // starts the others who wait for a claim; nil for nobody
}

// claimer is the kind as a Claimer; nil where it claims nothing.
func (r *Reconciler[O, W, S]) claimer() Claimer[O, S] {
	c, _ := r.Kind.(Claimer[O, S])
	return c
}

func (r *Reconciler[O, W, S]) rivals() rivals[O, W, S] {
	return rivals[O, W, S]{reader: r.Client, kind: r.Kind, claimer: r.claimer(), accounts: r.accounts(), written: &r.corrections, wake: r.wake}
}

// gone starts who has a counterpart that an object has changed which is no more, or does nothing any more.
func (r rivals[O, W, S]) gone(ctx context.Context, name types.NamespacedName) {
	r.start(ctx, nil, r.written.leaves(name, ""))
}

// start starts the objects that have a counterpart ("" for none), but for one.
func (r rivals[O, W, S]) start(ctx context.Context, except client.Object, key gotoclient.Key) {
	if r.wake != nil && key != "" {
		r.wake(ctx, except, []string{KeyClaim(key)})
	}
}

// first returns the first of those ahead; nil if there is none.
func (r rivals[O, W, S]) first(ctx context.Context, acct *account.Account, obj O, recalled bool, key gotoclient.Key, claim string) (*O, error) {
	ahead, err := r.ahead(ctx, acct, obj, recalled, key, claim)
	if err != nil || len(ahead) == 0 {
		return nil, err
	}
	return &ahead[0], nil
}

// ahead are other objects of the same GoTo account that have a claim and come before obj for the counterpart with that key ("" for none). They
// are the cache's own: read only.
func (r rivals[O, W, S]) ahead(ctx context.Context, acct *account.Account, obj O, recalled bool, key gotoclient.Key, claim string) ([]O, error) {
	return r.those(ctx, acct, obj, claim, func(o O) bool { return (claimant{obj, recalled}).behind(o, key) })
}

// holding are those that say that they are in sync with a counterpart.
func (r rivals[O, W, S]) holding(ctx context.Context, acct *account.Account, obj O, key gotoclient.Key) ([]O, error) {
	return r.those(ctx, acct, obj, KeyClaim(key), func(o O) bool { return gotoclient.Key(*o.RemoteKey()) == key && steady(o) })
}

// those are other objects of the same GoTo account that have a claim, do something, and something is true of.
func (r rivals[O, W, S]) those(ctx context.Context, acct *account.Account, obj O, claim string, are func(O) bool) (found []O, err error) {
	if r.claimer == nil {
		return nil, nil
	}
	others, err := withClaim(ctx, r.reader, r.claimer, r.kind.NewList(), claim)
	if err != nil {
		return nil, err
	}
	for _, o := range others {
		if o.GetUID() == obj.GetUID() || passive(o) || !are(o) {
			continue
		}
		same, err := r.sameAccount(ctx, acct, o, obj)
		if err != nil {
			return nil, err
		}
		if same {
			found = append(found, o)
		}
	}
	return found, nil
}

// sameAccount is true if another object's GoToAccount is obj's, or another one for the same GoTo account, and that one may
// use it: what may not claim anything stands in nobody's way.
func (r rivals[O, W, S]) sameAccount(ctx context.Context, acct *account.Account, other, obj O) (bool, error) {
	name := AccountName(other)
	var ga v1alpha1.GoToAccount
	if err := r.accounts.get(ctx, name, &ga); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	if name != AccountName(obj) && gotoclient.Key(ga.Status.AccountKey) != acct.Key() {
		return false, nil
	}
	if ga.Spec.Suspend || ga.Spec.ManagementPolicy == v1alpha1.Observe {
		return name == AccountName(obj), nil
	}
	return Allowed(ctx, r.reader, &ga, other.GetNamespace())
}

// namesOf are the names that a counterpart has in GoTo.
func (r rivals[O, W, S]) namesOf(seen S) []string {
	if r.claimer == nil {
		return nil
	}
	return r.claimer.NamesOf(seen)
}

// freed starts the other objects that wait for a name that a counterpart had before and has no more.
func (r rivals[O, W, S]) freed(ctx context.Context, by O, before, after []string) {
	gone := without(before, after)
	if r.wake != nil && len(gone) > 0 {
		r.wake(ctx, by, gone)
	}
}
