package integration_test

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// group is a GoToGroup of the world's account, named like its object.
func (w *world) group(name string, change ...func(*v1alpha1.GoToGroup)) *v1alpha1.GoToGroup {
	GinkgoHelper()
	g := &v1alpha1.GoToGroup{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.GoToGroupSpec{
			ManagedSpec: v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: "example"}}, Name: name,
		},
	}
	for _, f := range change {
		f(g)
	}
	Expect(k8s.Create(context.Background(), g)).To(Succeed())
	return g
}

func under(parent string) func(*v1alpha1.GoToGroup) {
	return func(g *v1alpha1.GoToGroup) { g.Spec.ParentRef.Name = parent }
}

func inGroup(name string) func(*v1alpha1.GoToUser) {
	return func(u *v1alpha1.GoToUser) { u.Spec.GroupRef.Name = name }
}

// remoteGroups are the groups in GoTo.
func (w *world) remoteGroups() []simulator.Group { return w.sim.State().Accounts[0].Groups }

// status is reason and status of Ready of any object, for Eventually.
func status(o interface {
	client.Object
	Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus)
}) func() string {
	return func() string {
		_, s := refreshed(o).Managed()
		return condition(s.Conditions, v1alpha1.ConditionReady)
	}
}

func change[O client.Object](o O, f func(O)) {
	GinkgoHelper()
	before, _ := refreshed(o).DeepCopyObject().(client.Object)
	f(o)
	Expect(k8s.Patch(context.Background(), o, client.MergeFrom(before))).To(Succeed())
}

func gone(o client.Object) func() bool {
	return func() bool {
		return apierrors.IsNotFound(k8s.Get(context.Background(), client.ObjectKeyFromObject(o), o))
	}
}

var _ = Describe("GoToGroup", func() {
	ctx := context.Background()
	var w *world
	BeforeEach(func() { w = newWorld(); w.start(); w.account() })

	It("is created under its parent, filled, renamed and deleted when nobody names it", func() {
		sales, emea := w.group("sales"), w.group("emea", under("sales"))
		fay := w.user("fay", inGroup("emea"))
		Eventually(status(fay)).Should(Equal("True/Synced"))
		Eventually(status(emea)).Should(Equal("True/Synced"))
		Expect(emea.Status.Path).To(Equal([]string{"sales", "emea"}))
		Expect(refreshed(fay).Status.Group.Key).To(Equal(emea.Status.GroupKey))
		Eventually(func() []int64 {
			return []int64{*refreshed(sales).Status.Members, *sales.Status.TotalMembers, *refreshed(emea).Status.Members}
		}).Should(Equal([]int64{0, 1, 1}))

		By("renaming, which keeps the key")
		key := emea.Status.GroupKey
		change(emea, func(g *v1alpha1.GoToGroup) { g.Spec.Name = "Europe" })
		Eventually(func() []string { return refreshed(emea).Status.Path }).Should(Equal([]string{"sales", "Europe"}))
		Expect(emea.Status.GroupKey).To(Equal(key))

		By("deleting the groups before what is in them")
		Expect(k8s.Delete(ctx, sales)).To(Succeed())
		Expect(k8s.Delete(ctx, emea)).To(Succeed())
		Eventually(status(sales)).Should(Equal("False/InUse"))
		Eventually(status(emea)).Should(Equal("False/InUse"))
		Expect(w.remoteGroups()).To(HaveLen(2))
		Expect(k8s.Delete(ctx, fay)).To(Succeed())
		Eventually(gone(sales)).Should(BeTrue())
		Expect(w.remoteGroups()).To(BeEmpty())
	})

	It("is adopted by name, and stays when its object is deleted", func() {
		key := w.sim.AddGroup(acct, simulator.Group{Name: "sales"})
		Expect(w.live().Refresh(ctx)).To(Succeed())
		w.sim.ResetLog()
		sales := w.group("sales")
		Eventually(status(sales)).Should(Equal("True/Synced"))
		Expect(string(sales.Status.GroupKey)).To(Equal(key))
		Expect(sales.Status.Origin).To(Equal(v1alpha1.Adopted))
		Expect(w.sim.Calls()).To(BeEmpty())
		Expect(k8s.Delete(ctx, sales)).To(Succeed())
		Eventually(gone(sales)).Should(BeTrue())
		Expect(w.remoteGroups()).To(HaveLen(1))
	})

	It("says what is wrong with a third level, an absent parent, and a name that is taken elsewhere", func() {
		w.sim.AddGroup(acct, simulator.Group{Name: "taken", ParentKey: w.sim.AddGroup(acct, simulator.Group{Name: "above"})})
		Expect(w.live().Refresh(ctx)).To(Succeed())
		w.group("sales")
		emea, third := w.group("emea", under("sales")), w.group("third", under("emea"))
		orphan, taken := w.group("orphan", under("nobody")), w.group("taken")
		Eventually(status(emea)).Should(Equal("True/Synced"))
		Eventually(status(third)).Should(Equal("False/GroupTooDeep"))
		Eventually(status(orphan)).Should(Equal("False/GroupNotFound"))
		Eventually(status(taken)).Should(Equal("False/Conflict"))
		stray := w.user("stray", inGroup("nobody"))
		Eventually(status(stray)).Should(Equal("False/GroupNotFound"))
		Expect(w.sim.Users(acct)).To(HaveLen(1))
	})

	It("moves users straight from one group to another, and takes them out", func() {
		w.group("sales")
		ops := w.group("ops")
		for i := range 20 {
			w.user(fmt.Sprintf("user-%02d", i), inGroup("sales"))
		}
		Eventually(w.readyCount).Should(Equal(20))
		w.settled()
		w.sim.ResetLog()
		users, began := w.list(), time.Now()
		for i := range users {
			change(users[i], func(u *v1alpha1.GoToUser) { u.Spec.GroupRef.Name = "ops" })
		}
		slow := int(time.Since(began) / (200 * time.Millisecond)) // a batch waits no longer for the next one
		Eventually(func() int64 { return *refreshed(ops).Status.Members }).Should(Equal(int64(20)))
		Expect(w.sim.Calls()[simulator.OpLeaveGroups]).To(BeZero(), "there is a moment without a group")
		Expect(w.sim.Calls()[simulator.OpUpdateUsers]).To(BeZero())
		Expect(w.sim.Calls()[simulator.OpMoveUsers]).To(BeNumerically("<=", 5+slow))

		By("somebody who is moved by hand")
		key := string(users[0].Status.UserKey)
		Expect(w.sim.UpdateUser(acct, key, func(u *simulator.User) { u.GroupKey = "" })).To(BeTrue())
		Expect(w.live().Refresh(ctx)).To(Succeed())
		Eventually(func() string { u, _ := w.sim.User(acct, key); return u.GroupKey }).Should(Equal(string(ops.Status.GroupKey)))

		By("taking one out")
		change(users[0], func(u *v1alpha1.GoToUser) { u.Spec.GroupRef.Name = "" })
		Eventually(func() string { u, _ := w.sim.User(acct, key); return u.GroupKey }).Should(BeEmpty())
		Eventually(func() []v1alpha1.Key { return refreshed(users[0]).Status.PlacedGroupKeys }).Should(BeEmpty())
	})
})
