// Package gotouser reconciles GoToUser objects with the users of a GoTo account.
//
// controller.go says what starts a reconcile and what the operator may do, kind.go reads and writes, guard.go says what it
// must not do; diff.go, roles.go, convert.go, memory.go and entitled.go are pure; settings.go is about
// what profiles give. It may not import another kind's package.
package gotouser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/settings"
)

// Kind is the engine's view of a GoToUser.
type Kind struct {
	reader   client.Reader
	planner  *entitlement.Planner
	settings *settings.Planner
}

func newKind(reader client.Reader, planner *entitlement.Planner, profiles *settings.Planner) Kind {
	k := Kind{reader, planner, profiles}
	planner.Recalls(func(u *v1alpha1.GoToUser) *v1alpha1.GoToUser { return engine.Recalled(k, u) })
	return k
}

// wants is what a user wants besides its spec.
type wants struct {
	organizers bool           // the account is provisioned by organizers
	group      gotoclient.Key // "" if the spec names none
	entitled   entitlement.User
	roles      roleLimit
	values     values
	roleSets   roleSets
	mail       mail
	settings   *settings.Wanted
}

type users = engine.Kind[*v1alpha1.GoToUser, *wants, *gotoclient.User]

var (
	_ users                                                         = Kind{}
	_ engine.Claimer[*v1alpha1.GoToUser, *gotoclient.User]          = Kind{}
	_ engine.Writer[*v1alpha1.GoToUser, *wants, *gotoclient.User]   = Kind{}
	_ engine.Creator[*v1alpha1.GoToUser, *wants, *gotoclient.User]  = Kind{}
	_ engine.Deleter[*v1alpha1.GoToUser, *gotoclient.User]          = Kind{}
	_ engine.Guard[*v1alpha1.GoToUser, *wants, *gotoclient.User]    = Kind{}
	_ engine.Recorder[*v1alpha1.GoToUser, *wants, *gotoclient.User] = Kind{}
	_ engine.Unrecorder[*v1alpha1.GoToUser, *gotoclient.User]       = Kind{}
	_ engine.Rememberer[*v1alpha1.GoToUser]                         = Kind{}
	_ engine.Coverer[*v1alpha1.GoToUser]                            = Kind{}
	_ engine.Shower[*gotoclient.User]                               = Kind{}
	_ engine.Judge[*v1alpha1.GoToUser, *wants, *gotoclient.User]    = Kind{}
)

// New returns an empty GoToUser.
func (Kind) New() *v1alpha1.GoToUser { return &v1alpha1.GoToUser{} }

// NewList returns an empty list of them.
func (Kind) NewList() client.ObjectList { return &v1alpha1.GoToUserList{} }

// Resolve finds the key of the group, and what bindings give.
func (k Kind) Resolve(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser) (*wants, error) { //nolint:revive // nobody but the engine, by its type parameter, has to name the type
	group, err := k.existing(ctx, acct, u)
	if err != nil {
		return nil, err
	}
	roles, err := k.roleLimit(ctx, u)
	if err != nil {
		return nil, err
	}
	sets, err := k.roleSets(ctx, acct, u, roles)
	if err != nil {
		return nil, err
	}
	post, err := k.mail(ctx, u)
	if err != nil {
		return nil, err
	}
	entitled, err := k.planner.User(ctx, acct, u)
	if err != nil {
		return nil, err
	}
	wanted, err := k.settings.User(ctx, acct, u)
	return &wants{group: group, entitled: entitled, roles: roles, values: k.values(ctx, acct, u), roleSets: sets, mail: post, settings: wanted}, err
}

// existing is the key of the user's group, if GoTo has one: it may be gone, and its object not know of that yet.
func (k Kind) existing(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser) (gotoclient.Key, error) {
	key, err := k.group(ctx, u)
	if err != nil || key == "" || acct.Organizers() != nil {
		return key, err
	}
	there, err := acct.Groups().Exists(ctx, key)
	if err != nil || there {
		return key, err
	}
	gone := &account.NoGroupError{Group: key}
	if u.Spec.GroupRef.Name == "" {
		return key, &engine.BlockedReference{Reason: v1alpha1.ReasonGroupNotFound, Message: gone.Error()}
	}
	return key, noGroup(gone) // its object makes another
}

// noGroup makes a reference that is not ready of the account's word that there is no such group.
func noGroup(err error) error {
	if gone := new(account.NoGroupError); errors.As(err, &gone) {
		return &engine.BlockedReference{Reason: v1alpha1.ReasonGroupNotReady, Message: gone.Error()}
	}
	return err
}

func (k Kind) group(ctx context.Context, u *v1alpha1.GoToUser) (gotoclient.Key, error) {
	if u.Spec.GroupRef.Name == "" {
		return gotoclient.Key(u.Spec.GroupKey), nil
	}
	return engine.Groups.Key(ctx, k.reader, u, u.Spec.GroupRef.Name)
}

// Intent is the address that is about to be created. GoTo creates nobody without a name (D).
func (Kind) Intent(u *v1alpha1.GoToUser, want *wants) (string, error) {
	if want.mail.missing != nil {
		return "", want.mail.missing
	}
	if u.Spec.FirstName == "" || u.Spec.LastName == "" {
		return "", &engine.StalledError{Reason: v1alpha1.ReasonNameRequired,
			Message: "there is no such user in GoTo, and one is created with a name: set spec.firstName and spec.lastName"}
	}
	return u.Spec.Email, nil
}

// Proves is true while the user has the address that was about to be created, and was invited since.
func (Kind) Proves(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User) bool {
	intent, at := engine.CreateIntent(u)
	return gotoclient.SameEmail(intent, seen.Email) && (want.organizers || originSince(seen, at) == v1alpha1.Created)
}

// originSince tells a user that was created at or after a time from one that was there before. Where GoTo does not say when
// it was invited, the safe side is that it was there: what was adopted outlives its object.
func originSince(seen *gotoclient.User, at time.Time) v1alpha1.Origin {
	if since, known := evidence.InvitedAfter(seen, at); known && since {
		return v1alpha1.Created
	}
	return v1alpha1.Adopted
}

// Remembers is true once a user is known or may have been created.
func (Kind) Remembers(u *v1alpha1.GoToUser) bool {
	intent, _ := engine.CreateIntent(u)
	return u.Status.UserKey != "" || intent != ""
}

// Observe finds the user, with its settings where profiles give it any. What an object that is being deleted wants is nothing.
func (k Kind) Observe(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, want *wants) (*engine.Seen[*gotoclient.User], error) {
	seen, gone, err := withKey(ctx, acct, u)
	if gone { // and with it what it had: its seats may be others' by now
		if want != nil {
			want.entitled, err = k.planner.User(ctx, acct, u)
		}
		forget(u)
	}
	if seen == nil && err == nil {
		seen, err = find(acct, u, gone)
	}
	if seen != nil && err == nil && want != nil {
		seen.Remote, err = withSettings(ctx, acct, want.settings, seen.Remote)
	}
	return seen, err
}

// withKey finds the user by the key that is remembered, and tells whether it is surely gone.
func withKey(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser) (seen *seenUser, gone bool, err error) {
	key := gotoclient.Key(u.Status.UserKey)
	if key == "" {
		return nil, false, nil
	}
	user, there, err := known(ctx, acct, key)
	if err != nil || !there {
		return nil, err == nil, err
	}
	return &seenUser{Remote: user, Origin: cameBack(u, user)}, false, nil
}

// find finds the user by the address whose creation was never confirmed, then by the address of the spec. While the object is being deleted the
// latter does not count: it could be somebody else's user. That of a key that is gone was confirmed.
func find(acct *account.Account, u *v1alpha1.GoToUser, gone bool) (*seenUser, error) {
	if pending, at := engine.CreateIntent(u); pending != "" && !gone {
		if seen, ok := acct.Users().ByEmail(pending); ok {
			return &seenUser{Remote: &seen, Origin: originSince(&seen, at)}, nil
		}
	}
	if !u.DeletionTimestamp.IsZero() {
		return nil, nil
	}
	if seen, ok := acct.Users().ByEmail(u.Spec.Email); ok {
		return &seenUser{Remote: &seen, Origin: v1alpha1.Adopted}, nil
	}
	if gone && u.Spec.RecreatePolicy == v1alpha1.ReportMissing {
		return nil, &engine.StalledError{Reason: v1alpha1.ReasonDeletedInGoTo,
			Message: "somebody deleted the user in GoTo; recreatePolicy is Report, so no other is made"}
	}
	return nil, nil
}

// cameBack tells how the object comes by a user who has the key that it knows, where status does not say. It does not where the object was about to
// make another as that one was gone: what it says then is of the one before.
func cameBack(u *v1alpha1.GoToUser, seen *gotoclient.User) v1alpha1.Origin {
	at, anew := engine.BegunAnew(u)
	if !anew {
		return v1alpha1.Adopted
	}
	forget(u)
	return originSince(seen, at)
}

// known finds a user by key. That the snapshot does not show it is not believed: GoTo is asked.
func known(ctx context.Context, acct *account.Account, key gotoclient.Key) (*gotoclient.User, bool, error) {
	if seen, ok := acct.Users().Get(key); ok {
		return &seen, true, nil
	}
	seen, there, err := acct.Users().Confirm(ctx, key)
	return &seen, there, err
}

// forget takes back what was true of a user who is gone: whoever has the address now may be somebody else's.
func forget(u *v1alpha1.GoToUser) {
	u.Status.Origin, u.Status.GivenLicenses, u.Status.PlacedGroupKeys, u.Status.ManagedGroupKeys = "", nil, nil, nil
	u.Status.Attributes, u.Status.RoleSets = nil, nil
}

// Names is the address.
func (Kind) Names(u *v1alpha1.GoToUser) []string { return []string{emailClaim(u.Spec.Email)} }

// Begun is the address.
func (Kind) Begun(intent string) string { return emailClaim(intent) }

// Key is the user's key.
func (Kind) Key(seen *gotoclient.User) gotoclient.Key { return seen.Key }

// NamesOf is the address that the user has in GoTo.
func (Kind) NamesOf(seen *gotoclient.User) []string { return []string{emailClaim(seen.Email)} }

// Taken finds who has an address in GoTo.
func (Kind) Taken(acct *account.Account, name string) (gotoclient.Key, bool) {
	seen, ok := acct.Users().ByEmail(strings.TrimPrefix(name, emailClaim("")))
	return seen.Key, ok
}

// Changed are the users that a reading found changed, by key and by address.
func (Kind) Changed(c account.Change) []string {
	var claims []string
	for _, ref := range c.Users {
		claims = append(claims, engine.KeyClaim(ref.Key), emailClaim(ref.Email))
	}
	return claims
}

// Create creates the user. One that exists already is adopted, unless an earlier attempt may have made it, and it was
// invited since.
func (k Kind) Create(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, want *wants, again bool) (*engine.Seen[*gotoclient.User], error) {
	making, err := acct.Users().Create(ctx, toCreate(u, want))
	if err != nil {
		return nil, k.waitForSeat(u, noGroup(err))
	}
	if making.Known() {
		created, existed := making.Result()
		return cameOf(created, existed, u, again), nil
	}
	seen := func(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser) (*seenUser, error) {
		created, existed := making.Result()
		now, there, err := known(ctx, acct, created.Key) // the account may be connected anew since
		if err != nil || !there {
			return nil, err // somebody has deleted it before that could be written down
		}
		return cameOf(now, existed, u, again), nil
	}
	return nil, &engine.UnderWay[*v1alpha1.GoToUser, *gotoclient.User]{Then: making.Then, Seen: seen}
}

// cameOf is what came of a create, for an object whose status does not say it, with the error of its result. The user is as it is by now: this
// very object may have changed it since, and been refused to write that down.
func cameOf(now *gotoclient.User, existed error, u *v1alpha1.GoToUser, again bool) *seenUser {
	forget(u)
	seen := &seenUser{Remote: now, Origin: v1alpha1.Created}
	if existed != nil {
		seen.Origin = v1alpha1.Adopted
	}
	if _, at := engine.CreateIntent(u); existed != nil && again {
		seen.Origin = originSince(now, at)
	}
	return seen
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
func (Kind) Diff(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User) []engine.Change {
	return diff(u, want, seen)
}

// Update writes the fields that differ, in one request if GoTo takes them together. Licences are taken away only as far as
// the deletion brake allows; the rest is written all the same.
func (k Kind) Update(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User, changes []engine.Change) (*gotoclient.User, error) {
	if slices.ContainsFunc(changes, func(c engine.Change) bool { return c.Field == fieldLicenses }) {
		recent, err := acct.Users().Recent(ctx, seen.Key)
		if err != nil {
			return seen, err
		}
		seen = &recent
	}
	patch, leave := toPatch(u, want, seen, changes)
	var braked error
	var ticket *brake.Ticket
	if takes(want.entitled, seen.LicenseKeys) && patch.LicenseKeys != nil {
		if ticket, braked = acct.Deletions().Take(ctx, brake.Licenses); braked != nil {
			patch.LicenseKeys = keepAll(want.entitled, seen.LicenseKeys)
		}
	}
	k.planner.Arrived(acct, u)
	err := update(ctx, acct, seen.Key, patch, ticket)
	if err == nil && leave {
		err = acct.Groups().Leave(ctx, seen.Key)
	}
	if seats := new(account.SeatsError); err == nil || errors.As(err, &seats) {
		err = errors.Join(k.waitForSeat(u, err), defined(ctx, acct, u, want, seen, changes), k.writeSettings(ctx, acct, u, want.settings, seen.Key, changes))
	}
	if updated, ok := acct.Users().Get(seen.Key); ok {
		seen = &updated
	}
	if gotoclient.HasCode(err, gotoclient.CodeUserConflict) {
		err = &engine.StalledError{Reason: v1alpha1.ReasonConflict, Message: "another user has this e-mail address", Again: true}
	}
	return seen, errors.Join(noGroup(err), braked)
}

// update changes a user, with a ticket of the brake where licences are taken. One that no request needed is given back.
func update(ctx context.Context, acct *account.Account, user gotoclient.Key, patch gotoclient.UserPatch, ticket *brake.Ticket) error {
	if ticket == nil {
		return acct.Users().Update(ctx, user, patch)
	}
	err := acct.Users().Update(brake.With(ctx, ticket), user, patch)
	evidence.Settle(ticket, err)
	return err
}

// ReadBack reads the user as GoTo shows it.
func (Kind) ReadBack(ctx context.Context, acct *account.Account, _ *v1alpha1.GoToUser, seen *gotoclient.User) (*gotoclient.User, error) {
	read, there, err := acct.Users().Read(ctx, seen.Key)
	if err == nil && !there {
		return seen, account.ErrGone
	}
	return &read, err
}

// Shows waits for users who were changed with many others.
func (Kind) Shows(acct *account.Account, seen *gotoclient.User) (then func(func())) {
	if later := acct.Users().Later(seen.Key); later != nil {
		return later.Then
	}
	return nil
}

// Judge says what became of licences, group and settings.
func (Kind) Judge(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User) ([]metav1.Condition, error) {
	conditions, err := judge(u, want, seen)
	more, undefined := judgeDefined(u, want, seen)
	settled, unknown := judgeSettings(want.settings, seen)
	return slices.Concat(conditions, more, settled), errors.Join(err, undefined, unknown)
}

// Delete deletes the user if the brake allows it.
func (Kind) Delete(ctx context.Context, acct *account.Account, _ *v1alpha1.GoToUser, seen *gotoclient.User) error {
	if isOwn(acct, seen) {
		return ownUser("it cannot be deleted; set deletionPolicy: Orphan to let it stay")
	}
	return acct.Users().Delete(ctx, seen.Key)
}

// Report copies what GoTo says into the status.
func (Kind) Report(u *v1alpha1.GoToUser, seen *gotoclient.User) { report(u, seen) }

func emailClaim(email string) string { return "email/" + gotoclient.FoldEmail(email) }
