package account

import (
	"errors"
	"fmt"

	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

var (
	// ErrExists says that a user or group was not created because one with that e-mail address or name is there already.
	ErrExists = errors.New("it exists already")
	// ErrNotVisible says that GoTo refused to create a user or group as existing and does not list it either. It passes. Like
	// ErrExists it is proof that the request did not create the user.
	ErrNotVisible = errors.New("GoTo says that it exists but does not list it yet")
	// ErrGone is evidence.ErrGone.
	ErrGone = evidence.ErrGone
	// ErrNotServed says that an account is provisioned through the GoToMeeting API, which cannot do what was asked.
	ErrNotServed = errors.New("the account is provisioned by organizers, and their API cannot do this")
	// ErrUnconfirmed is evidence.ErrUnconfirmed.
	ErrUnconfirmed = evidence.ErrUnconfirmed
	// ErrInconsistent is reading.ErrInconsistent.
	ErrInconsistent = reading.ErrInconsistent
)

// errNotInvited is for a 409 about an address that nobody has when GoTo is asked for it: what is said for want of a seat is
// UNVERIFIED, and may be a 409 too. Both pass.
var errNotInvited = fmt.Errorf("%w, or no seat of the product is free", ErrNotVisible)

// SeatsError says that a licence has no free seat, as its own count shows or as GoTo's refusal of it alone. The statuses
// and codes of that refusal are UNVERIFIED, so they are not looked at.
type SeatsError struct{ License gotoclient.Key }

func (e *SeatsError) Error() string {
	return fmt.Sprintf("licence %s has no free seat", e.License)
}

// UnsupportedError says that GoTo was found unable to do what was asked without harm to somebody. Message says what to do. It may pass.
type UnsupportedError struct{ Message string }

func (e *UnsupportedError) Error() string { return e.Message }

// BlockedError says that the deletion brake does not allow one more deletion now. Nothing was deleted.
type BlockedError = brake.BlockedError
