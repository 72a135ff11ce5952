// Package gotouser reconciles GoToUser objects with the users of a GoTo account.
//
// controller.go says what starts a reconcile and what the operator may do, kind.go reads and writes, diff.go and
// convert.go are pure. It may not import another kind's package.
package gotouser

import (
	"context"
	"errors"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Kind is the engine's view of a GoToUser.
type Kind struct{ reader client.Reader }

var _ engine.Kind[*v1alpha1.GoToUser, gotoclient.User] = Kind{}

// New returns an empty GoToUser.
func (Kind) New() *v1alpha1.GoToUser { return &v1alpha1.GoToUser{} }

// Intent is the address that is about to be created.
func (Kind) Intent(u *v1alpha1.GoToUser) string { return u.Spec.Email }

// Remembers is true once a user is known or may have been created.
func (Kind) Remembers(u *v1alpha1.GoToUser) bool { return u.Status.UserKey != "" || intent(u) != "" }

func intent(u *v1alpha1.GoToUser) string { return u.Annotations[v1alpha1.CreateIntentAnnotation] }

// Observe finds the user by the key that is remembered, then by the address whose creation was never confirmed, then by
// the address of the spec. While the object is being deleted the last does not count: it could be somebody else's user.
func (k Kind) Observe(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser) (*engine.Seen[gotoclient.User], error) {
	if key := gotoclient.Key(u.Status.UserKey); key != "" {
		if seen, ok := acct.User(key); ok {
			return &engine.Seen[gotoclient.User]{Remote: seen, Origin: v1alpha1.Adopted}, nil
		}
		seen, ok, err := acct.ConfirmUser(ctx, key)
		if err != nil {
			return nil, err
		}
		if ok {
			return &engine.Seen[gotoclient.User]{Remote: seen, Origin: v1alpha1.Adopted}, nil
		}
	} else if pending := intent(u); pending != "" {
		if seen, ok := acct.UserByEmail(pending); ok {
			return &engine.Seen[gotoclient.User]{Remote: seen, Origin: v1alpha1.Created}, nil
		}
	}
	if !u.DeletionTimestamp.IsZero() {
		return nil, nil
	}
	if seen, ok := acct.UserByEmail(u.Spec.Email); ok {
		return &engine.Seen[gotoclient.User]{Remote: seen, Origin: v1alpha1.Adopted}, nil
	}
	return nil, nil
}

// Owner looks for an older GoToUser of the same account with the same address or the same user key.
func (k Kind) Owner(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, seen *engine.Seen[gotoclient.User]) (string, error) {
	claims := []string{emailClaim(u.Spec.Email)}
	if seen != nil {
		claims = append(claims, keyClaim(v1alpha1.Key(seen.Remote.Key)))
	}
	for _, claim := range claims {
		var others v1alpha1.GoToUserList
		if err := k.reader.List(ctx, &others, client.MatchingFields{indexClaim: claim}); err != nil {
			return "", err
		}
		for i := range others.Items {
			o := &others.Items[i]
			if o.UID == u.UID || !older(o, u) {
				continue
			}
			same, err := k.sameAccount(ctx, acct, o, u)
			if err != nil {
				return "", err
			}
			if same {
				return o.Namespace + "/" + o.Name, nil
			}
		}
	}
	return "", nil
}

// sameAccount is true if another user's GoToAccount is u's, or another one for the same GoTo account.
func (k Kind) sameAccount(ctx context.Context, acct *account.Account, other, u *v1alpha1.GoToUser) (bool, error) {
	name := engine.AccountName(other)
	if name == engine.AccountName(u) {
		return true, nil
	}
	var ga v1alpha1.GoToAccount
	err := k.reader.Get(ctx, name, &ga)
	return err == nil && gotoclient.Key(ga.Status.AccountKey) == acct.Key(), client.IgnoreNotFound(err)
}

func older(a, b *v1alpha1.GoToUser) bool {
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	return a.UID < b.UID
}

// Create creates the user. One that exists already is adopted, unless an earlier attempt may have made it.
func (Kind) Create(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, again bool) (*engine.Seen[gotoclient.User], error) {
	created, err := acct.CreateUser(ctx, toCreate(u))
	if errors.Is(err, account.ErrExists) {
		origin := v1alpha1.Adopted
		if again {
			origin = v1alpha1.Created
		}
		return &engine.Seen[gotoclient.User]{Remote: created, Origin: origin}, nil
	}
	if err != nil {
		return nil, err
	}
	return &engine.Seen[gotoclient.User]{Remote: created, Origin: v1alpha1.Created}, nil
}

// Diff lists what differs between the spec and the user.
func (Kind) Diff(u *v1alpha1.GoToUser, seen gotoclient.User) []engine.Change { return diff(u, seen) }

// Update writes the fields that differ, in one request.
func (Kind) Update(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, seen gotoclient.User, changes []engine.Change) (gotoclient.User, error) {
	err := acct.UpdateUser(ctx, seen.Key, toPatch(u, changes))
	if gotoclient.HasCode(err, gotoclient.CodeUserConflict) {
		return seen, &engine.StalledError{Reason: v1alpha1.ReasonConflict, Message: "another user of the account has this e-mail address"}
	}
	if err != nil {
		return seen, err
	}
	if updated, ok := acct.User(seen.Key); ok {
		return updated, nil
	}
	return seen, nil
}

// Delete deletes the user if the brake allows it.
func (Kind) Delete(ctx context.Context, acct *account.Account, _ *v1alpha1.GoToUser, seen gotoclient.User) error {
	if seen.Key == acct.Me().Key {
		return &engine.StalledError{Reason: v1alpha1.ReasonRefused,
			Message: "this is the user whose credentials the operator uses; set deletionPolicy: Orphan to let it stay"}
	}
	return acct.DeleteUser(ctx, seen.Key)
}

// Report copies what GoTo says into the status.
func (Kind) Report(u *v1alpha1.GoToUser, seen gotoclient.User) { report(u, seen) }

func emailClaim(email string) string   { return "email/" + strings.ToLower(email) }
func keyClaim(key v1alpha1.Key) string { return "key/" + string(key) }
