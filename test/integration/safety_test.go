package integration_test

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

var _ = Describe("What a GoToUser never does", func() {
	ctx := context.Background()
	var w *world
	BeforeEach(func() {
		w = newWorld()
		w.start()
		five := int32(5)
		w.account(func(ga *v1alpha1.GoToAccount) { ga.Spec.Brake.Users.Minimum = &five })
	})
	remote := func() int { return len(w.sim.Users(acct)) }

	It("believes no list that is whole in itself and lacks users", func() {
		w.sim.AddUser(acct, simulator.User{Email: "zoe@example.test", FirstName: "Zoe", LastName: "Field"})
		fay := w.user("fay")
		Eventually(ready(fay)).Should(Equal("True/Synced"))
		key := fay.Status.UserKey
		w.settled()
		w.sim.ResetLog()
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultPartialList, Operation: simulator.OpListUsers, Drop: 2})
		Expect(w.live().Refresh(ctx)).To(Succeed())
		zoe := w.user("zoe", func(u *v1alpha1.GoToUser) { u.Spec.FirstName = "Zoe" })
		Eventually(func() int { return w.sim.Calls()[simulator.OpCreateUsers] }).Should(BeNumerically(">", 0), "the list does not show zoe")
		w.sim.ClearFaults()
		Eventually(ready(zoe)).Should(Equal("True/Synced"))
		Expect(zoe.Status.Origin).To(Equal(v1alpha1.Adopted))
		Eventually(ready(fay)).Should(Equal("True/Synced"))
		Expect(fay.Status.UserKey).To(Equal(key))
		Expect(w.sim.Users(acct)).To(HaveLen(3))
		Expect(w.sim.Calls()[simulator.OpDeleteUsers]).To(BeZero())
	})

	It("keeps five deletions waiting", func() {
		for i := range 20 {
			w.user(fmt.Sprintf("user-%02d", i))
		}
		Eventually(w.readyCount).Should(Equal(20))
		users := w.list()
		for i := range 5 {
			Expect(k8s.Delete(ctx, users[i])).To(Succeed())
		}
		Eventually(remote).Should(Equal(1 + 15))
		Eventually(func() int { return len(w.list()) }).Should(Equal(15))
	})

	It("forgets a user that somebody deleted in GoTo", func() {
		fay := w.user("fay")
		Eventually(ready(fay)).Should(Equal("True/Synced"))
		Expect(w.live().Refresh(ctx)).To(Succeed(), "the list has shown the user once")
		Expect(w.sim.RemoveUser(acct, string(fay.Status.UserKey))).To(BeTrue())
		Expect(w.live().Refresh(ctx)).To(Succeed())
		Eventually(remote).Should(Equal(2))
		Expect(w.sim.Calls()[simulator.OpCreateUsers]).To(Equal(2))
	})

	It("touches GoTo for a suspended user", func() {
		fay := w.user("fay")
		Eventually(ready(fay)).Should(Equal("True/Synced"))
		patch := client.MergeFrom(fay.DeepCopy())
		fay.Spec.Suspend, fay.Spec.LastName = true, "Changed"
		Expect(k8s.Patch(ctx, fay, patch)).To(Succeed())
		Eventually(ready(fay)).Should(Equal("False/Suspended"))
		Expect(k8s.Delete(ctx, fay)).To(Succeed())
		Eventually(func() int { return len(w.list()) }).Should(BeZero())
		seen, there := w.sim.UserByEmail(acct, "fay@example.test")
		Expect(there).To(BeTrue())
		Expect(seen.LastName).To(Equal("Field"))
	})

	It("deletes the user of an object with deletionPolicy Orphan, even without its account", func() {
		fay := w.user("fay", func(u *v1alpha1.GoToUser) { u.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan })
		Eventually(ready(fay)).Should(Equal("True/Synced"))
		ga := &v1alpha1.GoToAccount{}
		ga.Namespace, ga.Name = w.namespace, "example"
		Expect(k8s.Delete(ctx, ga)).To(Succeed())
		Expect(k8s.Delete(ctx, fay)).To(Succeed())
		Eventually(func() int { return len(w.list()) }).Should(BeZero())
		Expect(remote()).To(Equal(2))
	})

	It("loses its account before it is gone itself", func() {
		fay := w.user("fay")
		Eventually(ready(fay)).Should(Equal("True/Synced"))
		ga := &v1alpha1.GoToAccount{}
		ga.Namespace, ga.Name = w.namespace, "example"
		why := func() string {
			c := meta.FindStatusCondition(refreshed(ga).Status.Conditions, v1alpha1.ConditionReady)
			return c.Reason + ": " + c.Message
		}
		Expect(k8s.Delete(ctx, ga)).To(Succeed())
		Eventually(why).Should(And(HavePrefix("InUse: 1 objects use this account"), ContainSubstring("1 of them are not being deleted")))
		change(fay, func(u *v1alpha1.GoToUser) { u.Spec.LastName = "Changed" })
		Eventually(func() string { u, _ := w.sim.UserByEmail(acct, "fay@example.test"); return u.LastName }).Should(
			Equal("Changed"), "it works until then")

		By("a restart without the Secret")
		w.stop()
		secret := &corev1.Secret{}
		secret.Namespace, secret.Name = w.namespace, "goto"
		refreshed(secret).Finalizers = nil // by force: the account needs it
		Expect(k8s.Update(ctx, secret)).To(Succeed())
		Expect(k8s.Delete(ctx, secret)).To(Succeed())
		w.start()
		Eventually(why).Should(HavePrefix("SecretNotFound"))
		Expect(k8s.Delete(ctx, fay)).To(Succeed())
		Eventually(ready(fay)).Should(Equal("False/AccountNotReady"))
		Expect(remote()).To(Equal(2))
		change(fay, func(u *v1alpha1.GoToUser) { u.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan })
		Eventually(gone(fay)).Should(BeTrue())
		Eventually(gone(ga)).Should(BeTrue())
		Expect(remote()).To(Equal(2))
	})

	It("sends a welcome e-mail that is suppressed, or another text than the spec's", func() {
		quiet := w.user("quiet", func(u *v1alpha1.GoToUser) {
			u.Spec.WelcomeEmail = &v1alpha1.WelcomeEmail{Policy: v1alpha1.SuppressWelcomeEmail}
		})
		loud := w.user("loud", func(u *v1alpha1.GoToUser) {
			u.Spec.WelcomeEmail = &v1alpha1.WelcomeEmail{Subject: "Welcome aboard", Text: "Ask the service desk."}
		})
		Eventually(ready(quiet)).Should(Equal("True/Synced"))
		Eventually(ready(loud)).Should(Equal("True/Synced"))
		sent := w.sim.Outbox()
		Expect(sent).To(HaveLen(1))
		Expect(sent[0].To).To(Equal("loud@example.test"))
		Expect(sent[0].Subject).To(Equal("Welcome aboard"))
		Expect(sent[0].Text).To(Equal("Ask the service desk."))
	})

	It("loses a refresh token that GoTo rotated", func() {
		fay := w.user("fay")
		Eventually(ready(fay)).Should(Equal("True/Synced"))
		w.sim.Advance(20 * 24 * time.Hour) // past 60 % of a refresh token's 30 days (D)
		Expect(w.live().Refresh(ctx)).To(Succeed())
		secret := &corev1.Secret{}
		secret.Namespace, secret.Name = w.namespace, "goto"
		token := string(refreshed(secret).Data[v1alpha1.SecretKeyRefreshToken])
		Expect(token).NotTo(Equal(simulator.DefaultRefreshToken))
		w.stop()
		w.sim.Advance(15 * 24 * time.Hour) // the first token is dead by now
		w.start()
		w.user("zoe")
		Eventually(remote).Should(Equal(3))
	})
})
