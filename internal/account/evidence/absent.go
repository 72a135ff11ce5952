package evidence

import (
	"context"
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

// Absent tells whether a refusal, and where it proves nothing a list, say that the thing it is about is surely not there; if not,
// the error is why. lacks reads the list that would show the thing, anew, and tells whether it does not. seesAll says that the caller
// may see everything in it: see ADR 44.
func Absent(ctx context.Context, refusal error, seesAll bool, lacks func(context.Context) (bool, error)) (bool, error) {
	if gotoclient.IsAbsent(refusal) {
		return true, nil
	}
	// A list may lack what the caller may not see, for the very reason of a 403: of one who may see all the two are independent.
	if !gotoclient.MayBeAbsent(refusal) || gotoclient.IsForbidden(refusal) && !seesAll {
		return false, refusal
	}
	lacking, err := lacks(ctx)
	if err != nil && !gotoclient.IsRefused(err) {
		return false, err
	}
	return afterLook(refusal, err == nil && !lacking, err)
}

// GoneAfter looks whether a request about a thing was refused since it is not there any more; the error is why it failed otherwise.
func GoneAfter[T any](ctx context.Context, key gotoclient.Key, refusal error, confirm func(context.Context, gotoclient.Key) (T, bool, error)) (bool, error) {
	if !gotoclient.MayBeAbsent(refusal) {
		return false, refusal
	}
	_, there, err := confirm(ctx, key)
	return afterLook(refusal, there, err)
}

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
