package gotoaccount

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// look reads an account again, and then what its credentials' user may do: one request, unless GoTo does not answer anyway. Who that is was
// asked when the account was connected; of an account that could not be told, it is not asked again.
func (n *connector) look(ctx context.Context, name types.NamespacedName, c *connection) error {
	err := c.acct.Refresh(ctx)
	if c.acct.Me().Key == "" || err != nil && !gotoclient.IsForbidden(err) {
		return err
	}
	me, askErr := c.client.Me(budget.WithPriority(ctx, budget.Background))
	if askErr != nil && !isScopeMissing(askErr) && !gotoclient.IsForbidden(askErr) {
		return err // it says nothing of the caller: the next reading asks again
	}
	if c.review(me, askErr) {
		n.Registry.Notify(name.String(), account.Change{Rights: true})
	}
	return err
}

// review takes in what /me says now, and tells whether the credentials' user may do something else than before.
func (c *connection) review(me *gotoclient.Me, err error) (changed bool) {
	was, key := c.acct.Me(), c.acct.Key()
	ended := rightsEnded(was, me, key, err)
	c.mu.Lock()
	before := c.ended
	c.ended = ended
	c.mu.Unlock()
	if ended == nil {
		c.acct.SetMe(me)
		changed = !slices.Equal(was.RolesIn(key), me.RolesIn(key)) || !slices.Equal(was.ProductsIn(key), me.ProductsIn(key))
	}
	return changed || (before == nil) != (ended == nil)
}

// rightsEnded is why the credentials' user may no longer work in an account; nil while it may. That GoTo shows roles is UNVERIFIED: where it
// never did, that there are none says nothing.
func rightsEnded(was, me *gotoclient.Me, key gotoclient.Key, err error) error {
	switch {
	case err != nil:
		return err
	case !me.HasAccount(key):
		return mismatch("the credentials' user does not belong to account %s any more", key)
	case len(was.RolesIn(key)) > 0 && len(me.RolesIn(key)) == 0:
		return &engine.BlockedReference{Reason: v1alpha1.ReasonForbidden, Message: "the credentials' user has no admin role in this account any more"}
	}
	return nil
}

// rights is why the credentials' user may no longer work in the account, or nil.
func (c *connection) rights() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}
