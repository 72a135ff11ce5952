package engine

import (
	"context"
	"errors"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// creation makes, in the life of an object, its counterpart.
type creation[O Object, W, S any] struct{ *life[O, W, S] }

func (l *life[O, W, S]) creation() creation[O, W, S] { return creation[O, W, S]{l} }

// create makes the counterpart, and goes on with what the request could not say. A create that was confirmed once says
// nothing of what is made after its counterpart has vanished.
func (l creation[O, W, S]) create(ctx context.Context, confirmed bool) outcome {
	c, ok := l.Kind.(Creator[O, W, S])
	if !ok {
		return outcome{ready: metav1.ConditionFalse, reason: v1alpha1.ReasonNotFound, message: "there is no counterpart in GoTo, and the operator does not make one"}
	}
	intent, err := c.Intent(l.obj, l.want)
	if err != nil {
		return outcomeOf(err)
	}
	recorded, _ := CreateIntent(l.obj)
	again := intent != "" && recorded == intent && !confirmed
	if err := l.intend(ctx, intent, again); err != nil {
		return outcomeOf(err)
	}
	seen, err := c.Create(ctx, l.acct, l.obj, l.want, again)
	if err == nil {
		return l.finish(ctx, seen)
	}
	if way := new(UnderWay[O, S]); errors.As(err, &way) {
		l.work.way, l.work.account = way, l.acct.Key()
		return outcome{silent: true}
	}
	if !again && !mayHaveCreated(err) {
		// Otherwise what somebody else creates meanwhile would count as ours, and be deleted with the object.
		err = errors.Join(err, l.unintend(ctx))
	}
	return outcomeOf(err)
}

// finish goes on with what Create has made, or found.
func (l creation[O, W, S]) finish(ctx context.Context, seen *Seen[S]) outcome {
	if err := l.made(ctx, seen); err != nil {
		return outcomeOf(err)
	}
	return l.correction().correct(ctx, seen)
}

// intend records, with the finalizer and in one write, what is about to be created, and what it is given with it.
func (l creation[O, W, S]) intend(ctx context.Context, intent string, again bool) error {
	id := identity{Account: l.acct.Key(), Intent: intent, At: l.now().UTC().Truncate(time.Millisecond), Was: gotoclient.Key(*l.obj.RemoteKey())}
	if _, at := CreateIntent(l.obj); again {
		id.At = at
	}
	id.Memory = l.plannedMemory()
	base, _ := l.obj.DeepCopyObject().(O)
	changed := controllerutil.AddFinalizer(l.obj, v1alpha1.Finalizer)
	if intent != "" {
		changed = id.set(l.obj) || changed
	}
	if !changed {
		return nil
	}
	return l.objects().patchMeta(ctx, base, l.obj)
}

// plannedMemory is what the object will have to remember once its counterpart is made.
func (l creation[O, W, S]) plannedMemory() []byte {
	recorder, records := l.Kind.(Recorder[O, W, S])
	memory, remembers := l.Kind.(Rememberer[O])
	if !records || !remembers {
		return nil
	}
	planned, _ := l.obj.DeepCopyObject().(O)
	recorder.RecordCreate(planned, l.want)
	return marshalMemory(memory.Memory(planned))
}

// unintend takes back what was recorded before a create that came to nothing. Where the status still knows of a counterpart that has
// vanished, metadata says of it what it said before: without it the object would be taken for one that somebody robbed of its identity.
func (l creation[O, W, S]) unintend(ctx context.Context) error {
	base, _ := l.obj.DeepCopyObject().(O)
	if was := l.memories().known(l.obj); was.Origin != "" {
		was.set(l.obj)
	} else {
		forgetIntent(l.obj)
	}
	return l.objects().patchMeta(ctx, base, l.obj)
}

// comeBy returns an error if the object may not have what Create has made, or found. With the intent what was found would count as ours
// after a crash, so that goes then.
func (l creation[O, W, S]) comeBy(ctx context.Context, seen *Seen[S]) error {
	var err error
	if seen.Origin == v1alpha1.Adopted {
		err = l.mayHave(seen.Origin)
	}
	if err == nil {
		err = l.ownership().own(ctx, seen)
	}
	if err == nil {
		err = l.ownership().take(ctx, seen)
	}
	if err != nil && seen.Origin == v1alpha1.Adopted {
		err = errors.Join(err, l.unintend(ctx))
	}
	return err
}

// made notes what Create has made, or found. What was found there is adopted, if the account's policy allows it.
func (l creation[O, W, S]) made(ctx context.Context, seen *Seen[S]) error {
	if err := l.comeBy(ctx, seen); err != nil {
		return err
	}
	before, _ := l.obj.DeepCopyObject().(O)
	l.note(seen)
	if seen.Origin == v1alpha1.Adopted {
		l.normal(l.obj, v1alpha1.EventAdopted, "adopted the existing counterpart in GoTo")
		return l.objects().claim(ctx, l.obj, l.memories().remembered(l.obj, false))
	}
	l.normal(l.obj, v1alpha1.EventCreated, "created the counterpart in GoTo")
	if b, ok := l.Kind.(Binder[O]); ok && b.Bind(l.obj) {
		return l.objects().patchStatus(ctx, l.work, before, l.obj)
	}
	return nil
}

// mayHaveCreated is true unless the error is proof that the create had no effect: an answer that says so, or no request.
func mayHaveCreated(err error) bool {
	return gotoclient.IsAmbiguous(err) || errors.Is(err, account.ErrUnconfirmed) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
