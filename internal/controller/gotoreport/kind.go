// Package gotoreport makes the reports that GoToReport objects ask for. A report has no counterpart in GoTo: what is seen of it is the job
// that makes it, which runs beside the workers and outside of what is interactive of the account's budget, and what is remembered of it is the
// time for which the last one was due. So a report that was stored by a process that ended before it could say so is made again in its place.
//
// controller.go says what starts a reconcile, kind.go is what the engine asks; due.go is pure and says when a report is due and about which
// days; select.go looks up whom it is about, and make.go makes and stores it. It may not import another kind's package.
package gotoreport

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/jobs"
	"github.com/goto-operator/goto-operator/internal/report"
)

// Kind is the engine's view of a GoToReport.
type Kind struct {
	Options

	client  client.Client
	secrets client.Reader // past the cache: the operator may get a Secret by name, but neither list nor watch Secrets
	jobs    *jobs.Jobs[*v1alpha1.ReportRun]
}

// NewKind returns a Kind. Its jobs end with o.Background.
func NewKind(c client.Client, secrets client.Reader, o Options) Kind {
	if o.Now == nil {
		o.Now = time.Now
	}
	return Kind{Options: o, client: c, secrets: secrets, jobs: jobs.New[*v1alpha1.ReportRun](o.Background)}
}

// Wants is what a report wants besides its spec.
type Wants struct {
	times

	of    string // what the job to be done is about
	query report.Query
}

// Remote is the job of a report.
type Remote struct {
	job   jobs.Job[*v1alpha1.ReportRun]
	there bool
}

var (
	_ engine.Kind[*v1alpha1.GoToReport, Wants, *Remote]      = Kind{}
	_ engine.Reader                                          = Kind{}
	_ engine.Deleter[*v1alpha1.GoToReport, *Remote]          = Kind{}
	_ engine.Publisher[*v1alpha1.GoToReport, Wants, *Remote] = Kind{}
	_ engine.Judge[*v1alpha1.GoToReport, Wants, *Remote]     = Kind{}
	_ engine.Scheduler[*v1alpha1.GoToReport, Wants, *Remote] = Kind{}
)

// New returns an empty GoToReport.
func (Kind) New() *v1alpha1.GoToReport { return &v1alpha1.GoToReport{} }

// NewList returns an empty list of them.
func (Kind) NewList() client.ObjectList { return &v1alpha1.GoToReportList{} }

// ReadsOnly says that nothing is written to GoTo.
func (Kind) ReadsOnly() {}

// Resolve says when the report is due, about which days and whom.
func (k Kind) Resolve(ctx context.Context, _ *account.Account, r *v1alpha1.GoToReport) (Wants, error) {
	if err := k.offered(r); err != nil {
		return Wants{}, err
	}
	t, err := timesOf(r, k.Now())
	if err != nil {
		return Wants{}, err
	}
	want := Wants{times: t, of: fingerprint(r) + "/" + string(keyOf(t.due))}
	want.query, err = k.query(ctx, r, t)
	return want, err
}

// Observe looks at the job. What the status shows of it already is forgotten.
func (k Kind) Observe(_ context.Context, _ *account.Account, r *v1alpha1.GoToReport, _ Wants) (*engine.Seen[*Remote], error) {
	seen := k.look(r)
	if run := seen.job.Result; run != nil && r.Status.LastRunKey == keyOf(run.Due.Time) && r.Status.LastRunOf == seen.madeBy() {
		k.jobs.Forget(string(r.UID))
		seen = &Remote{}
	}
	return &engine.Seen[*Remote]{Remote: seen, Origin: v1alpha1.Created}, nil
}

func (k Kind) look(r *v1alpha1.GoToReport) *Remote {
	job, there := k.jobs.Get(string(r.UID))
	return &Remote{job, there}
}

// Report notes a report that was made.
func (Kind) Report(r *v1alpha1.GoToReport, seen *Remote) {
	run := seen.job.Result
	if run == nil {
		return
	}
	r.Status.LastRunKey, r.Status.LastRunOf = keyOf(run.Due.Time), seen.madeBy()
	others := slices.DeleteFunc(slices.Clone(r.Status.History), func(h v1alpha1.ReportRun) bool { return h.Due.Time.Equal(run.Due.Time) })
	r.Status.History = append([]v1alpha1.ReportRun{*run}, others...)
	r.Status.History = r.Status.History[:min(len(r.Status.History), keep(r))]
}

// keep is how many reports are kept.
func keep(r *v1alpha1.GoToReport) int {
	if r.Spec.Keep == nil {
		return 3
	}
	return int(*r.Spec.Keep)
}

// patience is how long a worker waits for a report: most take less, and cost no second status then.
const patience = 2 * time.Second

// Publish has the report made that is due, unless it failed just before.
func (k Kind) Publish(ctx context.Context, acct *account.Account, r *v1alpha1.GoToReport, want Wants, seen *Remote) error {
	if want.due.IsZero() || !mayBegin(r) || seen.about(want) && seen.job.Err != nil && k.Now().Before(seen.job.Retry) && !requested(r) {
		return nil
	}
	k.jobs.Start(string(r.UID), k.work(acct, r.DeepCopy(), want))
	k.jobs.Await(ctx, string(r.UID), patience)
	*seen = *k.look(r)
	k.Report(r, seen)
	return nil
}

// about is true of the job that is wanted now.
func (s *Remote) about(want Wants) bool { return s.there && s.job.Of == want.of }

// madeBy is the fingerprint of the spec that the job is about, which may have changed since.
func (s *Remote) madeBy() string {
	of, _, _ := strings.Cut(s.job.Of, "/")
	return of
}

// mayBegin is false until the object is held by its finalizer, if what is stored does not go with it by itself.
func mayBegin(r *v1alpha1.GoToReport) bool {
	return toSecret(r) || controllerutil.ContainsFinalizer(r, v1alpha1.Finalizer)
}

func toSecret(r *v1alpha1.GoToReport) bool {
	return r.Spec.Output == "" || r.Spec.Output == v1alpha1.ReportToSecret
}

// requested is true if a person has asked for a reconcile that has not taken place yet.
func requested(r *v1alpha1.GoToReport) bool {
	return r.Annotations[v1alpha1.ReconcileRequestedAtAnnotation] != r.Status.LastHandledReconcileAt
}

// made is true once nothing is due.
func made(r *v1alpha1.GoToReport, want Wants) bool {
	return want.due.IsZero() || r.Status.LastRunKey == keyOf(want.due) && r.Status.LastRunOf == fingerprint(r)
}

// Judge says whether the report that was due last is made.
func (k Kind) Judge(r *v1alpha1.GoToReport, want Wants, seen *Remote) ([]metav1.Condition, error) {
	r.Status.NextRun = metav1.NewTime(want.next)
	switch {
	case made(r, want) && r.Status.LastRunKey == "":
		return nil, &engine.FinishedError{Reason: v1alpha1.ReasonScheduled, Message: "status.nextRun says when the first report is due"}
	case made(r, want):
		return nil, &engine.FinishedError{Reason: v1alpha1.ReasonMade, Message: "the report that was due last is stored"}
	case seen.about(want) && seen.job.Err != nil:
		return nil, failure(seen.job.Err, seen.job.Retry.Sub(want.now))
	}
	return nil, &engine.WaitingError{Reason: v1alpha1.ReasonMaking, Message: "the report is being made"}
}

// glance is how often a report that is being made is looked at.
const glance = 5 * time.Second

// Next is when the report is due, done, or tried again. What only a person's change cures is not tried again by time.
func (Kind) Next(r *v1alpha1.GoToReport, want Wants, seen *Remote) (after time.Duration, expired bool) {
	var waiting *engine.WaitingError
	failed := seen.about(want) && seen.job.Err != nil
	switch {
	case made(r, want):
	case failed && errors.As(failure(seen.job.Err, seen.job.Retry.Sub(want.now)), &waiting):
		return waiting.After, false
	case failed:
	case !seen.there:
		return time.Second, false
	default:
		return glance, false
	}
	if want.next.IsZero() {
		return 0, false
	}
	return max(time.Second, want.next.Sub(want.now)), false
}

// Remembers is true of an object whose reports do not go with it by themselves.
func (Kind) Remembers(r *v1alpha1.GoToReport) bool { return !toSecret(r) }

// Delete deletes them.
func (k Kind) Delete(ctx context.Context, _ *account.Account, r *v1alpha1.GoToReport, _ *Remote) error {
	select {
	case <-k.jobs.Forget(string(r.UID)): // what it stores last is deleted too
	case <-ctx.Done():
		return ctx.Err()
	}
	store, err := k.store(ctx, r)
	if err == nil {
		err = store.Prune(ctx, 0)
	}
	if err != nil {
		return failure(err, time.Minute)
	}
	return nil
}
