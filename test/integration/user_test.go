package integration_test

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const acct = simulator.DefaultAccountKey

var _ = Describe("GoToUser", func() {
	ctx := context.Background()
	var w *world
	BeforeEach(func() { w = newWorld(); w.start() })

	It("is created, corrected, renamed and deleted", func() {
		w.account()
		u := w.user("fay")
		Eventually(ready(u)).Should(Equal("True/Synced"))
		Expect(u.Status.Origin).To(Equal(v1alpha1.Created))
		remote, ok := w.sim.UserByEmail(acct, "fay@example.test")
		Expect(ok).To(BeTrue())
		Expect(string(u.Status.UserKey)).To(Equal(remote.Key))
		Expect(u.Status.State).NotTo(BeEmpty())

		By("correcting what somebody changed in GoTo")
		Expect(w.sim.UpdateUser(acct, remote.Key, func(r *simulator.User) { r.LastName = "Changed" })).To(BeTrue())
		Expect(w.live().Refresh(ctx)).To(Succeed())
		Eventually(func() string { r, _ := w.sim.UserByEmail(acct, "fay@example.test"); return r.LastName }).Should(Equal("Field"))

		By("renaming without a second user")
		patch := client.MergeFrom(u.DeepCopy())
		u.Spec.Email = "fay.field@example.test"
		Expect(k8s.Patch(ctx, u, patch)).To(Succeed())
		Eventually(func() string { r, _ := w.sim.UserByEmail(acct, "fay.field@example.test"); return r.Key }).Should(Equal(remote.Key))
		Expect(w.sim.Users(acct)).To(HaveLen(2))

		By("deleting both sides")
		Expect(k8s.Delete(ctx, u)).To(Succeed())
		Eventually(func() int { return len(w.list()) }).Should(BeZero())
		Expect(w.sim.Users(acct)).To(HaveLen(1))
	})

	DescribeTable("is managed with every grant", func(grant v1alpha1.Grant, keys map[string]string) {
		for _, key := range []string{v1alpha1.SecretKeyRefreshToken, v1alpha1.SecretKeyPersonalAccessToken} {
			w.setSecret(key, "not the one of this grant")
		}
		for key, value := range keys {
			w.setSecret(key, value)
		}
		ga := w.account(func(ga *v1alpha1.GoToAccount) { ga.Spec.Credentials.Grant = grant })
		u := w.user("fay")
		Eventually(ready(u)).Should(Equal("True/Synced"))
		Expect(condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionCredentialsValid)).To(Equal("True/Authenticated"))

		By("an access token that has expired")
		w.sim.ExpireAccessTokens()
		w.sim.ResetLog()
		zoe := w.user("zoe")
		Eventually(ready(zoe)).Should(Equal("True/Synced"))
		Expect(w.sim.Calls()[simulator.OpToken]).To(Equal(1))
		Expect(w.sim.Users(acct)).To(HaveLen(3))
	},
		Entry("refresh token", v1alpha1.GrantRefreshToken, map[string]string{v1alpha1.SecretKeyRefreshToken: simulator.DefaultRefreshToken}),
		Entry("personal access token", v1alpha1.GrantPersonalAccessToken,
			map[string]string{v1alpha1.SecretKeyPersonalAccessToken: simulator.DefaultPersonalAccessToken}),
		Entry("legacy password", v1alpha1.GrantPassword,
			map[string]string{v1alpha1.SecretKeyUsername: simulator.DefaultUsername, v1alpha1.SecretKeyPassword: simulator.DefaultPassword}),
	)

	It("revives a formerly deleted user with the same key", func() {
		w.account()
		u := w.user("fay")
		Eventually(ready(u)).Should(Equal("True/Synced"))
		key := u.Status.UserKey
		Expect(k8s.Delete(ctx, u)).To(Succeed())
		Eventually(func() int { return len(w.list()) }).Should(BeZero())
		again := w.user("fay")
		Eventually(ready(again)).Should(Equal("True/Synced"))
		Expect(again.Status.UserKey).To(Equal(key))
	})

	It("adopts by e-mail without regard to case, and leaves an adopted user when it is deleted", func() {
		key := w.sim.AddUser(acct, simulator.User{Email: "Fay@Example.test", FirstName: "Fay", LastName: "Field"})
		w.account()
		u := w.user("fay")
		Eventually(ready(u)).Should(Equal("True/Synced"))
		Expect(string(u.Status.UserKey)).To(Equal(key))
		Expect(u.Status.Origin).To(Equal(v1alpha1.Adopted))
		Expect(w.sim.Calls()[simulator.OpCreateUsers] + w.sim.Calls()[simulator.OpUpdateUsers]).To(BeZero())
		Expect(k8s.Delete(ctx, u)).To(Succeed())
		Eventually(func() int { return len(w.list()) }).Should(BeZero())
		Expect(w.sim.Users(acct)).To(HaveLen(2))
	})

	It("only reports with managementPolicy Observe", func() {
		w.sim.AddUser(acct, simulator.User{Email: "fay@example.test", FirstName: "Fay", LastName: "Other"})
		w.account()
		u := w.user("fay", func(u *v1alpha1.GoToUser) { u.Spec.ManagementPolicy = v1alpha1.Observe })
		Eventually(ready(u)).Should(Equal("True/Observed"))
		Expect(u.Status.Drift).To(ConsistOf(v1alpha1.FieldDrift{Field: "lastName", Current: "Other", Desired: "Field", Reason: v1alpha1.ReasonObserved}))
		Expect(u.Finalizers).To(BeEmpty())
		Expect(w.sim.Calls()[simulator.OpUpdateUsers]).To(BeZero())
	})

	It("lets the older of two objects have the user", func() {
		w.account()
		first := w.user("fay")
		Eventually(ready(first)).Should(Equal("True/Synced"))
		second := w.user("zoe", func(u *v1alpha1.GoToUser) { u.Spec.Email = "FAY@example.test" })
		Eventually(ready(second)).Should(Equal("False/Conflict"))
		Expect(condition(second.Status.Conditions, v1alpha1.ConditionStalled)).To(Equal("True/Conflict"))
		Expect(w.sim.Users(acct)).To(HaveLen(2))
	})

	It("lets the older of two objects have the user, even through two GoToAccounts for one account", func() {
		w.account()
		first := w.user("fay")
		Eventually(ready(first)).Should(Equal("True/Synced"))
		w.account(func(ga *v1alpha1.GoToAccount) { ga.Name = "again" })
		second := w.user("zoe", func(u *v1alpha1.GoToUser) { u.Spec.Email, u.Spec.AccountRef.Name = "fay@example.test", "again" })
		Eventually(ready(second)).Should(Equal("False/Conflict"))
	})

	It("makes no second user when the answer to a create is lost", func() {
		w.account()
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: simulator.OpCreateUsers, Count: 1})
		u := w.user("fay")
		Eventually(ready(u)).Should(Equal("True/Synced"))
		Expect(u.Status.Origin).To(Equal(v1alpha1.Created))
		Expect(w.sim.Users(acct)).To(HaveLen(2))
		Expect(w.sim.Calls()[simulator.OpCreateUsers]).To(Equal(1))
	})

	It("survives being killed between the create and its answer", func() {
		w.account()
		id := w.sim.Inject(simulator.Fault{Kind: simulator.FaultBlock, Operation: simulator.OpCreateUsers, Count: 1})
		u := w.user("fay")
		Eventually(func() bool { _, ok := w.sim.UserByEmail(acct, "fay@example.test"); return ok }).Should(BeTrue())
		w.stop()
		w.sim.Release(id)
		before, _ := w.sim.UserByEmail(acct, "fay@example.test")
		w.start()
		Eventually(ready(u)).Should(Equal("True/Synced"))
		Expect(string(u.Status.UserKey)).To(Equal(before.Key))
		Expect(u.Status.Origin).To(Equal(v1alpha1.Created))
		Expect(w.sim.Users(acct)).To(HaveLen(2))
	})

	DescribeTable("believes no list that contradicts itself", func(kind simulator.FaultKind) {
		w.account()
		u := w.user("fay")
		Eventually(ready(u)).Should(Equal("True/Synced"))
		w.settled()
		w.sim.ResetLog()
		w.sim.Inject(simulator.Fault{Kind: kind, Operation: simulator.OpListUsers})
		_ = w.live().Refresh(ctx)
		other := w.user("zoe")
		Consistently(func() int { return len(w.sim.Users(acct)) }, 3*time.Second).Should(Equal(2))
		Expect(w.sim.Calls()[simulator.OpCreateUsers] + w.sim.Calls()[simulator.OpDeleteUsers]).To(BeZero())
		w.sim.ClearFaults()
		Expect(w.live().Refresh(ctx)).To(Succeed())
		Eventually(ready(other)).Should(Equal("True/Synced"))
		Expect(w.sim.Users(acct)).To(HaveLen(3))
	},
		Entry("empty", simulator.FaultEmptyList),
		Entry("short", simulator.FaultShortList),
		Entry("not JSON", simulator.FaultHTML),
	)

	It("holds 200 of 1,000 deletions back at the brake until they are approved", Serial, func() {
		const n = 1000
		w.account()
		for i := range n {
			w.user(fmt.Sprintf("user-%04d", i))
		}
		Eventually(w.readyCount).WithPolling(time.Second).Should(Equal(n))
		users := w.list()
		for i := range 200 {
			Expect(k8s.Delete(ctx, users[i])).To(Succeed())
		}
		ga := &v1alpha1.GoToAccount{}
		ga.Namespace, ga.Name = w.namespace, "example"
		Eventually(w.reasons).WithPolling(time.Second).Should(HaveKeyWithValue("False/DeletionBrake", 150))
		Eventually(func() int64 { return refreshed(ga).Status.Deletions.Waiting }).Should(BeEquivalentTo(150))
		Expect(condition(ga.Status.Conditions, v1alpha1.ConditionDeletionBlocked)).To(Equal("True/DeletionBrake"))
		remote := func() int { return len(w.sim.Users(acct)) }
		Eventually(remote).Should(Equal(n+1-50), "what the brake allowed goes out at the request budget's pace")
		Consistently(remote, 2*time.Second).Should(Equal(n + 1 - 50))

		By("approving them")
		w.approve(ga)
		Eventually(func() int { return len(w.sim.Users(acct)) }).Should(Equal(n + 1 - 200))
		Eventually(func() int { return len(w.list()) }).Should(Equal(n - 200))
	})
})

var _ = Describe("The cost of 1,000 GoToUsers", Serial, func() {
	const n = 1000
	ctx := context.Background()

	It("is one batch per hundred, then nothing", func() {
		w := newWorld()
		w.account()
		for i := range n {
			w.user(fmt.Sprintf("user-%04d", i))
		}
		began := time.Now()
		w.start()
		Eventually(w.readyCount).WithPolling(time.Second).Should(Equal(n))
		slow := 2 * int(time.Since(began)/(5*time.Second)) // a batch waits no longer for those who come late
		w.idle()
		calls := w.sim.Calls()
		AddReportEntry("requests to GoTo", calls)
		Expect(total(calls)).To(BeNumerically("<=", 1+n/100+15+slow), "%v", calls)
		Expect(w.sim.Users(acct)).To(HaveLen(n + 1))
		AddReportEntry("writes to Kubernetes", w.writes.byKind())
		made := w.writes.take()
		Expect(made).To(BeNumerically("<=", 2*n+20), "finalizer and status of each, and a few of the account's: %v", w.writes.byKind())

		By("three resyncs")
		w.sim.ResetLog()
		w.takeReconciles()
		for range 3 {
			Expect(w.live().Refresh(ctx)).To(Succeed())
		}
		w.settled()
		Expect(w.sim.Calls()).To(Equal(map[string]int{
			simulator.OpListUsers: 3 * 2, simulator.OpListGroups: 3, simulator.OpListLicenses: 3,
		}))
		Expect(w.writes.take()).To(BeZero())
		Expect(w.takeReconciles()).To(BeZero())

		By("a restart")
		w.stop()
		w.sim.ResetLog()
		w.start()
		Eventually(summed(w.takeReconciles)).WithPolling(time.Second).Should(BeNumerically(">=", n))
		w.settled()
		Expect(w.writes.take()).To(BeZero())
		for _, op := range []string{simulator.OpCreateUsers, simulator.OpUpdateUsers, simulator.OpDeleteUsers, simulator.OpGetUser} {
			Expect(w.sim.Calls()[op]).To(BeZero(), op)
		}
	})
})
