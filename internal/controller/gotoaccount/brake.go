package gotoaccount

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
)

// The defaults of the API, for an object that never passed the API server's.
const (
	defaultWindow  = time.Hour
	defaultPercent = 5
	defaultMinimum = 3
	defaultMaximum = 500
)

// brakeLimits are those that the spec sets.
func brakeLimits(ga *v1alpha1.GoToAccount) brake.Limits {
	b := &ga.Spec.Brake
	limits := brake.Limits{Window: b.Window.Duration, Kinds: map[brake.Kind]brake.Limit{
		brake.Users: brakeLimit(b.Users), brake.Groups: brakeLimit(b.Groups),
		brake.Meetings: brakeLimit(b.Meetings), brake.Licenses: brakeLimit(b.Licenses),
		brake.Definitions: brakeLimit(b.Definitions),
	}}
	if limits.Window <= 0 {
		limits.Window = defaultWindow
	}
	return limits
}

func brakeLimit(l v1alpha1.BrakeLimit) brake.Limit {
	value := func(set *int32, otherwise int) int {
		if set == nil {
			return otherwise
		}
		return int(*set)
	}
	return brake.Limit{
		Percent: value(l.Percent, defaultPercent), Minimum: value(l.Minimum, defaultMinimum), Maximum: value(l.Maximum, defaultMaximum),
	}
}

// saveAllotments records deletions in the account's status before they are made. The list is written whole, whatever the
// cache knows of it.
func (n *connector) saveAllotments(name types.NamespacedName) func(context.Context, []brake.Allotment) error {
	return func(ctx context.Context, recent []brake.Allotment) error {
		var ga v1alpha1.GoToAccount
		if err := n.Client.Get(ctx, name, &ga); err != nil {
			return err
		}
		base := ga.DeepCopy()
		base.Status.Deletions.Recent = nil
		ga.Status.Deletions.Recent = toStatus(recent)
		return n.Client.Status().Patch(ctx, &ga, client.MergeFrom(base))
	}
}

func allotments(ga *v1alpha1.GoToAccount) []brake.Allotment {
	var out []brake.Allotment
	for _, a := range ga.Status.Deletions.Recent {
		if a.Count != nil {
			out = append(out, brake.Allotment{Kind: brake.Kind(a.Kind), Time: a.Time.Time, Count: int(*a.Count)})
		}
	}
	return out
}

// toStatus writes times in whole seconds, rounded up: none may count for less long than it should.
func toStatus(recent []brake.Allotment) []v1alpha1.DeletionAllotment {
	var out []v1alpha1.DeletionAllotment
	for _, a := range recent {
		count := int64(a.Count)
		at := metav1.NewTime(a.Time.Add(time.Second - time.Nanosecond).Truncate(time.Second))
		out = append(out, v1alpha1.DeletionAllotment{Kind: v1alpha1.DeletionKind(a.Kind), Time: at, Count: &count})
	}
	return out
}

const longestApproval = 24 * time.Hour

// heed releases a brake for as long as the annotation says, and sets it again where that is gone or wrong. An approval that is withdrawn waits for
// nothing that takes its time or may fail.
func heed(ga *v1alpha1.GoToAccount, b *brake.Brake) {
	until, _ := approval(ga, time.Now()) // what is wrong with it is said later
	b.Approve(until)
}

// showApproval says what became of the annotation that releases the brake, and returns when to look again.
func (r *Reconciler) showApproval(ga *v1alpha1.GoToAccount, c *connection, wasWaiting int64) time.Duration {
	until, err := approval(ga, time.Now())
	if err != nil {
		r.Events.Eventf(ga, nil, corev1.EventTypeWarning, v1alpha1.EventApprovalInvalid, "Approve", "%s", err.Error())
	}
	showDeletions(ga, c.acct, until)
	if ga.Status.Deletions.Waiting > 0 && wasWaiting == 0 {
		r.Events.Eventf(ga, nil, corev1.EventTypeWarning, v1alpha1.EventDeletionBlocked, "Brake",
			"%d deletions wait: more than the brake allows", ga.Status.Deletions.Waiting)
	}
	if until.IsZero() {
		return 0
	}
	return time.Until(until) + time.Second
}

// approval is the time until which deletions are approved; zero if they are not.
func approval(ga *v1alpha1.GoToAccount, now time.Time) (time.Time, error) {
	value := strings.TrimSpace(ga.Annotations[v1alpha1.ApproveDeletionsUntilAnnotation])
	if value == "" {
		return time.Time{}, nil
	}
	until, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return time.Time{}, fmt.Errorf("annotation %s must be a time such as 2030-01-31T12:00:00Z", v1alpha1.ApproveDeletionsUntilAnnotation)
	}
	if until.After(now.Add(longestApproval)) {
		return time.Time{}, fmt.Errorf("annotation %s may be at most 24 hours ahead", v1alpha1.ApproveDeletionsUntilAnnotation)
	}
	if !until.After(now) {
		return time.Time{}, nil
	}
	return until, nil
}

func showDeletions(ga *v1alpha1.GoToAccount, acct *account.Account, approvedUntil time.Time) {
	d := &ga.Status.Deletions
	limit := func(kind brake.Kind, was int64) int64 { return limitShown(acct, kind, was) }
	d.Limits = v1alpha1.DeletionLimits{
		Users: limit(brake.Users, d.Limits.Users), Groups: limit(brake.Groups, d.Limits.Groups),
		Meetings: limit(brake.Meetings, d.Limits.Meetings), Licenses: limit(brake.Licenses, d.Limits.Licenses),
		Definitions: limit(brake.Definitions, d.Limits.Definitions),
	}
	d.ApprovedUntil = metav1.Time{}
	if !approvedUntil.IsZero() {
		d.ApprovedUntil = metav1.NewTime(approvedUntil)
	}
	switch {
	case !approvedUntil.IsZero():
		set(ga, v1alpha1.ConditionDeletionBlocked, false, v1alpha1.ReasonDeletionApproved, "a person has approved deletions until "+approvedUntil.UTC().Format(time.RFC3339))
	case d.Waiting > 0:
		set(ga, v1alpha1.ConditionDeletionBlocked, true, v1alpha1.ReasonDeletionBrake, blockedMessage(d))
	default:
		set(ga, v1alpha1.ConditionDeletionBlocked, false, v1alpha1.ReasonWithinLimit, "no deletion waits")
	}
}

// limitShown is a limit of the brake. Of what was not counted yet in this process it is no less than the one from before, within what the
// spec allows, so that a restart is no news.
func limitShown(acct *account.Account, kind brake.Kind, was int64) int64 {
	now := int64(acct.Deletions().Brake().Limit(kind, acct.Deletions().Total(kind)))
	if acct.Deletions().Counted(kind) {
		return now
	}
	return max(now, min(was, int64(acct.Deletions().Brake().Limit(kind, math.MaxInt32))))
}

func blockedMessage(d *v1alpha1.DeletionStatus) string {
	return fmt.Sprintf("%d deletions wait: more than the brake allows in its window (%d users, %d groups, %d meetings, licences of %d users, %d definitions). "+
		"To approve them, set the annotation %s to a time at most 24 hours ahead, such as 2030-01-31T12:00:00Z",
		d.Waiting, d.Limits.Users, d.Limits.Groups, d.Limits.Meetings, d.Limits.Licenses, d.Limits.Definitions,
		v1alpha1.ApproveDeletionsUntilAnnotation)
}
