package gotoaccount

import (
	"context"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// byOrganizers is true of an account that the Administration API does not serve.
func byOrganizers(ga *v1alpha1.GoToAccount) bool {
	return ga.Spec.Provisioning == v1alpha1.ProvisioningOrganizers
}

// identify finds out whose credentials these are and which account to work in. An account with provisioning Organizers can
// do without the Administration API, which alone tells: then a person has to have said which account it is, and of the
// caller no more is known than the user name of a password grant. That the credentials work, reading the account shows.
func identify(ctx context.Context, ga *v1alpha1.GoToAccount, cl *gotoclient.Client, username string) (*gotoclient.Me, gotoclient.Key, error) {
	me, err := cl.Me(ctx)
	switch {
	case err == nil && byOrganizers(ga):
		key, err := organizersAccountKey(ga, me)
		return me, key, err
	case err == nil:
		key, err := accountKey(ga, me)
		return me, key, err
	case !byOrganizers(ga) || !refusesCaller(err):
		return nil, "", err
	}
	key, err := expectedKey(ga)
	switch {
	case err != nil:
		return nil, "", err
	case key == "":
		return nil, "", &engine.StalledError{Reason: v1alpha1.ReasonAccountKeyRequired,
			Message: "the Administration API does not serve these credentials, so it cannot tell their account; set spec.accountKey"}
	}
	return &gotoclient.Me{AccountKey: key, Email: username}, key, nil
}

// refusesCaller tells an answer about the caller from a failure that may pass.
func refusesCaller(err error) bool {
	return isScopeMissing(err) || gotoclient.IsRefused(err)
}

// organizersAccountKey is accountKey where requests cannot say which account they are for: the GoToMeeting API names none,
// and works in the caller's primary one (UNVERIFIED).
func organizersAccountKey(ga *v1alpha1.GoToAccount, me *gotoclient.Me) (gotoclient.Key, error) {
	want, err := expectedKey(ga)
	if err != nil || me.AccountKey == "" {
		return accountKey(ga, me)
	}
	if want != "" && want != me.AccountKey {
		return "", mismatch("with provisioning Organizers GoTo works in the primary account of the credentials' user, which is %s and not %s",
			me.AccountKey, want)
	}
	return me.AccountKey, nil
}

// showCaller says whether it is known who the operator is in GoTo.
func showCaller(ga *v1alpha1.GoToAccount, me *gotoclient.Me) {
	switch {
	case !byOrganizers(ga):
	case me.Key != "":
		set(ga, v1alpha1.ConditionCallerKnown, true, v1alpha1.ReasonIdentified, "the Administration API told whose credentials these are")
	default:
		set(ga, v1alpha1.ConditionCallerKnown, false, v1alpha1.ReasonAdminNotServed,
			"the Administration API does not serve these credentials: spec.accountKey is taken at its word, and the operator cannot tell which user is its own")
	}
}

// userKey is what an account knows a user by: the key, or what stands for it before the invitation is accepted.
func userKey(u *v1alpha1.GoToUser) gotoclient.Key {
	if u.Status.UserKey == "" && u.Status.Invitation != "" {
		return account.InvitationKey(u.Status.Invitation)
	}
	return gotoclient.Key(u.Status.UserKey)
}
