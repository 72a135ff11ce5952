package gotoaccount

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// AllowedHosts are the origins that endpoints may point at, as scheme://host[:port].
type AllowedHosts []string

// DefaultHosts are GoTo's own (D, L).
const DefaultHosts = "api.getgo.com,authentication.logmeininc.com,identity.goto.com"

// ParseHosts reads a comma-separated list of hosts, which means https, or of origins such as http://127.0.0.1:8480.
func ParseHosts(list string) (AllowedHosts, error) {
	var hosts AllowedHosts
	for _, entry := range strings.Split(list, ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		if !strings.Contains(entry, "://") {
			entry = "https://" + entry
		}
		u, err := url.Parse(entry)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || strings.Trim(u.Path, "/") != "" {
			return nil, fmt.Errorf("%q is neither a host nor scheme://host:port", entry)
		}
		hosts = append(hosts, origin(u))
	}
	return hosts, nil
}

func origin(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }

// Allows tells whether something may be at an address.
func (h AllowedHosts) Allows(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && slices.Contains(h, origin(u))
}

// endpoints are those of the spec, or GoTo's own, if all of them are allowed.
func (h AllowedHosts) endpoints(spec v1alpha1.Endpoints) (gotoclient.Endpoints, error) {
	e := gotoclient.DefaultEndpoints()
	if spec.API != "" {
		e.APIURL = spec.API
	}
	if spec.Token != "" {
		e.TokenURL = spec.Token
	}
	for _, raw := range []string{e.APIURL, e.TokenURL} {
		if !h.Allows(raw) {
			return e, &engine.StalledError{Reason: v1alpha1.ReasonEndpointNotAllowed,
				Message: "spec.endpoints points at a host that the operator's flag --allowed-hosts does not list"}
		}
	}
	return e, nil
}
