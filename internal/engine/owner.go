package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// hold is how firmly an object has a counterpart. What status says counts, since only the operator writes it; what
// metadata alone says is more than a name and less than that.
type hold int

const (
	namesIt hold = iota
	remembersIt
	adoptedIt
	createdIt
)

func holdOf(obj Object, key gotoclient.Key) hold {
	_, status := obj.Managed()
	switch mine := gotoclient.Key(*obj.RemoteKey()); {
	case mine == key && status.Origin == v1alpha1.Created:
		return createdIt
	case mine == key && status.Origin == v1alpha1.Adopted:
		return adoptedIt
	case mine == "" && identityOf(obj).Key == key:
		return remembersIt
	}
	return namesIt
}

// passive is true for an object that does nothing to its counterpart: it holds nothing against one that does.
func passive(obj Object) bool {
	spec, _ := obj.Managed()
	leaves := !obj.GetDeletionTimestamp().IsZero() && deletionPolicy(obj) == v1alpha1.DeletionPolicyOrphan
	return spec.Suspend || spec.ManagementPolicy == v1alpha1.Observe || leaves
}

// HeldKey is the key of the counterpart that an object holds against others: "" for none, and for an object that does
// nothing to its counterpart.
func HeldKey(obj Object) gotoclient.Key {
	switch key := gotoclient.Key(*obj.RemoteKey()); {
	case passive(obj):
		return ""
	case key != "":
		return key
	}
	return identityOf(obj).Key
}

// claimant is an object that has a claim, and what it knows its counterpart by.
type claimant struct {
	Object

	recalled bool // by metadata alone, which people write too
}

func (c claimant) holds(key gotoclient.Key) hold {
	h := namesIt
	if key != "" {
		h = holdOf(c.Object, key)
	}
	if h == namesIt && *c.RemoteKey() == "" && identityOf(c.Object).open() {
		h = remembersIt // what it has begun to make may be there already
	}
	if c.recalled {
		h = min(h, remembersIt)
	}
	return h
}

// behind tells which of two objects that both do something has a counterpart: who holds it more firmly, else the older.
func (c claimant) behind(other Object, key gotoclient.Key) bool {
	x, y := c.holds(key), claimant{Object: other}.holds(key)
	if x != y {
		return x < y
	}
	return older(other, c.Object)
}

func older(a, b client.Object) bool { return byAge(a, b) < 0 }

// byAge is the order of objects from the oldest on. Of two that were made in the same second it is always the same one.
func byAge[O client.Object](a, b O) int {
	return cmp.Or(a.GetCreationTimestamp().Compare(b.GetCreationTimestamp().Time), cmp.Compare(a.GetUID(), b.GetUID()))
}

func nameOf(o client.Object) string { return o.GetNamespace() + "/" + o.GetName() }

// ownership settles, in the life of an object, whose a counterpart and its names are.
type ownership[O Object, W, S any] struct{ *life[O, W, S] }

func (l *life[O, W, S]) ownership() ownership[O, W, S] { return ownership[O, W, S]{l} }

// own returns an error if the counterpart that was seen for an object, or one of the names that its spec asks for, is
// another object's, or somebody else's in GoTo.
func (l ownership[O, W, S]) own(ctx context.Context, seen *Seen[S]) error {
	c := l.claimer()
	if c == nil {
		return nil
	}
	var key gotoclient.Key
	if seen != nil {
		key = c.Key(seen.Remote)
		if err := l.ownKey(ctx, key, c.NamesOf(seen.Remote), c.Names(l.obj)); err != nil {
			l.yield(ctx, "", key)
			return err
		}
	}
	l.yield(ctx, key, "")
	for _, name := range c.Names(l.obj) {
		if err := l.ownName(ctx, key, name); err != nil {
			l.yield(ctx, gotoclient.Key(*l.before.RemoteKey()), "")
			return err
		}
	}
	return nil
}

// ownKey is own for a counterpart, by the names that it has in GoTo and those that it is to have.
func (l ownership[O, W, S]) ownKey(ctx context.Context, key gotoclient.Key, has, wants []string) error {
	holder, err := l.rival(ctx, key, KeyClaim(key))
	if err := l.lost(ctx, holder, err, has...); err != nil {
		return err
	}
	return l.mayBeMade(ctx, key, without(has, wants))
}

// mayBeMade is the error about a counterpart that another object may have made which knows none, as one whose status is lost: it finds it by
// a name that the counterpart has in GoTo, and that this object does not ask for.
func (l ownership[O, W, S]) mayBeMade(ctx context.Context, key gotoclient.Key, names []string) error {
	for _, name := range names {
		ahead, err := l.rivals().ahead(ctx, l.acct, l.obj, l.recalled, key, name)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(ahead, func(o O) bool { return *o.RemoteKey() == "" }); i >= 0 {
			return &WaitingError{Reason: v1alpha1.ReasonConflict, Message: nameOf(ahead[i]) + " may have made the same in GoTo", After: secondLook}
		}
	}
	return nil
}

// take notes that the object has come by a counterpart, or does something about it again. One that did a moment before, and whose status is yet to
// come, has it: two that look at a cache which shows neither would both say that they are in sync.
func (l ownership[O, W, S]) take(ctx context.Context, seen *Seen[S]) error {
	c := l.claimer()
	if c == nil {
		return nil
	}
	name, key := client.ObjectKeyFromObject(l.obj), c.Key(seen.Remote)
	for _, by := range l.others(name, key) {
		other := l.Kind.New()
		switch err := l.Client.Get(ctx, by, other); {
		case apierrors.IsNotFound(err):
			continue
		case err != nil:
			return err
		}
		if l.unseen(other, key) {
			l.corrections.leaves(name, "")
			return &WaitingError{Reason: v1alpha1.ReasonConflict, Message: nameOf(other) + " has just come by the same in GoTo", After: time.Second}
		}
	}
	return l.handed(ctx, key)
}

// handed is an error while one that this object goes before says that it is in sync with the counterpart: it is started, and knows better.
func (l ownership[O, W, S]) handed(ctx context.Context, key gotoclient.Key) error {
	if steady(l.before) {
		return nil
	}
	holding, err := l.rivals().holding(ctx, l.acct, l.obj, key)
	if err != nil || len(holding) == 0 {
		return err
	}
	l.rivals().start(ctx, l.obj, key)
	return &WaitingError{Reason: v1alpha1.ReasonConflict, Message: nameOf(holding[0]) + " is about to let go of the same in GoTo", After: time.Second}
}

// others are the objects that have come by a counterpart or changed it before this one does. One whose status says that it has it notes nothing.
func (l ownership[O, W, S]) others(name types.NamespacedName, key gotoclient.Key) []types.NamespacedName {
	if gotoclient.Key(*l.before.RemoteKey()) == key && steady(l.before) {
		return l.corrections.writersBut(name, key)
	}
	return l.corrections.changes(name, key)
}

// unseen is true of an object that has a counterpart in hand which the cache did not show when it was asked whose that is: it shows none, or one
// that the object does nothing to; or it says by now that the object goes before this one.
func (l ownership[O, W, S]) unseen(other O, key gotoclient.Key) bool {
	switch knows := gotoclient.Key(*other.RemoteKey()); {
	case !other.GetDeletionTimestamp().IsZero():
		return false
	case knows == "":
		return !passive(other)
	case knows == key:
		return passive(other) || claimant{l.obj, l.recalled}.behind(other, key)
	}
	return false
}

// yield starts who has a counterpart that the object has changed, and that is not its own: what was last written may be this one's,
// even where its status never came to say so.
func (l ownership[O, W, S]) yield(ctx context.Context, has, lost gotoclient.Key) {
	l.rivals().start(ctx, l.obj, l.corrections.leaves(client.ObjectKeyFromObject(l.obj), has))
	if _, status := l.before.Managed(); !meta.IsStatusConditionFalse(status.Conditions, v1alpha1.ConditionReady) {
		l.rivals().start(ctx, l.obj, lost)
	}
}

// ownName is own for a name: it is free, or the object's already, or another counterpart has it.
func (l ownership[O, W, S]) ownName(ctx context.Context, key gotoclient.Key, name string) error {
	c := l.claimer()
	by, taken := c.Taken(l.acct, name)
	if !taken || by == key {
		rival, err := l.rival(ctx, key, name)
		return l.lost(ctx, rival, err)
	}
	holder, err := l.rival(ctx, by, KeyClaim(by))
	if err == nil && holder == nil {
		return &StalledError{Reason: v1alpha1.ReasonConflict, Message: "something in GoTo that no object stands for has this already: " + word(name)}
	}
	return l.lost(ctx, holder, err, name)
}

// rival is the first of the rivals of the object whose life this is.
func (l ownership[O, W, S]) rival(ctx context.Context, key gotoclient.Key, claim string) (*O, error) {
	return l.rivals().first(ctx, l.acct, l.obj, l.recalled, key, claim)
}

// word is a claim as a person would say it, without what may be personal.
func word(claim string) string {
	kind, _, _ := strings.Cut(claim, "/")
	return kind
}

// lost is the error about a counterpart that another object has, under the given names. One that is to give up all of them is
// waited for: a name is free when GoTo's side is, and not when a spec says so.
func (l ownership[O, W, S]) lost(ctx context.Context, holder *O, err error, names ...string) error {
	if err != nil || holder == nil {
		return err
	}
	c := l.claimer()
	kept := func(name string) bool { return slices.Contains(c.Names(*holder), name) }
	leaves := !(*holder).GetDeletionTimestamp().IsZero()
	if len(names) > 0 && *l.obj.RemoteKey() != *(*holder).RemoteKey() && (leaves || !slices.ContainsFunc(names, kept)) {
		return l.waitFor(ctx, *holder, names[0])
	}
	return &StalledError{Reason: v1alpha1.ReasonConflict, Message: nameOf(*holder) + " has the same in GoTo; change or delete one of the two"}
}

// waitFor is for a name that another object's counterpart still has in GoTo though its spec asks for another one: it is
// free when GoTo's side is. Where that waits for this object in turn, only an edit unties them.
func (l ownership[O, W, S]) waitFor(ctx context.Context, holder O, name string) error {
	chain := []string{nameOf(l.obj), nameOf(holder)}
	for at := holder; len(chain) < longestChain; {
		next, err := l.blocks(ctx, at)
		if err != nil {
			return err
		}
		if next == nil {
			break
		}
		if (*next).GetUID() == l.obj.GetUID() {
			return &StalledError{Reason: v1alpha1.ReasonConflict, Message: fmt.Sprintf(
				"each of %s waits for what the next one has in GoTo (%s): give one of them another one first, that nobody has",
				strings.Join(chain, ", "), word(name))}
		}
		at, chain = *next, append(chain, nameOf(*next))
	}
	return &WaitingError{Reason: v1alpha1.ReasonConflict, Message: nameOf(holder) + " still has it in GoTo, and is to give it up"}
}

const longestChain = 16

// blocks is the object that has in GoTo what the spec of another asks for; nil if nothing stands in its way.
func (l ownership[O, W, S]) blocks(ctx context.Context, obj O) (*O, error) {
	c := l.claimer()
	for _, name := range c.Names(obj) {
		by, taken := c.Taken(l.acct, name)
		if !taken || string(by) == string(*obj.RemoteKey()) {
			continue
		}
		if holder, err := l.rivals().first(ctx, l.acct, obj, false, by, KeyClaim(by)); err != nil || holder != nil {
			return holder, err
		}
	}
	return nil, nil
}

// claimants are the objects that a list finds by an index.
func claimants[O Object](ctx context.Context, reader client.Reader, into client.ObjectList, opts ...client.ListOption) ([]O, error) {
	if err := reader.List(ctx, into, opts...); err != nil {
		return nil, err
	}
	var out []O
	err := meta.EachListItem(into, func(item runtime.Object) error {
		if o, ok := item.(O); ok {
			out = append(out, o)
		}
		return nil
	})
	return out, err
}

// without are the names that are not among others.
func without(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
}
