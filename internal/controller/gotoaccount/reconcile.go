package gotoaccount

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
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
			r.forget(req.NamespacedName)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, err
	}
	r.recognise(req.NamespacedName, ga.UID)
	before := ga.DeepCopy()
	result, reconcileErr := r.reconcile(ctx, &ga)
	keepTransitions(before.Status.Conditions, ga.Status.Conditions)
	before.SetResourceVersion(ga.GetResourceVersion())
	before.SetFinalizers(ga.GetFinalizers())
	before.SetAnnotations(ga.GetAnnotations())
	before.SetManagedFields(ga.GetManagedFields())
	if apierrors.IsConflict(reconcileErr) {
		return ctrl.Result{RequeueAfter: 100 * time.Millisecond}, nil
	}
	if !equality.Semantic.DeepEqual(before.Status, ga.Status) {
		err := r.Client.Status().Patch(ctx, &ga, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
		if apierrors.IsConflict(err) {
			return ctrl.Result{RequeueAfter: 100 * time.Millisecond}, nil
		}
		if err != nil {
			return ctrl.Result{}, client.IgnoreNotFound(err)
		}
	}
	return result, reconcileErr
}

func (r *Reconciler) reconcile(ctx context.Context, ga *v1alpha1.GoToAccount) (ctrl.Result, error) {
	name := client.ObjectKeyFromObject(ga)
	requested := ga.Annotations[v1alpha1.ReconcileRequestedAtAnnotation]
	asked := engine.Bounded(requested, 256) != ga.Status.LastHandledReconcileAt
	ga.Status.ObservedGeneration = ga.Generation
	ga.Status.LastHandledReconcileAt = engine.Bounded(requested, 256)
	if !ga.DeletionTimestamp.IsZero() {
		return r.finalize(ctx, ga, asked)
	}
	secret, err := r.secret(ctx, secretName(ga))
	if err != nil {
		return ctrl.Result{}, err
	}
	again, err := r.letDeletedGo(ctx, secret)
	if err != nil {
		return ctrl.Result{}, err
	}
	if ga.Spec.Suspend {
		r.disconnect(name)
		setReady(ga, false, v1alpha1.ReasonSuspended, "spec.suspend is true")
		return ctrl.Result{RequeueAfter: again}, nil
	}
	before := r.live.get(name)
	c, refusal := r.connect(ctx, ga, secret, asked)
	if c == nil {
		return r.failed(ga, refusal)
	}
	if err := errors.Join(r.claim(ctx, ga, c), r.hold(ctx, secret)); err != nil {
		return ctrl.Result{}, err
	}
	if asked && before == c {
		_ = c.acct.Refresh(ctx) // its failure is the account's LastError
	}
	result, err := r.show(ctx, ga, c, refusal)
	result.RequeueAfter = min(again, result.RequeueAfter)
	return result, err
}

// show copies what is known of a connected account into the status, and returns when to look again. The refusal is why
// what the object asks for is not what the account is connected with.
func (r *Reconciler) show(ctx context.Context, ga *v1alpha1.GoToAccount, c *connection, refusal error) (ctrl.Result, error) {
	n, err := r.count(ctx, ga, c)
	if err != nil {
		return ctrl.Result{}, err
	}
	wasWaiting, was := ga.Status.Deletions.Waiting, credentialsReason(ga)
	r.showAccount(ga, c, n)
	r.showContested(ga, n.contested)
	switch died := c.acct.LastError(); {
	case isRefusal(died): // the credentials of the connection itself: it works no more
		_, _ = r.failed(ga, died)
	case refusal != nil:
		r.showRefusal(ga, refusal, was)
	}
	result := ctrl.Result{RequeueAfter: recheck}
	if until := r.approve(ga, c, wasWaiting); until > 0 {
		result.RequeueAfter = min(recheck, until)
	}
	return result, nil
}

// failed turns an error of connecting into conditions.
func (r *Reconciler) failed(ga *v1alpha1.GoToAccount, err error) (ctrl.Result, error) {
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
		return r.authFailed(ga, auth)
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
	case r.live.get(client.ObjectKeyFromObject(ga)) == nil && (errors.Is(err, context.Canceled)):
		return ctrl.Result{}, err
	default:
		setReconciling(ga, v1alpha1.ReasonUnreachable, engine.ErrorText(err))
		return ctrl.Result{}, err
	}
	return result, nil
}

func (r *Reconciler) authFailed(ga *v1alpha1.GoToAccount, err *gotoclient.AuthError) (ctrl.Result, error) {
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
