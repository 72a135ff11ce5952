// Package gotolicensebinding reconciles GoToLicenseBinding objects. A binding has no counterpart in GoTo: who gets what is
// worked out by internal/entitlement, and written by the GoToUsers themselves. Here the binding's status is counted, and a
// binding that is deleted is held until its users have given back what it gave.
//
// controller.go says what starts a reconcile, plan.go keeps the plan of each account current, kind.go is the rest. It may
// not import another kind's package.
package gotolicensebinding

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
)

// Kind is the engine's view of a GoToLicenseBinding: what the plan says of it is what is seen.
type Kind struct{ planner *entitlement.Planner }

type wants struct{}

var (
	_ engine.Kind[*v1alpha1.GoToLicenseBinding, wants, entitlement.Binding]  = Kind{}
	_ engine.Deleter[*v1alpha1.GoToLicenseBinding, entitlement.Binding]      = Kind{}
	_ engine.Judge[*v1alpha1.GoToLicenseBinding, wants, entitlement.Binding] = Kind{}
)

// New returns an empty GoToLicenseBinding.
func (Kind) New() *v1alpha1.GoToLicenseBinding { return &v1alpha1.GoToLicenseBinding{} }

// NewList returns an empty list of them.
func (Kind) NewList() client.ObjectList { return &v1alpha1.GoToLicenseBindingList{} }

// Resolve has nothing to look up: the plan has. There is none for organizers, who have products.
func (Kind) Resolve(_ context.Context, acct *account.Account, _ *v1alpha1.GoToLicenseBinding) (wants, error) { //nolint:revive // nobody but the engine, by its type parameter, has to name the type
	if acct.Organizers() != nil {
		return wants{}, &engine.StalledError{Reason: v1alpha1.ReasonUnsupported,
			Message: "the GoToMeeting API, through which this account is provisioned, has no licences to give: set spec.products of the GoToUsers"}
	}
	return wants{}, nil
}

// Observe asks the plan.
func (k Kind) Observe(ctx context.Context, acct *account.Account, b *v1alpha1.GoToLicenseBinding, _ wants) (*engine.Seen[entitlement.Binding], error) {
	plan, err := k.planner.Binding(ctx, acct, b)
	return &engine.Seen[entitlement.Binding]{Remote: plan, Origin: v1alpha1.Created}, err
}

// Delete waits until no user has the licence through this binding any more.
func (Kind) Delete(_ context.Context, _ *account.Account, _ *v1alpha1.GoToLicenseBinding, seen entitlement.Binding) error {
	if seen.Holding == 0 {
		return nil
	}
	message := fmt.Sprintf("the licence is being taken from %d users", seen.Holding)
	if seen.Braked > 0 {
		message += fmt.Sprintf("; %d of them wait for the account's deletion brake, see the GoToAccount for how to approve them", seen.Braked)
	}
	return &engine.WaitingError{Reason: v1alpha1.ReasonInUse, Message: message}
}

// Report copies the counts.
func (Kind) Report(b *v1alpha1.GoToLicenseBinding, seen entitlement.Binding) {
	s := &b.Status
	s.LicenseKey = v1alpha1.Key(seen.License)
	s.Selected, s.Assigned, s.Waiting, s.Failed = count(seen.Selected), count(seen.Assigned), count(seen.Waiting), count(seen.Failed)
}

func count(n int) *int64 {
	v := int64(n)
	return &v
}

// Remembers is true once a licence was known that users may have got.
func (Kind) Remembers(b *v1alpha1.GoToLicenseBinding) bool { return b.Status.LicenseKey != "" }

// Judge says whether everybody has the licence.
func (Kind) Judge(b *v1alpha1.GoToLicenseBinding, _ wants, seen entitlement.Binding) ([]metav1.Condition, error) {
	switch {
	case seen.Err != nil:
		return nil, seen.Err
	case !seen.Claimed:
		return nil, &engine.WaitingError{Reason: v1alpha1.ReasonAssigning, Message: "the users are being found"}
	case seen.Waiting > 0 && b.Spec.OnExhausted == v1alpha1.OnExhaustedFail:
		return nil, &engine.StalledError{Reason: v1alpha1.ReasonSeatsExhausted,
			Message: fmt.Sprintf("%d of %d users have no seat, and the licence has none free", seen.Waiting, seen.Selected)}
	case seen.Working > 0:
		return nil, &engine.WaitingError{Reason: v1alpha1.ReasonAssigning,
			Message: fmt.Sprintf("%d of %d users have the licence", seen.Assigned, seen.Selected)}
	case seen.Waiting > 0:
		return nil, &engine.WaitingError{Reason: v1alpha1.ReasonWaitingForSeat,
			Message: fmt.Sprintf("%d of %d users wait for a seat", seen.Waiting, seen.Selected)}
	case seen.Failed > 0:
		return nil, &engine.WaitingError{Reason: v1alpha1.ReasonUsersNotReady,
			Message: fmt.Sprintf("%d of %d users are suspended, only observed or stalled, and do not have the licence", seen.Failed, seen.Selected)}
	}
	return nil, nil
}
