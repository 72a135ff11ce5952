package integration_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// What make undeploy and make uninstall ask before they remove anything. It looks at, and lets go, all objects of a cluster,
// so that this one is its own.
var _ = Describe("Removing the operator", Ordered, func() {
	ctx := context.Background()
	const elsewhere = "example.test/somebody-else"
	var (
		cluster client.Client
		command []string
	)

	BeforeAll(func() {
		binary := filepath.Join(GinkgoT().TempDir(), "managed")
		said, err := exec.Command("go", "build", "-o", binary, "github.com/goto-operator/goto-operator/hack/managed").CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(said))
		env := controlPlane()
		config, err := env.Start()
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(env.Stop)
		cluster, err = client.New(config, client.Options{Scheme: scheme})
		Expect(err).NotTo(HaveOccurred())
		kubeconfig := filepath.Join(GinkgoT().TempDir(), "kubeconfig")
		Expect(os.WriteFile(kubeconfig, env.KubeConfig, 0o600)).To(Succeed())
		command = []string{binary, "--kubectl", kubectlPath() + " --kubeconfig " + kubeconfig}
	})

	managed := func(verb string) (string, error) {
		c := exec.Command(command[0], append(command[1:len(command):len(command)], verb)...)
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		err := c.Run()
		return out.String(), err
	}
	hold := func(o client.Object, finalizers ...string) {
		GinkgoHelper()
		for _, f := range finalizers {
			controllerutil.AddFinalizer(o, f)
		}
		Expect(cluster.Create(ctx, o)).To(Succeed())
	}
	user := func(name string) *v1alpha1.GoToUser {
		return &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Spec: v1alpha1.GoToUserSpec{
			ManagedSpec: v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: "example"}},
			Email:       name + "@example.test", FirstName: "Fay", LastName: "Field",
		}}
	}

	It("goes on where nothing is managed", func() {
		hold(user("only-observed"))
		Expect(managed("check")).To(BeEmpty())
	})

	It("is refused while objects hold something in GoTo, and says which and what to do", func() {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "goto"}}
		hold(secret, v1alpha1.Finalizer, elsewhere)
		hold(&v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "example"}, Spec: v1alpha1.GoToAccountSpec{
			Credentials: v1alpha1.AccountCredentials{Grant: v1alpha1.GrantRefreshToken, SecretRef: v1alpha1.SecretReference{Name: "goto"}},
		}}, v1alpha1.Finalizer)
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			hold(user(name), v1alpha1.Finalizer)
		}
		created := user("created")
		hold(created, v1alpha1.Finalizer, elsewhere)
		created.Status.Origin, created.Status.ObservedGeneration = v1alpha1.Created, 1
		Expect(cluster.Status().Update(ctx, created)).To(Succeed())
		meeting := newMeeting("default", "weekly")
		hold(meeting) // its finalizer was taken off from outside
		meeting.Status.Origin, meeting.Status.ObservedGeneration = v1alpha1.Created, 1
		Expect(cluster.Status().Update(ctx, meeting)).To(Succeed())

		said, err := managed("check")
		Expect(err).To(HaveOccurred())
		Expect(said).To(And(
			ContainSubstring("holds 8 objects; the counterparts of 2 of them it created in GoTo"),
			MatchRegexp(`GoToAccount +default +1 +0 +example\n`),
			MatchRegexp(`GoToMeeting +default +1 +1 +weekly\n`),
			MatchRegexp(`GoToUser +default +6 +1 +a, b, c, created, d, and 1 more\n`),
			ContainSubstring("deletionPolicy: Orphan"), ContainSubstring("FORCE=1"), ContainSubstring("nothing was removed"),
		))
		Expect(said).NotTo(ContainSubstring("only-observed"))
		Expect(cluster.Get(ctx, client.ObjectKeyFromObject(created), created)).To(Succeed())
		Expect(created.Finalizers).To(ConsistOf(v1alpha1.Finalizer, elsewhere), "nothing has changed")
	})

	It("lets everything go by force, leaves GoTo as it is, and takes nothing off that is somebody else's", func() {
		said, err := managed("release")
		Expect(err).NotTo(HaveOccurred(), said)
		Expect(said).To(ContainSubstring("stay in GoTo as they are"))
		var users v1alpha1.GoToUserList
		Expect(cluster.List(ctx, &users)).To(Succeed())
		Expect(users.Items).To(HaveLen(7))
		for _, u := range users.Items {
			if u.Name == "only-observed" {
				Expect(u.Spec.DeletionPolicy).NotTo(Equal(v1alpha1.DeletionPolicyOrphan))
			} else {
				Expect(u.Spec.DeletionPolicy).To(Equal(v1alpha1.DeletionPolicyOrphan), u.Name)
			}
			Expect(u.Finalizers).NotTo(ContainElement(v1alpha1.Finalizer), u.Name)
			Expect(u.Finalizers).To(HaveLen(map[bool]int{true: 1}[u.Name == "created"]), "somebody else's")
		}
		secret := &corev1.Secret{}
		Expect(cluster.Get(ctx, client.ObjectKey{Namespace: "default", Name: "goto"}, secret)).To(Succeed())
		Expect(secret.Finalizers).To(ConsistOf(elsewhere))
		account := &v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "example"}}
		Expect(cluster.Delete(ctx, account)).To(Succeed())
		Expect(apierrors.IsNotFound(cluster.Get(ctx, client.ObjectKeyFromObject(account), account))).To(BeTrue())
	})
})
