// Package gotoreport has the reports made that GoToReport objects ask for. A report has no counterpart in GoTo: what is seen of it is the job
// that makes it, which runs beside the workers, and what is remembered of it is the time for which the last one was due. So a report
// that was stored by a process that ended before it could say so is made again in its place.
//
// controller.go says what starts a reconcile, and kind.go is what the engine asks. When a report is due, what is in it and how it is made is for
// internal/reportjob to say. It may not import another kind's package.
package gotoreport

import (
	"cmp"
	"context"
	"errors"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/jobs"
	"github.com/goto-operator/goto-operator/internal/published"
	"github.com/goto-operator/goto-operator/internal/reportjob"
	"github.com/goto-operator/goto-operator/internal/reportstore"
)

// Kind is the engine's view of a GoToReport.
type Kind struct {
	Options

	client client.Client
	jobs   *jobs.Jobs[*reportjob.Made]
}

// NewKind returns a Kind, which reads Secrets past the cache: the operator may get them by name, but neither list nor watch them. Its jobs
// end with o.Background.
func NewKind(c client.Client, secrets client.Reader, o Options) Kind {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Secrets = published.Secrets{Client: c, Reader: secrets}
	return Kind{Options: o, client: c, jobs: jobs.New[*reportjob.Made](o.Background)}
}

// Wants is what a report wants besides its spec.
type Wants = reportjob.Wanted

// Remote is the job of a report.
type Remote struct {
	job   jobs.Job[*reportjob.Made]
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

// What a report may name.
var (
	users = engine.Reference{Kind: "GoToUser", NotFound: v1alpha1.ReasonUserNotFound, NotReady: v1alpha1.ReasonUserNotReady,
		New: func() engine.Object { return &v1alpha1.GoToUser{} }}
	groups = engine.Groups
)

// Resolve says when the report is due, about which days and whom.
func (k Kind) Resolve(ctx context.Context, _ *account.Account, r *v1alpha1.GoToReport) (Wants, error) {
	if err := cmp.Or(k.Offered(r), k.mayBeAbout(ctx, r)); err != nil {
		return Wants{}, err
	}
	of, err := users.Keys(ctx, k.client, r, r.Spec.Selection.Users)
	if err != nil {
		return Wants{}, err
	}
	in, err := groups.Keys(ctx, k.client, r, r.Spec.Selection.Groups)
	if err != nil {
		return Wants{}, err
	}
	return reportjob.WantedOf(r, k.Now(), of, in)
}

// mayBeAbout is why the report may not be about whom it is; what is being made of it is given up then.
func (k Kind) mayBeAbout(ctx context.Context, r *v1alpha1.GoToReport) error {
	if s := r.Spec.Selection; len(s.Users)+len(s.Groups) > 0 {
		return nil
	}
	err := engine.WholeAccount(ctx, k.client, engine.AccountName(r), r.Namespace)
	if err != nil {
		k.jobs.Forget(string(r.UID))
	}
	return err
}

// Observe looks at the job. What the status shows of it already is forgotten.
func (k Kind) Observe(_ context.Context, _ *account.Account, r *v1alpha1.GoToReport, _ Wants) (*engine.Seen[*Remote], error) {
	seen := k.look(r)
	if made := seen.job.Result; made != nil && made.Run == reportjob.LastRun(r) {
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
	if made := seen.job.Result; made != nil {
		made.Note(r)
	}
}

// patience is how long a worker waits for a report: most take less, and cost no second status then.
const patience = 2 * time.Second

// Publish has the report made that is due. Where what is stored does not go with the object by itself, its finalizer comes first.
func (k Kind) Publish(ctx context.Context, acct *account.Account, r *v1alpha1.GoToReport, want Wants, seen *Remote) error {
	if want.Due.IsZero() || k.Remembers(r) && !controllerutil.ContainsFinalizer(r, v1alpha1.Finalizer) {
		return nil
	}
	k.jobs.Start(string(r.UID), k.work(acct, r.DeepCopy(), want))
	k.jobs.Await(ctx, string(r.UID), patience)
	*seen = *k.look(r)
	k.Report(r, seen)
	return nil
}

// work is the job of making the report, of which whoever counts is told.
func (k Kind) work(acct *account.Account, r *v1alpha1.GoToReport, want Wants) jobs.Work[*reportjob.Made] {
	maker := reportjob.Maker{Places: k.Places, Objects: k.client, Now: k.Now}
	w := maker.Work(acct, r, want)
	do := w.Do
	w.Do = func(ctx context.Context) (*reportjob.Made, error) {
		made, err := do(ctx)
		if k.Made != nil {
			k.Made(engine.AccountName(r), err)
		}
		return made, err
	}
	return w
}

// failure is why the job that is wanted now has failed; nil if it has not.
func (s *Remote) failure(want Wants) error {
	if s.job.Of != want.Run.String() {
		return nil
	}
	return reportjob.Failure(s.job.Err, s.job.Retry.Sub(want.Now))
}

// Judge says whether the report that was due last is made, and once it is what became of older ones.
func (Kind) Judge(r *v1alpha1.GoToReport, want Wants, seen *Remote) (conditions []metav1.Condition, err error) {
	r.Status.NextRun = metav1.NewTime(want.Next)
	if made := seen.job.Result; made != nil {
		conditions = append(conditions, made.Left())
	}
	return conditions, standing(r, want, seen)
}

// standing says how far the report is.
func standing(r *v1alpha1.GoToReport, want Wants, seen *Remote) error {
	failed := seen.failure(want)
	switch {
	case want.Done(r) && r.Status.LastRunKey == "":
		return &engine.FinishedError{Reason: v1alpha1.ReasonScheduled, Message: "status.nextRun says when the first report is due"}
	case want.Done(r):
		return &engine.FinishedError{Reason: v1alpha1.ReasonMade, Message: "the report that was due last is stored"}
	case failed != nil:
		return failed
	}
	return &engine.WaitingError{Reason: v1alpha1.ReasonMaking, Message: "the report is being made"}
}

// glance is how often a report that is being made is looked at.
const glance = 5 * time.Second

// Next is when the report is due, done, or tried again. What only a person's change cures is not tried again by time.
func (Kind) Next(r *v1alpha1.GoToReport, want Wants, seen *Remote) (after time.Duration, expired bool) {
	var waiting *engine.WaitingError
	failed := seen.failure(want)
	switch {
	case !want.Done(r) && errors.As(failed, &waiting):
		return waiting.After, false
	case !want.Done(r) && failed == nil && seen.there:
		return glance, false
	case !want.Done(r) && failed == nil:
		return time.Second, false
	case want.Next.IsZero():
		return 0, false
	}
	return max(time.Second, want.Next.Sub(want.Now)), false
}

// Remembers is true of an object whose reports do not go with it by themselves.
func (Kind) Remembers(r *v1alpha1.GoToReport) bool { return !reportstore.ToSecret(r) }

// Delete deletes them. Where the bucket's Secret went before them with the namespace they stay.
func (k Kind) Delete(ctx context.Context, _ *account.Account, r *v1alpha1.GoToReport, _ *Remote) error {
	select {
	case <-k.jobs.Forget(string(r.UID)): // what it stores last is deleted too
	case <-ctx.Done():
		return ctx.Err()
	}
	err := reportjob.Failure(k.Clear(ctx, r), time.Minute)
	if reportstore.LacksSecret(err) {
		switch ends, failed := engine.NamespaceEnds(ctx, k.client, r.Namespace); {
		case failed != nil:
			return failed
		case ends: // nobody can create the Secret any more
			return &engine.LeftError{Message: "the Secret with the bucket's credentials went with the namespace, and the reports stay: " + reportstore.InBucket(r)}
		}
	}
	return reportjob.Undeleted(err)
}
