package engine

import (
	"context"
	"encoding/json"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Object is an API object of a managed kind.
type Object interface {
	client.Object
	// Managed returns the parts of spec and status that every managed kind has.
	Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus)
	// RemoteKey is the place in status that holds the key of the counterpart in GoTo.
	RemoteKey() *v1alpha1.Key
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
	// Origin is how the object comes by it, if its status does not say yet: Created only where that is proved.
	Origin v1alpha1.Origin
}

// Kind is what every managed kind says: how it is resolved, observed and shown. O is its object, W what the object wants
// besides its own spec (what its references came to), S what is seen of it in GoTo. What else a kind has is in the small
// interfaces below, each of which it implements or leaves out. Methods return errors and never touch conditions.
type Kind[O Object, W, S any] interface {
	// New returns an empty object, and NewList an empty list of them.
	New() O
	NewList() client.ObjectList
	// Resolve looks up what the spec names, in Kubernetes and in the account's snapshot. Its error is a *BlockedReference
	// where something cannot be used. It is not called for an object that is being deleted, for which want is zero.
	Resolve(ctx context.Context, acct *account.Account, obj O) (W, error)
	// Observe finds the remote counterpart and writes nothing; nil without error means that it is surely not there.
	Observe(ctx context.Context, acct *account.Account, obj O, want W) (*Seen[S], error)
	// Report copies what was seen into status. It is pure.
	Report(obj O, seen S)
}

// Claimer is a Kind whose counterparts are things of which each has one owner. A claim is a word: KeyClaim for the thing
// itself, and what the kind makes of a name that GoTo gives once only, such as an e-mail address.
type Claimer[O Object, S any] interface {
	// Names are the claims of what the spec asks for.
	Names(obj O) []string
	// Begun is the claim of what an intent, as Creator has them, is about to make; "" where it names nothing that others could find.
	Begun(intent string) string
	// Key of the counterpart, and the names that it has in GoTo.
	Key(seen S) gotoclient.Key
	NamesOf(seen S) []string
	// Taken is the counterpart that has a name in GoTo now.
	Taken(acct *account.Account, name string) (gotoclient.Key, bool)
	// Changed are the claims of what a reading of the account found changed.
	Changed(c account.Change) []string
}

// Writer is a Kind whose counterparts are corrected.
type Writer[O Object, W, S any] interface {
	// Diff lists what differs. It is pure.
	Diff(obj O, want W, seen S) []Change
	// Update writes the changes, none of which is locked, and returns the counterpart as it is then, as far as is known.
	Update(ctx context.Context, acct *account.Account, obj O, want W, seen S, changes []Change) (S, error)
	// ReadBack returns the counterpart as GoTo shows it after a write.
	ReadBack(ctx context.Context, acct *account.Account, obj O, seen S) (S, error)
}

// Creator is a Kind whose counterparts are made by the operator.
type Creator[O Object, W, S any] interface {
	// Intent is what to record on the object before Create, or why nothing can be created for it.
	Intent(obj O, want W) (string, error)
	// Create makes the remote object. With again, an earlier attempt was never confirmed and may have made it. Its error is
	// account.ErrNotVisible if this attempt has surely not made it and it is there all the same, and *UnderWay if GoTo has taken it and has
	// not shown it yet.
	Create(ctx context.Context, acct *account.Account, obj O, want W, again bool) (*Seen[S], error)
	// Proves is true if the recorded intent is enough to find the counterpart again and to know that the operator made it.
	Proves(obj O, want W, seen S) bool
}

// Deleter is a Kind that has something to do before an object may go.
type Deleter[O Object, S any] interface {
	// Remembers is true if the object may have something to delete.
	Remembers(obj O) bool
	// Delete deletes the remote object, or waits until what depends on the object is gone. By a *LeftError it gives up.
	Delete(ctx context.Context, acct *account.Account, obj O, seen S) error
}

// Guard is a Kind some of whose counterparts must not be changed in some ways.
type Guard[O Object, W, S any] interface {
	// Guard refuses changes that would lock the operator out, or that the account does not allow. It is pure.
	Guard(acct *account.Account, obj O, want W, seen S, changes []Change) error
}

// Recorder is a Kind that has something to remember before it is done: what a write is about to give, so that after a
// crash it is known to be the operator's.
type Recorder[O Object, W, S any] interface {
	// Record notes in status what Update will do with these changes, and RecordCreate what Create will do. They are pure.
	Record(obj O, want W, seen S, changes []Change)
	RecordCreate(obj O, want W)
}

// Unrecorder is a Recorder that takes back what it has noted of a write that did not come about: what somebody else gives meanwhile would
// count as the operator's.
type Unrecorder[O Object, S any] interface {
	// Unrecord takes out of status what before, the object as it was when Record was called, lacks and seen does not show. It is pure.
	Unrecord(obj, before O, seen S)
}

// Rememberer is a Kind whose objects remember more of their counterpart than its key.
type Rememberer[O Object] interface {
	// Memory is what of the status has to survive its loss; it is written as JSON. Nil for nothing.
	Memory(obj O) any
	// Recall puts back into status what it lacks of a memory.
	Recall(obj O, memory json.RawMessage)
}

// Coverer is a Rememberer whose metadata may say more than status, where Recall makes nothing of what is more: a write of metadata only to say
// less is spared.
type Coverer[O Object] interface {
	// Covers tells whether a memory has all of what is to be remembered now. It is pure.
	Covers(obj O, memory json.RawMessage) bool
}

// Shower is a Kind of whose counterparts GoTo shows more after a write than was written, and that reads them back many at a time.
type Shower[S any] interface {
	// Shows is how to be told, once, that a counterpart that was written is read back; nil where it is not going to be.
	Shows(acct *account.Account, seen S) (then func(func()))
}

// Judge is a Kind that has more to say than that GoTo holds what the spec says.
type Judge[O Object, W, S any] interface {
	// Judge notes in status what became of what the object wanted, once nothing is left to write, and returns further
	// conditions; one of status Unknown is taken away. An error says that the object is not Ready, or waits. It is pure.
	Judge(obj O, want W, seen S) ([]metav1.Condition, error)
}

// DeletionJudge is a Kind that has more to say of an object that cannot go yet.
type DeletionJudge[O Object, S any] interface {
	// JudgeDeletion returns further conditions, as Judge does, after Delete has failed or waits. It is pure.
	JudgeDeletion(obj O, seen S) []metav1.Condition
}

// Pauser is a Kind that says what it is about to do.
type Pauser[O Object] interface {
	// Pause takes that back in status, and returns further conditions, as Judge does, for an object for which nothing is done: it is
	// suspended, only observes, or may not use its account. It is pure.
	Pause(obj O) []metav1.Condition
}

// Publisher is a Kind that keeps something in Kubernetes besides its object, such as a Secret for what may not stand in
// status.
type Publisher[O Object, W, S any] interface {
	// Publish writes it if it is not there or not current. It is called once nothing is left to write to GoTo but what nobody has verified.
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

// Reader is a Kind for whose objects nothing is ever written to GoTo. They do their work in an account that only observes too.
type Reader interface{ ReadsOnly() }

// KeyClaim is the claim of the counterpart with the given key.
func KeyClaim(key gotoclient.Key) string { return "key/" + string(key) }

// NameClaim is the claim to a name in GoTo, whatever the letters that it is written in.
func NameClaim(name string) string { return "name/" + gotoclient.FoldName(name) }
