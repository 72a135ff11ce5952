package engine

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

func TestManyEventsAlikeAreToldByOne(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	ga := &v1alpha1.GoToAccount{}
	ga.Namespace, ga.Name = "team", "example"
	reader := fake.NewClientBuilder().WithScheme(scheme).WithObjects(ga).Build()
	synctest.Test(t, func(t *testing.T) {
		recorder := events.NewFakeRecorder(1000)
		g := &gathering{EventRecorder: recorder, reader: reader, kind: "GoToUser"}
		tell := func(account, reason string, n int) {
			for i := range n {
				u := object(fmt.Sprintf("user-%d", i), 0)
				u.Namespace, u.Spec.AccountRef.Name = "team", account
				g.Eventf(u, nil, corev1.EventTypeNormal, reason, "Reconcile", "%s", "created the counterpart")
			}
		}
		told := func(want ...string) {
			t.Helper()
			synctest.Wait()
			got := map[string]int{}
			for len(recorder.Events) > 0 {
				got[<-recorder.Events]++
			}
			if len(got) != len(want) {
				t.Errorf("%d different events: %v", len(got), got)
			}
			for _, w := range want {
				text, n, _ := strings.Cut(w, " × ")
				if fmt.Sprint(got[text]) != n {
					t.Errorf("%d of %q instead of %s", got[text], text, n)
				}
			}
		}
		tell("example", "Created", 50)
		tell("example", "Adopted", 20)
		tell("other", "Created", 3)
		told("Normal Created created the counterpart × 23", "Normal Adopted created the counterpart × 20")
		time.Sleep(eventWindow)
		told("Normal Created GoToUser: 30 more within a minute, without events of their own × 1")
		tell("example", "Created", 1)
		g.Eventf(ga, nil, corev1.EventTypeWarning, "DeletionBlocked", "Brake", "3 deletions wait")
		told("Normal Created created the counterpart × 1", "Warning DeletionBlocked 3 deletions wait × 1")
		tell("gone", "Created", 50) // nobody is left to tell it of
		told("Normal Created created the counterpart × 20")
		time.Sleep(eventWindow)
		told()
	})
}
