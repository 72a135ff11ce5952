package gotouser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Names of the fields that organizers have, or that only they lack.
const (
	fieldState        = "state"
	fieldProducts     = "products"
	fieldWelcomeEmail = "welcomeEmail"
	fieldGroupRef     = "groupRef"
	fieldGroupKey     = "groupKey"
)

// maxOrganizerName is the longest first or last name of an organizer, in characters (D). The CRD allows the 32 of the
// Administration API.
const maxOrganizerName = 25

// organizer is a GoToUser of an account that is provisioned through the GoToMeeting API.
type organizer struct{}

// invitation is the address under which an organizer without key is remembered; "" for none.
func (organizer) invitation(u *v1alpha1.GoToUser) string {
	if u.Status.UserKey != "" {
		return ""
	}
	return u.Status.Invitation
}

// observe finds an organizer who has no key, or had none when last seen, by the address that is remembered. That the
// snapshot does not show it is not believed: GoTo is asked. Without such an address, or if there is nobody, it is nil.
func (o organizer) observe(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser) (*seenUser, error) {
	email, origin := o.invitation(u), v1alpha1.Adopted
	if intent, _ := engine.CreateIntent(u); u.Status.UserKey == "" && intent != "" && (email == "" || gotoclient.SameEmail(email, intent)) {
		email, origin = intent, v1alpha1.Created
	}
	if email == "" {
		return nil, nil
	}
	seen, ok := acct.Users().ByEmail(email)
	if !ok {
		var err error
		if seen, ok, err = acct.Organizers().ConfirmEmail(ctx, email); err != nil || !ok {
			return nil, err
		}
	}
	return &seenUser{Remote: &seen, Origin: origin}, nil
}

// create invites an organizer with its first product; the others follow as differences. One that exists already is
// adopted, unless an earlier attempt may have invited it.
func (organizer) create(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, again bool) (*seenUser, error) {
	spec := &u.Spec
	seen, err := acct.Organizers().Invite(ctx, gotoclient.NewOrganizer{
		Email: spec.Email, FirstName: spec.FirstName, LastName: spec.LastName, Product: firstProduct(convert[string](spec.Products)),
	})
	switch {
	case err == nil, errors.Is(err, account.ErrExists) && again:
		return &seenUser{Remote: &seen, Origin: v1alpha1.Created}, nil
	case errors.Is(err, account.ErrExists):
		return &seenUser{Remote: &seen, Origin: v1alpha1.Adopted}, nil
	}
	return nil, err
}

// invitable says why a spec cannot be invited. An invitation takes a seat and sends a mail, neither of which can be taken
// back: it is not sent where it would not be what was asked for.
func invitable(u *v1alpha1.GoToUser) error {
	spec := &u.Spec
	stalled := func(reason, format string, args ...any) error {
		return &engine.StalledError{Reason: reason, Message: fmt.Sprintf(format, args...)}
	}
	first, last := utf8.RuneCountInString(spec.FirstName), utf8.RuneCountInString(spec.LastName)
	switch {
	case max(first, last) > maxOrganizerName:
		return stalled(v1alpha1.ReasonNameTooLong, "%s has %d characters and %s %d; an organizer's may have %d",
			fieldFirstName, first, fieldLastName, last, maxOrganizerName)
	case spec.State == v1alpha1.UserSuspended:
		return stalled(v1alpha1.ReasonSuspendedNotInvited, "there is no such organizer, and nobody is invited only to be suspended")
	case len(spec.Products) == 0:
		return stalled(v1alpha1.ReasonProductsRequired, "an organizer is invited with a product; name at least one in spec.products")
	case spec.Welcome().Policy == v1alpha1.SuppressWelcomeEmail || spec.Welcome().Subject != "":
		return stalled(v1alpha1.ReasonUnsupported, "the GoToMeeting API always sends its own invitation; remove spec.%s to invite with it", fieldWelcomeEmail)
	}
	return nil
}

// firstProduct is the one that brings most with it, so that no seat is taken for what another product includes.
func firstProduct(products []string) string {
	return slices.MaxFunc(products, func(a, b string) int {
		return len(account.WithImplied([]string{a})) - len(account.WithImplied([]string{b}))
	})
}

// diff lists what differs, one change for each product. Only products can be added, or all be taken away: everything
// else is locked. To an organizer without key nothing can be done yet.
func (organizer) diff(u *v1alpha1.GoToUser, seen *gotoclient.User) []engine.Change {
	spec := &u.Spec
	var out []engine.Change
	locked := func(field, current, desired string) {
		if !gotoclient.SameName(desired, current) {
			out = append(out, engine.Change{Field: field, Current: current, Desired: desired, Locked: true})
		}
	}
	if !gotoclient.SameEmail(seen.Email, spec.Email) {
		locked(fieldEmail, seen.Email, spec.Email)
	}
	if spec.FirstName != "" {
		locked(fieldFirstName, seen.FirstName, spec.FirstName)
	}
	if spec.LastName != "" {
		locked(fieldLastName, seen.LastName, spec.LastName)
	}
	if account.IsInvitation(seen.Key) {
		return out
	}
	suspended, has := seen.Status == gotoclient.UserSuspended || len(seen.Products) == 0, seen.Products
	if suspended {
		has = nil // by definition (D)
	}
	if spec.State == v1alpha1.UserSuspended {
		if !suspended {
			out = append(out, engine.Change{Field: fieldState, Current: string(v1alpha1.UserActive), Desired: string(v1alpha1.UserSuspended)})
		}
		return out
	}
	if spec.State == v1alpha1.UserActive && suspended && len(spec.Products) > 0 {
		out = append(out, engine.Change{Field: fieldState, Current: string(v1alpha1.UserSuspended), Desired: string(v1alpha1.UserActive)})
	}
	return append(out, productChanges(convert[string](spec.Products), has)...)
}

// productChanges adds what is missing and reports what is too much. What a product brings with it is neither.
func productChanges(want, has []string) []engine.Change {
	if len(want) == 0 {
		return nil
	}
	want, has = account.WithImplied(want), account.WithImplied(has)
	var out []engine.Change
	for _, p := range want {
		if !slices.Contains(has, p) {
			out = append(out, engine.Change{Field: productField(p), Desired: p})
		}
	}
	for _, p := range has {
		if !slices.Contains(want, p) {
			out = append(out, engine.Change{Field: productField(p), Current: p, Locked: true})
		}
	}
	return out
}

func productField(product string) string { return fieldProducts + "[" + product + "]" }

// toOrganizerChange is what to ask for; a product that another one brings with it is not asked for.
func toOrganizerChange(u *v1alpha1.GoToUser, changes []engine.Change) account.OrganizerChange {
	if u.Spec.State == v1alpha1.UserSuspended {
		return account.OrganizerChange{Suspend: true}
	}
	var add []string
	for _, c := range changes {
		if c.Field == productField(c.Desired) {
			add = append(add, c.Desired)
		}
	}
	var change account.OrganizerChange
	for _, p := range add {
		others := slices.DeleteFunc(slices.Clone(add), func(other string) bool { return other == p })
		if !slices.Contains(account.WithImplied(others), p) {
			change.AddProducts = append(change.AddProducts, p)
		}
	}
	return change
}

// update adds products, or suspends.
func (organizer) update(ctx context.Context, acct *account.Account, u *v1alpha1.GoToUser, seen *gotoclient.User, changes []engine.Change) (*gotoclient.User, error) {
	err := acct.Organizers().Change(ctx, seen.Key, toOrganizerChange(u, changes))
	if updated, ok := acct.Users().Get(seen.Key); ok {
		seen = &updated
	}
	return seen, err
}

// judge waits for an invitation to be accepted, and says what the API cannot do for the spec.
func (organizer) judge(u *v1alpha1.GoToUser, seen *gotoclient.User) ([]metav1.Condition, error) {
	condition, err := supported(organizersCannot(u), "the GoToMeeting API, through which this account is provisioned,")
	switch {
	case account.IsInvitation(seen.Key):
		err = &engine.WaitingError{Reason: v1alpha1.ReasonInvitationPending, Message: "invited; GoTo gives the user a key when the invitation is accepted"}
	case u.Spec.State == v1alpha1.UserActive && len(u.Spec.Products) == 0 && len(seen.Products) == 0:
		err = &engine.StalledError{Reason: v1alpha1.ReasonProductsRequired, Message: "an organizer is made active by a product; name at least one in spec.products"}
	}
	return []metav1.Condition{condition}, err
}

// organizersCannot are the fields of a spec that have no counterpart in the GoToMeeting API. A welcome mail is none of
// them once the organizer is there: it has no use any more.
func organizersCannot(u *v1alpha1.GoToUser) []string {
	spec := &u.Spec
	return fieldsSet(map[string]bool{
		fieldLocale: spec.Locale != "", fieldTimeZone: spec.TimeZone != "",
		fieldGroupRef: spec.GroupRef.Name != "", fieldGroupKey: spec.GroupKey != "",
		fieldAdminRoles: spec.AdminRoles != nil, fieldManagedGroupKeys: spec.ManagedGroupKeys != nil,
		fieldRoleSets: spec.RoleSets != nil, "attributes": len(spec.Attributes) > 0,
	})
}

// adminCannot are the fields that only organizers have.
func adminCannot(u *v1alpha1.GoToUser) []string {
	return fieldsSet(map[string]bool{fieldProducts: len(u.Spec.Products) > 0, fieldState: u.Spec.State != ""})
}

func fieldsSet(set map[string]bool) []string {
	var out []string
	for field, on := range set {
		if on {
			out = append(out, field)
		}
	}
	slices.Sort(out)
	return out
}

// supported is the condition about fields that an API cannot set, and the error that keeps the object from being Ready.
func supported(fields []string, api string) (metav1.Condition, error) {
	if len(fields) == 0 {
		return metav1.Condition{Type: v1alpha1.ConditionSpecSupported, Status: metav1.ConditionUnknown}, nil
	}
	message := fmt.Sprintf("%s cannot set these fields: %s", api, strings.Join(fields, ", "))
	return metav1.Condition{
		Type: v1alpha1.ConditionSpecSupported, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonUnsupported, Message: message,
	}, &engine.StalledError{Reason: v1alpha1.ReasonUnsupported, Message: message}
}
