package gotoaccount

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/tracing"
)

// recheck is how soon credentials that do not work are read again: the operator may not watch Secrets.
const recheck = 30 * time.Second

// Reconcile connects an account and shows its state.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	ctx, span := tracing.Reconcile(ctx, controllerName, req.NamespacedName)
	result, err := r.traced(ctx, req)
	span.End(err)
	return result, err
}

// traced is a reconcile, in its span.
func (r *Reconciler) traced(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	ctx, done, may := r.Grace.Begin(ctx)
	defer done()
	if !may {
		return ctrl.Result{}, nil // the next process begins with it
	}
	var ga v1alpha1.GoToAccount
	if err := r.Client.Get(ctx, req.NamespacedName, &ga); err != nil {
		if apierrors.IsNotFound(err) {
			r.connector.forget(req.NamespacedName)
			r.failures.Over(req)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, err
	}
	b := r.connector.recognise(&ga)
	heed(&ga, b)
	before := ga.DeepCopy()
	result, reconcileErr := r.reconcile(ctx, &ga)
	ga.Status.Deletions.Recent = toStatus(b.Recent())
	keepTransitions(before.Status.Conditions, ga.Status.Conditions)
	before.SetResourceVersion(ga.GetResourceVersion())
	before.SetFinalizers(ga.GetFinalizers())
	before.SetAnnotations(ga.GetAnnotations())
	before.SetManagedFields(ga.GetManagedFields())
	if errors.Is(reconcileErr, errConnecting) {
		if equality.Semantic.DeepEqual(before.Status.Conditions, ga.Status.Conditions) {
			return result, nil // the end of it has something to say
		}
		reconcileErr = nil
	} else {
		defer r.settle(before, &ga)
	}
	if apierrors.IsConflict(reconcileErr) {
		return ctrl.Result{RequeueAfter: r.conflicts.Next(ga.UID)}, nil
	}
	if !equality.Semantic.DeepEqual(before.Status, ga.Status) {
		err := r.Client.Status().Patch(ctx, &ga, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
		if apierrors.IsConflict(err) {
			return ctrl.Result{RequeueAfter: r.conflicts.Next(ga.UID)}, nil
		}
		if err != nil {
			return ctrl.Result{}, client.IgnoreNotFound(err)
		}
	}
	r.conflicts.Reset(ga.UID)
	if reconcileErr == nil {
		r.failures.Over(req)
	}
	return result, reconcileErr
}

// settle notes that it is known whether an account can be used. Objects that wait for that are started where no change of what the account
// says starts them.
func (r *Reconciler) settle(before, now *v1alpha1.GoToAccount) {
	uid := string(now.UID)
	first := !r.Registry.Settled(uid)
	r.Registry.Settle(uid)
	if _, live := r.Registry.Get(uid); first && !live && engine.Readiness(before) == engine.Readiness(now) {
		r.Registry.Notify(client.ObjectKeyFromObject(now).String(), account.Change{Unusable: true})
	}
}

func (r *Reconciler) reconcile(ctx context.Context, ga *v1alpha1.GoToAccount) (ctrl.Result, error) {
	name := client.ObjectKeyFromObject(ga)
	was, requested := ga.Status.LastHandledReconcileAt, engine.Bounded(ga.Annotations[v1alpha1.ReconcileRequestedAtAnnotation], 256)
	asked := requested != was && !r.live.handled(name, requested)
	ga.Status.ObservedGeneration = ga.Generation
	ga.Status.LastHandledReconcileAt = requested
	if !ga.DeletionTimestamp.IsZero() {
		return r.finalize(ctx, ga, asked)
	}
	secret, err := readSecret(ctx, r.Secrets, secretName(ga))
	if err != nil {
		return ctrl.Result{}, err
	}
	again, err := r.secrets.letDeletedGo(ctx, secret)
	if err != nil {
		return ctrl.Result{}, err
	}
	if ga.Spec.Suspend {
		r.connector.disconnect(name)
		setReady(ga, false, v1alpha1.ReasonSuspended, "spec.suspend is true")
		return ctrl.Result{RequeueAfter: again}, nil
	}
	before := r.live.get(name)
	c, refusal := r.connector.connect(ctx, ga, secret, asked)
	if c == nil {
		r.live.handle(name, requested)
		return r.unconnected(ga, refusal)
	}
	if err := errors.Join(r.claim(ctx, ga, c), r.secrets.hold(ctx, secret)); err != nil {
		return ctrl.Result{}, err
	}
	if asked && before == c {
		c.asked = c.keeper.ask()
	}
	r.live.handle(name, requested)
	if !c.keeper.done(c.asked) {
		ga.Status.LastHandledReconcileAt = was // the end of the reading starts the account again
	}
	result, err := r.show(ctx, ga, c, refusal)
	result.RequeueAfter = min(again, result.RequeueAfter)
	return result, err
}

// unconnected says why an account is not connected, and when it is tried again.
func (r *Reconciler) unconnected(ga *v1alpha1.GoToAccount, err error) (ctrl.Result, error) {
	name := client.ObjectKeyFromObject(ga)
	if errors.Is(err, errConnecting) {
		return r.connecting(ga), err
	}
	result, err := failed(ga, err)
	if err != nil && !errors.Is(err, context.Canceled) {
		return ctrl.Result{RequeueAfter: r.live.nextTry(name)}, nil
	}
	return result, err
}

// patience is how long connecting may take before a new account says so.
const patience = 10 * time.Second

// connecting says of an account that has said nothing so far that it is being connected, once that takes its time. What another
// says stays until it is known to be otherwise.
func (r *Reconciler) connecting(ga *v1alpha1.GoToAccount) ctrl.Result {
	if meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionReady) != nil {
		return ctrl.Result{}
	}
	var began time.Time
	r.live.of(client.ObjectKeyFromObject(ga), func(k *known) { began = k.attempt.began })
	if wait := patience - time.Since(began); wait > 0 {
		return ctrl.Result{RequeueAfter: wait}
	}
	setReconciling(ga, v1alpha1.ReasonConnecting, "GoTo is asked whose the credentials are, and the account is read; nothing has failed so far")
	return ctrl.Result{}
}

// show copies what is known of a connected account into the status, and returns when to look again. The refusal is why
// what the object asks for is not what the account is connected with.
func (r *Reconciler) show(ctx context.Context, ga *v1alpha1.GoToAccount, c *connection, refusal error) (ctrl.Result, error) {
	began := time.Now()
	n, err := count(ctx, r.Client, ga, c)
	if err != nil {
		return ctrl.Result{}, err
	}
	r.live.cost(client.ObjectKeyFromObject(ga), time.Since(began))
	wasWaiting, was := ga.Status.Deletions.Waiting, credentialsReason(ga)
	refusal = r.live.say(client.ObjectKeyFromObject(ga), refusal)
	r.showAccount(ga, c, n)
	r.showContested(ga, n.contested)
	switch died := c.died(); {
	case died != nil:
		_, _ = failed(ga, died)
	case refusal != nil:
		r.showRefusal(ga, refusal, was)
	}
	if err := r.settings.show(ctx, ga, c); err != nil {
		return ctrl.Result{}, err
	}
	result := ctrl.Result{RequeueAfter: recheck}
	if until := r.showApproval(ga, c, wasWaiting); until > 0 {
		result.RequeueAfter = min(recheck, until)
	}
	return result, nil
}

// died is why a connection that worked works no more, and will not until a person does something, or gives the rights back.
func (c *connection) died() error {
	switch err := c.acct.LastError(); {
	case isRefusal(err), isScopeMissing(err), gotoclient.IsForbidden(err), gotoclient.IsNotEntitled(err):
		return err
	}
	return c.rights()
}

// failed turns an error of connecting into conditions.
func failed(ga *v1alpha1.GoToAccount, err error) (ctrl.Result, error) {
	var (
		ref     *engine.BlockedReference
		stalled *engine.StalledError
		auth    *gotoclient.AuthError
	)
	result := ctrl.Result{RequeueAfter: recheck}
	switch {
	case errors.As(err, &ref):
		setCredentials(ga, false, ref.Reason, ref.Message)
	case errors.As(err, &stalled):
		setCredentials(ga, false, stalled.Reason, stalled.Message)
		setStalled(ga, stalled.Reason, stalled.Message)
	case errors.As(err, &auth):
		return authFailed(ga, auth)
	case gotoclient.IsIllegalAccount(err):
		const message = "GoTo says that the account is not in order (Illegal Account): the vendor's support has to mend it. Nothing more is asked until somebody asks for it"
		setReady(ga, false, v1alpha1.ReasonIllegalAccount, message)
		setStalled(ga, v1alpha1.ReasonIllegalAccount, message)
	case isScopeMissing(err) && !byOrganizers(ga):
		setCredentials(ga, false, v1alpha1.ReasonAdminScopeMissing,
			"GoTo issued a token, and the Administration API does not accept it: the OAuth client or the token lacks the scope \"identity:\" (Admin Center)")
	case isScopeMissing(err):
		setCredentials(ga, false, v1alpha1.ReasonOrganizerScopeMissing,
			"GoTo issued a token, and the GoToMeeting API does not accept it: the OAuth client or the token lacks one of the scopes \"collab:\" and \"identity:\"")
	case gotoclient.IsNotEntitled(err):
		setCredentials(ga, false, v1alpha1.ReasonNotEntitled, "the account, a free one, may not use the GoToMeeting API")
	case gotoclient.IsForbidden(err):
		setCredentials(ga, false, v1alpha1.ReasonForbidden, "the credentials' user may not administer this account: "+engine.ErrorText(err))
	case errors.Is(err, context.Canceled):
		return ctrl.Result{}, err
	default:
		setReconciling(ga, v1alpha1.ReasonUnreachable, engine.ErrorText(err))
		return ctrl.Result{}, err
	}
	return result, nil
}

func authFailed(ga *v1alpha1.GoToAccount, err *gotoclient.AuthError) (ctrl.Result, error) {
	switch err.Reason {
	case gotoclient.AuthInvalidClient:
		setCredentials(ga, false, v1alpha1.ReasonInvalidClient, "GoTo does not know the OAuth client, or its secret is wrong")
	case gotoclient.AuthInvalidGrant, gotoclient.AuthUnsupportedGrant:
		setCredentials(ga, false, v1alpha1.ReasonInvalidGrant, fmt.Sprintf("GoTo does not accept the %s: it is wrong, expired or revoked, "+
			"or the OAuth client may not use it", ga.Spec.Credentials.Grant))
	case gotoclient.AuthNotSaved:
		setReconciling(ga, v1alpha1.ReasonTokenNotSaved, "GoTo issued a new refresh token and it could not be written to the Secret; it is kept and tried again")
		return ctrl.Result{}, err
	default:
		setReconciling(ga, v1alpha1.ReasonUnreachable, engine.ErrorText(err))
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: recheck}, nil
}

func parseName(s string) types.NamespacedName {
	namespace, name, _ := strings.Cut(s, "/")
	return types.NamespacedName{Namespace: namespace, Name: name}
}
