package gotoaccount

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func set(ga *v1alpha1.GoToAccount, kind string, on bool, reason, message string) {
	status := metav1.ConditionFalse
	if on {
		status = metav1.ConditionTrue
	}
	meta.SetStatusCondition(&ga.Status.Conditions, metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: engine.Bounded(message, 32768), ObservedGeneration: ga.Generation,
	})
}

// keepTransitions puts back the time of a condition that was taken away and set again: it has not changed.
func keepTransitions(before, now []metav1.Condition) {
	for i := range now {
		if was := meta.FindStatusCondition(before, now[i].Type); was != nil && was.Status == now[i].Status {
			now[i].LastTransitionTime = was.LastTransitionTime
		}
	}
}

// setReady sets Ready and takes back what says that work goes on or is stuck.
func setReady(ga *v1alpha1.GoToAccount, ready bool, reason, message string) {
	set(ga, v1alpha1.ConditionReady, ready, reason, message)
	meta.RemoveStatusCondition(&ga.Status.Conditions, v1alpha1.ConditionReconciling)
	meta.RemoveStatusCondition(&ga.Status.Conditions, v1alpha1.ConditionStalled)
}

func setCredentials(ga *v1alpha1.GoToAccount, valid bool, reason, message string) {
	set(ga, v1alpha1.ConditionCredentialsValid, valid, reason, message)
	if !valid {
		setReady(ga, false, reason, message)
	}
}

func setStalled(ga *v1alpha1.GoToAccount, reason, message string) {
	set(ga, v1alpha1.ConditionStalled, true, reason, message)
}

func setReconciling(ga *v1alpha1.GoToAccount, reason, message string) {
	setReady(ga, false, reason, message)
	set(ga, v1alpha1.ConditionReconciling, true, reason, message)
}

// showAccount copies what is known of a connected account into the status.
func (r *Reconciler) showAccount(ga *v1alpha1.GoToAccount, c *connection, n tally) {
	s := &ga.Status
	me, key := c.acct.Me(), c.acct.Key()
	s.AccountKey = v1alpha1.Key(key)
	s.AccountName = engine.Bounded(accountName(me, key), 512)
	s.Admin = v1alpha1.AccountAdmin{Key: v1alpha1.Key(me.Key), Roles: engine.BoundedList(me.RolesIn(key), 64, 64)}
	s.Products = engine.BoundedList(me.ProductsIn(key), 64, 64)
	s.RequestsPerSecond = strconv.FormatFloat(c.acct.Rate(), 'f', -1, 64)
	summary := c.acct.Summary()
	showSnapshot(s, summary)
	showLicenses(s, c.acct.Licenses().Seats(), r.Planner.Licenses(client.ObjectKeyFromObject(ga)))
	unmanaged := int64(summary.Users) - n.managed
	s.UnmanagedUsers, s.Deletions.Waiting = &unmanaged, n.waiting
	c.unmanaged.Store(unmanaged)
	err, down := c.acct.LastError(), c.breaker.Open()
	if err == nil {
		set(ga, v1alpha1.ConditionSnapshotCurrent, true, v1alpha1.ReasonSnapshotCurrent, "the last reading was complete")
	} else {
		set(ga, v1alpha1.ConditionSnapshotCurrent, false, v1alpha1.ReasonSnapshotFailed, engine.ErrorText(err))
	}
	switch {
	case down != nil:
		setReconciling(ga, v1alpha1.ReasonUnreachable, down.Error()+". One request asks again and again, at growing distances")
		return
	case err != nil:
		setReconciling(ga, v1alpha1.ReasonSnapshotFailed, "the account could not be read whole; nothing is created until it can: "+engine.ErrorText(err))
		return
	}
	setCredentials(ga, true, v1alpha1.ReasonAuthenticated, "GoTo accepts the credentials")
	setReady(ga, true, v1alpha1.ReasonConnected, connectedMessage(ga))
	showCaller(ga, me)
}

func connectedMessage(ga *v1alpha1.GoToAccount) string {
	if ga.Spec.ManagementPolicy == v1alpha1.Observe {
		return "connected; nothing is written to GoTo (managementPolicy Observe)"
	}
	return "connected"
}

// showContested says how many objects somebody else changes back; nothing as long as there was never one.
func (r *Reconciler) showContested(ga *v1alpha1.GoToAccount, contested int64) {
	was := meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionContested)
	switch {
	case contested > 0:
		message := fmt.Sprintf("%d objects are contested: somebody else changes back in GoTo what they correct", contested)
		if was == nil || was.Status != metav1.ConditionTrue {
			r.Events.Eventf(ga, nil, corev1.EventTypeWarning, v1alpha1.ReasonContested, "Correct", "%s", message)
		}
		set(ga, v1alpha1.ConditionContested, true, v1alpha1.ReasonContested, message)
	case was != nil:
		set(ga, v1alpha1.ConditionContested, false, v1alpha1.ReasonUncontested, "nobody changes back what objects correct")
	}
}

func credentialsReason(ga *v1alpha1.GoToAccount) string {
	if c := meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionCredentialsValid); c != nil {
		return c.Reason
	}
	return ""
}

// showRefusal says why a connected account is not connected with what its object asks for. It stays Ready, as it works;
// but not where the object asks for something that it can never be.
func (r *Reconciler) showRefusal(ga *v1alpha1.GoToAccount, refusal error, was string) {
	told := &v1alpha1.GoToAccount{Spec: ga.Spec}
	_, _ = failed(told, refusal)
	valid := meta.FindStatusCondition(told.Status.Conditions, v1alpha1.ConditionCredentialsValid)
	if valid == nil {
		return // it may pass: nothing is known of the credentials yet
	}
	if valid.Reason != was {
		r.Events.Eventf(ga, nil, corev1.EventTypeWarning, valid.Reason, "Connect", "%s; the connection that there is works on", valid.Message)
	}
	set(ga, v1alpha1.ConditionCredentialsValid, false, valid.Reason, valid.Message)
	switch {
	case meta.IsStatusConditionTrue(told.Status.Conditions, v1alpha1.ConditionStalled):
		setReady(ga, false, valid.Reason, valid.Message+"; the connection that there is works on")
		setStalled(ga, valid.Reason, valid.Message)
	case meta.IsStatusConditionTrue(ga.Status.Conditions, v1alpha1.ConditionReady):
		setReady(ga, true, v1alpha1.ReasonConnected, connectedMessage(ga)+", with earlier credentials: "+valid.Message)
	}
}

func accountName(me *gotoclient.Me, key gotoclient.Key) string {
	for _, a := range me.Accounts {
		if a.Key == key {
			return a.Name
		}
	}
	return ""
}

// showSnapshot moves the time only with the counts.
func showSnapshot(s *v1alpha1.GoToAccountStatus, summary account.Summary) {
	now := v1alpha1.SnapshotStatus{
		Time: s.Snapshot.Time, Users: int64(summary.Users), Groups: int64(summary.Groups), Licenses: int64(len(summary.Licenses)),
	}
	if now != s.Snapshot {
		now.Time = metav1.NewTime(summary.TakenAt.Truncate(time.Second))
		s.Snapshot = now
	}
}

// showLicenses counts seats as they are now, not as they were when the licences were last read.
func showLicenses(s *v1alpha1.GoToAccountStatus, seats map[gotoclient.Key]account.Seats, plan map[gotoclient.Key]entitlement.License) {
	shown := s.Licenses
	s.Licenses = nil
	for key, l := range seats {
		license := v1alpha1.LicenseStatus{
			Key: v1alpha1.Key(key), Description: engine.Bounded(l.Description, 512), Products: engine.BoundedList(l.Products, 64, 64), Seats: int64(l.Seats), Assigned: int64(l.Used),
			Waiting: int64(plan[key].Waiting), Unmanaged: int64(max(0, l.Used-plan[key].Given)),
		}
		if i := slices.IndexFunc(shown, func(o v1alpha1.LicenseStatus) bool { return o.Key == license.Key }); plan == nil && i >= 0 {
			license.Waiting, license.Unmanaged = shown[i].Waiting, shown[i].Unmanaged // not worked out again yet since the start
		}
		s.Licenses = append(s.Licenses, license)
	}
	slices.SortFunc(s.Licenses, func(a, b v1alpha1.LicenseStatus) int { return cmp.Compare(a.Key, b.Key) })
	s.Licenses = s.Licenses[:min(len(s.Licenses), mostLicenses)]
}

// mostLicenses are those that status has room for.
const mostLicenses = 500
