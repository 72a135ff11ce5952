package integration_test

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

var _ = Describe("Bad input", func() {
	ctx := context.Background()

	DescribeTable("that the API server refuses, and says why", func(change func(*v1alpha1.GoToUser), says string) {
		u := &v1alpha1.GoToUser{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "refused"},
			Spec: v1alpha1.GoToUserSpec{
				ManagedSpec: v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: "example"}},
				Email:       "fay@example.test", FirstName: "Fay", LastName: "Field",
			},
		}
		Expect(k8s.Create(ctx, u.DeepCopy(), client.DryRunAll)).To(Succeed(), "what is bad must be the change")
		change(u)
		err := k8s.Create(ctx, u, client.DryRunAll)
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
		Expect(err.Error()).To(ContainSubstring(says))
	},
		Entry("an e-mail address without a domain", func(u *v1alpha1.GoToUser) { u.Spec.Email = "fay" }, "spec.email"),
		Entry("an e-mail address with a space", func(u *v1alpha1.GoToUser) { u.Spec.Email = "fay field@example.test" }, "spec.email"),
		Entry("an e-mail address of 129 characters", func(u *v1alpha1.GoToUser) {
			u.Spec.Email = strings.Repeat("f", 116) + "@example.test"
		}, "spec.email"),
		Entry("a first name of 33 characters", func(u *v1alpha1.GoToUser) { u.Spec.FirstName = strings.Repeat("f", 33) }, "spec.firstName"),
		Entry("a last name of 33 characters", func(u *v1alpha1.GoToUser) { u.Spec.LastName = strings.Repeat("f", 33) }, "spec.lastName"),
		Entry("a role that is none", func(u *v1alpha1.GoToUser) { u.Spec.AdminRoles = []v1alpha1.AdminRole{"Emperor"} }, "spec.adminRoles"),
		Entry("a group key that is no number", func(u *v1alpha1.GoToUser) { u.Spec.ManagedGroupKeys = []v1alpha1.Key{"staff"} }, "spec.managedGroupKeys"),
		Entry("an attribute without a name", func(u *v1alpha1.GoToUser) {
			u.Spec.Attributes = map[string]v1alpha1.AttributeValue{"": "7"}
		}, "spec.attributes"),
		Entry("an attribute of 1025 characters", func(u *v1alpha1.GoToUser) {
			u.Spec.Attributes = map[string]v1alpha1.AttributeValue{"room": v1alpha1.AttributeValue(strings.Repeat("7", 1025))}
		}, "spec.attributes"),
		Entry("a custom role without a name", func(u *v1alpha1.GoToUser) { u.Spec.RoleSets = []v1alpha1.RoleSet{""} }, "spec.roleSets"),
		Entry("a template and a text", func(u *v1alpha1.GoToUser) {
			u.Spec.WelcomeEmail = &v1alpha1.WelcomeEmail{
				TemplateRef: v1alpha1.TemplateReference{Name: "welcome"}, Subject: "Hello", Text: "Welcome.",
			}
		}, "templateRef takes the place of subject and text"),
		Entry("a template and no mail", func(u *v1alpha1.GoToUser) {
			u.Spec.WelcomeEmail = &v1alpha1.WelcomeEmail{
				Policy: v1alpha1.SuppressWelcomeEmail, TemplateRef: v1alpha1.TemplateReference{Name: "welcome"},
			}
		}, "templateRef has no use with policy Suppress"),
		Entry("no account", func(u *v1alpha1.GoToUser) { u.Spec.AccountRef.Name = "" }, "spec.accountRef"),
	)

	DescribeTable("in what an account defines for its users", func(o client.Object, says string) {
		o.SetNamespace("default")
		o.SetName("refused")
		err := k8s.Create(ctx, o, client.DryRunAll)
		if says == "" {
			Expect(err).NotTo(HaveOccurred())
			return
		}
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
		Expect(err.Error()).To(ContainSubstring(says))
	},
		Entry("an attribute", attributeNamed("Cost centre"), ""),
		Entry("an attribute without a name", attributeNamed(""), "spec.name"),
		Entry("an attribute that ends with a space", attributeNamed("room "), "spec.name"),
		Entry("a template", templateOf("Welcome", "Hello"), ""),
		Entry("a template without a title", templateOf("", "Hello"), "spec.title"),
		Entry("a template without a subject", templateOf("Welcome", ""), "spec.subject"),
	)

	DescribeTable("of the operations of an account", func(operation v1alpha1.OperationEndpoint, says string) {
		ga := &v1alpha1.GoToAccount{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "refused"},
			Spec: v1alpha1.GoToAccountSpec{
				Credentials: v1alpha1.AccountCredentials{SecretRef: v1alpha1.SecretReference{Name: "goto"}},
				Endpoints:   v1alpha1.Endpoints{Operations: []v1alpha1.OperationEndpoint{operation}},
			},
		}
		err := k8s.Create(ctx, ga, client.DryRunAll)
		if says == "" {
			Expect(err).NotTo(HaveOccurred())
			Expect(ga.Spec.Endpoints.Unverified).To(Equal(v1alpha1.DenyUnverified))
			return
		}
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
		Expect(err.Error()).To(ContainSubstring(says))
	},
		Entry("by a path", v1alpha1.OperationEndpoint{Operation: "addSeat", Path: "/admin/rest/v2/x"}, ""),
		Entry("by a method", v1alpha1.OperationEndpoint{Operation: "addSeat", Method: "PUT"}, ""),
		Entry("by neither", v1alpha1.OperationEndpoint{Operation: "addSeat"}, "name a method, a path or both"),
		Entry("without an id", v1alpha1.OperationEndpoint{Method: "PUT"}, "operation"),
		Entry("on another host", v1alpha1.OperationEndpoint{Operation: "addSeat", Path: "https://evil.test/admin/rest/v1"}, "path must begin with"),
		Entry("outside the APIs", v1alpha1.OperationEndpoint{Operation: "addSeat", Path: "/oauth/token"}, "path must begin with"),
		Entry("by a method that is none", v1alpha1.OperationEndpoint{Operation: "addSeat", Method: "HEAD"}, "operations[0].method"),
	)

	DescribeTable("of the settings of an account", func(settings v1alpha1.AccountSettings, says string) {
		ga := &v1alpha1.GoToAccount{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "refused"},
			Spec: v1alpha1.GoToAccountSpec{
				Credentials: v1alpha1.AccountCredentials{SecretRef: v1alpha1.SecretReference{Name: "goto"}}, Settings: &settings,
			},
		}
		err := k8s.Create(ctx, ga, client.DryRunAll)
		if says == "" {
			Expect(err).NotTo(HaveOccurred())
			return
		}
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "%v", err)
		Expect(err.Error()).To(ContainSubstring(says))
	},
		Entry("the name alone", v1alpha1.AccountSettings{Name: "Example Corp"}, ""),
		Entry("a logo of a Secret alone", v1alpha1.AccountSettings{Logo: v1alpha1.LogoSource{SecretRef: v1alpha1.KeyReference{Name: "a", Key: "b"}}}, ""),
		Entry("none", v1alpha1.AccountSettings{}, "name at least one setting"),
		Entry("a logo of both", v1alpha1.AccountSettings{Logo: v1alpha1.LogoSource{
			SecretRef: v1alpha1.KeyReference{Name: "a", Key: "b"}, ConfigMapRef: v1alpha1.KeyReference{Name: "a", Key: "b"},
		}}, "either a ConfigMap or a Secret"),
		Entry("a logo without a key", v1alpha1.AccountSettings{Logo: v1alpha1.LogoSource{SecretRef: v1alpha1.KeyReference{Name: "a"}}}, "key"),
	)

	DescribeTable("in an account, each with a condition of its own", func(reason string, change func(*world, *v1alpha1.GoToAccount)) {
		w := newWorld()
		w.start()
		ga := w.account(func(ga *v1alpha1.GoToAccount) { change(w, ga) })
		Eventually(func() string { return condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionReady) }).Should(Equal("False/" + reason))
		Expect(condition(ga.Status.Conditions, v1alpha1.ConditionCredentialsValid)).To(Equal("False/" + reason))
		u := w.user("fay")
		Eventually(ready(u)).Should(Equal("False/AccountNotReady"))
		Expect(condition(u.Status.Conditions, v1alpha1.ConditionReferencesResolved)).To(Equal("False/AccountNotReady"))
		Expect(w.sim.Users(acct)).To(HaveLen(1))
		w.settled()
		w.writes.take()
		Consistently(w.writes.take, 2*time.Second).Should(BeZero(), "it waits; it does not loop")
	},
		Entry("a Secret that is absent", v1alpha1.ReasonSecretNotFound, func(_ *world, ga *v1alpha1.GoToAccount) {
			ga.Spec.Credentials.SecretRef.Name = "absent"
		}),
		Entry("a Secret that lacks a key", v1alpha1.ReasonSecretKeyMissing, func(w *world, _ *v1alpha1.GoToAccount) {
			w.setSecret(v1alpha1.SecretKeyClientSecret, "")
		}),
		Entry("a wrong client secret", v1alpha1.ReasonInvalidClient, func(w *world, _ *v1alpha1.GoToAccount) {
			w.setSecret(v1alpha1.SecretKeyClientSecret, "wrong")
		}),
		Entry("a wrong refresh token", v1alpha1.ReasonInvalidGrant, func(w *world, _ *v1alpha1.GoToAccount) {
			w.setSecret(v1alpha1.SecretKeyRefreshToken, "wrong")
		}),
		Entry("a token without the Admin scope", v1alpha1.ReasonAdminScopeMissing, func(w *world, ga *v1alpha1.GoToAccount) {
			ga.Spec.Credentials.Grant = v1alpha1.GrantPersonalAccessToken
			w.setSecret(v1alpha1.SecretKeyPersonalAccessToken, simulator.NoAdminScopePersonalAccessToken)
		}),
		Entry("the key of another account", v1alpha1.ReasonAccountKeyMismatch, func(_ *world, ga *v1alpha1.GoToAccount) {
			ga.Spec.AccountKey = v1alpha1.Key(simulator.OtherAccountKey)
		}),
		Entry("an endpoint that is not allowed", v1alpha1.ReasonEndpointNotAllowed, func(_ *world, ga *v1alpha1.GoToAccount) {
			ga.Spec.Endpoints.API = "https://gotoapi.example.test"
		}),
		Entry("the metadata address as API", v1alpha1.ReasonEndpointNotAllowed, func(_ *world, ga *v1alpha1.GoToAccount) {
			ga.Spec.Endpoints.API = "http://169.254.169.254"
		}),
		Entry("the metadata address for tokens", v1alpha1.ReasonEndpointNotAllowed, func(_ *world, ga *v1alpha1.GoToAccount) {
			ga.Spec.Endpoints.Token = "http://169.254.169.254/oauth/token"
		}),
	)

	It("is mended by mending it: a right Secret, without a restart", func() {
		w := newWorld()
		w.start()
		w.setSecret(v1alpha1.SecretKeyClientSecret, "wrong")
		ga := w.account()
		u := w.user("fay")
		Eventually(func() string { return condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionReady) }).Should(Equal("False/InvalidClient"))
		w.setSecret(v1alpha1.SecretKeyClientSecret, simulator.DefaultClientSecret)
		patch := client.MergeFrom(ga.DeepCopy())
		ga.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "now"}
		Expect(k8s.Patch(ctx, ga, patch)).To(Succeed())
		Eventually(ready(u)).Should(Equal("True/Synced"))
		Expect(refreshed(ga).Status.LastHandledReconcileAt).To(Equal("now"))
	})

	It("is a reference to an account that is absent, until it is there", func() {
		w := newWorld()
		w.start()
		u := w.user("fay")
		Eventually(ready(u)).Should(Equal("False/AccountNotFound"))
		w.account()
		Eventually(ready(u)).Should(Equal("True/Synced"))
	})

	It("is a reference to an account whose namespace does not allow it, until it does", func() {
		w := newWorld()
		other := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "goto-"}}
		Expect(k8s.Create(ctx, other)).To(Succeed())
		w.start(other.Name)
		ga := w.account()
		u := w.user("fay", func(u *v1alpha1.GoToUser) {
			u.Namespace, u.Spec.AccountRef.Namespace = other.Name, w.namespace
		})
		Eventually(ready(u)).Should(Equal("False/AccountNotAllowed"))
		Expect(w.sim.Users(acct)).To(HaveLen(1))
		patch := client.MergeFrom(refreshed(ga).DeepCopy())
		ga.Spec.AllowedNamespaces.From = v1alpha1.NamespacesFromAll
		Expect(k8s.Patch(ctx, ga, patch)).To(Succeed())
		Eventually(ready(u)).Should(Equal("True/Synced"))
	})
})

func attributeNamed(name string) *v1alpha1.GoToAttribute {
	return &v1alpha1.GoToAttribute{Spec: v1alpha1.GoToAttributeSpec{
		ManagedSpec: v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: "example"}}, Name: name,
	}}
}

func templateOf(title, subject string) *v1alpha1.GoToEmailTemplate {
	return &v1alpha1.GoToEmailTemplate{Spec: v1alpha1.GoToEmailTemplateSpec{
		ManagedSpec: v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: "example"}}, Title: title, Subject: subject, Text: "Welcome.",
	}}
}
