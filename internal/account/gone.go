package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// absent tells whether a refusal, and where it proves nothing a list, say that the thing it is about is surely not there; if not,
// the error is why. lacks reads the list that would show the thing, anew, and tells whether it does not: see ADR 44.
func (a *Account) absent(ctx context.Context, refusal error, lacks func(context.Context) (bool, error)) (bool, error) {
	if gotoclient.IsAbsent(refusal) {
		return true, nil
	}
	// A list may lack what the caller may not see, for the very reason of a 403: of one who may see all the two are independent.
	if !gotoclient.MayBeAbsent(refusal) || gotoclient.IsForbidden(refusal) && !a.seesAll() {
		return false, refusal
	}
	lacking, err := lacks(ctx)
	if err != nil && !gotoclient.IsRefused(err) {
		return false, err
	}
	return afterLook(refusal, err == nil && !lacking, err)
}

// afterLook tells what became of the thing that a refusal is about, once it was looked for: whether it is surely gone, or else why
// the request failed. A 404 that looking does not confirm passes, as what a gateway says does.
func afterLook(refusal error, there bool, lookErr error) (bool, error) {
	switch {
	case lookErr == nil && !there:
		return true, nil
	case !isMissing(refusal):
		return false, refusal
	case lookErr != nil && !gotoclient.IsRefused(lookErr):
		return false, lookErr
	}
	return false, unconfirmed(refusal)
}

// unconfirmed hides what GoTo said in the text: as an error it would count as a refusal, which does not pass.
func unconfirmed(refusal error) error {
	return fmt.Errorf("%w: %v", ErrUnconfirmed, refusal) //nolint:errorlint // see above
}

// isMissing tells the statuses that mean that something is not there from those that may mean it.
func isMissing(err error) bool {
	return gotoclient.MayBeAbsent(err) && !gotoclient.IsForbidden(err) && statusOf(err) != http.StatusBadRequest
}

// statusOf an answer; 0 if err is none.
func statusOf(err error) int {
	var api *gotoclient.APIError
	if !errors.As(err, &api) {
		return 0
	}
	return api.Status
}

// seesAll is true if the credentials' user may see every user and group of the account.
func (a *Account) seesAll() bool {
	return slices.Contains(a.Me().RolesIn(a.opts.Key), gotoclient.RoleSuperUser)
}

// userLacking reads the list of users, together with others that ask for it, and tells whether it lacks one.
func (a *Account) userLacking(key gotoclient.Key) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		err := a.refreshIfOlder(ctx, 0)
		a.state.mu.RLock()
		defer a.state.mu.RUnlock()
		return a.state.lacks(key), err
	}
}

// lacks is true if the last reading did not show the user, whatever our own writes say.
func (s *snapshot) lacks(key gotoclient.Key) bool { return s.users[key] == nil || s.unseen[key] }

// groupLacking is userLacking for a group.
func (a *Account) groupLacking(key gotoclient.Key) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		err := a.refreshGroupsIfOlder(ctx, 0)
		_, there := a.Group(key)
		return !there, err
	}
}

// userGone looks whether a request about a user was refused since the user is not there any more; the error is why it failed
// otherwise.
func (a *Account) userGone(ctx context.Context, key gotoclient.Key, refusal error) (bool, error) {
	return goneAfter(ctx, key, refusal, a.ConfirmUser)
}

// groupGone is userGone for a group.
func (a *Account) groupGone(ctx context.Context, key gotoclient.Key, refusal error) (bool, error) {
	return goneAfter(ctx, key, refusal, a.ConfirmGroup)
}

// meetingGone is userGone for a meeting.
func (a *Account) meetingGone(ctx context.Context, id gotoclient.Key, refusal error) (bool, error) {
	return goneAfter(ctx, id, refusal, a.ConfirmMeeting)
}

func goneAfter[T any](ctx context.Context, key gotoclient.Key, refusal error, confirm func(context.Context, gotoclient.Key) (T, bool, error)) (bool, error) {
	if !gotoclient.MayBeAbsent(refusal) {
		return false, refusal
	}
	_, there, err := confirm(ctx, key)
	return afterLook(refusal, there, err)
}

// meetingLacking is userLacking for a meeting. Of a type that the list may not show (UNVERIFIED) it says nothing: there the meeting
// is asked for once more, after the list has shown that GoTo answers.
func (a *Account) meetingLacking(id gotoclient.Key) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		known, _ := a.meetings.look(id)
		if err := a.ReadMeetings(ctx, a.opts.Now()); err != nil {
			return false, err
		}
		if !a.meetings.lacks(id) {
			return false, nil
		}
		if known.Type == "" || a.ListsMeetings(known.Type) {
			return true, nil
		}
		_, err := a.opts.Client.Meetings().Get(ctx, id)
		if gotoclient.MayBeAbsent(err) {
			return true, nil
		}
		return false, err
	}
}
