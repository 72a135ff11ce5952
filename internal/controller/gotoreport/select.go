package gotoreport

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/report"
)

// query is what to ask for.
func (k Kind) query(ctx context.Context, r *v1alpha1.GoToReport, t times) (report.Query, error) {
	due := t.due
	if due.IsZero() {
		due = t.now // what is wrong with it is said before it is due
	}
	q := report.Query{
		Kind: report.Kind(r.Spec.Kind), Product: string(r.Spec.Product), Zone: t.zone, HTML: formats(r)[0] == v1alpha1.ReportHTML,
		MaxRows: limit(r.Spec.Limits.Rows, 100_000), MaxBytes: int64(megabytes(r)),
	}
	var err error
	if q.From, q.To, err = days(r, due, t.zone); err != nil {
		return q, err
	}
	for _, key := range r.Spec.Selection.Licenses {
		q.Licenses = append(q.Licenses, gotoclient.Key(key))
	}
	if q.Users, err = k.keys(ctx, r, r.Spec.Selection.Users, func() engine.Object { return &v1alpha1.GoToUser{} }, users); err != nil {
		return q, err
	}
	if q.Groups, err = k.keys(ctx, r, r.Spec.Selection.Groups, func() engine.Object { return &v1alpha1.GoToGroup{} }, groups); err != nil {
		return q, err
	}
	if err := q.Validate(); err != nil {
		return q, failure(err, 0)
	}
	return q, nil
}

// limit is what the spec says, or else what holds without it.
func limit(says int32, otherwise int) int {
	if says > 0 {
		return int(says)
	}
	return otherwise
}

// words of what is selected.
type words struct{ what, notFound, notReady string }

var (
	users  = words{"GoToUser", v1alpha1.ReasonUserNotFound, v1alpha1.ReasonUserNotReady}
	groups = words{"GoToGroup", v1alpha1.ReasonGroupNotFound, v1alpha1.ReasonGroupNotReady}
)

// keys are those of the objects of these names.
func (k Kind) keys(ctx context.Context, r *v1alpha1.GoToReport, names []string, empty func() engine.Object, w words) (out []gotoclient.Key, err error) {
	for _, name := range names {
		o := empty()
		err := k.client.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: name}, o)
		switch {
		case client.IgnoreNotFound(err) != nil:
			return nil, err
		case err != nil || engine.AccountName(o) != engine.AccountName(r):
			return nil, &engine.BlockedReference{Reason: w.notFound, Message: fmt.Sprintf("there is no %s %s of this account in the namespace", w.what, name)}
		case *o.RemoteKey() == "":
			return nil, &engine.BlockedReference{Reason: w.notReady, Message: fmt.Sprintf("%s %s has no counterpart in GoTo yet", w.what, name)}
		}
		out = append(out, gotoclient.Key(*o.RemoteKey()))
	}
	return out, nil
}

// source is the API that the report comes from.
func source(acct *account.Account, r *v1alpha1.GoToReport) report.Source {
	byMeetings := report.Kind(r.Spec.Kind).OfMeetings() && (r.Spec.Product == "" || r.Spec.Product == "G2M")
	if r.Spec.Source == v1alpha1.ReportFromMeetings || r.Spec.Source == "" && byMeetings {
		return report.FromMeetings(acct.Client(), organizers(acct))
	}
	return report.FromAdministration(acct.Client().Reports(acct.Key()))
}

// organizers are those of the GoToMeeting API, with the licences that the snapshot knows.
func organizers(acct *account.Account) report.Organizers {
	listed := report.ListedOrganizers(acct.Client().Organizers())
	return func(ctx context.Context) ([]report.Organizer, error) {
		all, err := listed(ctx)
		for i := range all {
			if u, known := acct.Users().Get(all[i].Key); known && acct.Organizers() == nil {
				all[i].Licenses = append([]gotoclient.Key{}, u.LicenseKeys...)
			}
		}
		return all, err
	}
}
