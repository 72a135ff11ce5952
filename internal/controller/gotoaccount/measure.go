package gotoaccount

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/metrics"
)

// measurePatience is how long the metrics wait for a cache that is not filled yet.
const measurePatience = time.Second

// Measured lists the accounts for the metrics, but for suspended ones: each object, whether it was ever connected or not, and what is
// known of those in use.
func (r *Reconciler) Measured() []metrics.Account {
	ctx, cancel := context.WithTimeout(context.Background(), measurePatience)
	defer cancel()
	var all v1alpha1.GoToAccountList
	if err := r.Client.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		return nil
	}
	var out []metrics.Account
	for _, ga := range all.Items {
		if !ga.Spec.Suspend {
			out = append(out, r.measure(ga))
		}
	}
	return out
}

func (r *Reconciler) measure(ga *v1alpha1.GoToAccount) metrics.Account {
	name := client.ObjectKeyFromObject(ga)
	out := metrics.Account{
		NamespacedName: name, Ready: meta.IsStatusConditionTrue(ga.Status.Conditions, v1alpha1.ConditionReady),
		DeletionsWaiting: ga.Status.Deletions.Waiting,
	}
	if c := r.live.get(name); c != nil {
		out.Use = r.inUse(name, c)
	}
	return out
}

func (r *Reconciler) inUse(name types.NamespacedName, c *connection) *metrics.Use {
	s, known := c.acct.Summary(), c.acct.Knowledge()
	u := &metrics.Use{
		RequestsPerSecond: c.acct.Rate(), SnapshotAge: time.Since(s.TakenAt), Users: s.Users, Unmanaged: int(c.unmanaged.Load()),
		PageSizes: known.Pages, Facts: map[string]int{},
	}
	for fact, answer := range known.Facts {
		u.Facts[fact] = int(answer)
	}
	for key, seats := range c.acct.Licenses().Seats() {
		u.Licenses = append(u.Licenses, metrics.License{
			Key: string(key), Seats: seats.Seats, Assigned: seats.Used, Waiting: r.Planner.Licenses(name)[key].Waiting,
		})
	}
	return u
}
