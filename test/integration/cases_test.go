package integration_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// said is the message of Ready.
func said(o engine.Object) string {
	GinkgoHelper()
	_, s := refreshed(o).Managed()
	if c := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionReady); c != nil {
		return c.Message
	}
	return ""
}

// changesInGoTo counts the requests so far that change something.
func (w *world) changesInGoTo() int {
	n := 0
	for operation, calls := range w.sim.Calls() {
		if !strings.HasPrefix(operation, "list") && !strings.HasPrefix(operation, "get") && operation != "token" {
			n += calls
		}
	}
	return n
}

// resync reads the account again so often, ten minutes apart.
func (w *world) resync(times int) {
	GinkgoHelper()
	for range times {
		w.sim.Advance(10 * time.Minute)
		Expect(w.live().Refresh(context.Background())).To(Succeed())
		w.quiet(2) // what it starts is on its way
	}
}

var _ = Describe("What a service makes of what is written", func() {
	ctx := context.Background()
	var w *world
	stored := func(how string) { w.sim.SetSwitches(func(s *simulator.Switches) { s.StoredText = how }) }
	BeforeEach(func() {
		w = newWorld()
		w.start()
		w.account()
	})

	// notKept expects the object to say so after some readings, and nothing to be written any more.
	notKept := func(o engine.Object, field, keeps string) {
		GinkgoHelper()
		Eventually(func() string {
			w.resync(1)
			return status(o)()
		}).Should(Equal("False/" + v1alpha1.ReasonNotKept))
		_, s := refreshed(o).Managed()
		Expect(s.Drift).To(HaveLen(1))
		Expect(s.Drift[0].Field).To(Equal(field))
		Expect(s.Drift[0].Current).To(Equal(keeps))
		Expect(condition(s.Conditions, v1alpha1.ConditionStalled)).To(Equal("True/" + v1alpha1.ReasonNotKept))
		before := w.changesInGoTo()
		w.resync(5)
		Expect(w.changesInGoTo()).To(Equal(before), "calls: %v", w.sim.Calls())
	}

	It("reports white space in a name that is tidied, and stops; one object does not burden the others", func() {
		stored("folded")
		fay := w.user("fay", func(u *v1alpha1.GoToUser) { u.Spec.FirstName = "Anna  Maria" })
		zoe := w.user("zoe", func(u *v1alpha1.GoToUser) { u.Spec.FirstName = "Zoe\u00a0" })
		other := w.user("max")
		notKept(fay, "firstName", "Anna Maria")
		notKept(zoe, "firstName", "Zoe")
		Expect(ready(other)()).To(Equal("True/Synced"))
		Expect(w.sim.Calls()[simulator.OpUpdateUsers]).To(BeNumerically("<=", 4), "twice for each of the two")

		By("until the spec says what GoTo keeps")
		change(fay, func(u *v1alpha1.GoToUser) { u.Spec.FirstName = "Anna Maria" })
		Eventually(ready(fay)).Should(Equal("True/Synced"))
		Expect(fay.Status.Drift).To(BeEmpty())
	})

	It("reports a group's name, and a meeting's subject, that GoTo cannot store", func() {
		stored("basicPlane")
		sales := w.group("sales", func(g *v1alpha1.GoToGroup) { g.Spec.Name = "Sales 🎉" })
		m := newMeeting(w.namespace, "party")
		m.Spec.Subject = "Party 🎉"
		Expect(k8s.Create(ctx, m)).To(Succeed())
		Eventually(func() []string {
			w.resync(1)
			return []string{status(sales)(), status(m)()}
		}).Should(HaveEach("False/" + v1alpha1.ReasonNotKept))
		notKept(sales, "name", "Sales ?")
		notKept(m, "subject", "Party ?")
		Expect(w.sim.Meetings(acct)).To(HaveLen(1))
	})

	It("knows escapes: nothing is written, and after a lost answer there is one meeting", func() {
		stored("escaped")
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: simulator.OpCreateMeeting, Count: 1})
		var all []*v1alpha1.GoToMeeting
		for i, subject := range []string{"R&D sync", "Bob's review", `"Quoted" <b>`} {
			m := newMeeting(w.namespace, fmt.Sprint("m-", i))
			m.Spec.Subject = subject
			Expect(k8s.Create(ctx, m)).To(Succeed())
			all = append(all, m)
		}
		for _, m := range all {
			Eventually(func() string { w.sim.Advance(10 * time.Second); return status(m)() }).WithPolling(time.Second).Should(Equal("True/Synced"))
		}
		Expect(w.sim.Meetings(acct)).To(HaveLen(3))
		before := w.changesInGoTo()
		w.resync(4)
		Expect(w.changesInGoTo()).To(Equal(before), "calls: %v", w.sim.Calls())
	})
})

var _ = Describe("A name that goes from one object to another", func() {
	var w *world
	BeforeEach(func() {
		w = newWorld()
		w.start()
		w.account()
	})
	rename := func(u *v1alpha1.GoToUser, to string) {
		change(u, func(u *v1alpha1.GoToUser) { u.Spec.Email = to + "@example.test" })
	}
	synced := func(users ...*v1alpha1.GoToUser) {
		GinkgoHelper()
		for _, u := range users {
			Eventually(ready(u)).Should(Equal("True/Synced"), u.Name)
		}
	}

	DescribeTable("is free when GoTo's side is", func(newFirst bool) {
		r1 := w.user("desk1")
		synced(r1)
		var n1 *v1alpha1.GoToUser
		create := func() { n1 = w.user("new", func(u *v1alpha1.GoToUser) { u.Spec.Email = "desk1@example.test" }) }
		if newFirst {
			create()
			rename(r1, "gone1")
		} else {
			rename(r1, "gone1")
			create()
		}
		synced(r1, n1)
		Expect(n1.Status.UserKey).NotTo(Equal(r1.Status.UserKey))
		Expect(w.sim.Users(acct)).To(HaveLen(3))
	}, Entry("the new object first", true), Entry("the rename first", false))

	It("moves along a chain by itself", func() {
		a, b, c := w.user("a"), w.user("b"), w.user("c")
		synced(a, b, c)
		keys := []v1alpha1.Key{a.Status.UserKey, b.Status.UserKey, c.Status.UserKey}
		rename(a, "b")
		rename(b, "c")
		rename(c, "d")
		synced(a, b, c)
		Expect([]v1alpha1.Key{a.Status.UserKey, b.Status.UserKey, c.Status.UserKey}).To(Equal(keys))
	})

	It("says which edit unties three that swap", func() {
		a, b, c := w.user("a"), w.user("b"), w.user("c")
		synced(a, b, c)
		rename(a, "b")
		rename(b, "c")
		rename(c, "a")
		stuck := func() bool {
			return slices.ContainsFunc([]*v1alpha1.GoToUser{a, b, c}, func(u *v1alpha1.GoToUser) bool {
				return ready(u)() == "False/Conflict" && strings.Contains(said(u), "give one of them another one first")
			})
		}
		Eventually(stuck).Should(BeTrue(), "%s", said(a))
		rename(c, "free")
		synced(a, b, c)
		rename(c, "a")
		synced(a, b, c)
		Expect(w.sim.Users(acct)).To(HaveLen(4))
	})

	It("makes a conflict for the one who changed", func() {
		a, b := w.user("a"), w.user("b")
		synced(a, b)
		key := b.Status.UserKey
		rename(a, "b")
		Eventually(ready(a)).Should(Equal("False/Conflict"))
		synced(b)
		Expect(b.Status.UserKey).To(Equal(key))
		sales, ops := w.group("sales"), w.group("ops")
		Eventually(status(sales)).Should(Equal("True/Synced"))
		Eventually(status(ops)).Should(Equal("True/Synced"))
		change(sales, func(g *v1alpha1.GoToGroup) { g.Spec.Name = "ops" })
		Eventually(status(sales)).Should(Equal("False/Conflict"))
		Expect(status(ops)()).To(Equal("True/Synced"))
		change(ops, func(g *v1alpha1.GoToGroup) { g.Spec.Name = "operations" })
		Eventually(status(sales)).Should(Equal("True/Synced"))
	})
})

var _ = Describe("What an account says of its objects", func() {
	ctx := context.Background()
	var w *world
	BeforeEach(func() {
		w = newWorld()
		w.start()
	})

	It("Observe writes nothing to GoTo, and each object says what it would do", func() {
		key := w.sim.AddUser(acct, simulator.User{Email: "fay@example.test", FirstName: "Faye", LastName: "Field"})
		w.sim.AddGroup(acct, simulator.Group{Name: "sales"})
		w.account(func(ga *v1alpha1.GoToAccount) { ga.Spec.ManagementPolicy = v1alpha1.Observe })
		fay, nobody, sales := w.user("fay"), w.user("max"), w.group("sales")
		m := newMeeting(w.namespace, "sync")
		Expect(k8s.Create(ctx, m)).To(Succeed())
		Eventually(ready(fay)).Should(Equal("True/Observed"))
		name := v1alpha1.FieldDrift{Field: "firstName", Current: "Faye", Desired: "Fay", Reason: v1alpha1.ReasonObserved}
		Expect(fay.Status.Drift).To(ConsistOf(name))
		all := w.binding("all", webinars, []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{}}})
		licence := v1alpha1.FieldDrift{Field: "licenses", Desired: webinars, Reason: v1alpha1.ReasonObserved}
		Eventually(func() []v1alpha1.FieldDrift { return refreshed(fay).Status.Drift }).Should(ConsistOf(name, licence))
		Eventually(status(all)).Should(Equal("True/Observed"))
		Eventually(ready(nobody)).Should(Equal("False/NotFound"))
		Eventually(status(sales)).Should(Equal("True/Observed"))
		Eventually(status(m)).Should(Equal("False/NotFound"))
		Expect(k8s.Delete(ctx, fay)).To(Succeed())
		Eventually(gone(fay)).Should(BeTrue())
		Expect(k8s.Delete(ctx, all)).To(Succeed())
		Eventually(gone(all)).Should(BeTrue())
		w.settled()
		Expect(w.changesInGoTo()).To(BeZero(), "calls: %v", w.sim.Calls())
		_, there := w.sim.User(acct, key)
		Expect(there).To(BeTrue())
	})

	DescribeTable("adoption", func(policy v1alpha1.AdoptionPolicy, annotated bool, want string) {
		w.sim.AddUser(acct, simulator.User{Email: "fay@example.test", FirstName: "Fay", LastName: "Field"})
		w.sim.AddGroup(acct, simulator.Group{Name: "sales"})
		w.account(func(ga *v1alpha1.GoToAccount) { ga.Spec.Adoption = policy })
		annotate := func(o client.Object) {
			if annotated {
				o.SetAnnotations(map[string]string{v1alpha1.AdoptAnnotation: "true"})
			}
		}
		fay := w.user("fay", func(u *v1alpha1.GoToUser) { annotate(u); u.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete })
		sales := w.group("sales", func(g *v1alpha1.GoToGroup) { annotate(g); g.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete })
		Eventually(ready(fay)).Should(Equal(want))
		Eventually(status(sales)).Should(Equal(want))
		if want != "True/Synced" {
			Expect(k8s.Delete(ctx, fay)).To(Succeed())
			Expect(k8s.Delete(ctx, sales)).To(Succeed())
			Eventually(gone(fay)).Should(BeTrue())
			Eventually(gone(sales)).Should(BeTrue())
			Expect(w.changesInGoTo()).To(BeZero(), "calls: %v", w.sim.Calls())
		}
	},
		Entry("IfExists", v1alpha1.AdoptIfExists, false, "True/Synced"),
		Entry("Never", v1alpha1.AdoptNever, true, "False/"+v1alpha1.ReasonAdoptionNotAllowed),
		Entry("Annotated, without", v1alpha1.AdoptAnnotated, false, "False/"+v1alpha1.ReasonAdoptionNotAllowed),
		Entry("Annotated, with", v1alpha1.AdoptAnnotated, true, "True/Synced"),
	)

	It("the operator's own user keeps its roles, its address and its life", func() {
		w.account()
		own := func(f func(*v1alpha1.GoToUser)) func() string {
			u := w.user("own", func(u *v1alpha1.GoToUser) {
				u.Spec.Email, u.Spec.FirstName, u.Spec.LastName = simulator.DefaultAdminEmail, "Olive", "Ops"
				f(u)
			})
			return ready(u)
		}
		forget := func() {
			u := &v1alpha1.GoToUser{}
			u.Namespace, u.Name = w.namespace, "own"
			change(u, func(u *v1alpha1.GoToUser) { u.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan })
			Expect(k8s.Delete(ctx, u)).To(Succeed())
			Eventually(gone(u)).Should(BeTrue())
		}
		Eventually(own(func(u *v1alpha1.GoToUser) { u.Spec.AdminRoles = []v1alpha1.AdminRole{} })).Should(Equal("False/OwnUser"))
		forget()
		Eventually(own(func(u *v1alpha1.GoToUser) {
			u.Spec.AdminRoles, u.Spec.AdminRolesMatch = []v1alpha1.AdminRole{"RUN_REPORTS"}, v1alpha1.RolesExactly
		})).Should(Equal("False/OwnUser"))
		forget()
		Eventually(own(func(*v1alpha1.GoToUser) {})).Should(Equal("True/Synced"))
		u := &v1alpha1.GoToUser{}
		u.Namespace, u.Name = w.namespace, "own"
		change(u, func(u *v1alpha1.GoToUser) { u.Spec.Email = "renamed@example.test" })
		Eventually(ready(u)).Should(Equal("False/OwnUser"))
		change(u, func(u *v1alpha1.GoToUser) {
			u.Spec.Email, u.Spec.DeletionPolicy = simulator.DefaultAdminEmail, v1alpha1.DeletionPolicyDelete
		})
		Eventually(ready(u)).Should(Equal("True/Synced"))
		Expect(k8s.Delete(ctx, u)).To(Succeed())
		Eventually(ready(u)).Should(Equal("False/OwnUser"))
		change(u, func(u *v1alpha1.GoToUser) { u.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan })
		Eventually(gone(u)).Should(BeTrue())
		Expect(w.changesInGoTo()).To(BeZero(), "calls: %v", w.sim.Calls())
	})

	It("roles of another namespace are given and taken only as far as the account allows", func() {
		w.stop()
		other := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "goto-"}}
		Expect(k8s.Create(ctx, other)).To(Succeed())
		w.start(other.Name)
		w.sim.AddUser(acct, simulator.User{Email: "boss@example.test", FirstName: "Fay", LastName: "Field", AdminRoles: []string{"SUPER_USER"}})
		w.account(func(ga *v1alpha1.GoToAccount) {
			ga.Spec.AllowedNamespaces.From = v1alpha1.NamespacesFromAll
			ga.Spec.AllowedAdminRoles = []v1alpha1.AdminRole{"RUN_REPORTS"}
		})
		with := func(name string, roles ...v1alpha1.AdminRole) *v1alpha1.GoToUser {
			return w.user(name, func(u *v1alpha1.GoToUser) {
				u.Namespace, u.Spec.AccountRef.Namespace, u.Spec.AdminRoles = other.Name, w.namespace, append([]v1alpha1.AdminRole{}, roles...)
			})
		}
		Eventually(ready(with("fay", "RUN_REPORTS"))).Should(Equal("True/Synced"))
		Eventually(ready(with("max", "SUPER_USER"))).Should(Equal("False/RoleNotAllowed"))
		Eventually(ready(with("boss"))).Should(Equal("False/RoleNotAllowed"))
		boss, _ := w.sim.UserByEmail(acct, "boss@example.test")
		Expect(boss.AdminRoles).To(Equal([]string{"SUPER_USER"}))
	})

	It("an account that appears ends what its objects said of it, in whatever state it is", func() {
		w.setSecret(v1alpha1.SecretKeyClientSecret, "wrong")
		fay := w.user("fay")
		Eventually(ready(fay)).Should(Equal("False/AccountNotFound"))
		w.account()
		Eventually(ready(fay)).Should(Equal("False/AccountNotReady"))
		Expect(said(fay)).To(ContainSubstring("InvalidClient"))
	})

	It("an account that nobody watches is told apart, and its objects hold nothing", func() {
		other := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "goto-"}}
		Expect(k8s.Create(ctx, other)).To(Succeed())
		fay := w.user("fay", func(u *v1alpha1.GoToUser) { u.Spec.AccountRef.Namespace = other.Name })
		Eventually(ready(fay)).Should(Equal("False/AccountNotWatched"))
		w.account()
		zoe := w.user("zoe", func(u *v1alpha1.GoToUser) { u.Spec.Email = "fay@example.test" })
		Eventually(ready(zoe)).Should(Equal("True/Synced"))
	})

	It("a namespace that may not use it holds up no deletion of a group", func() {
		w.stop()
		other := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "goto-"}}
		Expect(k8s.Create(ctx, other)).To(Succeed())
		w.start(other.Name)
		w.account()
		sales := w.group("sales")
		Eventually(status(sales)).Should(Equal("True/Synced"))
		spy := w.user("spy", func(u *v1alpha1.GoToUser) {
			u.Namespace, u.Spec.AccountRef.Namespace, u.Spec.GroupKey = other.Name, w.namespace, sales.Status.GroupKey
		})
		Eventually(ready(spy)).Should(Equal("False/AccountNotAllowed"))
		Expect(k8s.Delete(ctx, sales)).To(Succeed())
		Eventually(gone(sales)).Should(BeTrue())
	})

	It("two accounts of one GoTo account that correct each other are contested", func() {
		ga := w.account()
		fay := w.user("fay")
		Eventually(ready(fay)).Should(Equal("True/Synced"))
		theirs := func() {
			Expect(w.sim.UpdateUser(acct, string(fay.Status.UserKey), func(u *simulator.User) { u.FirstName = "Theirs" })).To(BeTrue())
		}
		for range 3 { // another cluster, whose objects say otherwise
			theirs()
			w.resync(1)
			Eventually(func() string {
				u, _ := w.sim.User(acct, string(fay.Status.UserKey))
				return u.FirstName
			}).Should(Equal("Fay"))
			w.settled() // it is read back, too: who changes it back before that is a service that does not keep it
		}
		Eventually(func() string { return condition(refreshed(fay).Status.Conditions, v1alpha1.ConditionContested) }).Should(Equal("True/Contested"))
		Eventually(func() string { return condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionContested) }).Should(Equal("True/Contested"))
		w.sim.ResetLog()
		for range 8 {
			theirs()
			w.resync(1)
		}
		Expect(w.sim.Calls()[simulator.OpUpdateUsers]).To(BeNumerically("<=", 4), "slower and slower")
		Expect(condition(refreshed(fay).Status.Conditions, v1alpha1.ConditionContested)).To(Equal("True/Contested"))
	})
})

// Row 10 of the cases: a manifest, a backup or a secret manager puts an earlier token back.
var _ = Describe("The Secret of an account", func() {
	ctx := context.Background()
	It("that is put back holds a dead token, and the live one is not lost", func() {
		w := newWorld()
		w.start()
		ga := w.account()
		fay := w.user("fay")
		Eventually(ready(fay)).Should(Equal("True/Synced"))
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "goto"}}
		put := func(token string) {
			GinkgoHelper()
			w.setSecret(v1alpha1.SecretKeyRefreshToken, token)
			w.touch(ga) // it would be noticed within half a minute
		}
		token := func() string { return string(refreshed(secret).Data[v1alpha1.SecretKeyRefreshToken]) }
		credentials := func() string { return condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionCredentialsValid) }
		renamed := func(name string) {
			GinkgoHelper()
			change(fay, func(u *v1alpha1.GoToUser) { u.Spec.LastName = name })
			Eventually(func() string { u, _ := w.sim.UserByEmail(acct, "fay@example.test"); return u.LastName }).Should(Equal(name))
		}
		w.sim.Advance(simulator.RefreshTokenRotation + 24*time.Hour)
		Expect(w.live().Refresh(ctx)).To(Succeed())
		Eventually(token).ShouldNot(Equal(simulator.DefaultRefreshToken))
		live := token()
		w.settled()

		put(simulator.DefaultRefreshToken)
		Eventually(func() string { return events(ctx, w.namespace) }).Should(ContainSubstring(v1alpha1.ReasonTokenPutBack))
		Eventually(token).Should(Equal(live), "the live one is saved again")
		Expect(condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionReady)).To(Equal("True/Connected"))
		renamed("Forest")

		By("put back at once again: nobody chases it, and it is said")
		put(simulator.DefaultRefreshToken)
		Eventually(credentials).Should(Equal("False/TokenPutBack"))
		Expect(condition(ga.Status.Conditions, v1alpha1.ConditionReady)).To(Equal("True/Connected"))
		Consistently(token, 3*time.Second).Should(Equal(simulator.DefaultRefreshToken))
		w.sim.ExpireAccessTokens()
		renamed("Forrest")

		By("credentials that work take the connection over")
		put(live)
		Eventually(credentials).Should(Equal("True/Authenticated"))
	})
})
