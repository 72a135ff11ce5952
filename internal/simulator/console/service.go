package console

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goto-operator/goto-operator/internal/simulator/journal"
	"github.com/goto-operator/goto-operator/internal/simulator/live"
)

const (
	// refreshSeconds is how often the live log loads itself again.
	refreshSeconds = 2
	// maxText is how much of a query or a body the log shows, in bytes.
	maxText = 300
)

func (c *Console) overview(w http.ResponseWriter, r *http.Request) {
	c.render(w, r, http.StatusOK, page{
		Title:  "Overview",
		Intro:  "What the simulated service holds, and what it was asked for.",
		Tables: []table{c.accounts(), c.calls()},
	})
}

func (c *Console) accounts() table {
	t := table{Caption: "Accounts", None: "No account.", Head: []string{"Account", "Users", "Groups", "Licences", "Meetings"}}
	c.World.See(func(v live.View) {
		for _, d := range v.Store.Accounts {
			counts := []int{len(d.Users), len(d.Groups), len(d.Licenses), len(d.Meetings)}
			line := row{First: cell{Text: d.Name + " (" + d.Key + ")"}}
			for i, s := range screens() {
				line.Cells = append(line.Cells, cell{strconv.Itoa(counts[i]), s.base(d.Key)})
			}
			t.Rows = append(t.Rows, line)
		}
	})
	return t
}

func (c *Console) calls() table {
	t := table{
		Caption: "Requests by operation", None: "No request yet.", Head: []string{"Operation", "Answered", "Refused by the rate limit"},
	}
	calls, throttled := c.Journal.Calls(), c.Journal.Throttled()
	names := maps.Clone(calls)
	maps.Copy(names, throttled)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		t.Rows = append(t.Rows, row{First: cell{Text: name}, Cells: texts(strconv.Itoa(calls[name]), strconv.Itoa(throttled[name]))})
	}
	return t
}

// requests is the live log: it loads itself again until somebody asks it to stand still, since what moves must be stoppable.
func (c *Console) requests(w http.ResponseWriter, r *http.Request) {
	p := page{Title: "Requests", Intro: "The latest first. No token and no secret is ever in the log.", Refresh: refreshSeconds}
	p.Links = []link{{Text: "Let the log stand still", Href: Root + "requests?still=yes"}}
	if r.URL.Query().Get("still") != "" {
		p.Refresh, p.Links = 0, []link{{Text: "Let the log run", Href: Root + "requests"}}
	}
	p.Buttons = []button{{Label: "Empty the log", Action: Root + "requests/clear"}}
	p.Tables = []table{logTable(c.Journal.Requests())}
	c.render(w, r, http.StatusOK, p)
}

func logTable(all []journal.Request) table {
	t := table{None: "No request yet.", Head: []string{"Time (UTC)", "Operation", "Request", "Body", "Status", "Faults"}}
	for i := len(all) - 1; i >= 0 && len(t.Rows) < maxRows; i-- {
		e := all[i]
		t.Rows = append(t.Rows, row{
			First: cell{Text: e.Time.UTC().Format(time.TimeOnly)},
			Cells: texts(e.Operation, e.Method+" "+address(e), cut(e.Body), outcome(e), strings.Trim(fmt.Sprint(e.Faults), "[]")),
		})
	}
	t.Caption = fmt.Sprintf("The latest %d of %d requests", len(t.Rows), len(all))
	return t
}

func address(e journal.Request) string {
	if e.Query == "" {
		return e.Path
	}
	return cut(e.Path + "?" + e.Query)
}

// outcome is what became of a request.
func outcome(e journal.Request) string {
	switch {
	case e.Status == 0:
		return "cut off"
	case e.Throttled:
		return strconv.Itoa(e.Status) + " (rate limit)"
	default:
		return strconv.Itoa(e.Status)
	}
}

// cut shortens a text, between two characters of it.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	at := maxText
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	return text[:at] + " …"
}

func (c *Console) forgetRequests(w http.ResponseWriter, r *http.Request) {
	c.Journal.ResetLog()
	move(w, r, Root+"requests", "cleared")
}
