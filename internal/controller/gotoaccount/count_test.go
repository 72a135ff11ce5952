package gotoaccount

import (
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// Changes of many objects are one count, and counting takes a hundredth of the time at most.
func TestWhatACountCostsIsHowLongChangesAreGathered(t *testing.T) {
	for _, c := range []struct{ cost, gap time.Duration }{
		{0, 2 * time.Second}, {time.Millisecond, 2 * time.Second}, {100 * time.Millisecond, 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := &Reconciler{live: &liveAccounts{}}
			name := types.NamespacedName{Namespace: "team", Name: "example"}
			r.live.cost(name, c.cost)
			queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
			defer queue.ShutDown()
			began := time.Now()
			for range 3 {
				r.laterOf(queue, &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: name.Namespace},
					Spec: v1alpha1.GoToUserSpec{ManagedSpec: v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: name.Name}}}})
			}
			if got, _ := queue.Get(); got.NamespacedName != name || time.Since(began) != c.gap || queue.Len() != 0 {
				t.Errorf("after a count of %v: %v after %v, %d more; want one after %v", c.cost, got, time.Since(began), queue.Len(), c.gap)
			}
		})
	}
}
