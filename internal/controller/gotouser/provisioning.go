package gotouser

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// byProvisioning is Kind for accounts that the Administration API serves, and organizer for the others. It is the one
// place that tells them apart: neither of the two knows of the other.
type byProvisioning struct {
	Kind
	organizer organizer
}

type seenUser = engine.Seen[*gotoclient.User]

var _ users = byProvisioning{}

// Resolve looks up nothing for an organizer: what a spec names belongs to the Administration API.
func (k byProvisioning) Resolve(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser) (*wants, error) {
	if acct.Organizers() != nil {
		return &wants{organizers: true}, nil
	}
	return k.Kind.Resolve(ctx, acct, u)
}

// Remembers is true, too, of an organizer who has no key yet.
func (k byProvisioning) Remembers(u *v1alpha1.GoToUser) bool {
	return k.Kind.Remembers(u) || k.organizer.invitation(u) != ""
}

// Names are, besides the address of the spec, that of an invitation.
func (k byProvisioning) Names(u *v1alpha1.GoToUser) []string {
	names := k.Kind.Names(u)
	if invited := k.organizer.invitation(u); invited != "" && !gotoclient.SameEmail(invited, u.Spec.Email) {
		names = append(names, emailClaim(invited))
	}
	return names
}

// Intent refuses what cannot be invited.
func (k byProvisioning) Intent(u *v1alpha1.GoToUser, want *wants) (string, error) {
	intent, err := k.Kind.Intent(u, want)
	if err == nil && want.organizers {
		err = invitable(u)
	}
	return intent, err
}

// Observe finds organizers without key as well.
func (k byProvisioning) Observe(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, want *wants) (*seenUser, error) {
	if acct.Organizers() != nil {
		if seen, err := k.organizer.observe(ctx, acct, u); seen != nil || err != nil {
			return seen, err
		}
	}
	return k.Kind.Observe(ctx, acct, u, want)
}

// Create creates a user or invites an organizer.
func (k byProvisioning) Create(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, want *wants, again bool) (*seenUser, error) {
	if acct.Organizers() != nil {
		return k.organizer.create(ctx, acct, u, again)
	}
	return k.Kind.Create(ctx, acct, u, want, again)
}

// Diff compares what the account's API shows.
func (k byProvisioning) Diff(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User) []engine.Change {
	if want.organizers {
		return k.organizer.diff(u, seen)
	}
	return k.Kind.Diff(u, want, seen)
}

// Update writes through the account's API.
func (k byProvisioning) Update(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User, changes []engine.Change) (*gotoclient.User, error) {
	if acct.Organizers() != nil {
		return k.organizer.update(ctx, acct, u, seen, changes)
	}
	return k.Kind.Update(ctx, acct, u, want, seen, changes)
}

// ReadBack reads an organizer without key by its address.
func (k byProvisioning) ReadBack(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, seen *gotoclient.User) (*gotoclient.User, error) {
	if !account.IsInvitation(seen.Key) {
		return k.Kind.ReadBack(ctx, acct, u, seen)
	}
	read, there, err := acct.Organizers().ConfirmEmail(ctx, seen.Email)
	if err == nil && !there {
		return seen, account.ErrGone
	}
	return &read, err
}

// Judge says what the account's API cannot do for the spec, and what is waited for.
func (k byProvisioning) Judge(u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User) ([]metav1.Condition, error) {
	if want.organizers {
		return k.organizer.judge(u, seen)
	}
	condition, err := supported(adminCannot(u), "the Administration API, where products come with licences,")
	more, moreErr := k.Kind.Judge(u, want, seen)
	if moreErr != nil {
		err = moreErr
	}
	return append(more, condition), err
}

// Report keeps what stands for the key of an invitation out of status.userKey.
func (k byProvisioning) Report(u *v1alpha1.GoToUser, seen *gotoclient.User) {
	k.Kind.Report(u, seen)
	u.Status.Invitation = ""
	if account.IsInvitation(seen.Key) {
		u.Status.UserKey, u.Status.Invitation = "", seen.Email
	}
}
