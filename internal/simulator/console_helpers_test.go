package simulator_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator/console"
)

const (
	consoleHost = "127.0.0.1:8481"
	ownConsole  = console.Root + "accounts/" + acct + "/"
)

// browse asks the control port as a browser does that shows the console.
func (e *env) browse(method, path string, form url.Values) *httptest.ResponseRecorder {
	e.t.Helper()
	r := httptest.NewRequestWithContext(e.t.Context(), method, path, strings.NewReader(form.Encode()))
	r.Host = consoleHost
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Origin", "http://"+consoleHost)
	w := httptest.NewRecorder()
	e.sim.AdminHandler().ServeHTTP(w, r)
	return w
}

// page shows a page, and checks that it says what it is.
func (e *env) page(path string) string {
	e.t.Helper()
	return e.shown(e.browse(http.MethodGet, path, nil), http.StatusOK)
}

func (e *env) shown(w *httptest.ResponseRecorder, status int) string {
	e.t.Helper()
	body := w.Body.String()
	if w.Code != status || !strings.Contains(body, "This is a simulation.") {
		e.t.Fatalf("got %d %s; want %d and a page that says that it is a simulation", w.Code, body, status)
	}
	return body
}

// submit sends a form, follows the redirect that must come, and returns the page there.
func (e *env) submit(path string, form url.Values) string {
	e.t.Helper()
	w := e.browse(http.MethodPost, path, form)
	if w.Code != http.StatusSeeOther {
		e.t.Fatalf("POST %s: got %d %s, want a redirect", path, w.Code, problem(w.Body.String()))
	}
	return e.page(w.Header().Get("Location"))
}

// refused sends a form that must be refused, and returns why.
func (e *env) refused(path string, form url.Values) (why, page string) {
	e.t.Helper()
	page = e.shown(e.browse(http.MethodPost, path, form), http.StatusBadRequest)
	return problem(page), page
}

// problem is what a page says went wrong.
func problem(page string) string {
	_, after, _ := strings.Cut(page, `role="alert">`)
	text, _, _ := strings.Cut(after, "</p>")
	return html.UnescapeString(text)
}

// element is an element of a page, with its attributes and what it stands in.
type element struct {
	name   string
	attr   map[string]string
	parent *element
}

// elements are those of a page in their order.
func elements(t *testing.T, page string) (all []*element) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for at := (&element{}); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			at = &element{x.Name.Local, map[string]string{}, at}
			for _, a := range x.Attr {
				at.attr[a.Name.Local] = a.Value
			}
			all = append(all, at)
		case xml.EndElement:
			at = at.parent
		}
	}
}

func (e *element) has(attr string) bool {
	_, has := e.attr[attr]
	return has
}

// typedIn is the form of a page as it would be sent untouched, and then with some fields changed.
func typedIn(t *testing.T, page string, changed url.Values) url.Values {
	t.Helper()
	form := url.Values{}
	for _, e := range elements(t, page) {
		name, value := e.attr["name"], e.attr["value"]
		switch {
		case e.name == "input" && e.attr["type"] == "checkbox":
			if !e.has("value") {
				value = "on" // as browsers send it
			}
			if e.has("checked") {
				form.Add(name, value)
			}
		case e.name == "input" && name != "q":
			form.Add(name, value)
		case e.name == "option" && e.has("selected"):
			form.Add(e.parent.attr["name"], value)
		}
	}
	maps.Copy(form, changed)
	return form
}

func contains(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}

// unreadable is what of a page somebody cannot use who does not see it.
func unreadable(page []*element) (complaints []string) {
	counts, ids, labelled, captions := map[string]int{}, map[string]bool{}, map[string]bool{}, map[*element]bool{}
	for _, e := range page {
		counts[e.name]++
		if id := e.attr["id"]; id != "" && ids[id] {
			complaints = append(complaints, "two things have the id "+id)
		}
		ids[e.attr["id"]] = true
		labelled[e.attr["for"]] = labelled[e.attr["for"]] || e.name == "label" && e.has("for")
		captions[e.parent] = captions[e.parent] || e.name == "caption"
	}
	for _, e := range page {
		switch {
		case e.name == "th" && e.attr["scope"] == "":
			complaints = append(complaints, "a header of a table says not of what")
		case e.name == "table" && !captions[e]:
			complaints = append(complaints, "a table has no caption")
		case (e.name == "input" || e.name == "select") && !labelled[e.attr["id"]] && e.parent.name != "label":
			complaints = append(complaints, "a field without a label: "+e.attr["name"])
		case e.has("aria-describedby") && !ids[e.attr["aria-describedby"]]:
			complaints = append(complaints, "a hint that is not there: "+e.attr["aria-describedby"])
		case e.name == "script" || e.has("style") || e.has("onclick"):
			complaints = append(complaints, "a script, or a style of its own")
		}
	}
	for _, once := range []string{"title", "header", "nav", "main", "h1"} {
		if counts[once] != 1 {
			complaints = append(complaints, fmt.Sprintf("%d of %s, want one", counts[once], once))
		}
	}
	return complaints
}
