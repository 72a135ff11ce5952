package evidence

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// ErrGone says that a thing that the records show is no longer in GoTo. They have forgotten it by then.
var ErrGone = errors.New("it is no longer in GoTo; it is looked for again")

// ErrUnconfirmed says that GoTo's answers do not agree: that something was made which it does not show, or that something is not
// there, without a proof of it. It passes.
var ErrUnconfirmed = errors.New("GoTo's answers do not agree yet")

// afterLook tells what became of the thing that a refusal is about, once it was looked for: whether it is surely gone, or else why
// the request failed. A 404 that looking does not confirm passes, as what a gateway says does.
func afterLook(refusal error, there bool, lookErr error) (bool, error) {
	switch {
	case lookErr == nil && !there:
		return true, nil
	case !IsMissing(refusal):
		return false, refusal
	case lookErr != nil && !gotoclient.IsRefused(lookErr):
		return false, lookErr
	}
	return false, Unconfirmed(refusal)
}

// Unconfirmed hides what GoTo said in the text: as an error it would count as a refusal, which does not pass.
func Unconfirmed(refusal error) error {
	return fmt.Errorf("%w: %v", ErrUnconfirmed, refusal) //nolint:errorlint // see above
}

// IsMissing tells the statuses that mean that something is not there from those that may mean it.
func IsMissing(err error) bool {
	return gotoclient.MayBeAbsent(err) && !gotoclient.IsForbidden(err) && Status(err) != http.StatusBadRequest
}

// Status of an answer; 0 if err is none.
func Status(err error) int {
	var api *gotoclient.APIError
	if !errors.As(err, &api) {
		return 0
	}
	return api.Status
}
