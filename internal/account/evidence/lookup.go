package evidence

import (
	"context"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Lookup asks GoTo for things of one list, and tells which of them are surely not there.
type Lookup[T any] struct {
	// Get asks GoTo for one.
	Get func(ctx context.Context, key gotoclient.Key) (*T, error)
	// Lacks reads the list that would show it, anew, and tells whether it does not.
	Lacks func(ctx context.Context, key gotoclient.Key) (bool, error)
	// SeesAll says that the caller may see everything in that list: see ADR 44. Nil where that is never so.
	SeesAll func() bool
	// Keep is told of what GoTo shows under a key, and Forget of what is gone.
	Keep   func(key gotoclient.Key, seen *T)
	Forget func(key gotoclient.Key)
}

// Confirm asks for a thing as it is now. The answer false is proof that it is not there; where GoTo says so without proof, and the list does
// not agree, the error is ErrUnconfirmed.
func (l Lookup[T]) Confirm(ctx context.Context, key gotoclient.Key) (seen T, there bool, err error) {
	read, err := l.Get(ctx, key)
	if err == nil {
		l.Keep(key, read)
		return *read, true, nil
	}
	_, err = l.Missing(ctx, key, err)
	return seen, false, err
}

// Missing tells whether a refusal to show a thing says that it is surely not there; if not, the error is why.
func (l Lookup[T]) Missing(ctx context.Context, key gotoclient.Key, refusal error) (bool, error) {
	gone, err := l.absent(ctx, key, refusal)
	if gone {
		l.Forget(key)
	}
	return gone, err
}

// Gone looks whether a request about a thing was refused since it is not there any more; the error is why it failed otherwise.
func (l Lookup[T]) Gone(ctx context.Context, key gotoclient.Key, refusal error) (bool, error) {
	if !gotoclient.MayBeAbsent(refusal) {
		return false, refusal
	}
	_, there, err := l.Confirm(ctx, key)
	return afterLook(refusal, there, err)
}

// absent tells whether a refusal, and where it proves nothing the list, say that a thing is surely not there.
func (l Lookup[T]) absent(ctx context.Context, key gotoclient.Key, refusal error) (bool, error) {
	if gotoclient.IsAbsent(refusal) {
		return true, nil
	}
	// A list may lack what the caller may not see, for the very reason of a 403: of one who may see all the two are independent.
	if !gotoclient.MayBeAbsent(refusal) || gotoclient.IsForbidden(refusal) && (l.SeesAll == nil || !l.SeesAll()) {
		return false, refusal
	}
	lacking, err := l.Lacks(ctx, key)
	if err != nil && !gotoclient.IsRefused(err) {
		return false, err
	}
	return afterLook(refusal, err == nil && !lacking, err)
}
