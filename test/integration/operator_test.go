package integration_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	authenticationv1 "k8s.io/api/authentication/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/manifest"
	"github.com/goto-operator/goto-operator/test/rights"
)

const operatorNamespace = "goto-operator-system"

// The operator as people run it: the built binary, with the rights of config/rbac and no others.
var _ = Describe("The operator's binary", Ordered, longFirst, func() {
	ctx := context.Background()
	DescribeTable("is forbidden nothing, and tells no secret", func(level string) {
		w := newWorld()
		secrets := &canaries{}
		server := httptest.NewServer(secrets.watch(w.sim.APIHandler()))
		DeferCleanup(server.Close)
		w.url = server.URL
		api := newAPIProxy()
		metrics, probes := freeAddress(), freeAddress()
		withoutLease(ctx)
		operator := exec.Command(operatorBinary, "--allowed-hosts="+w.url, "--leader-election-namespace="+operatorNamespace,
			"--watch-namespaces="+w.namespace, "--metrics-bind-address="+metrics, "--health-probe-bind-address="+probes, "--zap-log-level="+level)
		operator.Env = append(os.Environ(), "KUBECONFIG="+api.kubeconfig(token(ctx, "goto-operator-controller-manager")))
		var log lockedBuffer
		session, err := gexec.Start(operator, io.MultiWriter(&log, GinkgoWriter), io.MultiWriter(&log, GinkgoWriter))
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { session.Terminate().Wait() })

		By("a life in full: wrong and right credentials, a rotated token, every write, every kind of failure")
		w.setSecret(v1alpha1.SecretKeyClientSecret, "canary-wrong-client-secret")
		ga := w.account()
		accountReady := func() string { return condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionReady) }
		Eventually(accountReady).Should(Equal("False/InvalidClient"))
		w.setSecret(v1alpha1.SecretKeyClientSecret, simulator.DefaultClientSecret)
		w.touch(ga)
		Eventually(accountReady).Should(Equal("True/Connected"))
		w.sim.Advance(20 * 24 * time.Hour)
		fay := w.user("fay")
		Eventually(ready(fay)).Should(Equal("True/Synced"))
		for i, fault := range []simulator.Fault{
			{Kind: simulator.FaultErrorAfter, Operation: simulator.OpCreateUsers, Status: 500}, {Kind: simulator.FaultHTML, Operation: simulator.OpCreateUsers},
			{Kind: simulator.FaultExpireToken, Operation: simulator.OpCreateUsers}, {Kind: simulator.FaultCutBody, Operation: simulator.OpCreateUsers},
			{Kind: simulator.FaultErrorBefore, Operation: simulator.OpCreateUsers, Status: 400},
		} {
			fault.Count = 1
			w.sim.Inject(fault)
			u := w.user(fmt.Sprintf("user-%d", i))
			Eventually(func() string { return condition(refreshed(u).Status.Conditions, v1alpha1.ConditionReady) }).
				Should(BeElementOf("True/Synced", "False/RefusedByGoTo"))
		}
		sales := w.group("sales")
		webinar := w.binding("webinars", webinars, labelled("team", "sales"))
		change(fay, func(u *v1alpha1.GoToUser) {
			u.Labels, u.Spec.GroupRef.Name = map[string]string{"team": "sales"}, "sales"
		})
		Eventually(w.holderCount(webinars)).Should(Equal(1))
		Eventually(status(webinar)).Should(Equal("True/Synced"))
		Eventually(func() (int, error) { return probe(probes, "readyz") }).Should(Equal(http.StatusOK))
		over := w.shortMeeting("over")
		Eventually(gone(over)).Should(BeTrue(), "its time to live has passed")
		w.named(ga, "Renamed Corp")
		w.others()
		for _, o := range []client.Object{sales, webinar, fay} {
			Expect(k8s.Delete(ctx, o)).To(Succeed())
		}
		for _, o := range []client.Object{sales, webinar, fay} {
			Eventually(gone(o)).Should(BeTrue(), "%T", o)
		}
		Eventually(func() bool { _, there := w.sim.UserByEmail(acct, "fay@example.test"); return there }).Should(BeFalse())
		By("reading the metrics of the account")
		own := fmt.Sprintf("{account=%q,namespace=%q}", "example", w.namespace)
		Expect(scrape(ctx, metrics)).To(And(
			ContainSubstring("goto_operator_request_budget_per_second"+own+" 8"),
			ContainSubstring("goto_operator_account_ready"+own+" 1"),
			ContainSubstring("goto_operator_deletions_waiting"+own+" 0"),
			ContainSubstring("goto_operator_snapshot_age_seconds"+own),
			ContainSubstring("goto_operator_unmanaged_users"+own),
			ContainSubstring("goto_operator_batch_size_bucket"),
			ContainSubstring(fmt.Sprintf("goto_operator_build_info{commit=%q,goversion=%q,version=%q} 1", operatorCommit, runtime.Version(), operatorVersion)),
			MatchRegexp(`goto_operator_api_calls_total\{account="example",namespace="%s",operation="createUsers",status="200"\}`, w.namespace),
		))

		By("losing the credentials")
		w.sim.RevokeRefreshTokens()
		w.sim.ExpireAccessTokens()
		w.touch(ga)
		Eventually(accountReady).Should(HavePrefix("False/"))

		By("looking for secrets wherever the operator writes")
		secret := &corev1.Secret{}
		secret.Namespace, secret.Name = w.namespace, "goto"
		for _, value := range refreshed(secret).Data {
			secrets.add(string(value))
		}
		secrets.add(simulator.DefaultClientSecret, simulator.DefaultRefreshToken, simulator.DefaultPersonalAccessToken, "canary-wrong-client-secret")
		Expect(secrets.all()).To(ContainElement(HavePrefix("Bearer ")), "access tokens are among the canaries")
		written := map[string]string{
			"log": log.String(), "metrics": scrape(ctx, metrics), "events": events(ctx, w.namespace), "objects": objects(ctx, w.namespace),
		}
		for place, text := range written {
			Expect(text).NotTo(BeEmpty(), place)
			for _, canary := range secrets.all() {
				Expect(strings.Contains(text, strings.TrimPrefix(canary, "Bearer "))).To(BeFalse(), "a secret is in the %s", place)
			}
		}
		Expect(written["events"]).To(ContainSubstring(v1alpha1.EventCreated))
		Expect(written["metrics"]).To(ContainSubstring("goto_operator_api_calls_total"))
		if level == "info" {
			Expect(written["log"]+written["metrics"]).NotTo(ContainSubstring("@example.test"), "personal data")
		}

		By("asking the API server's answers")
		Expect(api.refused()).To(BeEmpty())
		Expect(written["log"]).NotTo(ContainSubstring("forbidden"))
		Expect(rights.Unused(granted(manifests("default")), api.rights())).To(BeEmpty(), "rights that nothing asks for")
	},
		Entry("at the default log level", "info"),
		Entry("at debug level", "debug"),
	)

	It("is ready while another one works, and leaves the work to that", func() {
		withoutLease(ctx)
		who, seconds := "somebody-else", int32(3600)
		now := metav1.NowMicro()
		lease := &coordinationv1.Lease{
			ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: leaseName},
			Spec:       coordinationv1.LeaseSpec{HolderIdentity: &who, LeaseDurationSeconds: &seconds, AcquireTime: &now, RenewTime: &now},
		}
		Expect(k8s.Create(ctx, lease)).To(Succeed())
		DeferCleanup(withoutLease)
		w, probes := newWorld(), freeAddress()
		operator := exec.Command(operatorBinary, "--leader-election-namespace="+operatorNamespace, "--allowed-hosts="+w.url,
			"--watch-namespaces="+w.namespace, "--metrics-bind-address=0", "--health-probe-bind-address="+probes)
		operator.Env = append(os.Environ(), "KUBECONFIG="+newAPIProxy().kubeconfig(token(ctx, "goto-operator-controller-manager")))
		session, err := gexec.Start(operator, GinkgoWriter, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { session.Terminate().Wait() })
		ga := w.account()
		Eventually(func() (int, error) { return probe(probes, "readyz") }).Should(Equal(http.StatusOK))
		Expect(condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionReady)).To(Equal("absent"))
		Expect(w.sim.Calls()).To(BeEmpty())
	})

	It("does not show its metrics to strangers", func() {
		w := newWorld()
		metrics := freeAddress()
		operator := exec.Command(operatorBinary, "--leader-elect=false", "--watch-namespaces="+w.namespace, "--metrics-bind-address="+metrics,
			"--health-probe-bind-address="+freeAddress())
		operator.Env = append(os.Environ(), "KUBECONFIG="+newAPIProxy().kubeconfig(token(ctx, "goto-operator-controller-manager")))
		session, err := gexec.Start(operator, GinkgoWriter, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { session.Terminate().Wait() })
		Eventually(func() (int, error) { return get(metrics, "", io.Discard) }).Should(Equal(http.StatusUnauthorized))
		Expect(get(metrics, token(ctx, "stranger"), io.Discard)).To(Equal(http.StatusForbidden))
	})
})

// soon is when a meeting begins that a test waits for: the operator has made it by then even where it has few processors.
const soon = 20 * time.Second

// shortMeeting is over half a minute from now, and goes with that; its host URL is in a Secret of its name.
func (w *world) shortMeeting(name string) *v1alpha1.GoToMeeting {
	GinkgoHelper()
	start, ttl := time.Now().UTC().Add(soon).Truncate(time.Second), int32(0)
	return w.meeting(name, func(m *v1alpha1.GoToMeeting) {
		m.Spec.Start, m.Spec.Duration, m.Spec.End = metav1.NewTime(start), metav1.Duration{}, metav1.NewTime(start.Add(5*time.Second))
		m.Spec.HostURLSecretRef.Name, m.Spec.TTLSecondsAfterEnd = name, &ttl
	})
}

const leaseName = "goto-operator.goto-operator.dev"

// others lets objects of the other kinds live and go, those of the samples.
func (w *world) others() {
	GinkgoHelper()
	for _, o := range sampleObjects() {
		switch o.(type) {
		case *v1alpha1.GoToUser, *v1alpha1.GoToGroup, *v1alpha1.GoToLicenseBinding, *v1alpha1.GoToMeeting:
			continue
		}
		o.SetNamespace(w.namespace)
		Expect(k8s.Create(context.Background(), o)).To(Succeed())
		Eventually(status(o)).Should(HavePrefix("True/"), "%T %s", o, o.GetName())
		Expect(k8s.Delete(context.Background(), o)).To(Succeed())
		Eventually(gone(o)).Should(BeTrue(), "%T %s", o, o.GetName())
	}
}

// named gives an account a name, and a logo that is not there.
func (w *world) named(ga *v1alpha1.GoToAccount, name string) {
	GinkgoHelper()
	change(ga, func(ga *v1alpha1.GoToAccount) {
		ga.Spec.Settings = &v1alpha1.AccountSettings{Name: name, Logo: v1alpha1.LogoSource{
			ConfigMapRef: v1alpha1.KeyReference{Name: "pictures", Key: "logo.gif"},
		}}
	})
	Eventually(func() string { return condition(refreshed(ga).Status.Conditions, v1alpha1.ConditionSettingsApplied) }).
		Should(Equal("False/" + v1alpha1.ReasonLogoNotFound))
	Eventually(func() string { return refreshed(ga).Status.AccountName }).Should(Equal(name))
}

// withoutLease takes the lease away that an earlier operator has left.
func withoutLease(ctx context.Context) {
	GinkgoHelper()
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: leaseName}}
	Expect(client.IgnoreNotFound(k8s.Delete(ctx, lease))).To(Succeed())
}

// probe is the status of one of the operator's probes.
func probe(address, path string) (int, error) {
	response, err := http.Get("http://" + address + "/" + path)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// touch asks for a reconcile.
func (w *world) touch(o client.Object) {
	GinkgoHelper()
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, v1alpha1.ReconcileRequestedAtAnnotation, time.Now().Format(time.RFC3339Nano))
	Expect(k8s.Patch(context.Background(), o, client.RawPatch("application/merge-patch+json", []byte(patch)))).To(Succeed())
}

// install applies what config/default gives the operator, its Deployment and the CRDs aside, and two ServiceAccounts that
// read metrics: one that may and one that may not.
func install(ctx context.Context) {
	GinkgoHelper()
	for _, o := range manifests("default") {
		switch o.GetKind() {
		case "Namespace", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding":
			Expect(k8s.Create(ctx, &o)).To(Succeed())
		}
	}
	for _, name := range []string{"scraper", "stranger"} {
		Expect(k8s.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: name}})).To(Succeed())
	}
	Expect(k8s.Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "scraper"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "goto-operator-metrics-reader"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: operatorNamespace, Name: "scraper"}},
	})).To(Succeed())
}

// kubectlPath is that of the control plane.
func kubectlPath() string { return filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl") }

// manifests are the objects of a folder of config/, as kubectl builds them.
func manifests(folder string) []unstructured.Unstructured {
	GinkgoHelper()
	kubectl := exec.Command(kubectlPath(), "kustomize", filepath.Join("..", "..", "config", folder))
	text, err := kubectl.Output()
	Expect(err).NotTo(HaveOccurred())
	objects, err := manifest.Objects(bytes.NewReader(text))
	Expect(err).NotTo(HaveOccurred())
	return objects
}

// token is a token of a ServiceAccount in the operator's namespace.
func token(ctx context.Context, name string) string {
	GinkgoHelper()
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: name}}
	request := &authenticationv1.TokenRequest{}
	Expect(k8s.SubResource("token").Create(ctx, sa, request)).To(Succeed())
	return request.Status.Token
}

// apiProxy stands between the operator and the API server and notes what the operator asks for and what the server
// refuses.
type apiProxy struct {
	url  string
	ca   []byte
	mu   sync.Mutex
	said []string
	used map[rights.Right]bool
}

func newAPIProxy() *apiProxy {
	GinkgoHelper()
	target, err := url.Parse(restConfig.Host)
	Expect(err).NotTo(HaveOccurred())
	roots := x509.NewCertPool()
	Expect(roots.AppendCertsFromPEM(restConfig.CAData)).To(BeTrue())
	p := &apiProxy{used: map[rights.Right]bool{}}
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
		FlushInterval: -1,
		ModifyResponse: func(r *http.Response) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			if r.StatusCode == http.StatusForbidden || r.StatusCode == http.StatusUnauthorized {
				p.said = append(p.said, r.Request.Method+" "+r.Request.URL.Path)
			} else if used, ok := rightOf(r.Request); ok {
				p.used[used] = true
			}
			return nil
		},
	}
	server := httptest.NewTLSServer(proxy) // a client sends its token by TLS only
	DeferCleanup(server.CloseClientConnections)
	p.url, p.ca = server.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return p
}

func (p *apiProxy) refused() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said
}

// rights are those that the operator has used.
func (p *apiProxy) rights() map[rights.Right]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.used)
}

func (p *apiProxy) kubeconfig(token string) string {
	GinkgoHelper()
	content := clientcmdapi.NewConfig()
	content.Clusters["test"] = &clientcmdapi.Cluster{Server: p.url, CertificateAuthorityData: p.ca}
	content.AuthInfos["test"] = &clientcmdapi.AuthInfo{Token: token}
	content.Contexts["test"] = &clientcmdapi.Context{Cluster: "test", AuthInfo: "test"}
	content.CurrentContext = "test"
	path := filepath.Join(GinkgoT().TempDir(), "kubeconfig")
	Expect(clientcmd.WriteToFile(*content, path)).To(Succeed())
	return path
}

func freeAddress() string {
	GinkgoHelper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// scrape reads the metrics as Prometheus would.
func scrape(ctx context.Context, address string) string {
	GinkgoHelper()
	var body bytes.Buffer
	Expect(get(address, token(ctx, "scraper"), &body)).To(Equal(http.StatusOK))
	return body.String()
}

func get(address, token string, to io.Writer) (int, error) {
	request, err := http.NewRequest(http.MethodGet, "https://"+address+"/metrics", http.NoBody)
	if err != nil {
		return 0, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	insecure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	response, err := insecure.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(to, response.Body)
	return response.StatusCode, err
}

func events(ctx context.Context, namespace string) string {
	GinkgoHelper()
	var list eventsv1.EventList
	Expect(k8s.List(ctx, &list, client.InNamespace(namespace))).To(Succeed())
	return asJSON(list)
}

// objects are all objects of the operator's kinds, as the API server holds them.
func objects(ctx context.Context, namespace string) string {
	GinkgoHelper()
	out := ""
	for name := range scheme.KnownTypes(v1alpha1.GroupVersion) {
		if !strings.HasPrefix(name, "GoTo") || !strings.HasSuffix(name, "List") {
			continue
		}
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(name))
		Expect(k8s.List(ctx, list, client.InNamespace(namespace))).To(Succeed())
		out += asJSON(list.Items)
	}
	return out
}

func asJSON(v any) string {
	GinkgoHelper()
	data, err := json.Marshal(v)
	Expect(err).NotTo(HaveOccurred())
	return string(data)
}

// canaries are the secrets that passed between the operator and GoTo.
type canaries struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (c *canaries) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.add(r.Header.Get("Authorization"))
		next.ServeHTTP(w, r)
	})
}

func (c *canaries) add(values ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	for _, v := range values {
		if len(v) > 8 && v != simulator.DefaultClientID { // an OAuth client's ID is public
			c.seen[v] = true
		}
	}
}

func (c *canaries) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for v := range c.seen {
		out = append(out, v)
	}
	return out
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
