//go:build linux

package cluster

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/hack/rig"
)

// service is an address that Pods find: names and a port, and where it leads.
type service struct {
	names  []string
	port   string
	wrap   func(net.Listener) net.Listener // nil: as it comes
	dial   dialer
	target string
	roots  string // certificates that the Pods are to trust for it
}

var onHost dialer = (&net.Dialer{}).DialContext

// pod is a running container of a Deployment.
type pod struct {
	corev1.Pod
	box  *sandbox
	cmd  *exec.Cmd
	done chan struct{}
	log  string
	http *http.Client
}

// run makes a Pod of a Deployment, as its controller does, and runs its container, as a kubelet does. It is stopped with the test at the
// latest.
func (c *cluster) run(t *testing.T, deployment string) *pod {
	t.Helper()
	d := &appsv1.Deployment{}
	if err := c.Client.Get(t.Context(), client.ObjectKey{Namespace: rig.OperatorNamespace, Name: deployment}, d); err != nil {
		t.Fatal(err)
	}
	return c.pod(t, d, d.Spec.Template)
}

// pod makes one of a template, in the namespace of its owner, and runs its container.
func (c *cluster) pod(t *testing.T, owner client.Object, template corev1.PodTemplateSpec) *pod {
	t.Helper()
	p := &pod{Pod: corev1.Pod{ObjectMeta: *template.ObjectMeta.DeepCopy(), Spec: *template.Spec.DeepCopy()}, done: make(chan struct{})}
	p.Namespace, p.GenerateName, p.Spec.NodeName = owner.GetNamespace(), owner.GetName()+"-", "node"
	if err := c.Client.Create(t.Context(), &p.Pod); err != nil {
		t.Fatal(err) // the namespace's Pod Security Standard refuses it, for instance
	}
	folder := filepath.Join(c.dir, p.Name)
	files := c.files(t, p, folder)
	var err error
	if p.box, err = newSandbox(p.Name, filepath.Join(folder, "root"), files); err != nil {
		t.Fatal(err)
	}
	c.connect(t, p)
	p.http = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DialContext: p.box.dial, DisableKeepAlives: true, TLSClientConfig: unverified}}
	p.start(t, c.image(t, p.program()), filepath.Join(folder, "log"))
	t.Cleanup(func() { p.end(t) })
	return p
}

// files are those that a container finds: of its image, and what the kubelet adds.
func (c *cluster) files(t *testing.T, p *pod, folder string) map[string]string {
	t.Helper()
	secrets := filepath.Join(folder, "serviceaccount")
	for _, dir := range []string{secrets, filepath.Join(folder, "root")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	hosts, roots := "127.0.0.1 localhost\n", ""
	for i, s := range c.services {
		hosts += fmt.Sprintf("%s %s\n", address(i), strings.Join(s.names, " "))
		roots += s.roots
	}
	files := maps.Clone(c.image(t, p.program()).files)
	maps.Copy(files, c.volumes(t, p, filepath.Join(folder, "volumes")))
	write(t, filepath.Join(folder, "hosts"), hosts)
	files["/etc/hosts"] = filepath.Join(folder, "hosts")
	if roots != "" {
		write(t, filepath.Join(folder, "roots"), roots)
		files["/etc/ssl/certs/ca-certificates.crt"] = filepath.Join(folder, "roots")
	}
	if mounted := p.Spec.AutomountServiceAccountToken; mounted == nil || *mounted {
		write(t, filepath.Join(secrets, "token"), c.token(t, p.Spec.ServiceAccountName, &p.Pod))
		write(t, filepath.Join(secrets, "ca.crt"), c.roots)
		write(t, filepath.Join(secrets, "namespace"), p.Namespace)
		files["/var/run/secrets/kubernetes.io/serviceaccount"] = secrets
	}
	return files
}

// program is the name of the container's image, which is that of the program in it.
func (p *pod) program() string {
	name, _, _ := strings.Cut(p.Spec.Containers[0].Image, "@")
	name, _, _ = strings.Cut(path.Base(name), ":")
	return name
}

// token is one of a ServiceAccount: the Pod's, with which it ends, or else one in the operator's namespace.
func (c *cluster) token(t *testing.T, account string, bound *corev1.Pod) string {
	t.Helper()
	request, namespace := &authenticationv1.TokenRequest{}, rig.OperatorNamespace
	if bound != nil {
		namespace = bound.Namespace
		request.Spec.BoundObjectRef = &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: bound.Name, UID: bound.UID}
	}
	of := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: account}}
	if err := c.Client.SubResource("token").Create(t.Context(), of, request); err != nil {
		t.Fatal(err)
	}
	return request.Status.Token
}

// address is that of a service inside a Pod.
func address(service int) string { return fmt.Sprintf("10.96.1.%d", service+1) }

// apiServer is where the variables KUBERNETES_SERVICE_* lead. It is no address of the Pod itself, which no proxy is asked for anyway.
const apiServer = "10.96.0.1:443"

// connect makes the API server and the services reachable, and nothing else.
func (c *cluster) connect(t *testing.T, p *pod) {
	t.Helper()
	if err := p.box.serve(apiServer, c.front, c.behind, strings.Trim(strings.TrimPrefix(c.Config.Host, "https://"), "/")); err != nil {
		t.Fatal(err)
	}
	for i, s := range c.services {
		if err := p.box.serve(net.JoinHostPort(address(i), s.port), s.wrap, s.dial, s.target); err != nil {
			t.Fatal(err)
		}
	}
}

// start starts what the image says as process 1 of its own, as the user of image and Deployment.
func (p *pod) start(t *testing.T, from *image, log string) {
	t.Helper()
	container, security := p.Spec.Containers[0], p.Spec.SecurityContext
	if read := container.SecurityContext.ReadOnlyRootFilesystem; read == nil || !*read {
		t.Fatal("the container may write to its root file system")
	}
	if user := fmt.Sprintf("%d:%d", *security.RunAsUser, *security.RunAsGroup); from.User != user {
		t.Errorf("the image's user is %s, the Deployment's %s", from.User, user)
	}
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	p.log = log
	environment := variables(t, container)
	args := append(slices.Clone(from.Entrypoint), container.Args...)
	for i := range args {
		args[i] = expanded(args[i], environment)
	}
	p.cmd = exec.Command(args[0], args[1:]...) // it is stopped as a kubelet does
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = "/", environment, out, out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{
		Chroot: p.box.root, Cloneflags: syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL,
		Credential: &syscall.Credential{Uid: uint32(*security.RunAsUser), Gid: uint32(*security.RunAsGroup)},
	}
	if err := p.box.inside(p.cmd.Start); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in ProcessState
		_ = out.Close()
		close(p.done)
	}()
}

// variables are the container's, and those that every container is given.
func variables(t *testing.T, container corev1.Container) []string {
	t.Helper()
	host, port, _ := strings.Cut(apiServer, ":")
	all := []string{"KUBERNETES_SERVICE_HOST=" + host, "KUBERNETES_SERVICE_PORT=" + port}
	for _, v := range container.Env {
		value := v.Value
		if v.ValueFrom != nil {
			if v.ValueFrom.ResourceFieldRef == nil || v.ValueFrom.ResourceFieldRef.Resource != "limits.memory" {
				t.Fatalf("the node does not know %s", v.Name)
			}
			value = fmt.Sprint(container.Resources.Limits.Memory().Value())
		}
		all = append(all, v.Name+"="+expanded(value, all))
	}
	return all
}

var reference = regexp.MustCompile(`\$\$|\$\(\w+\)`)

// expanded has the values of the variables that a text refers to as $(NAME), as far as there are such; $$ is a dollar.
func expanded(text string, variables []string) string {
	return reference.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "$()")
		for _, v := range slices.Backward(variables) {
			if value, is := strings.CutPrefix(v, name+"="); is && name != "" {
				return value
			}
		}
		return strings.Replace(found, "$$", "$", 1)
	})
}

// answers is the status of a probe; 0 where nothing answers.
func (p *pod) answers(probe *corev1.Probe) int {
	get := probe.HTTPGet
	for _, port := range p.Spec.Containers[0].Ports {
		if port.Name == get.Port.StrVal {
			return p.get(fmt.Sprintf("http://127.0.0.1:%d%s", port.ContainerPort, get.Path), "")
		}
	}
	return 0
}

func (p *pod) live() int  { return p.answers(p.Spec.Containers[0].LivenessProbe) }
func (p *pod) ready() int { return p.answers(p.Spec.Containers[0].ReadinessProbe) }

// get is the status of an answer; 0 where there is none.
func (p *pod) get(url, token string) int {
	request, err := http.NewRequest(http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := p.http.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// stop ends the Pod as Kubernetes does, and returns its exit code: SIGTERM, and SIGKILL once its grace is over.
func (p *pod) stop(t *testing.T) int {
	t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(time.Duration(*p.Spec.TerminationGracePeriodSeconds) * time.Second):
		t.Errorf("%s did not end within its grace", p.Name)
		p.kill()
	}
	return p.cmd.ProcessState.ExitCode()
}

// kill ends the Pod as the loss of its node does.
func (p *pod) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// end stops what still runs, and tells the log of a test that has failed.
func (p *pod) end(t *testing.T) {
	t.Helper()
	p.kill()
	p.box.close()
	if t.Failed() {
		t.Logf("%s ended with:\n%s", p.Name, rig.Tail(p.log, 40))
	}
}
