package controller

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/test/heap"
)

// What a GoToUser that is Ready, with a licence, takes in the cache.
func BenchmarkMemory(b *testing.B) {
	const users = 10_000
	for b.Loop() {
		kept, before := make([]any, users), heap.InUse()
		for i := range kept {
			kept[i] = cached(b, i)
		}
		b.ReportMetric(float64(heap.InUse()-before)/users, "B/user")
		runtime.KeepAlive(kept)
	}
}

// cached is a user as the cache keeps it.
func cached(tb testing.TB, n int) *v1alpha1.GoToUser {
	tb.Helper()
	text, err := json.Marshal(readyUser(n))
	if err != nil {
		tb.Fatal(err)
	}
	u := &v1alpha1.GoToUser{}
	if err := json.Unmarshal(text, u); err != nil {
		tb.Fatal(err)
	}
	slim, err := Slim(u)
	if err != nil {
		tb.Fatal(err)
	}
	kept, _ := slim.(*v1alpha1.GoToUser)
	return kept
}

func readyUser(n int) *v1alpha1.GoToUser {
	u := &v1alpha1.GoToUser{
		TypeMeta: metav1.TypeMeta{Kind: "GoToUser", APIVersion: v1alpha1.GroupVersion.String()},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "team", Labels: map[string]string{"team": "sales"}, Name: fmt.Sprintf("user-%06d", n), UID: types.UID(fmt.Sprintf("30fde884-e8bd-48a1-8b08-a0f975%06d", n)), ResourceVersion: fmt.Sprint(60000 + n),
			Finalizers: []string{v1alpha1.Finalizer},
			Annotations: map[string]string{v1alpha1.IdentityAnnotation: fmt.Sprintf(
				`{"for":"GoToUser/team/user-%06d","account":"7200000000000000001","key":"71%017d","origin":"Created","memory":{"given":[{"key":"7300000000000000001","bindings":["all"]}]}}`, n, n)},
		},
		Spec: v1alpha1.GoToUserSpec{Email: fmt.Sprintf("user-%06d@example.test", n), FirstName: fmt.Sprint("Fay ", n), LastName: fmt.Sprint("Field ", n), RecreatePolicy: v1alpha1.Recreate},
		Status: v1alpha1.GoToUserStatus{
			UserKey: v1alpha1.Key(fmt.Sprintf("71%017d", n)), State: "INVITED", Products: []string{"G2M"}, LicenseKeys: []v1alpha1.Key{"7300000000000000001"},
			Group:         v1alpha1.UserGroupStatus{Key: "7400000000000000001", Name: "blue"},
			GivenLicenses: []v1alpha1.GivenLicense{{Key: "7300000000000000001", Bindings: []string{"all"}}},
		},
	}
	spec, status := u.Managed()
	spec.AccountRef.Name, spec.ManagementPolicy, status.AccountKey, status.Origin = "example", v1alpha1.Manage, "7200000000000000001", v1alpha1.Created
	for _, c := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionReferencesResolved, v1alpha1.ConditionSeatAssigned} {
		status.Conditions = append(status.Conditions, metav1.Condition{Type: c, Status: metav1.ConditionTrue, Reason: "Synced", Message: "GoTo holds what the spec says"})
	}
	return u
}
