//go:build linux

package cluster

import (
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/goto-operator/goto-operator/hack/rig"
)

// proxy is one of those that companies have: the only way out, and it looks into TLS. Behind it is a simulator.
type proxy struct {
	roots  string // what to trust for the certificates that it makes
	config *tls.Config
	target string
	mu     sync.Mutex
	asked  map[string]int // connections by host and port
}

const proxyAddress = "proxy.corp.test:3128"

// behindProxy starts both. Pods find the proxy, and neither GoTo nor any name server.
func (c *cluster) behindProxy(t *testing.T) *proxy {
	t.Helper()
	p := &proxy{asked: map[string]int{}, target: c.startSimulator(t).API[len("http://"):]}
	p.config, p.roots = certified(t, gotoHosts)
	l := listen(t)
	server := &http.Server{Handler: p, ReadHeaderTimeout: patience}
	t.Cleanup(func() { _ = server.Close() })
	go func() { _ = server.Serve(l) }()
	name, port, _ := net.SplitHostPort(proxyAddress)
	c.services = append(c.services, service{names: []string{name}, port: port, dial: onHost, target: l.Addr().String()})
	return p
}

// ServeHTTP takes CONNECT to GoTo alone, and answers in GoTo's place.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked[r.Host]++
	p.mu.Unlock()
	host, port, _ := net.SplitHostPort(r.Host)
	if r.Method != http.MethodConnect || port != "443" || !slices.Contains(gotoHosts, host) {
		http.Error(w, "not through here", http.StatusForbidden)
		return
	}
	from, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	to, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = from.Close()
		return
	}
	_, _ = from.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n"))
	join(tls.Server(from, p.config), to)
}

// hosts are those that it was asked for.
func (p *proxy) hosts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.asked))
}

// Where a proxy is the only way out and looks into TLS, the chart's values for it are enough: GoTo is asked through it, the API server is
// not, and before the proxy's certificates are trusted the account says so.
func TestThroughAProxy(t *testing.T) {
	w := &trial{cluster: start(t)}
	c := w.cluster
	p := c.behindProxy(t)
	w.follow(t, byHelm()[0], " --set proxy.https=http://"+proxyAddress)
	c.kubectl(t, "wait", "crd", "--all", "--for=condition=Established", "--timeout=1m")
	c.applySamples(t)
	before := c.run(t, operatorDeployment)
	const ready = `jsonpath={.status.conditions[?(@.type=="Ready")].reason}: {.status.conditions[?(@.type=="Ready")].message}`
	said := ""
	until(t, "the account says what is wrong", func() bool {
		said = c.kubectl(t, "get", "gtaccount", "example", "-o", ready)
		return said != ": "
	})
	if !strings.HasPrefix(said, "Unreachable: ") || !strings.Contains(said, "the server's certificate cannot be trusted") {
		t.Errorf("the account says %s", said)
	}
	if code := before.stop(t); code != 0 {
		t.Errorf("it ends with %d", code)
	}

	c.kubectl(t, "-n", rig.OperatorNamespace, "create", "configmap", "corporate-roots", "--from-literal=roots.pem="+p.roots)
	c.must(t, "", helmBinary, "upgrade", "goto-operator", "charts/goto-operator", "--namespace", rig.OperatorNamespace, "--reuse-values",
		"--set", "caBundle.configMap=corporate-roots,caBundle.key=roots.pem")
	c.run(t, operatorDeployment)
	c.ready(t, c.samples(t, ""))
	want := []string{}
	for _, host := range gotoHosts {
		want = append(want, host+":443")
	}
	if got := p.hosts(); !slices.Equal(got, want) {
		t.Errorf("the proxy was asked for %v, not %v", got, want)
	}
	t.Logf("connections through the proxy: %v", p.asked)
}

func TestExpanded(t *testing.T) {
	all := []string{"A=1", "B=two", "A=3"}
	for text, want := range map[string]string{
		"$(A),$(B)": "3,two", "$(C)": "$(C)", "$$(A)": "$(A)", "$A": "$A", "": "", "a$(": "a$(",
	} {
		if got := expanded(text, all); got != want {
			t.Errorf("%s becomes %s, not %s", text, got, want)
		}
	}
}
