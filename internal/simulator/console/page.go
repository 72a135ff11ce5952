package console

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

//go:embed page/page.html
var layout embed.FS

var pageTemplate = template.Must(template.ParseFS(layout, "page/page.html"))

// page is one page: what is said, a form and tables, each of which may be missing.
type page struct {
	Title, Intro string
	// Path is where the page is, and marks its place in the navigation.
	Path string
	// Refresh is after how many seconds the page loads itself again, 0 for never.
	Refresh int
	// Done says what was just done, Problem what was not.
	Done, Problem string
	Links         []link
	Buttons       []button
	Search        *search
	Tables        []table
	Form          *form

	account account
}

// account is the account that the page is about.
type account struct{ Key, Name string }

// link leads to another page. Here marks the page that is shown.
type link struct {
	Text, Href string
	Here       bool
}

// button does something by a POST. About tells buttons of the same label apart for who cannot see where they stand.
type button struct{ Label, About, Action string }

// search is a text that a list is narrowed by.
type search struct{ Label, Text string }

// table is a list of things. None is said in the place of rows where there are none.
type table struct {
	Caption, None string
	Head          []string
	Rows          []row
}

// row is one line of a table; its first cell is its header.
type row struct {
	First   cell
	Cells   []cell
	Buttons []button
}

// cell is a text, which may lead to a page.
type cell struct{ Text, Href string }

// Acts says whether anything can be done to a row.
func (t table) Acts() bool {
	return slices.ContainsFunc(t.Rows, func(r row) bool { return len(r.Buttons) > 0 })
}

func texts(all ...string) []cell {
	cells := make([]cell, 0, len(all))
	for _, text := range all {
		cells = append(cells, cell{Text: text})
	}
	return cells
}

// Account returns the account that the page is about, for the template.
func (p page) Account() account { return p.account }

// Navigation returns the ways to all pages: those of the account, then those of the service.
func (p page) Navigation() []link {
	links := []link{{Text: "Overview", Href: Root}}
	for _, s := range screens() {
		links = append(links, link{Text: s.title, Href: s.base(p.account.Key)})
	}
	links = append(links, link{Text: "Requests", Href: Root + "requests"}, link{Text: "Faults", Href: Root + "faults"},
		link{Text: "Switches", Href: Root + "switches"})
	for i := range links {
		links[i].Here = links[i].Href == p.Path
	}
	return links
}

// done is what a page says after a redirect that carries the word. A word that is not here says nothing: whoever makes a link to the
// console does not choose what it says.
var done = map[string]string{
	"saved": "Saved.", "added": "Added.", "delete": "Deleted.", "start": "The meeting has begun.", "end": "The meeting has ended.",
	"cleared": "The log is empty.", "injected": "The fault is on.", "released": "The fault is off.", "all-released": "No fault is on.",
	"defaults": "Every switch is in its default position.",
}

// render writes a page. A page that is about no account leads to the first one.
func (c *Console) render(w http.ResponseWriter, r *http.Request, status int, p page) {
	if p.account.Key == "" {
		c.World.See(func(v live.View) { p.account = first(v.Store.Accounts) })
	}
	if p.Path == "" {
		p.Path = r.URL.Path
	}
	if p.Done = done[r.URL.Query().Get("done")]; p.Problem != "" {
		p.Done = ""
	}
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, p); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the caller may be gone, which is its own affair
}

// missing is the page for what does not exist, or no more.
func (c *Console) missing(w http.ResponseWriter, r *http.Request) {
	c.render(w, r, http.StatusNotFound, page{Title: "Not found", Problem: "There is no such page, or what it was about is gone."})
}

// move leads to a page after a POST, so that loading it again does nothing twice.
func move(w http.ResponseWriter, r *http.Request, to, word string) {
	http.Redirect(w, r, to+"?done="+word, http.StatusSeeOther) //nolint:gosec // to is a page of this console, with keys that were found in it
}

func first(accounts []*state.Directory) account {
	if len(accounts) == 0 {
		return account{}
	}
	return about(accounts[0])
}

func about(d *state.Directory) account { return account{d.Key, d.Name} }
