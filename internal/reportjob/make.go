package reportjob

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/jobs"
	"github.com/goto-operator/goto-operator/internal/report"
	"github.com/goto-operator/goto-operator/internal/reportstore"
)

// Made is a report that was stored.
type Made struct {
	Run    Run
	Stored v1alpha1.ReportRun
	// Undeleted is why older reports are still there; nil if none is that is too old.
	Undeleted error
}

// Left is the condition about older reports.
func (m *Made) Left() metav1.Condition {
	if m.Undeleted == nil {
		return metav1.Condition{Type: v1alpha1.ConditionOldReportsLeft, Status: metav1.ConditionUnknown}
	}
	return metav1.Condition{
		Type: v1alpha1.ConditionOldReportsLeft, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonNotDeleted,
		Message: "reports beyond spec.keep could not be deleted, which is tried again with the next report: " + m.Undeleted.Error(),
	}
}

// Note writes it into the status of its object.
func (m *Made) Note(r *v1alpha1.GoToReport) {
	r.Status.LastRunKey, r.Status.LastRunOf = m.Run.Key, m.Run.Of
	others := slices.DeleteFunc(slices.Clone(r.Status.History), func(h v1alpha1.ReportRun) bool { return h.Due.Time.Equal(m.Stored.Due.Time) })
	history := append([]v1alpha1.ReportRun{m.Stored}, others...)
	r.Status.History = history[:min(len(history), reportstore.Kept(r))]
}

// Maker makes reports.
type Maker struct {
	// Places are where they go.
	Places reportstore.Places
	// Objects are read once more before anything is stored.
	Objects client.Reader
	// Now is the clock.
	Now func() time.Time
}

// Work is the job of making a report, outside of what is interactive of the account's budget. Of one account one is made at a time. Failure
// explains its errors.
func (m *Maker) Work(acct *account.Account, r *v1alpha1.GoToReport, w Wanted) jobs.Work[*Made] {
	return jobs.Work[*Made]{
		Of: w.Run.String(), Lane: engine.AccountName(r).String(), Asked: engine.Asked(r),
		Limit: time.Duration(cmp.Or(r.Spec.Limits.Minutes, 30)) * time.Minute,
		Do: func(ctx context.Context) (*Made, error) {
			return m.do(budget.WithPriority(ctx, budget.Background), acct, r, w)
		},
	}
}

func (m *Maker) do(ctx context.Context, acct *account.Account, r *v1alpha1.GoToReport, w Wanted) (*Made, error) {
	written, err := w.Order.Make(ctx, source(acct, r, &w.Order))
	if err == nil {
		err = m.stillAsked(ctx, r)
	}
	if err != nil {
		return nil, err
	}
	var files []reportstore.File
	for _, f := range written.Files {
		files = append(files, reportstore.File{Format: string(f.Format), ContentType: f.Format.ContentType(), Data: f.Data})
	}
	stored, err := m.Places.Put(ctx, r, w.Due, files)
	if err != nil {
		return nil, err
	}
	made := &Made{Run: w.Run, Stored: v1alpha1.ReportRun{
		Due: metav1.NewTime(w.Due), Finished: metav1.NewTime(m.Now().Truncate(time.Second)), Rows: written.Rows, Files: stored,
	}}
	made.Undeleted = m.Places.Prune(ctx, r) // what is stored is stored, whatever becomes of older ones
	return made, nil
}

// source is the API that a report comes from. What licences organizers have the snapshot knows.
func source(acct *account.Account, r *v1alpha1.GoToReport, o *report.Order) report.Source {
	if r.Spec.Source == v1alpha1.ReportFromMeetings || r.Spec.Source == "" && o.OfMeetings() {
		organizers := report.ListedOrganizers(acct.Client().Organizers())
		return report.FromMeetings(acct.Client(), organizers.WithLicenses(func(key gotoclient.Key) ([]gotoclient.Key, bool) {
			u, known := acct.Users().Get(key)
			return u.LicenseKeys, known && acct.Organizers() == nil
		}))
	}
	return report.FromAdministration(acct.Client().Reports(acct.Key()))
}

var errNotAsked = errors.New("the report is not asked for any more")

// stillAsked looks at the object once more before anything is stored.
func (m *Maker) stillAsked(ctx context.Context, r *v1alpha1.GoToReport) error {
	var now v1alpha1.GoToReport
	err := m.Objects.Get(ctx, client.ObjectKeyFromObject(r), &now)
	if client.IgnoreNotFound(err) != nil {
		return err
	}
	if err != nil || now.UID != r.UID || !now.DeletionTimestamp.IsZero() || now.Spec.Suspend || fingerprint(&now) != fingerprint(r) {
		return errNotAsked
	}
	return nil
}
