package integration_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

func byOrganizers(ga *v1alpha1.GoToAccount) { ga.Spec.Provisioning = v1alpha1.ProvisioningOrganizers }

func withProducts(p ...v1alpha1.Product) func(*v1alpha1.GoToUser) {
	return func(u *v1alpha1.GoToUser) { u.Spec.Products = p }
}

// userWrites counts the writes to GoToUsers so far, whatever else is written.
func (w *world) userWrites() int {
	return w.written(func(kind string) bool { return strings.HasPrefix(kind, "PATCH gotousers") })
}

// otherWrites counts all writes so far but those of an account's status, which says a while later what its users say.
func (w *world) otherWrites() int {
	return w.written(func(kind string) bool { return !strings.HasPrefix(kind, "PATCH gotoaccounts status") })
}

func (w *world) written(counts func(kind string) bool) int {
	n := 0
	for kind, count := range w.writes.byKind() {
		if counts(kind) && !strings.HasSuffix(kind, "409 Conflict") {
			n += count
		}
	}
	return n
}

var _ = Describe("An account that is provisioned by organizers", func() {
	ctx := context.Background()
	var w *world
	BeforeEach(func() { w = newWorld(); w.start() })
	keyless := func() { w.sim.SetSwitches(func(s *simulator.Switches) { s.InvitedOrganizer = "legacyNoKey" }) }

	// cost checks what a step took of GoTo, and of the GoToUsers in Kubernetes.
	cost := func(step string, calls map[string]int, writes int) {
		GinkgoHelper()
		w.settled()
		AddReportEntry(step, w.sim.Calls())
		Expect(w.sim.Calls()).To(Equal(calls), step)
		Expect(w.userWrites()).To(Equal(writes), "writes in all after: "+step)
		w.sim.ResetLog()
	}

	It("invites, waits, adds a product, suspends, reactivates, and deletes by e-mail", longFirst, func() {
		keyless()
		ga := w.account(byOrganizers)
		Eventually(func() string { return condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionReady) }).Should(Equal("True/Connected"))
		Expect(condition(ga.Status.Conditions, v1alpha1.ConditionCallerKnown)).To(Equal("True/Identified"))
		cost("connect", map[string]int{simulator.OpToken: 1, simulator.OpGetMe: 1, simulator.OpListOrganizers: 1}, 0)

		u := w.user("fay", withProducts("G2M"))
		Eventually(ready(u)).Should(Equal("False/InvitationPending"))
		Expect(condition(u.Status.Conditions, v1alpha1.ConditionReconciling)).To(Equal("True/InvitationPending"))
		Expect(u.Status.UserKey).To(BeEmpty())
		Expect(u.Status.Invitation).To(Equal("fay@example.test"))
		cost("invite", map[string]int{simulator.OpListOrganizers: 2, simulator.OpCreateOrganizer: 1}, 2)
		Expect(*refreshed(ga).Status.UnmanagedUsers).To(BeEquivalentTo(1), "the administrator alone")

		By("waiting, and a restart, without a request that is not a reading")
		Expect(w.live().Refresh(ctx)).To(Succeed())
		cost("a resync while invited", map[string]int{simulator.OpListOrganizers: 1}, 2)
		w.stop()
		w.start()
		Eventually(w.takeReconciles).Should(BeNumerically(">=", 1))
		cost("a restart while invited", map[string]int{simulator.OpToken: 1, simulator.OpGetMe: 1, simulator.OpListOrganizers: 1}, 0)
		Expect(w.sim.Outbox()).To(HaveLen(1))

		By("accepting")
		remote, _ := w.sim.UserByEmail(acct, "fay@example.test")
		Expect(w.sim.AcceptInvitation(acct, remote.Key)).To(BeTrue())
		Expect(w.live().Refresh(ctx)).To(Succeed())
		Eventually(ready(u)).Should(Equal("True/Synced"))
		Expect(string(u.Status.UserKey)).To(Equal(remote.Key))
		Expect(u.Status.Invitation).To(BeEmpty())
		cost("accept", map[string]int{simulator.OpListOrganizers: 1}, 1)

		products := func() []string { r, _ := w.sim.User(acct, remote.Key); return r.Products }
		By("adding G2W, which brings G2M")
		change(u, withProducts("G2W"))
		Eventually(ready(u)).Should(Equal("True/Synced"))
		Eventually(products).Should(ContainElements("G2M", "G2W"))
		cost("add G2W", map[string]int{simulator.OpUpdateOrganizer: 1}, 2)
		Expect(refreshed(u).Status.Products).To(ConsistOf("G2M", "G2W"))

		By("suspending")
		change(u, func(u *v1alpha1.GoToUser) { u.Spec.State = v1alpha1.UserSuspended })
		Eventually(products).Should(BeEmpty())
		cost("suspend", map[string]int{simulator.OpUpdateOrganizer: 1}, 3)
		Expect(refreshed(u).Status.State).To(Equal("SUSPENDED"))
		Expect(ready(u)()).To(Equal("True/Synced"))

		By("reactivating")
		change(u, func(u *v1alpha1.GoToUser) { u.Spec.State = v1alpha1.UserActive })
		Eventually(products).Should(ConsistOf("G2M", "G2W"))
		cost("reactivate", map[string]int{simulator.OpUpdateOrganizer: 1}, 4)
		Expect(ready(u)()).To(Equal("True/Synced"))
		Expect(w.sim.Outbox()).To(HaveLen(1))

		By("three resyncs")
		w.idle()
		w.takeReconciles()
		before := w.otherWrites()
		for range 3 {
			Expect(w.live().Refresh(ctx)).To(Succeed())
		}
		w.settled()
		cost("three resyncs", map[string]int{simulator.OpListOrganizers: 3}, 4)
		Expect(w.otherWrites()).To(Equal(before), "writes: %v", w.writes.byKind())
		Expect(w.takeReconciles()).To(BeZero())

		By("deleting by key, and another by e-mail")
		Expect(k8s.Delete(ctx, u)).To(Succeed())
		Eventually(func() int { return len(w.list()) }).Should(BeZero())
		cost("delete by key", map[string]int{simulator.OpDeleteOrganizer: 1}, 5)
		zoe := w.user("zoe", withProducts("G2M"))
		Eventually(ready(zoe)).Should(Equal("False/InvitationPending"))
		cost("invite another", map[string]int{simulator.OpListOrganizers: 2, simulator.OpCreateOrganizer: 1}, 7)
		Expect(k8s.Delete(ctx, zoe)).To(Succeed())
		Eventually(func() int { return len(w.list()) }).Should(BeZero())
		cost("delete by e-mail", map[string]int{simulator.OpDeleteOrganizerByEmail: 1}, 8)
		Expect(w.sim.Users(acct)).To(HaveLen(1))
	})

	It("finds by itself that an invitation was accepted", func() {
		keyless()
		w.account(byOrganizers, func(ga *v1alpha1.GoToAccount) { ga.Spec.ResyncInterval.Duration = 10 * time.Second })
		u := w.user("fay", withProducts("G2M", "G2W"))
		Eventually(ready(u)).Should(Equal("False/InvitationPending"))
		remote, _ := w.sim.UserByEmail(acct, "fay@example.test")
		Expect(w.sim.AcceptInvitation(acct, remote.Key)).To(BeTrue())
		Eventually(ready(u)).Should(Equal("True/Synced"))
		Expect(w.sim.Calls()[simulator.OpUpdateOrganizer]).To(BeZero(), "G2W, which brings G2M, was in the invitation")
	})

	It("costs one reading for 100 organizers", func() {
		const n = 100
		w.sim.SetRate(simulator.NoRateLimit)
		w.account(byOrganizers, func(ga *v1alpha1.GoToAccount) { ga.Spec.RequestBudget.RequestsPerSecond = 200 })
		for i := range n {
			w.user(fmt.Sprintf("user-%03d", i), withProducts("G2M"))
		}
		Eventually(w.readyCount).Should(Equal(n))
		w.idle()
		Expect(w.sim.Calls()[simulator.OpCreateOrganizer]).To(Equal(n))
		Expect(w.sim.Outbox()).To(HaveLen(n))
		Expect(w.userWrites()).To(Equal(2 * n))
		AddReportEntry("creating 100", w.sim.Calls())
		w.sim.ResetLog()
		w.writes.take()
		w.takeReconciles()
		Expect(w.live().Refresh(ctx)).To(Succeed())
		w.settled()
		Expect(w.sim.Calls()).To(Equal(map[string]int{simulator.OpListOrganizers: 1}))
		Expect(w.writes.take()).To(BeZero())
		Expect(w.takeReconciles()).To(BeZero())
	})

	It("needs its key where the Administration API does not tell, and says so", func() {
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpGetMe, Status: 403})
		ga := w.account(byOrganizers)
		accountReady := func() string { return condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionReady) }
		Eventually(accountReady).Should(Equal("False/AccountKeyRequired"))
		Expect(condition(ga.Status.Conditions, v1alpha1.ConditionStalled)).To(Equal("True/AccountKeyRequired"))
		patch := client.MergeFrom(ga.DeepCopy())
		ga.Spec.AccountKey = acct
		Expect(k8s.Patch(ctx, ga, patch)).To(Succeed())
		Eventually(accountReady).Should(Equal("True/Connected"))
		Expect(condition(ga.Status.Conditions, v1alpha1.ConditionCallerKnown)).To(Equal("False/AdministrationAPINotServed"))
		Expect(string(ga.Status.AccountKey)).To(Equal(acct))
		u := w.user("fay", withProducts("G2M"))
		Eventually(ready(u)).Should(Equal("True/Synced"))
	})

	DescribeTable("has a condition for what does not work", func(reason string, change func(*v1alpha1.GoToAccount)) {
		ga := w.account(byOrganizers, change)
		Eventually(func() string { return condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionReady) }).Should(Equal("False/" + reason))
		Expect(condition(ga.Status.Conditions, v1alpha1.ConditionCredentialsValid)).To(Equal("False/" + reason))
		Expect(w.sim.Users(acct)).To(HaveLen(1))
	},
		Entry("another account than the token's", v1alpha1.ReasonAccountKeyMismatch, func(ga *v1alpha1.GoToAccount) {
			ga.Spec.AccountKey = simulator.OtherAccountKey
		}),
		Entry("a token without the scope of meetings", v1alpha1.ReasonOrganizerScopeMissing, func(ga *v1alpha1.GoToAccount) {
			w.sim.SetSwitches(func(s *simulator.Switches) { s.MeetingScopeAnswer = "403InvalidToken" })
			w.setSecret(v1alpha1.SecretKeyPersonalAccessToken, simulator.NoMeetingScopePersonalAccessToken)
			ga.Spec.Credentials.Grant = v1alpha1.GrantPersonalAccessToken
		}),
		Entry("the same, said in another way", v1alpha1.ReasonForbidden, func(ga *v1alpha1.GoToAccount) {
			w.setSecret(v1alpha1.SecretKeyPersonalAccessToken, simulator.NoMeetingScopePersonalAccessToken)
			ga.Spec.Credentials.Grant = v1alpha1.GrantPersonalAccessToken
		}),
		Entry("a free account", v1alpha1.ReasonNotEntitled, func(*v1alpha1.GoToAccount) { w.sim.SetFree(acct, true) }),
	)

	It("stays what it is, and has users with products that there are", func() {
		ga := w.account()
		patch := client.MergeFrom(ga.DeepCopy())
		byOrganizers(ga)
		err := k8s.Patch(ctx, ga, patch)
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
		Expect(err.Error()).To(ContainSubstring("provisioning cannot be changed"))
		bad := func(f func(*v1alpha1.GoToUser)) error {
			u := &v1alpha1.GoToUser{}
			u.Namespace, u.Name = w.namespace, "bad"
			u.Spec = v1alpha1.GoToUserSpec{Email: "bad@example.test", FirstName: "Bad", LastName: "Field"}
			u.Spec.AccountRef.Name = "example"
			f(u)
			return k8s.Create(ctx, u, client.DryRunAll)
		}
		Expect(bad(withProducts("G2M", "G2W"))).To(Succeed())
		Expect(bad(withProducts("g2x"))).To(MatchError(ContainSubstring("spec.products")))
		Expect(bad(withProducts("G2M", "G2M"))).To(MatchError(ContainSubstring("spec.products")))
		Expect(bad(func(u *v1alpha1.GoToUser) { u.Spec.State = "Gone" })).To(MatchError(ContainSubstring("spec.state")))
	})

	It("says what neither API can do, in objects that the API server takes", func() {
		w.account(byOrganizers)
		key := w.sim.AddUser(acct, simulator.User{Email: "fay@example.test", FirstName: "Faye", LastName: "Field", LicenseKeys: []string{simulator.DefaultWebinarLicenseKey}})
		u := w.user("fay", withProducts("OPENVOICE"), func(u *v1alpha1.GoToUser) {
			u.Spec.ManagementPolicy, u.Spec.Locale, u.Spec.State = v1alpha1.Observe, "en_US", v1alpha1.UserActive
		})
		Eventually(ready(u)).Should(Equal("True/Observed"))
		Expect(string(u.Status.UserKey)).To(Equal(key))
		Expect(u.Status.Drift).To(ConsistOf(
			v1alpha1.FieldDrift{Field: "firstName", Current: "Faye", Desired: "Fay", Reason: v1alpha1.ReasonObserved},
			v1alpha1.FieldDrift{Field: "products[OPENVOICE]", Desired: "OPENVOICE", Reason: v1alpha1.ReasonObserved},
			v1alpha1.FieldDrift{Field: "products[G2M]", Current: "G2M", Reason: v1alpha1.ReasonObserved},
			v1alpha1.FieldDrift{Field: "products[G2W]", Current: "G2W", Reason: v1alpha1.ReasonObserved},
		))
		change(u, func(u *v1alpha1.GoToUser) {
			u.Spec.ManagementPolicy, u.Spec.Products = v1alpha1.Manage, []v1alpha1.Product{"G2W"}
		})
		Eventually(ready(u)).Should(Equal("False/ReadOnlyInGoTo"))
		Expect(condition(u.Status.Conditions, v1alpha1.ConditionSpecSupported)).To(Equal("False/Unsupported"))
		change(u, func(u *v1alpha1.GoToUser) { u.Spec.FirstName, u.Spec.Locale = "Faye", "" })
		Eventually(ready(u)).Should(Equal("True/Synced"))
		Expect(condition(u.Status.Conditions, v1alpha1.ConditionSpecSupported)).To(Equal("absent"))
	})

	It("has neither groups nor licences to manage, and says so", func() {
		w.account(byOrganizers)
		g := w.group("sales")
		b := w.binding("webinars", webinars, labelled("vip", "yes"))
		Eventually(status(g)).Should(Equal("False/Unsupported"))
		Eventually(status(b)).Should(Equal("False/Unsupported"))
		for _, o := range []client.Object{g, b} {
			Expect(k8s.Delete(ctx, o)).To(Succeed())
			Eventually(gone(o)).Should(BeTrue())
		}
		Expect(w.remoteGroups()).To(BeEmpty())
	})
})
