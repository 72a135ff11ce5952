// Package gotouser reconciles GoToUser objects with the users of a GoTo account.
//
// controller.go says what starts a reconcile and what the operator may do, kind.go reads and writes, diff.go, convert.go
// and entitled.go are pure. It may not import another kind's package.
package gotouser

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Kind is the engine's view of a GoToUser.
type Kind struct {
	reader  client.Reader
	planner *entitlement.Planner
}

// wants is what a user wants besides its spec.
type wants struct {
	organizers bool           // the account is provisioned by organizers
	group      gotoclient.Key // "" if the spec names none
	entitled   entitlement.User
}

var (
	_ engine.Kind[*v1alpha1.GoToUser, wants, gotoclient.User]     = Kind{}
	_ engine.Recorder[*v1alpha1.GoToUser, wants, gotoclient.User] = Kind{}
	_ engine.Judge[*v1alpha1.GoToUser, wants, gotoclient.User]    = Kind{}
)

// New returns an empty GoToUser.
func (Kind) New() *v1alpha1.GoToUser { return &v1alpha1.GoToUser{} }

// NewList returns an empty list of them.
func (Kind) NewList() client.ObjectList { return &v1alpha1.GoToUserList{} }

// Resolve finds the key of the group, and what bindings give.
func (k Kind) Resolve(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser) (wants, error) { //nolint:revive // nobody but the engine, by its type parameter, has to name the type
	group, err := k.group(ctx, u)
	if err != nil {
		return wants{}, err
	}
	entitled, err := k.planner.User(ctx, acct, u)
	return wants{group: group, entitled: entitled}, err
}

func (k Kind) group(ctx context.Context, u *v1alpha1.GoToUser) (gotoclient.Key, error) {
	ref := u.Spec.GroupRef.Name
	if ref == "" {
		return gotoclient.Key(u.Spec.GroupKey), nil
	}
	var group v1alpha1.GoToGroup
	err := k.reader.Get(ctx, client.ObjectKey{Namespace: u.Namespace, Name: ref}, &group)
	switch {
	case apierrors.IsNotFound(err):
		return "", &engine.BlockedReference{Reason: v1alpha1.ReasonGroupNotFound, Message: "there is no GoToGroup " + ref}
	case err != nil:
		return "", err
	case engine.AccountName(&group) != engine.AccountName(u):
		return "", &engine.BlockedReference{Reason: v1alpha1.ReasonGroupNotReady, Message: fmt.Sprintf("GoToGroup %s is of another GoToAccount", ref)}
	case group.Status.GroupKey == "":
		return "", &engine.BlockedReference{Reason: v1alpha1.ReasonGroupNotReady, Message: fmt.Sprintf("GoToGroup %s has no group in GoTo yet", ref)}
	}
	return gotoclient.Key(group.Status.GroupKey), nil
}

// Intent is the address that is about to be created.
func (Kind) Intent(u *v1alpha1.GoToUser, _ wants) string { return u.Spec.Email }

// Remembers is true once a user is known or may have been created.
func (Kind) Remembers(u *v1alpha1.GoToUser) bool {
	return u.Status.UserKey != "" || engine.CreateIntent(u) != ""
}

// Observe finds the user by the key that is remembered, then by the address whose creation was never confirmed, then by
// the address of the spec. While the object is being deleted the last does not count: it could be somebody else's user.
func (Kind) Observe(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, want wants) (*engine.Seen[gotoclient.User], error) {
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
		forget(u)
	} else if pending := engine.CreateIntent(u); pending != "" {
		if seen, ok := acct.UserByEmail(pending); ok {
			recordGiven(u, want.entitled, seen.LicenseKeys)
			recordPlaced(u, seen.GroupKey)
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

// forget takes back what was true of a user who is gone: whoever has the address now may be somebody else's.
func forget(u *v1alpha1.GoToUser) {
	u.Status.Origin, u.Status.GivenLicenses, u.Status.PlacedGroupKeys = "", nil, nil
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
func (k Kind) Create(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, want wants, again bool) (*engine.Seen[gotoclient.User], error) {
	created, err := acct.CreateUser(ctx, toCreate(u, want))
	switch {
	case errors.Is(err, account.ErrExists) && !again:
		return &engine.Seen[gotoclient.User]{Remote: created, Origin: v1alpha1.Adopted}, nil
	case err != nil && !errors.Is(err, account.ErrExists):
		return nil, k.waitForSeat(u, err)
	}
	recordGiven(u, want.entitled, created.LicenseKeys)
	recordPlaced(u, created.GroupKey)
	return &engine.Seen[gotoclient.User]{Remote: created, Origin: v1alpha1.Created}, nil
}

// waitForSeat makes of the account's word that there is no seat one about the user, who acts again when the plan gives it
// one.
func (k Kind) waitForSeat(u *v1alpha1.GoToUser, err error) error {
	var seats *account.SeatsError
	if errors.As(err, &seats) {
		k.planner.Unserved(u)
		return &engine.WaitingError{Reason: v1alpha1.ReasonWaitingForSeat, Message: fmt.Sprintf("licence %s has no free seat", seats.License)}
	}
	return err
}

// Diff lists what differs between the spec and the user.
func (Kind) Diff(u *v1alpha1.GoToUser, want wants, seen gotoclient.User) []engine.Change {
	return diff(u, want, seen)
}

// Record notes what Update is about to give: licences, and a group.
func (Kind) Record(u *v1alpha1.GoToUser, want wants, seen gotoclient.User, changes []engine.Change) {
	for _, c := range changes {
		switch c.Field {
		case fieldLicenses:
			recordGiven(u, want.entitled, missing(want.entitled, seen.LicenseKeys))
		case fieldGroup:
			recordPlaced(u, want.group)
		}
	}
}

// Update writes the fields that differ, in one request if GoTo takes them together. Licences are taken away only as far as
// the deletion brake allows; the rest is written all the same.
func (k Kind) Update(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, want wants, seen gotoclient.User, changes []engine.Change) (gotoclient.User, error) {
	patch, leave := toPatch(u, want, seen, changes)
	var braked error
	var ticket *brake.Ticket
	if takes(want.entitled, seen.LicenseKeys) && patch.LicenseKeys != nil {
		if ticket, braked = acct.TakeFromBrake(ctx, brake.Licenses); braked != nil {
			patch.LicenseKeys = keepAll(want.entitled, seen.LicenseKeys)
		}
	}
	err := update(ctx, acct, seen.Key, patch, ticket)
	if err == nil && leave {
		err = acct.LeaveGroup(ctx, seen.Key)
	}
	if updated, ok := acct.User(seen.Key); ok {
		seen = updated
	}
	if gotoclient.HasCode(err, gotoclient.CodeUserConflict) {
		return seen, &engine.StalledError{Reason: v1alpha1.ReasonConflict, Message: "another user of the account has this e-mail address"}
	}
	if err != nil {
		return seen, k.waitForSeat(u, err)
	}
	return seen, braked
}

// update changes a user, with a ticket of the brake where licences are taken.
func update(ctx context.Context, acct *account.Account, user gotoclient.Key, patch gotoclient.UserPatch, ticket *brake.Ticket) error {
	if ticket == nil {
		return acct.UpdateUser(ctx, user, patch)
	}
	err := acct.UpdateUser(brake.With(ctx, ticket), user, patch)
	account.SettleTicket(ticket, err)
	return err
}

// Judge says what became of licences and group.
func (Kind) Judge(u *v1alpha1.GoToUser, want wants, seen gotoclient.User) ([]metav1.Condition, error) {
	return judge(u, want, seen)
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
