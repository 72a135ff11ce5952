package gotoreport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/breaker"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/jobs"
	"github.com/goto-operator/goto-operator/internal/published"
	"github.com/goto-operator/goto-operator/internal/report"
	"github.com/goto-operator/goto-operator/internal/reportstore"
)

// work is the job of making a report. Of one account one is made at a time.
func (k Kind) work(acct *account.Account, r *v1alpha1.GoToReport, want Wants) jobs.Work[*v1alpha1.ReportRun] {
	return jobs.Work[*v1alpha1.ReportRun]{
		Of: want.of, Lane: engine.AccountName(r).String(), Limit: time.Duration(limit(r.Spec.Limits.Minutes, 30)) * time.Minute,
		Do: func(ctx context.Context) (*v1alpha1.ReportRun, error) {
			run, err := k.make(budget.WithPriority(ctx, budget.Background), acct, r, want)
			if k.Made != nil {
				k.Made(engine.AccountName(r), err)
			}
			return run, err
		},
	}
}

// make reads a report and stores it.
func (k Kind) make(ctx context.Context, acct *account.Account, r *v1alpha1.GoToReport, want Wants) (*v1alpha1.ReportRun, error) {
	doc, err := source(acct, r).Fetch(ctx, want.query)
	if err != nil {
		return nil, err
	}
	files, err := encode(doc, r, want.zone)
	if err != nil {
		return nil, err
	}
	store, err := k.store(ctx, r)
	if err == nil {
		err = k.stillAsked(ctx, r)
	}
	if err != nil {
		return nil, err
	}
	where, err := store.Put(ctx, want.due, files)
	if err == nil {
		err = store.Prune(ctx, keep(r))
	}
	if err != nil {
		return nil, err
	}
	run := &v1alpha1.ReportRun{Due: metav1.NewTime(want.due), Finished: metav1.NewTime(k.Now().Truncate(time.Second)), Files: listed(files, where)}
	if doc.Table != nil {
		rows := int64(len(doc.Table.Rows))
		run.Rows = &rows
	}
	return run, nil
}

func formats(r *v1alpha1.GoToReport) []v1alpha1.ReportFormat {
	if len(r.Spec.Formats) == 0 {
		return []v1alpha1.ReportFormat{v1alpha1.ReportXLSX}
	}
	return r.Spec.Formats
}

func megabytes(r *v1alpha1.GoToReport) int { return limit(r.Spec.Limits.Megabytes, 32) << 20 }

// encode writes a report in each format: as it came, if it came in that one.
func encode(doc *report.Document, r *v1alpha1.GoToReport, zone *time.Location) ([]reportstore.File, error) {
	var files []reportstore.File
	for _, name := range formats(r) {
		f := report.Format(name)
		data, err := doc.Original, error(nil)
		switch {
		case doc.Original != nil && doc.OriginalFormat == f:
		case doc.Table == nil:
			err = fmt.Errorf("%w: it came without rows", report.ErrUnsupported)
		default:
			data, err = report.Encode(doc.Table, f, report.Encoding{Zone: zone, BOM: r.Spec.BOM != nil && *r.Spec.BOM})
		}
		if err == nil && len(data) > megabytes(r) {
			err = fmt.Errorf("%w: %d bytes as %s", report.ErrTooLarge, len(data), f)
		}
		if err != nil {
			return nil, err
		}
		files = append(files, reportstore.File{Format: string(f), ContentType: f.ContentType(), Data: data})
	}
	return files, nil
}

// listed are stored files as the status has them.
func listed(files []reportstore.File, where []string) []v1alpha1.ReportFile {
	out := make([]v1alpha1.ReportFile, len(files))
	for i, f := range files {
		size, sum := int64(len(f.Data)), sha256.Sum256(f.Data)
		out[i] = v1alpha1.ReportFile{Format: v1alpha1.ReportFormat(f.Format), Where: where[i], Bytes: &size, SHA256: hex.EncodeToString(sum[:])}
	}
	return out
}

var errNotAsked = errors.New("the report is not asked for any more")

// stillAsked looks at the object once more before anything is stored.
func (k Kind) stillAsked(ctx context.Context, r *v1alpha1.GoToReport) error {
	var now v1alpha1.GoToReport
	err := k.client.Get(ctx, client.ObjectKeyFromObject(r), &now)
	if client.IgnoreNotFound(err) != nil {
		return err
	}
	if err != nil || now.UID != r.UID || !now.DeletionTimestamp.IsZero() || now.Spec.Suspend || fingerprint(&now) != fingerprint(r) {
		return errNotAsked
	}
	return nil
}

// offered refuses a place that the operator may not write to.
func (k Kind) offered(r *v1alpha1.GoToReport) error {
	switch {
	case r.Spec.Output == v1alpha1.ReportToDirectory && k.Directory == "":
		return &engine.StalledError{Reason: v1alpha1.ReasonDirectoryNotOffered, Message: "the operator has no directory for reports: see its flag --report-directory"}
	case r.Spec.S3 != nil && !k.Allowed(r.Spec.S3.Endpoint):
		return &engine.StalledError{Reason: v1alpha1.ReasonEndpointNotAllowed, Message: "spec.s3.endpoint is a host that the operator's flag --allowed-hosts does not list"}
	}
	return nil
}

// store is where the reports of an object go.
func (k Kind) store(ctx context.Context, r *v1alpha1.GoToReport) (reportstore.Store, error) {
	owner := reportstore.Owner{Namespace: r.Namespace, Name: r.Name, UID: string(r.UID)}
	if err := k.offered(r); err != nil {
		return nil, err
	}
	switch r.Spec.Output {
	case v1alpha1.ReportToDirectory:
		return reportstore.Directory{Path: k.Directory, Owner: owner}, nil
	case v1alpha1.ReportToS3:
		return k.bucket(ctx, r, owner)
	case v1alpha1.ReportToSecret:
	}
	return reportstore.Secrets{Secrets: published.Secrets{Client: k.client, Reader: k.secrets}, Owner: r, Keep: keep(r)}, nil
}

// failure is what an error of a report means for its object; one that may pass is tried again after a while.
func failure(err error, after time.Duration) error {
	var stalled *engine.StalledError
	var waiting *engine.WaitingError
	var unverified *gotoclient.UnverifiedError
	var down *breaker.OpenError
	later := func(reason, message string) error {
		return &engine.WaitingError{Reason: reason, Message: message, After: max(time.Second, after)}
	}
	for _, row := range []struct {
		is     error
		reason string
	}{
		{report.ErrRange, v1alpha1.ReasonScheduleInvalid}, {report.ErrSelection, v1alpha1.ReasonUnsupported}, {report.ErrUnsupported, v1alpha1.ReasonUnsupported},
		{report.ErrTooLarge, v1alpha1.ReasonLimitExceeded}, {reportstore.ErrTooLarge, v1alpha1.ReasonTooLarge},
	} {
		if errors.Is(err, row.is) {
			return &engine.StalledError{Reason: row.reason, Message: err.Error()}
		}
	}
	switch {
	case errors.As(err, &waiting):
		return later(waiting.Reason, waiting.Message)
	case errors.As(err, &stalled), errors.As(err, &unverified), errors.As(err, &down), gotoclient.IsNoSuchPath(err), gotoclient.IsRefused(err), gotoclient.IsForbidden(err),
		errors.Is(err, context.Canceled):
		return err
	case gotoclient.IsThrottled(err):
		return later(v1alpha1.ReasonThrottled, engine.ErrorText(err))
	case errors.Is(err, reportstore.ErrUnavailable):
		return later(v1alpha1.ReasonStoreFailed, err.Error())
	case errors.Is(err, jobs.ErrLimit):
		return later(v1alpha1.ReasonTimeLimit, "making the report took longer than spec.limits.minutes")
	}
	return later(v1alpha1.ReasonRetrying, engine.ErrorText(err))
}
