package console

import (
	"embed"
	"net/http"

	"github.com/goto-operator/goto-operator/internal/simulator/fault"
	"github.com/goto-operator/goto-operator/internal/simulator/journal"
	"github.com/goto-operator/goto-operator/internal/simulator/live"
)

// Root is the path below which the console is served.
const Root = "/console/"

//go:embed page/style.css
var static embed.FS

// Console is what the pages show and act on.
type Console struct {
	World   *live.World
	Faults  *fault.Queue
	Journal *journal.Journal
	// Operations are the names of the operations that a fault may be limited to.
	Operations []string
}

// Handler serves the console below [Root]. It asks for no credentials, so it belongs on a loopback address.
func Handler(c *Console) http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range c.service() {
		mux.HandleFunc(pattern, handle)
	}
	for _, s := range screens() {
		c.serve(mux, s)
	}
	mux.HandleFunc("GET "+Root+"style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, static, "page/style.css")
	})
	mux.HandleFunc(Root, func(w http.ResponseWriter, r *http.Request) { c.missing(w, r) })
	return secured(mux)
}

// service is the table of the pages about the service as a whole.
func (c *Console) service() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET " + Root + "{$}":                  c.overview,
		"GET " + Root + "requests":             c.requests,
		"POST " + Root + "requests/clear":      c.forgetRequests,
		"GET " + Root + "faults":               c.faults,
		"POST " + Root + "faults":              c.inject,
		"POST " + Root + "faults/clear":        c.clearFaults,
		"POST " + Root + "faults/{id}/release": c.release,
		"GET " + Root + "switches":             c.switches,
		"POST " + Root + "switches":            c.setSwitches,
		"POST " + Root + "switches/defaults":   c.resetSwitches,
	}
}

// secured says to browsers that the pages need nothing from elsewhere and belong in no frame. Referrers stay, since without one a
// browser does not say from which origin a form was sent.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy",
			"default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
