package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/breaker"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// BlockedReference is an error about something that the spec names. A change of that thing starts the object again.
type BlockedReference struct{ Reason, Message string }

func (e *BlockedReference) Error() string { return e.Message }

// StalledError is an error that only a change by a person cures.
type StalledError struct {
	Reason, Message string
	Again           bool // looked at again at each resync, for a person may cure it in GoTo too, of which no reading tells
}

func (e *StalledError) Error() string { return e.Message }

// WaitingError is about something that has to happen first and that starts the object again when it does, or after After.
type WaitingError struct {
	Reason, Message string
	After           time.Duration // 0 for not by time
}

func (e *WaitingError) Error() string { return e.Message }

// LeftError is of a deletion that cannot be made, or not any more: the object goes all the same, and Message says what stays.
type LeftError struct{ Message string }

func (e *LeftError) Error() string { return e.Message }

// FinishedError says that nothing is left to do for an object, though there is no counterpart: it is Ready.
type FinishedError struct{ Reason, Message string }

func (e *FinishedError) Error() string { return e.Message }

// errStarting says that this process has not read the account yet. Nothing is known to be wrong: no status is written.
var errStarting = errors.New("the account is not read yet")

// outcome is what a reconcile ends with.
type outcome struct {
	ready       metav1.ConditionStatus
	reason      string
	message     string
	reconciling bool
	stalled     bool
	blocked     bool // by the deletion brake
	reference   bool // something that the spec names is not usable
	after       time.Duration
	err         error              // returned to the queue, for its backoff
	silent      bool               // leaves the status alone
	stopped     bool               // the operator stops: of a silent outcome, what was found out is written all the same
	expired     bool               // the object has served its time
	again       bool               // to be tried again at the next resync, though nothing may have changed
	identify    bool               // the object has a counterpart, whose identity is to be in metadata
	identified  bool               // it is there already
	down        *breaker.OpenError // GoTo does not answer: the object is started when it does
	forget      bool               // what metadata alone said of the counterpart is not to be believed
	conditions  []metav1.Condition // of the kind's own; one of status Unknown is taken away
}

// undo takes back what an object was taken to know by its metadata alone.
func (o outcome) undo(obj, before Object) outcome {
	if o.forget {
		reflect.ValueOf(obj).Elem().Set(reflect.ValueOf(before.DeepCopyObject()).Elem())
	}
	return o
}

// outcomeOf is the one place where an error becomes conditions and a requeue. Of several that are joined the gravest says how things stand,
// and the object is tried again as soon as any of them asks for.
func outcomeOf(err error) outcome {
	out := standingOf(err)
	for _, part := range slices.Backward(joined(err)) {
		out = out.with(outcomeOf(part))
	}
	return out
}

// stands is true of an error that says for sure that nothing came about, and after which the object is not tried again before long.
func stands(err error) bool {
	out := outcomeOf(err)
	return !mayHaveTakenEffect(err) && !out.silent && out.err == nil && out.down == nil
}

// mayHaveTakenEffect is true unless no part of the error leaves in doubt what came about.
func mayHaveTakenEffect(err error) bool {
	return mayHaveCreated(err) || slices.ContainsFunc(joined(err), mayHaveTakenEffect)
}

// joined are the errors of which each is about a part of the object; none for one that is about all of it.
func joined(err error) []error {
	var parts interface{ Unwrap() []error }
	if !errors.As(err, &parts) {
		return nil
	}
	return parts.Unwrap()
}

func (o outcome) with(part outcome) outcome {
	if o.silent || part.silent {
		return o
	}
	if o.reason == part.reason {
		o.message = part.message
	}
	o.after, o.again, o.err = sooner(o.after, part.after), o.again || part.again, cmp.Or(o.err, part.err)
	o.down = cmp.Or(o.down, part.down)
	return o
}

func standingOf(err error) outcome {
	var (
		ref     *BlockedReference
		stalled *StalledError
		waiting *WaitingError
		brake   *account.BlockedError
		done    *FinishedError
		cannot  *account.UnsupportedError
		down    *breaker.OpenError
	)
	out, paused := outcome{ready: metav1.ConditionFalse, message: ErrorText(err)}, pausedUntil(err)
	switch {
	case errors.Is(err, context.Canceled):
		return outcome{silent: true, stopped: true, err: err}
	case errors.Is(err, errStarting):
		return outcome{silent: true, after: 30 * time.Second}
	case errors.As(err, &done):
		out.reason, out.ready = done.Reason, metav1.ConditionTrue
	case errors.As(err, &ref):
		out.reason, out.reference = ref.Reason, true
	case errors.As(err, &stalled):
		out.reason, out.stalled, out.again = stalled.Reason, true, stalled.Again
	case errors.As(err, &cannot):
		out.reason, out.stalled, out.again = v1alpha1.ReasonUnsupported, true, true
	case errors.As(err, &waiting):
		out.reason, out.reconciling, out.after = waiting.Reason, true, waiting.After
	case errors.As(err, &brake):
		out.reason, out.blocked, out.reconciling = v1alpha1.ReasonDeletionBrake, true, true
		out.message = "more deletions than the account's brake allows; see the GoToAccount for how to approve them"
		out.after = max(time.Second, time.Until(brake.RetryAt))
	case errors.As(err, &down):
		out.reason, out.reconciling, out.down, out.after = v1alpha1.ReasonUnreachable, true, down, down.After
		out.message = down.Error()
	case !paused.IsZero():
		out.reason, out.reconciling, out.after = v1alpha1.ReasonThrottled, true, jittered(max(time.Second, time.Until(paused)))
		out.message = "the account waits: GoTo asked to be left alone until " + paused.UTC().Format(time.RFC3339)
	case gotoclient.IsIllegalAccount(err):
		out.reason, out.stalled = v1alpha1.ReasonIllegalAccount, true
	case gotoclient.IsThrottled(err):
		out.reason, out.reconciling, out.err = v1alpha1.ReasonThrottled, true, err
	case gotoclient.IsForbidden(err):
		out.reason, out.stalled, out.again = v1alpha1.ReasonForbidden, true, true
	case gotoclient.IsUnauthenticated(err):
		out.reason, out.reconciling, out.err = v1alpha1.ReasonRetrying, true, err
	case isUnverified(err) && !isRemote(err):
		out.reason, out.stalled, out.again = v1alpha1.ReasonEndpointUnverified, true, gotoclient.IsNoSuchPath(err)
		out.message = unverifiedText(err)
	case gotoclient.IsRefused(err):
		out.reason, out.stalled, out.again = v1alpha1.ReasonRefused, true, true
	case isRemote(err):
		out.reason, out.reconciling, out.err = v1alpha1.ReasonRetrying, true, err
	default:
		out.reason, out.reconciling, out.err = v1alpha1.ReasonInternalError, true, err
	}
	return out
}

// pausedUntil is until when the service, or its token endpoint, has asked to be left alone, where that is why nothing was sent; zero if it
// is not.
func pausedUntil(err error) time.Time {
	var paused *budget.PausedError
	var auth *gotoclient.AuthError
	switch {
	case errors.As(err, &paused):
		return paused.Until
	case errors.As(err, &auth) && auth.RetryAfter > 0:
		return auth.Until
	}
	return time.Time{}
}

// Explain is what an object would say of an error: reason and message of its condition.
func Explain(err error) (reason, message string) {
	out := outcomeOf(err)
	return out.reason, out.message
}

// isUnverified is true where the way to the service is what is in question, not the object: the operation was not sent, or there is no
// such path.
func isUnverified(err error) bool {
	var denied *gotoclient.UnverifiedError
	return errors.As(err, &denied) || gotoclient.IsNoSuchPath(err)
}

// unverifiedText says which operation it is about, and what to do.
func unverifiedText(err error) string {
	const where = "spec.endpoints.operations of the GoToAccount can give the method and path that are known to be right (docs/goto-api/endpoints.md)"
	var denied *gotoclient.UnverifiedError
	if errors.As(err, &denied) {
		return "the operation " + denied.Operation + " was not sent to GoTo: nobody has verified its method and path. " + where +
			", or spec.endpoints.unverified: Allow there sends it on a guess"
	}
	return ErrorText(err) + ": nothing follows from it. " + where
}

func isRemote(err error) bool {
	var auth *gotoclient.AuthError
	return gotoclient.IsTemporary(err) || gotoclient.IsAmbiguous(err) || errors.As(err, &auth) ||
		errors.Is(err, account.ErrInconsistent) || errors.Is(err, account.ErrExists) || errors.Is(err, account.ErrNotVisible) || errors.Is(err, account.ErrUnconfirmed) || errors.Is(err, account.ErrGone) ||
		errors.Is(err, gotoclient.ErrIncompleteList) || errors.Is(err, gotoclient.ErrTooManyPages) ||
		errors.Is(err, context.DeadlineExceeded)
}

// ErrorText is the text of an error without the incident id that GoTo gives each answer: with it, the status would change
// on every retry.
func ErrorText(err error) string {
	var api *gotoclient.APIError
	if err == nil || !errors.As(err, &api) {
		return fmt.Sprint(err)
	}
	stable := *api
	stable.IncidentID = ""
	return stable.Error()
}
