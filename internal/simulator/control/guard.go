package control

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Guard keeps web pages of others away from the control port, which asks for no credentials. A page elsewhere cannot send it a form,
// since browsers say where one comes from, and cannot give it a name of its own to become of the same origin, since it answers to
// addresses and to localhost alone. Both are refused with 403. Programs that are no browsers send no origin, and pass.
func Guard(next http.Handler) http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isAddress(r.Host) {
			http.Error(w, "the control port answers to an IP address or localhost, not to a name", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// isAddress says whether a host is one that no name server can choose.
func isAddress(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	_, err := netip.ParseAddr(host)
	return err == nil || host == "localhost" || strings.HasSuffix(host, ".localhost")
}
