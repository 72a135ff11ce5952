package engine

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
)

// Object is an API object of a managed kind.
type Object interface {
	client.Object
	// Managed returns the parts of spec and status that every managed kind has.
	Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus)
}

// Change is one difference between an object and its remote counterpart.
type Change struct {
	Field            string // as in the object's spec
	Current, Desired string // as a person would write them
	// Locked means that GoTo does not allow this field to be changed; it is reported, not written.
	Locked bool
}

// Seen is what a kind found in GoTo for an object.
type Seen[S any] struct {
	Remote S
	// Origin is how the object comes by it, if its status does not say yet.
	Origin v1alpha1.Origin
}

// Kind says how one kind is observed, compared and changed. Its methods return errors and never touch conditions.
type Kind[O Object, S any] interface {
	// New returns an empty object.
	New() O
	// Observe finds the remote counterpart and writes nothing; nil without error means that it is surely not there.
	Observe(ctx context.Context, acct *account.Account, obj O) (*Seen[S], error)
	// Owner returns an older object that claims the same remote object, or "".
	Owner(ctx context.Context, acct *account.Account, obj O, seen *Seen[S]) (string, error)
	// Diff lists what differs. It is pure.
	Diff(obj O, seen S) []Change
	// Create makes the remote object. With again, an earlier attempt was never confirmed and may have made it. Its error is
	// account.ErrNotVisible if this attempt has surely not made it and it is there all the same.
	Create(ctx context.Context, acct *account.Account, obj O, again bool) (*Seen[S], error)
	// Update writes the changes, none of which is locked, and returns the remote object as it is then.
	Update(ctx context.Context, acct *account.Account, obj O, seen S, changes []Change) (S, error)
	// Delete deletes the remote object.
	Delete(ctx context.Context, acct *account.Account, obj O, seen S) error
	// Report copies what was seen into status. It is pure.
	Report(obj O, seen S)
	// Intent is what to record on the object before Create.
	Intent(obj O) string
	// Remembers is true if the object may have a remote counterpart.
	Remembers(obj O) bool
}
