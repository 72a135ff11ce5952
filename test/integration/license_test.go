package integration_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/manifest"
)

const (
	meetings = simulator.DefaultMeetingLicenseKey
	webinars = simulator.DefaultWebinarLicenseKey
)

// binding gives a licence to subjects.
func (w *world) binding(name, license string, subjects []v1alpha1.LicenseSubject, change ...func(*v1alpha1.GoToLicenseBinding)) *v1alpha1.GoToLicenseBinding {
	GinkgoHelper()
	b := &v1alpha1.GoToLicenseBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.GoToLicenseBindingSpec{
			ManagedSpec: v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: "example"}},
			License:     v1alpha1.LicenseSelector{Key: v1alpha1.Key(license)}, Subjects: subjects,
		},
	}
	for _, f := range change {
		f(b)
	}
	Expect(k8s.Create(context.Background(), b)).To(Succeed())
	return b
}

func labelled(pairs ...string) []v1alpha1.LicenseSubject {
	labels := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		labels[pairs[i]] = pairs[i+1]
	}
	return []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{MatchLabels: labels}}}
}

func label(pairs ...string) func(*v1alpha1.GoToUser) {
	return func(u *v1alpha1.GoToUser) {
		u.Labels = map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			u.Labels[pairs[i]] = pairs[i+1]
		}
	}
}

// holders are the users of a licence in GoTo, by the part of the address before the @.
func (w *world) holders(license string) []string {
	out := []string{}
	for _, u := range w.sim.Users(acct) {
		if slices.Contains(u.LicenseKeys, license) {
			name, _, _ := strings.Cut(u.Email, "@")
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (w *world) holderCount(license string) func() int {
	return func() int { return len(w.holders(license)) }
}

// applySamples applies files of config/samples in the world's namespace.
func (w *world) applySamples(files ...string) {
	GinkgoHelper()
	for _, file := range files {
		f, err := os.Open(filepath.Join("..", "..", "config", "samples", file))
		Expect(err).NotTo(HaveOccurred())
		objects, err := manifest.Objects(f)
		Expect(err).NotTo(HaveOccurred())
		for i := range objects {
			objects[i].SetNamespace(w.namespace)
			Expect(k8s.Apply(context.Background(), client.ApplyConfigurationFromUnstructured(&objects[i]), client.FieldOwner("samples"))).To(Succeed())
		}
		Expect(f.Close()).To(Succeed())
	}
}

func unbraked(ga *v1alpha1.GoToAccount) {
	all, most := int32(100), int32(10_000)
	ga.Spec.Brake.Licenses = v1alpha1.BrakeLimit{Percent: &all, Minimum: &most, Maximum: &most}
	ga.Spec.Brake.Users = ga.Spec.Brake.Licenses
}

var _ = Describe("GoToLicenseBinding", func() {
	ctx := context.Background()
	var w *world
	BeforeEach(func() { w = newWorld(); w.start() })
	seats := func(license string, n int) {
		Expect(w.sim.UpdateLicense(acct, license, func(l *simulator.License) { l.Seats = n })).To(BeTrue())
	}

	It("converges from the samples, and costs nothing when they are applied again", func() {
		files := []string{"groups.yaml", "team.yaml", "licenses.yaml"} // a parent group and two below it, 30 users, two bindings
		w.applySamples(files...)
		w.account()
		all := &v1alpha1.GoToLicenseBinding{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "sales-meetings"}}
		few := &v1alpha1.GoToLicenseBinding{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "webinars"}}
		Eventually(status(all)).Should(Equal("True/Synced"))
		Eventually(status(few)).Should(Equal("True/Synced"))
		Eventually(w.readyCount).Should(Equal(30))
		Expect(*all.Status.Assigned).To(Equal(int64(30)))
		Expect(*few.Status.Assigned).To(Equal(int64(6)))
		Expect(w.holders(meetings)).To(HaveLen(30))
		Expect(w.holders(webinars)).To(HaveLen(6))
		Expect(w.remoteGroups()).To(HaveLen(3))
		w.idle()

		By("applying the same again, and reading the account three times")
		w.sim.ResetLog()
		w.writes.take()
		w.takeReconciles()
		w.applySamples(files...)
		for range 3 {
			Expect(w.live().Refresh(ctx)).To(Succeed())
		}
		w.settled()
		Expect(w.sim.Calls()).To(Equal(map[string]int{simulator.OpListUsers: 3, simulator.OpListGroups: 3, simulator.OpListLicenses: 3}))
		Expect(w.writes.take()).To(BeZero(), "writes: %v", w.writes.byKind())
		Expect(w.takeReconciles()).To(BeZero())
	})

	It("gives scarce seats by priority and age, and the queue outlives a restart", func() {
		seats(webinars, 0) // until all are there: who comes before has what is free
		for i := range 15 {
			rank := "low"
			if i >= 8 {
				rank = "high"
			}
			w.user(fmt.Sprintf("user-%02d", i), label("rank", rank))
		}
		ten := int32(10)
		w.binding("low", webinars, labelled("rank", "low"))
		high := w.binding("high", webinars, labelled("rank", "high"), func(b *v1alpha1.GoToLicenseBinding) { b.Spec.Priority = &ten })
		place := func(name string) func() string {
			u := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}}
			return func() string {
				for _, c := range refreshed(u).Status.Conditions {
					if c.Type == v1alpha1.ConditionSeatAssigned {
						return string(c.Status) + "/" + c.Reason + " " + c.Message
					}
				}
				return ""
			}
		}
		w.account()
		for i := range 15 {
			Eventually(place(fmt.Sprintf("user-%02d", i))).Should(HavePrefix("False/WaitingForSeat"))
		}
		seats(webinars, 10)
		Expect(w.live().Refresh(ctx)).To(Succeed())
		Eventually(w.holderCount(webinars)).Should(Equal(10))
		Eventually(status(high)).Should(Equal("True/Synced"))
		right := []string{"user-00", "user-01", "user-02", "user-08", "user-09", "user-10", "user-11", "user-12", "user-13", "user-14"}
		Expect(w.holders(webinars)).To(Equal(right))
		for i := range 5 {
			Eventually(place(fmt.Sprintf("user-%02d", 3+i))).Should(
				HavePrefix(fmt.Sprintf("False/WaitingForSeat place %d in the queue", 1+i)))
		}
		ga := &v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "example"}}
		Eventually(func() []int64 {
			i := slices.IndexFunc(refreshed(ga).Status.Licenses, func(l v1alpha1.LicenseStatus) bool { return l.Key == webinars })
			l := ga.Status.Licenses[i]
			return []int64{l.Seats, l.Assigned, l.Waiting, l.Unmanaged}
		}).Should(Equal([]int64{10, 10, 5, 0}))

		By("restarting, and reading the account: nobody's place changes and nothing is written")
		w.settled()
		w.stop()
		w.sim.ResetLog()
		w.start()
		Eventually(func() int { return w.sim.Calls()[simulator.OpListLicenses] }).Should(Equal(1))
		w.settled()
		Expect(w.sim.Calls()[simulator.OpUpdateUsers] + w.sim.Calls()[simulator.OpCreateUsers]).To(BeZero())
		Expect(w.holders(webinars)).To(Equal(right))
		Expect(w.writes.take()).To(BeZero(), "writes: %v", w.writes.byKind())

		By("freeing two seats")
		for _, name := range []string{"user-01", "user-09"} {
			Expect(k8s.Delete(ctx, &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}})).To(Succeed())
		}
		Eventually(func() []string { return w.holders(webinars) }).Should(Equal(
			[]string{"user-00", "user-02", "user-03", "user-04", "user-08", "user-10", "user-11", "user-12", "user-13", "user-14"}))
		Eventually(place("user-05")).Should(HavePrefix("False/WaitingForSeat place 1 in the queue"))
		Eventually(place("user-03")).Should(HavePrefix("True/Assigned"))
	})

	It("leaves a licence alone that was assigned by hand, and brings one back that was taken by hand", func() {
		key := w.sim.AddUser(acct, simulator.User{Email: "fay@example.test", FirstName: "Fay", LastName: "Field", LicenseKeys: []string{webinars}})
		w.account()
		fay := w.user("fay")
		both := w.binding("both", webinars, []v1alpha1.LicenseSubject{{UserRef: v1alpha1.UserReference{Name: "fay"}}})
		meet := w.binding("meet", meetings, []v1alpha1.LicenseSubject{{UserRef: v1alpha1.UserReference{Name: "fay"}}})
		Eventually(w.holderCount(meetings)).Should(Equal(1))
		Eventually(status(both)).Should(Equal("True/Synced"))
		Eventually(func() []v1alpha1.GivenLicense { return refreshed(fay).Status.GivenLicenses }).Should(
			Equal([]v1alpha1.GivenLicense{{Key: meetings, Bindings: []string{"meet"}}}))

		Expect(w.sim.UpdateUser(acct, key, func(u *simulator.User) { u.LicenseKeys = []string{webinars} })).To(BeTrue())
		Expect(w.live().Refresh(ctx)).To(Succeed())
		Eventually(w.holderCount(meetings)).Should(Equal(1))

		By("deleting both bindings: only what they gave goes")
		Expect(k8s.Delete(ctx, both)).To(Succeed())
		Expect(k8s.Delete(ctx, meet)).To(Succeed())
		Eventually(w.holderCount(meetings)).Should(BeZero())
		Eventually(gone(both)).Should(BeTrue())
		Eventually(gone(meet)).Should(BeTrue())
		w.settled()
		Expect(w.holders(webinars)).To(Equal([]string{"fay"}))
		Expect(refreshed(fay).Status.GivenLicenses).To(BeEmpty())
		Expect(condition(fay.Status.Conditions, v1alpha1.ConditionSeatAssigned)).To(Equal("absent"))
		Expect(condition(fay.Status.Conditions, v1alpha1.ConditionReady)).To(Equal("True/Synced"), "a user without licence reads SUSPENDED, which is no drift")
	})

	It("changes name, group and two licences of a user in one request", func() {
		sales := w.group("sales")
		w.account()
		fay := w.user("fay")
		Eventually(status(fay)).Should(Equal("True/Synced"))
		Eventually(status(sales)).Should(Equal("True/Synced"))
		w.settled()
		change(fay, func(u *v1alpha1.GoToUser) { u.Spec.Suspend = true })
		Eventually(status(fay)).Should(Equal("False/Suspended"))
		for name, license := range map[string]string{"a": meetings, "b": webinars} {
			b := w.binding(name, license, labelled("vip", "yes"))
			Eventually(status(b)).Should(Equal("True/Synced"))
		}
		w.sim.ResetLog()
		change(fay, func(u *v1alpha1.GoToUser) {
			u.Labels = map[string]string{"vip": "yes"}
			u.Spec.Suspend, u.Spec.LastName, u.Spec.GroupRef.Name = false, "Fields", "sales"
		})
		Eventually(status(fay)).Should(Equal("True/Synced"))
		u, _ := w.sim.User(acct, string(fay.Status.UserKey))
		Expect(u.LastName).To(Equal("Fields"))
		Expect(u.LicenseKeys).To(ConsistOf(meetings, webinars))
		Expect(u.GroupKey).To(Equal(string(sales.Status.GroupKey)))
		Expect(w.sim.Calls()[simulator.OpUpdateUsers]).To(Equal(1))
		Expect(w.sim.Calls()[simulator.OpMoveUsers]).To(BeZero())
	})

	It("fails users for whom there is no seat where it is told to", func() {
		seats(webinars, 1)
		w.account()
		w.user("first", label("vip", "yes"))
		Eventually(w.readyCount).Should(Equal(1))
		b := w.binding("fail", webinars, labelled("vip", "yes"), func(b *v1alpha1.GoToLicenseBinding) { b.Spec.OnExhausted = v1alpha1.OnExhaustedFail })
		Eventually(status(b)).Should(Equal("True/Synced"))
		second := w.user("second", label("vip", "yes"))
		Eventually(status(second)).Should(Equal("False/SeatsExhausted"))
		Eventually(status(b)).Should(Equal("False/SeatsExhausted"))
		seats(webinars, 2)
		Expect(w.live().Refresh(ctx)).To(Succeed())
		Eventually(status(second)).Should(Equal("True/Synced"))
		Eventually(status(b)).Should(Equal("True/Synced"))
	})

	DescribeTable("copes with the refusal of a seat that the lists show as free", func(status, code string) {
		w.sim.SetSwitches(func(s *simulator.Switches) { s.SeatsExhausted, s.SeatsExhaustedCode = status, code })
		w.account()
		for i := range 6 {
			w.user(fmt.Sprintf("user-%02d", i), label("vip", "yes"))
		}
		Eventually(w.readyCount).Should(Equal(6))
		w.settled()
		seats(webinars, 2) // and the snapshot still says 10
		w.sim.ResetLog()
		w.binding("vip", webinars, labelled("vip", "yes"))
		Eventually(w.holderCount(webinars)).Should(Equal(2))
		Eventually(func() int {
			n := 0
			for _, u := range w.list() {
				if condition(u.Status.Conditions, v1alpha1.ConditionSeatAssigned) == "False/WaitingForSeat" {
					n++
				}
			}
			return n
		}).Should(Equal(4))
		w.settled()
		Expect(w.holders(webinars)).To(HaveLen(2))
		calls := w.sim.Calls()[simulator.OpUpdateUsers]
		Expect(calls).To(BeNumerically("<=", 7), "hammering: one try for each of the six at most, and one for those whom the plan then chooses")
		for range 2 {
			Expect(w.live().Refresh(ctx)).To(Succeed())
		}
		w.settled()
		Expect(w.sim.Calls()[simulator.OpUpdateUsers]).To(Equal(calls))
	},
		Entry("409", "409", "license.seats.exceeded"), Entry("422", "422", "seat.not.available"), Entry("400", "400", "request.invalid"),
	)

	It("stops at the brake when its deletion would strip too many, and goes on after approval", func() {
		ten := int32(10)
		ga := w.account(func(ga *v1alpha1.GoToAccount) { ga.Spec.Brake.Licenses.Minimum = &ten })
		for i := range 30 {
			w.user(fmt.Sprintf("user-%02d", i))
		}
		b := w.binding("all", meetings, []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{}}})
		Eventually(w.holderCount(meetings)).Should(Equal(30))
		Eventually(status(b)).Should(Equal("True/Synced"))
		w.settled()
		Expect(k8s.Delete(ctx, b)).To(Succeed())
		Eventually(w.holderCount(meetings)).Should(Equal(20))
		Eventually(func() int64 { return refreshed(ga).Status.Deletions.Waiting }).Should(Equal(int64(20)))
		Eventually(status(b)).Should(Equal("False/InUse"))
		w.settled()
		Expect(w.holders(meetings)).To(HaveLen(20))
		w.approve(ga)
		Eventually(gone(b)).Should(BeTrue())
		Expect(w.holders(meetings)).To(BeEmpty())
		Eventually(func() int64 { return refreshed(ga).Status.Deletions.Waiting }).Should(BeZero())
	})

	It("ends with nothing left when everything is deleted at once", func() {
		w.account(unbraked)
		sales, emea := w.group("sales"), w.group("emea", under("sales"))
		for i := range 10 {
			w.user(fmt.Sprintf("user-%02d", i), inGroup([]string{"sales", "emea"}[i%2]))
		}
		b := w.binding("all", meetings, []v1alpha1.LicenseSubject{{GroupRef: v1alpha1.GroupReference{Name: "sales"}, Subgroups: v1alpha1.IncludeSubgroups}})
		orphan := w.binding("orphan", webinars, []v1alpha1.LicenseSubject{{UserRef: v1alpha1.UserReference{Name: "user-00"}}},
			func(b *v1alpha1.GoToLicenseBinding) { b.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan })
		Eventually(w.holderCount(meetings)).Should(Equal(10))
		Eventually(status(b)).Should(Equal("True/Synced"))
		ga := &v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "example"}}
		for _, o := range []client.Object{ga, sales, b, emea, orphan} { // the account first, as a folder of manifests has it
			Expect(k8s.Delete(ctx, o)).To(Succeed())
		}
		Eventually(func() string { return condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionReady) }).Should(Equal("False/InUse"))
		Expect(k8s.DeleteAllOf(ctx, &v1alpha1.GoToUser{}, client.InNamespace(w.namespace))).To(Succeed())
		for _, o := range []client.Object{sales, b, emea, orphan, ga} {
			Eventually(gone(o)).Should(BeTrue(), "%T %s", o, o.GetName())
		}
		Eventually(func() int { return len(w.list()) }).Should(BeZero())
		Expect(w.sim.Users(acct)).To(HaveLen(1))
		Expect(w.remoteGroups()).To(BeEmpty())
	})

	It("says what is wrong with a licence that is not there or not the only one", func() {
		w.sim.AddLicense(acct, simulator.License{Description: "Second", Seats: 5, Products: []string{"G2M"}})
		w.account()
		subjects := labelled("a", "b")
		selecting := func(s v1alpha1.LicenseSelector) func(*v1alpha1.GoToLicenseBinding) {
			return func(b *v1alpha1.GoToLicenseBinding) { b.Spec.License = s }
		}
		absent := w.binding("absent", "4711", subjects)
		two := w.binding("two", "", subjects, selecting(v1alpha1.LicenseSelector{Product: "G2M"}))
		one := w.binding("one", "", subjects, selecting(v1alpha1.LicenseSelector{Product: "g2w"}))
		named := w.binding("named", "", subjects, selecting(v1alpha1.LicenseSelector{Product: "G2M", Description: "Second"}))
		Eventually(status(absent)).Should(Equal("False/LicenseNotFound"))
		Eventually(status(two)).Should(Equal("False/LicenseAmbiguous"))
		Eventually(status(one)).Should(Equal("True/Synced"))
		Eventually(status(named)).Should(Equal("True/Synced"))
	})
})
