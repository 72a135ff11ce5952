// Package definition is what the kinds have in common that stand for something that an account defines for all its users: a thing with a
// name, of which there is a short list. It is an engine.Kind but for what a kind says of its own objects.
//
// It may import the engine and what lies below it, and no kind.
package definition

import (
	"context"
	"errors"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Nothing is what a definition wants besides its spec.
type Nothing struct{}

// Definition is what a kind says of its objects O and their counterparts T. All but Blocked is pure.
type Definition[O engine.Object, T any] interface {
	// New returns an empty object, and NewList an empty list of them.
	New() O
	NewList() client.ObjectList
	// Of is where the counterparts are.
	Of(acct *account.Account) *account.Definitions[T]
	// Wanted is the counterpart that the spec asks for, without key, and Name the name of it.
	Wanted(obj O) T
	Name(obj O) string
	// Key of a counterpart, and the name that it has in GoTo.
	Key(seen T) gotoclient.Key
	NameOf(seen T) string
	// Refs are the counterparts that a reading found changed.
	Refs(c account.Change) []account.NamedRef
	// Differences between the spec and the counterpart.
	Differences(obj O, seen T) []engine.Change
	// Blocked is why a counterpart cannot be deleted now; nil if it can.
	Blocked(ctx context.Context, obj O, seen T) error
}

// Kind is the engine's view of definitions.
type Kind[O engine.Object, T any] struct {
	Definition[O, T]

	Reader client.Reader
}

var (
	_ engine.Kind[engine.Object, Nothing, any]    = Kind[engine.Object, any]{}
	_ engine.Claimer[engine.Object, any]          = Kind[engine.Object, any]{}
	_ engine.Writer[engine.Object, Nothing, any]  = Kind[engine.Object, any]{}
	_ engine.Creator[engine.Object, Nothing, any] = Kind[engine.Object, any]{}
	_ engine.Deleter[engine.Object, any]          = Kind[engine.Object, any]{}
)

// Resolve has the list read as long as there are objects that need it.
func (k Kind[O, T]) Resolve(ctx context.Context, acct *account.Account, obj O) (Nothing, error) {
	if acct.Organizers() != nil {
		return Nothing{}, &engine.StalledError{Reason: v1alpha1.ReasonUnsupported,
			Message: "the GoToMeeting API, through which this account is provisioned, knows no such thing"}
	}
	return Nothing{}, k.need(ctx, acct, obj)
}

func (k Kind[O, T]) need(ctx context.Context, acct *account.Account, obj O) error {
	name := engine.AccountName(obj).String()
	return k.Of(acct).Need(ctx, "objects", func(ctx context.Context) bool {
		return len(engine.Requests(ctx, k.Reader, k.NewList(), client.MatchingFields{engine.IndexAccount: name}, client.Limit(1))) > 0
	})
}

// Observe finds the counterpart by the key that is remembered, then by the name whose creation was never confirmed, then by the name of
// the spec. While the object is being deleted the last does not count: it could be somebody else's.
func (k Kind[O, T]) Observe(ctx context.Context, acct *account.Account, obj O, _ Nothing) (*engine.Seen[T], error) {
	if err := k.need(ctx, acct, obj); err != nil {
		return nil, err
	}
	all := k.Of(acct)
	_, status := obj.Managed()
	if key := gotoclient.Key(*obj.RemoteKey()); key != "" {
		found, ok := all.Get(key)
		var err error
		if !ok {
			found, ok, err = all.Confirm(ctx, key)
		}
		if ok || err != nil {
			return &engine.Seen[T]{Remote: found, Origin: v1alpha1.Adopted}, err
		}
		status.Origin = "" // it is gone, and what has the name now may be somebody else's
	} else if pending, _ := engine.CreateIntent(obj); pending != "" {
		if found, ok := all.Named(pending); ok {
			return &engine.Seen[T]{Remote: found, Origin: v1alpha1.Created}, nil
		}
	}
	if !obj.GetDeletionTimestamp().IsZero() {
		return nil, nil
	}
	if found, ok := all.Named(k.Name(obj)); ok {
		return &engine.Seen[T]{Remote: found, Origin: v1alpha1.Adopted}, nil
	}
	return nil, nil
}

// Report copies the key into the status.
func (k Kind[O, T]) Report(obj O, seen T) { *obj.RemoteKey() = v1alpha1.Key(k.Key(seen)) }

// Intent is the name that is about to be created.
func (k Kind[O, T]) Intent(obj O, _ Nothing) (string, error) { return k.Name(obj), nil }

// Proves is true while the counterpart has the name that was about to be created.
func (k Kind[O, T]) Proves(obj O, _ Nothing, seen T) bool {
	intent, _ := engine.CreateIntent(obj)
	return intent != "" && gotoclient.SameName(intent, k.NameOf(seen))
}

// Remembers is true once a counterpart is known or may have been created.
func (k Kind[O, T]) Remembers(obj O) bool {
	intent, _ := engine.CreateIntent(obj)
	return *obj.RemoteKey() != "" || intent != ""
}

// Create creates the counterpart. One that exists already is adopted, unless an earlier attempt may have made it.
func (k Kind[O, T]) Create(ctx context.Context, acct *account.Account, obj O, _ Nothing, again bool) (*engine.Seen[T], error) {
	made, err := k.Of(acct).Create(ctx, k.Wanted(obj))
	switch {
	case errors.Is(err, account.ErrExists) && !again:
		return &engine.Seen[T]{Remote: made, Origin: v1alpha1.Adopted}, nil
	case err != nil && !errors.Is(err, account.ErrExists):
		return nil, err
	}
	return &engine.Seen[T]{Remote: made, Origin: v1alpha1.Created}, nil
}

// Diff lists what differs.
func (k Kind[O, T]) Diff(obj O, _ Nothing, seen T) []engine.Change { return k.Differences(obj, seen) }

// Update gives the counterpart the content of the spec, under the key that it has.
func (k Kind[O, T]) Update(ctx context.Context, acct *account.Account, obj O, _ Nothing, seen T, _ []engine.Change) (T, error) {
	updated, err := k.Of(acct).Update(ctx, k.Key(seen), k.Wanted(obj))
	if gotoclient.IsConflict(err) {
		return seen, &engine.StalledError{Reason: v1alpha1.ReasonConflict, Message: "another one of the account has this name", Again: true}
	}
	if err != nil {
		return seen, err
	}
	return updated, nil
}

// ReadBack reads the counterpart as GoTo shows it.
func (k Kind[O, T]) ReadBack(ctx context.Context, acct *account.Account, _ O, seen T) (T, error) {
	read, there, err := k.Of(acct).Confirm(ctx, k.Key(seen))
	if err == nil && !there {
		err = account.ErrGone
	}
	if err != nil {
		return seen, err
	}
	return read, nil
}

// Delete deletes the counterpart if nothing blocks it and the brake allows it.
func (k Kind[O, T]) Delete(ctx context.Context, acct *account.Account, obj O, seen T) error {
	if err := k.Blocked(ctx, obj, seen); err != nil {
		return err
	}
	return k.Of(acct).Delete(ctx, k.Key(seen))
}

// Names is the name of the spec.
func (k Kind[O, T]) Names(obj O) []string { return []string{engine.NameClaim(k.Name(obj))} }

// Begun is the name.
func (Kind[O, T]) Begun(intent string) string { return engine.NameClaim(intent) }

// NamesOf is the name that the counterpart has in GoTo.
func (k Kind[O, T]) NamesOf(seen T) []string { return []string{engine.NameClaim(k.NameOf(seen))} }

// Taken finds which counterpart has a name in GoTo.
func (k Kind[O, T]) Taken(acct *account.Account, name string) (gotoclient.Key, bool) {
	found, ok := k.Of(acct).Named(strings.TrimPrefix(name, engine.NameClaim("")))
	if !ok {
		return "", false
	}
	return k.Key(found), true
}

// Changed are the counterparts that a reading found changed, by key and by name.
func (k Kind[O, T]) Changed(c account.Change) []string {
	var claims []string
	for _, ref := range k.Refs(c) {
		claims = append(claims, engine.KeyClaim(ref.Key), engine.NameClaim(ref.Name))
	}
	return claims
}
