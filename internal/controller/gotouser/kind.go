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
type Kind struct{}

// wants is what a user wants besides its spec.
type wants struct {
	organizers bool // the account is provisioned by organizers
}

var _ engine.Kind[*v1alpha1.GoToUser, wants, gotoclient.User] = Kind{}

// New returns an empty GoToUser.
func (Kind) New() *v1alpha1.GoToUser { return &v1alpha1.GoToUser{} }

// NewList returns an empty list of them.
func (Kind) NewList() client.ObjectList { return &v1alpha1.GoToUserList{} }

// Resolve has nothing to look up.
func (Kind) Resolve(context.Context, *account.Account, *v1alpha1.GoToUser) (wants, error) { //nolint:revive // nobody but the engine, by its type parameter, has to name the type
	return wants{}, nil
}

// Intent is the address that is about to be created.
func (Kind) Intent(u *v1alpha1.GoToUser, _ wants) string { return u.Spec.Email }

// Remembers is true once a user is known or may have been created.
func (Kind) Remembers(u *v1alpha1.GoToUser) bool {
	return u.Status.UserKey != "" || engine.CreateIntent(u) != ""
}

// Observe finds the user by the key that is remembered, then by the address whose creation was never confirmed, then by
// the address of the spec. While the object is being deleted the last does not count: it could be somebody else's user.
func (Kind) Observe(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, _ wants) (*engine.Seen[gotoclient.User], error) {
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
	} else if pending := engine.CreateIntent(u); pending != "" {
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

// Claims are the address, and the key once it is known.
func (Kind) Claims(u *v1alpha1.GoToUser) []string {
	claims := []string{emailClaim(u.Spec.Email)}
	if u.Status.UserKey != "" {
		claims = append(claims, keyClaim(gotoclient.Key(u.Status.UserKey)))
	}
	return claims
}

// Claim is the key.
func (Kind) Claim(seen gotoclient.User) string { return keyClaim(seen.Key) }

// Changed are the users that a reading found changed, by key and by address.
func (Kind) Changed(c account.Change) []string {
	var claims []string
	for _, ref := range c.Users {
		claims = append(claims, keyClaim(ref.Key), emailClaim(ref.Email))
	}
	return claims
}

// Create creates the user. One that exists already is adopted, unless an earlier attempt may have made it.
func (Kind) Create(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, _ wants, again bool) (*engine.Seen[gotoclient.User], error) {
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
func (Kind) Diff(u *v1alpha1.GoToUser, _ wants, seen gotoclient.User) []engine.Change {
	return diff(u, seen)
}

// Update writes the fields that differ, in one request.
func (Kind) Update(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, _ wants, seen gotoclient.User, changes []engine.Change) (gotoclient.User, error) {
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

func emailClaim(email string) string     { return "email/" + strings.ToLower(email) }
func keyClaim(key gotoclient.Key) string { return "key/" + string(key) }
