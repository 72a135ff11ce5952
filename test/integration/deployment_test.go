package integration_test

import (
	"context"
	"debug/elf"
	"errors"
	"io"
	"os/exec"
	"runtime"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

var _ = Describe("The Deployment", func() {
	ctx := context.Background()

	// The API server itself is asked: the namespace is labelled as config/manager labels it, and a dry run goes through
	// the admission that a real Pod would.
	It("has Pods that the Pod Security Standard \"restricted\" admits", func() {
		deployment := deploymentOf(manifests("default"))
		var labels map[string]string
		for _, o := range manifests("default") {
			if o.GetKind() == "Namespace" {
				labels = o.GetLabels()
			}
		}
		Expect(labels).To(HaveKeyWithValue("pod-security.kubernetes.io/enforce", "restricted"))
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "restricted-", Labels: labels}}
		Expect(k8s.Create(ctx, ns)).To(Succeed())

		pod := func() *corev1.Pod {
			p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: ns.Name, Name: "manager"}, Spec: *deployment.Spec.Template.Spec.DeepCopy()}
			p.Spec.ServiceAccountName = "" // of another namespace
			return p
		}
		Expect(pod().Spec.Containers).NotTo(BeEmpty())
		Expect(k8s.Create(ctx, pod(), client.DryRunAll)).To(Succeed())

		for what, spoil := range map[string]func(*corev1.Pod){
			"may run as root": func(p *corev1.Pod) { p.Spec.SecurityContext.RunAsNonRoot, p.Spec.SecurityContext.RunAsUser = nil, nil },
			"may gain rights": func(p *corev1.Pod) { p.Spec.Containers[0].SecurityContext.AllowPrivilegeEscalation = nil },
			"keeps capabilities": func(p *corev1.Pod) {
				p.Spec.Containers[0].SecurityContext.Capabilities = nil
			},
			"is on the node's network": func(p *corev1.Pod) {
				p.Spec.HostNetwork = true
				for i := range p.Spec.Containers[0].Ports {
					p.Spec.Containers[0].Ports[i].HostPort = p.Spec.Containers[0].Ports[i].ContainerPort
				}
			},
		} {
			bad := pod()
			spoil(bad)
			err := k8s.Create(ctx, bad, client.DryRunAll)
			Expect(apierrors.IsForbidden(err)).To(BeTrue(), "a Pod that %s: %v", what, err)
		}
	})

	It("tells Go how much memory the container has", func() {
		c := deploymentOf(manifests("default")).Spec.Template.Spec.Containers[0]
		Expect(c.Resources.Limits.Memory().IsZero()).To(BeFalse())
		Expect(c.Env).To(ContainElement(corev1.EnvVar{Name: "GOMEMLIMIT", ValueFrom: &corev1.EnvVarSource{
			ResourceFieldRef: &corev1.ResourceFieldSelector{ContainerName: c.Name, Resource: "limits.memory", Divisor: resource.MustParse("0")},
		}}))
	})

	It("asks for ports and probes that the container has", func() {
		c := deploymentOf(manifests("default")).Spec.Template.Spec.Containers[0]
		ports := map[string]int32{}
		for _, p := range c.Ports {
			ports[p.Name] = p.ContainerPort
		}
		for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe} {
			Expect(probe.HTTPGet.Port.Type).To(Equal(intstr.String))
			Expect(ports).To(HaveKey(probe.HTTPGet.Port.StrVal))
		}
	})

	// An image without libc and loader runs static binaries alone.
	It("runs a binary that is static", func() {
		if runtime.GOOS != "linux" {
			Skip("the image is built for Linux; elsewhere there is no ELF file to look at")
		}
		file, err := elf.Open(operatorBinary)
		Expect(err).NotTo(HaveOccurred())
		defer func() { _ = file.Close() }()
		for _, p := range file.Progs {
			Expect(p.Type).NotTo(Equal(elf.PT_INTERP), "it needs a loader")
		}
		libraries, err := file.ImportedLibraries()
		Expect(err == nil || errors.Is(err, io.EOF)).To(BeTrue(), "%v", err)
		Expect(libraries).To(BeEmpty())

		told, err := exec.Command(operatorBinary, "--version").Output()
		Expect(err).NotTo(HaveOccurred())
		Expect(string(told)).To(Equal("goto-operator " + operatorVersion + " (commit " + operatorCommit + ", " + runtime.Version() + ")\n"))

		help, err := exec.Command(operatorBinary, "--help").CombinedOutput()
		Expect(err).NotTo(HaveOccurred())
		Expect(string(help)).To(ContainSubstring("-allowed-hosts"))
	})
})

// deploymentOf is the operator's Deployment.
func deploymentOf(manifests []unstructured.Unstructured) *appsv1.Deployment {
	GinkgoHelper()
	d := &appsv1.Deployment{}
	for _, o := range manifests {
		if o.GetKind() == "Deployment" {
			into(o, d)
		}
	}
	Expect(d.Spec.Template.Spec.Containers).NotTo(BeEmpty())
	return d
}
