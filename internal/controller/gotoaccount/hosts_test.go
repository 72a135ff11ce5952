package gotoaccount

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func TestParseHosts(t *testing.T) {
	rows := map[string]struct {
		list string
		want AllowedHosts
	}{
		"nothing":            {"", nil},
		"GoTo's own":         {DefaultHosts, AllowedHosts{"https://api.getgo.com", "https://authentication.logmeininc.com", "https://identity.goto.com"}},
		"a host means TLS":   {"api.getgo.com", AllowedHosts{"https://api.getgo.com"}},
		"spaces and gaps":    {" a.test , ,b.test,", AllowedHosts{"https://a.test", "https://b.test"}},
		"case":               {"API.GetGo.Com,HTTP://Sim.Test", AllowedHosts{"https://api.getgo.com", "http://sim.test"}},
		"port":               {"a.test:8443,http://127.0.0.1:8480", AllowedHosts{"https://a.test:8443", "http://127.0.0.1:8480"}},
		"IPv6":               {"http://[::1]:8480", AllowedHosts{"http://[::1]:8480"}},
		"a slash at the end": {"https://a.test/", AllowedHosts{"https://a.test"}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			got, err := ParseHosts(row.list)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestParseHostsRefuses(t *testing.T) {
	for _, list := range []string{
		"ftp://a.test", "file:///etc/passwd", "https://", "https://a.test/path", "a.test/path", "a.test:port", "https://a test", "a.test,ftp://b.test",
	} {
		if hosts, err := ParseHosts(list); err == nil {
			t.Errorf("%q means %q", list, hosts)
		}
	}
}

// endpointRows are addresses that somebody who may write a GoToAccount could have the operator send credentials to.
var endpointRows = map[string]struct {
	hosts   string
	spec    v1alpha1.Endpoints
	allowed bool
}{
	"the default":               {DefaultHosts, v1alpha1.Endpoints{}, true},
	"named":                     {DefaultHosts, v1alpha1.Endpoints{API: "https://api.getgo.com", Token: "https://identity.goto.com/oauth/token"}, true},
	"another case":              {DefaultHosts, v1alpha1.Endpoints{API: "HTTPS://API.GetGo.com"}, true},
	"a port that is listed":     {"http://127.0.0.1:8480", v1alpha1.Endpoints{API: "http://127.0.0.1:8480", Token: "http://127.0.0.1:8480/oauth/token"}, true},
	"no host is allowed":        {"", v1alpha1.Endpoints{}, false},
	"only the API is allowed":   {"api.getgo.com", v1alpha1.Endpoints{}, false},
	"only the token is allowed": {"authentication.logmeininc.com", v1alpha1.Endpoints{}, false},
	"another host":              {DefaultHosts, v1alpha1.Endpoints{API: "https://evil.test"}, false},
	"another token host":        {DefaultHosts, v1alpha1.Endpoints{Token: "https://evil.test/oauth/token"}, false},
	"the metadata address":      {DefaultHosts, v1alpha1.Endpoints{API: "http://169.254.169.254"}, false},
	"the same over TLS":         {DefaultHosts, v1alpha1.Endpoints{Token: "https://169.254.169.254/latest/meta-data"}, false},
	"the same as one number":    {DefaultHosts, v1alpha1.Endpoints{API: "http://2852039166"}, false},
	"without TLS":               {DefaultHosts, v1alpha1.Endpoints{API: "http://api.getgo.com"}, false},
	"another port":              {DefaultHosts, v1alpha1.Endpoints{API: "https://api.getgo.com:8443"}, false},
	"a host as user":            {DefaultHosts, v1alpha1.Endpoints{API: "https://api.getgo.com@169.254.169.254"}, false},
	"a host as user and password": {
		DefaultHosts, v1alpha1.Endpoints{API: "https://api.getgo.com:443@evil.test"}, false,
	},
	"a backslash":      {DefaultHosts, v1alpha1.Endpoints{API: `https://evil.test\@api.getgo.com`}, false},
	"a longer name":    {DefaultHosts, v1alpha1.Endpoints{API: "https://api.getgo.com.evil.test"}, false},
	"a name before it": {DefaultHosts, v1alpha1.Endpoints{API: "https://evil-api.getgo.com"}, false},
	"a subdomain":      {DefaultHosts, v1alpha1.Endpoints{API: "https://x.api.getgo.com"}, false},
	"a dot at the end": {DefaultHosts, v1alpha1.Endpoints{API: "https://api.getgo.com."}, false},
	"in the path":      {DefaultHosts, v1alpha1.Endpoints{API: "https://evil.test/https://api.getgo.com"}, false},
	"in the fragment":  {DefaultHosts, v1alpha1.Endpoints{API: "https://evil.test#https://api.getgo.com"}, false},
	"no scheme":        {DefaultHosts, v1alpha1.Endpoints{API: "//api.getgo.com"}, false},
	"no URL":           {DefaultHosts, v1alpha1.Endpoints{API: "https://%zz"}, false},
}

func TestEndpoints(t *testing.T) {
	for name, row := range endpointRows {
		t.Run(name, func(t *testing.T) {
			hosts, err := ParseHosts(row.hosts)
			if err != nil {
				t.Fatal(err)
			}
			got, err := hosts.endpoints(row.spec)
			if row.allowed {
				want := gotoclient.DefaultEndpoints()
				if row.spec.API != "" {
					want.APIURL = row.spec.API
				}
				if row.spec.Token != "" {
					want.TokenURL = row.spec.Token
				}
				if err != nil || got != want {
					t.Errorf("got %+v, %v", got, err)
				}
				return
			}
			var stalled *engine.StalledError
			if !errors.As(err, &stalled) || stalled.Reason != v1alpha1.ReasonEndpointNotAllowed {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// Of an address with a user in it, only the client's own check is left: the host is an allowed one.
func TestEndpointsWithAUserMakeNoClient(t *testing.T) {
	hosts, err := ParseHosts(DefaultHosts)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range []v1alpha1.Endpoints{
		{API: "https://user:password@api.getgo.com"}, {Token: "https://user@authentication.logmeininc.com/oauth/token"},
	} {
		endpoints, err := hosts.endpoints(spec)
		if err == nil {
			_, err = gotoclient.New(gotoclient.Config{Endpoints: endpoints, Credentials: gotoclient.Credentials{
				Grant: gotoclient.GrantPersonalAccessToken, ClientID: "id", ClientSecret: "secret", PersonalAccessToken: "token",
			}})
		}
		if err == nil {
			t.Errorf("%+v is accepted", spec)
		}
	}
}
