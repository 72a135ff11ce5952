//go:build linux

package cluster

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/hack/rig"
)

// unverified is for the operator's metrics, whose certificate is its own.
var unverified = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}

// simulated is a simulator: its control port, and where the API is.
type simulated struct {
	url  string
	api  string
	http *http.Client
}

var gotoHosts = []string{"api.getgo.com", "authentication.logmeininc.com"}

func (c *cluster) startSimulator(t *testing.T) *rig.Simulator {
	t.Helper()
	sim, err := rig.StartSimulator(t.Context(), filepath.Join(c.dir, "simulator.log"), simulatorBinary, "--listen", rig.AnyPort)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Stop)
	return sim
}

// gotoItself starts a simulator that Pods find under GoTo's own names, by TLS.
func (c *cluster) gotoItself(t *testing.T) *simulated {
	t.Helper()
	sim := c.startSimulator(t)
	config, roots := certified(t, gotoHosts)
	c.services = append(c.services, service{
		names: gotoHosts, port: "443", dial: onHost, target: sim.API[len("http://"):], roots: roots,
		wrap: func(l net.Listener) net.Listener { return tls.NewListener(l, config) },
	})
	return &simulated{url: sim.Control, api: sim.API, http: http.DefaultClient}
}

// certified makes a certificate for names, or addresses, and returns the PEM of what to trust for it.
func certified(t *testing.T, names []string) (config *tls.Config, roots string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a trial's own"}, DNSNames: names, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	config = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	return config, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// ask sends a request to the control port, and decodes the answer into something unless that is nil.
func (s *simulated) ask(t *testing.T, method, path, body string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s: %s: %v", method, path, response.Status, content, err)
	}
	if into != nil {
		if err := json.Unmarshal(content, into); err != nil {
			t.Fatal(err)
		}
	}
}

// users are the numbers of users in GoTo by address.
func (s *simulated) users(t *testing.T) map[string]int {
	t.Helper()
	var state struct {
		Accounts []struct{ Users []struct{ Email string } }
	}
	s.ask(t, http.MethodGet, "/state", "", &state)
	found := map[string]int{}
	for _, u := range state.Accounts[0].Users {
		found[u.Email]++
	}
	return found
}

// created are the numbers of requests by address that asked GoTo to create a user, and that it did not refuse.
func (s *simulated) created(t *testing.T) map[string]int {
	t.Helper()
	var log []struct {
		Operation, Body string
		Status          int
	}
	s.ask(t, http.MethodGet, "/requests", "", &log)
	asked := map[string]int{}
	for _, r := range log {
		if r.Operation != "createUsers" || r.Status == http.StatusTooManyRequests {
			continue
		}
		var body struct{ Users []struct{ Email string } }
		if err := json.Unmarshal([]byte(r.Body), &body); err != nil {
			t.Fatal(err)
		}
		for _, u := range body.Users {
			asked[u.Email]++
		}
	}
	return asked
}

// holds returns once a request is held by a fault; release lets it go.
func (s *simulated) holds(t *testing.T, fault string) {
	t.Helper()
	s.ask(t, http.MethodGet, "/faults/"+fault+"/held?timeout=60s", "", nil)
}

func (s *simulated) release(t *testing.T, fault string) {
	t.Helper()
	s.ask(t, http.MethodPost, "/faults/"+fault+"/release", "", nil)
}
