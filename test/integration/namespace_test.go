package integration_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// namespaceController runs the cluster's own controller that empties namespaces. It is part of kube-controller-manager,
// which the downloaded control planes lack.
func namespaceController() {
	GinkgoHelper()
	binary := filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kube-controller-manager")
	if _, err := os.Stat(binary); err != nil {
		Skip("needs kube-controller-manager: KUBEBUILDER_ASSETS=$(hack/controlplane.sh --all)")
	}
	file := filepath.Join(GinkgoT().TempDir(), "kubeconfig")
	cfg := clientcmdapi.NewConfig()
	cfg.Clusters["c"] = &clientcmdapi.Cluster{Server: restConfig.Host, CertificateAuthorityData: restConfig.CAData}
	cfg.AuthInfos["u"] = &clientcmdapi.AuthInfo{ClientCertificateData: restConfig.CertData, ClientKeyData: restConfig.KeyData}
	cfg.Contexts["x"] = &clientcmdapi.Context{Cluster: "c", AuthInfo: "u"}
	cfg.CurrentContext = "x"
	Expect(clientcmd.WriteToFile(*cfg, file)).To(Succeed())
	cmd := exec.Command(binary, "--kubeconfig="+file,
		"--controllers=namespace-controller", "--leader-elect=false", "--secure-port=0")
	session, err := gexec.Start(cmd, GinkgoWriter, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { session.Kill().Wait() })
}

var _ = Describe("A namespace with credentials, account and 25 users, deleted with kubectl", Ordered, longFirst, func() {
	ctx := context.Background()
	DescribeTable("ends clean, over the approval of the brake", func(rotate, restart bool) {
		namespaceController()
		w := newWorld()
		w.start()
		ga := w.account()
		for i := range 25 {
			w.user(fmt.Sprintf("user-%02d", i))
		}
		Eventually(w.readyCount).Should(Equal(25))
		w.settled()
		secret := &corev1.Secret{}
		secret.Namespace, secret.Name = w.namespace, "goto"
		Expect(controllerutil.ContainsFinalizer(refreshed(secret), v1alpha1.Finalizer)).To(BeTrue())

		ns := &corev1.Namespace{}
		ns.Name = w.namespace
		Expect(k8s.Delete(ctx, ns)).To(Succeed())
		Eventually(func() int { return len(w.list()) }).Should(Equal(22), "the brake lets three go")
		Eventually(func() bool { return refreshed(secret).DeletionTimestamp.IsZero() }).Should(BeFalse())
		if rotate {
			w.sim.Advance(simulator.RefreshTokenRotation + 24*time.Hour)
		}
		if restart {
			w.stop()
			w.start()
		}
		Consistently(func() int { return len(w.sim.Users(acct)) }, 5*time.Second).Should(Equal(1 + 22))
		w.approve(ga)
		Eventually(func() int { return len(w.sim.Users(acct)) }).Should(Equal(1))
		Eventually(gone(ga)).Should(BeTrue())
		Eventually(gone(secret)).Should(BeTrue())
		Eventually(gone(ns)).Should(BeTrue())
	},
		Entry("as it is", false, false),
		Entry("while the refresh token is replaced", true, false),
		Entry("while the operator is restarted", false, true),
		Entry("with both", true, true),
	)
})
