package integration_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/test/rights"
)

// team is the namespace that config/namespaced is written for.
const team = "team"

// The operator with Roles in a few namespaces, as config/namespaced installs it, in place of a ClusterRole.
var _ = Describe("The operator in a few namespaces", func() {
	ctx := context.Background()

	It("needs no right outside them", func() {
		w := newWorld()
		partner, stranger := newNamespace(ctx, map[string]string{"goto": "yes"}), newNamespace(ctx, nil)
		api := newAPIProxy()
		operator := exec.Command(operatorBinary, "--allowed-hosts="+w.url, "--leader-elect=false", "--metrics-bind-address=0",
			"--health-probe-bind-address="+freeAddress(), "--watch-namespaces="+strings.Join([]string{w.namespace, partner, stranger}, ","))
		operator.Env = append(os.Environ(), "KUBECONFIG="+api.kubeconfig(token(ctx, limited(ctx, w.namespace, partner, stranger))))
		var log lockedBuffer
		session, err := gexec.Start(operator, io.MultiWriter(&log, GinkgoWriter), io.MultiWriter(&log, GinkgoWriter))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { session.Terminate().Wait() })

		w.account(func(ga *v1alpha1.GoToAccount) {
			ga.Spec.AllowedNamespaces = v1alpha1.AllowedNamespaces{
				From: v1alpha1.NamespacesFromSelector, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"goto": "yes"}},
			}
		})
		in := func(namespace string) func(*v1alpha1.GoToUser) {
			return func(u *v1alpha1.GoToUser) { u.Namespace, u.Spec.AccountRef.Namespace = namespace, w.namespace }
		}
		own, allowed, refused := w.user("own"), w.user("allowed", in(partner)), w.user("refused", in(stranger))
		Eventually(ready(own)).Should(Equal("True/Synced"))
		Eventually(ready(allowed)).Should(Equal("True/Synced"))
		Eventually(ready(refused)).Should(Equal("False/" + v1alpha1.ReasonAccountNotAllowed))
		unseen := w.user("unseen", func(u *v1alpha1.GoToUser) { u.Spec.AccountRef.Namespace = "not-watched" })
		Eventually(ready(unseen)).Should(Equal("False/" + v1alpha1.ReasonAccountNotWatched))

		By("labelling the namespace, which shows when the object is looked at next")
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: stranger}}
		Expect(k8s.Patch(ctx, ns, client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"goto":"yes"}}}`)))).To(Succeed())
		w.touch(refused)
		Eventually(ready(refused)).Should(Equal("True/Synced"))

		Expect(api.refused()).To(BeEmpty())
		Expect(log.String()).NotTo(ContainSubstring("forbidden"))
		Expect(api.rights()).To(HaveKey(rights.Right{Verb: "get", Resource: "namespaces"}))
		Expect(api.rights()).NotTo(Or(HaveKey(rights.Right{Verb: "list", Resource: "namespaces"}), HaveKey(rights.Right{Verb: "watch", Resource: "namespaces"})))
	})

	It("has its Roles where it looks, and no ClusterRole with access to objects", func() {
		var roles []string
		for _, o := range manifests("namespaced") {
			switch o.GetKind() {
			case "Role":
				if o.GetName() == "goto-operator-manager-role" {
					roles = append(roles, o.GetNamespace())
				}
			case "ClusterRoleBinding":
				Expect(o.GetName()).To(Equal("goto-operator-metrics-auth-rolebinding"))
			}
		}
		Expect(roles).To(Equal([]string{team}))
		Expect(deploymentOf(manifests("namespaced")).Spec.Template.Spec.Containers[0].Args).To(ContainElement("--watch-namespaces=" + team))
	})

	It("has the same rights there as it has everywhere otherwise, but for watching namespaces", func() {
		everywhere, there := granted(manifests("default")), granted(manifests("namespaced"))
		delete(everywhere, rights.Right{Verb: "list", Resource: "namespaces"})
		delete(everywhere, rights.Right{Verb: "watch", Resource: "namespaces"})
		delete(there, rights.Right{Verb: "get", Resource: "namespaces"})
		Expect(there).To(Equal(everywhere))
	})
})

// newNamespace returns the name of a new namespace.
func newNamespace(ctx context.Context, labels map[string]string) string {
	GinkgoHelper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "goto-", Labels: labels}}
	Expect(k8s.Create(ctx, ns)).To(Succeed())
	return ns.Name
}

// limited makes a ServiceAccount that has what config/namespaced gives in the namespace team, in these namespaces, and
// nothing else.
func limited(ctx context.Context, namespaces ...string) string {
	GinkgoHelper()
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, GenerateName: "limited-"}}
	Expect(k8s.Create(ctx, sa)).To(Succeed())
	for _, o := range manifests("namespaced") {
		if o.GetNamespace() != team {
			continue
		}
		for _, namespace := range namespaces {
			o := o.DeepCopy()
			o.SetNamespace(namespace)
			if o.GetKind() == "RoleBinding" {
				var b rbacv1.RoleBinding
				into(*o, &b)
				b.Subjects[0].Name = sa.Name
				Expect(k8s.Create(ctx, &b)).To(Succeed())
				continue
			}
			Expect(k8s.Create(ctx, o)).To(Succeed())
		}
	}
	return sa.Name
}
