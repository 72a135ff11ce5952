// Package planning is what the plans of an account have in common, whatever is planned: plans.go keeps one of them for each account and who
// is told of it, inbox.go what has changed since it was brought up to date, controller.go starts that. What a plan says is worked out
// elsewhere, in internal/entitlement and internal/settings.
//
// It may import internal/engine and internal/account; it may not import a plan or internal/controller.
package planning

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// costShare of the time is the most that updates of one plan take: the gap is this many times what the last one cost.
const costShare = 4

// Gap is how long changes should be gathered before a plan is brought up to date again, after an update that cost so much: least, or longer.
func Gap(cost, least time.Duration) time.Duration { return max(least, costShare*cost) }

// OfAccount finds, in a list, the objects of an account, which are not to be changed.
func OfAccount(name types.NamespacedName) []client.ListOption {
	return []client.ListOption{client.MatchingFields{engine.IndexAccount: name.String()}, client.UnsafeDisableDeepCopy}
}

// Any tells whether an account has an object of a list's kind. It does so without looking at more than one.
func Any(ctx context.Context, reader client.Reader, list client.ObjectList, name types.NamespacedName) (bool, error) {
	err := reader.List(ctx, list, append(OfAccount(name), client.Limit(1))...)
	return meta.LenList(list) > 0, err
}

// Live is the account of that name while it is in use, else nil.
func Live(ctx context.Context, reader client.Reader, registry *account.Registry, name types.NamespacedName) (*account.Account, error) {
	var ga v1alpha1.GoToAccount
	if err := reader.Get(ctx, name, &ga, client.UnsafeDisableDeepCopy); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	acct, _ := registry.Get(string(ga.UID))
	return acct, nil
}

// RemoteIn finds users in an account, by key or, where that is "", by address.
func RemoteIn(acct *account.Account) func(key gotoclient.Key, email string) (gotoclient.User, bool) {
	return func(key gotoclient.Key, email string) (gotoclient.User, bool) {
		if key != "" {
			return acct.Users().Get(key)
		}
		return acct.Users().ByEmail(email)
	}
}

// Sleep waits, or returns the error of a context that ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
