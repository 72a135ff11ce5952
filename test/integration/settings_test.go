package integration_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

var _ = Describe("GoToSettingsProfile", func() {
	ctx := context.Background()
	profile := func() *v1alpha1.GoToSettingsProfile {
		return &v1alpha1.GoToSettingsProfile{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "quiet"},
			Spec: v1alpha1.GoToSettingsProfileSpec{
				AccountRef: v1alpha1.AccountReference{Name: "example"}, Product: v1alpha1.ProductMeeting,
				Settings: &v1alpha1.MeetingSettings{ChatEnabled: new(false)},
				Targets:  []v1alpha1.SettingsTarget{{Selector: &metav1.LabelSelector{}}},
			},
		}
	}
	additional := func(json string) map[string]v1alpha1.SettingValue {
		return map[string]v1alpha1.SettingValue{"someEnabled": v1alpha1.NewSettingValue(json)}
	}

	DescribeTable("is refused by the API server, which says why", func(change func(*v1alpha1.GoToSettingsProfileSpec), says string) {
		p := profile()
		Expect(k8s.Create(ctx, p.DeepCopy(), client.DryRunAll)).To(Succeed(), "what is bad must be the change")
		change(&p.Spec)
		err := k8s.Create(ctx, p, client.DryRunAll)
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
		Expect(err.Error()).To(ContainSubstring(says))
	},
		Entry("without settings", func(s *v1alpha1.GoToSettingsProfileSpec) { s.Settings = nil }, "set settings, additional or both"),
		Entry("with no setting in them", func(s *v1alpha1.GoToSettingsProfileSpec) { s.Settings = &v1alpha1.MeetingSettings{} }, "spec.settings"),
		Entry("with settings of another product", func(s *v1alpha1.GoToSettingsProfileSpec) { s.Product = v1alpha1.ProductWebinar }, "for another product set additional"),
		Entry("for a product that is none", func(s *v1alpha1.GoToSettingsProfileSpec) { s.Product = "G2X" }, "spec.product"),
		Entry("for nobody", func(s *v1alpha1.GoToSettingsProfileSpec) { s.Targets = nil }, "set targets, newUsers or account"),
		Entry("with a target that is two", func(s *v1alpha1.GoToSettingsProfileSpec) { s.Targets[0].UserRef.Name = "fay" }, "a target is one of"),
		Entry("with a country that is none", func(s *v1alpha1.GoToSettingsProfileSpec) {
			s.Settings.TollCountries = []v1alpha1.CountryCode{"Germany"}
		}, "tollCountries"),
		Entry("with Delete", func(s *v1alpha1.GoToSettingsProfileSpec) { s.DeletionPolicy = "Delete" }, "deletionPolicy"),
	)

	It("keeps any value that an additional setting may have, and its product", func() {
		for _, json := range []string{`true`, `3`, `"text"`, `["a","b"]`} {
			p := profile()
			p.Spec.Settings, p.Spec.Additional, p.Spec.Product = nil, additional(json), v1alpha1.ProductWebinar
			Expect(k8s.Create(ctx, p, client.DryRunAll)).To(Succeed())
			Expect(p.Spec.Additional["someEnabled"].MarshalJSON()).To(MatchJSON(json))
			Expect(p.Spec.DeletionPolicy).To(Equal(v1alpha1.SettingsOrphan))
		}
		p := profile()
		p.Name = "kept" // quiet is to be free for those that are refused
		Expect(k8s.Create(ctx, p)).To(Succeed())
		defer func() { Expect(k8s.Delete(ctx, p)).To(Succeed()) }()
		p.Spec.Product, p.Spec.Settings, p.Spec.Additional = v1alpha1.ProductWebinar, nil, additional(`true`)
		Expect(k8s.Update(ctx, p)).To(MatchError(ContainSubstring("product cannot be changed")))
	})

	It("gives settings to users and new users, and puts back what was there", func() {
		w := newWorld()
		w.sim.SetSwitches(func(s *simulator.Switches) { s.UserSettings = "full" })
		w.start()
		w.account(func(ga *v1alpha1.GoToAccount) { ga.Spec.Endpoints.Unverified = v1alpha1.AllowUnverified })
		u := w.user("fay")
		p := profile()
		p.Namespace, p.Spec.AccountRef = u.Namespace, u.Spec.AccountRef
		p.Spec.NewUsers, p.Spec.DeletionPolicy = true, v1alpha1.SettingsRestore
		before := w.sim.NewUserSettings(simulator.DefaultAccountKey, "G2M")["chatEnabled"]
		Expect(k8s.Create(ctx, p)).To(Succeed())
		Eventually(func() any { return w.sim.NewUserSettings(simulator.DefaultAccountKey, "G2M")["chatEnabled"] }).Should(BeFalse())
		Eventually(func() string { return condition(refreshed(p).Status.Conditions, v1alpha1.ConditionReady) }).Should(Equal("True/Synced"))
		Expect(k8s.Delete(ctx, p)).To(Succeed())
		Eventually(func() bool { return apierrors.IsNotFound(k8s.Get(ctx, client.ObjectKeyFromObject(p), p)) }).Should(BeTrue())
		Expect(w.sim.NewUserSettings(simulator.DefaultAccountKey, "G2M")["chatEnabled"]).To(Equal(before))
	})
})
