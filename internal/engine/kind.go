package engine

import (
	"context"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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

// Kind says how one kind is resolved, observed, compared and changed. O is its object, W what the object wants besides
// its own spec (what its references came to), S what is seen of it in GoTo. Its methods return errors and never touch
// conditions.
type Kind[O Object, W, S any] interface {
	// New returns an empty object, and NewList an empty list of them.
	New() O
	NewList() client.ObjectList
	// Resolve looks up what the spec names, in Kubernetes and in the account's snapshot. Its error is a *BlockedReference
	// where something cannot be used. It is not called for an object that is being deleted, for which want is zero.
	Resolve(ctx context.Context, acct *account.Account, obj O) (W, error)
	// Observe finds the remote counterpart and writes nothing; nil without error means that it is surely not there.
	Observe(ctx context.Context, acct *account.Account, obj O, want W) (*Seen[S], error)
	// Claims are the remote things that an object lays claim to by what it says and remembers. Of two objects with a claim
	// in common in one GoTo account the older one has it. They are an index, too: see Changed.
	Claims(obj O) []string
	// Claim is that of the remote thing itself.
	Claim(seen S) string
	// Changed are the claims of what a reading of the account found changed.
	Changed(c account.Change) []string
	// Diff lists what differs. It is pure.
	Diff(obj O, want W, seen S) []Change
	// Create makes the remote object. With again, an earlier attempt was never confirmed and may have made it. Its error is
	// account.ErrNotVisible if this attempt has surely not made it and it is there all the same.
	Create(ctx context.Context, acct *account.Account, obj O, want W, again bool) (*Seen[S], error)
	// Update writes the changes, none of which is locked, and returns the remote object as it is then.
	Update(ctx context.Context, acct *account.Account, obj O, want W, seen S, changes []Change) (S, error)
	// Delete deletes the remote object.
	Delete(ctx context.Context, acct *account.Account, obj O, seen S) error
	// Report copies what was seen into status. It is pure.
	Report(obj O, seen S)
	// Intent is what to record on the object before Create; "" for nothing.
	Intent(obj O, want W) string
	// Remembers is true if the object may have a remote counterpart.
	Remembers(obj O) bool
}

// Recorder is a Kind that has something to remember in status before it is done: what Update is about to give, so that
// after a crash it is known to be the operator's.
type Recorder[O Object, W, S any] interface {
	// Record notes in status what Update will do with these changes. It is pure.
	Record(obj O, want W, seen S, changes []Change)
}

// Judge is a Kind that has more to say than that GoTo holds what the spec says.
type Judge[O Object, W, S any] interface {
	// Judge notes in status what became of what the object wanted, once nothing is left to write, and returns further
	// conditions; one of status Unknown is taken away. An error says that the object is not Ready, or waits. It is pure.
	Judge(obj O, want W, seen S) ([]metav1.Condition, error)
}

// Publisher is a Kind that keeps something in Kubernetes besides its object, such as a Secret for what may not stand in
// status.
type Publisher[O Object, W, S any] interface {
	// Publish writes it if it is not there or not current. It is called once nothing is left to write to GoTo.
	Publish(ctx context.Context, acct *account.Account, obj O, want W, seen S) error
}

// Binder is a Kind to which the answer to Create says more than can ever be read again.
type Binder[O Object] interface {
	// Bind is true if something else is to be done right after Create: then what the answer said is written down first.
	Bind(obj O) bool
}

// Scheduler is a Kind whose objects have times of their own.
type Scheduler[O Object, W, S any] interface {
	// Next says after how long the object has to be looked at again though nothing happens, 0 for never, and whether it has
	// served its time: it is deleted then. It is pure.
	Next(obj O, want W, seen S) (after time.Duration, expired bool)
}

// CreateIntent is what was recorded on an object before an unconfirmed Create; "" for nothing.
//
// The annotation names the object that it is about: copied with the YAML into another object, it says nothing.
func CreateIntent(obj client.Object) string {
	uid, intent, ok := strings.Cut(obj.GetAnnotations()[v1alpha1.CreateIntentAnnotation], intentSeparator)
	if !ok || uid != string(obj.GetUID()) {
		return ""
	}
	return intent
}

const intentSeparator = " "

// SetCreateIntent records on an object what is about to be created for it.
func SetCreateIntent(obj client.Object, intent string) {
	annotations := obj.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[v1alpha1.CreateIntentAnnotation] = string(obj.GetUID()) + intentSeparator + intent
	obj.SetAnnotations(annotations)
}
