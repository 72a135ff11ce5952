package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/goto-operator/goto-operator/internal/simulator/fault"
)

func (c *Console) faults(w http.ResponseWriter, r *http.Request) {
	c.render(w, r, http.StatusOK, c.faultPage(c.faultForm()))
}

func (c *Console) faultPage(f form) page {
	p := page{
		Title: "Faults", Intro: "A fault makes requests to the service go wrong. Of several that fit, the oldest is applied.",
		Tables: []table{faultTable(c.Faults.Faults())}, Form: &f,
	}
	if len(p.Tables[0].Rows) > 0 {
		p.Buttons = []button{{Label: "Switch all faults off", Action: Root + "faults/clear"}}
	}
	return p
}

func faultTable(all []fault.Status) table {
	t := table{
		Caption: "Faults that are on", None: "No fault is on.",
		Head: []string{"Fault", "Kind", "Operation", "Requests with", "Settings", "Applied", "Held now"},
	}
	for _, s := range all {
		f := s.Fault
		t.Rows = append(t.Rows, row{
			First: cell{Text: f.ID},
			Cells: texts(string(f.Kind), or(f.Operation, "any"), or(f.Match, "anything"), settings(&f),
				strconv.Itoa(s.Applied), strconv.Itoa(s.Held)),
			Buttons: []button{{Label: "Switch off", About: f.ID, Action: Root + "faults/" + url.PathEscape(f.ID) + "/release"}},
		})
	}
	return t
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// settings says what of a fault is not left at its default.
func settings(f *fault.Fault) string {
	text := ""
	for _, s := range []struct {
		name  string
		value int
	}{{"page", f.Page}, {"skip", f.Skip}, {"count", f.Count}, {"status", f.Status}, {"drop", f.Drop}} {
		if s.value != 0 {
			text += fmt.Sprintf("%s %d ", s.name, s.value)
		}
	}
	if f.Delay != 0 {
		text += "delay " + f.Delay.String() + " "
	}
	if f.RetryAfter != 0 {
		text += "retryAfter " + f.RetryAfter.String()
	}
	return text
}

func (c *Console) faultForm() form {
	var kinds []string
	for _, k := range fault.Kinds() {
		kinds = append(kinds, string(k))
	}
	return form{
		Title: "Switch a fault on", Action: Root + "faults", Submit: "Switch on",
		Fields: []field{
			{Name: "kind", Label: "Kind", Type: "select", Value: string(fault.ErrorBefore), Options: options(kinds)},
			{Name: "operation", Label: "Operation", Type: "select", Options: append([]option{{"", "any"}}, options(c.Operations)...)},
			{Name: "match", Label: "Only requests with this text", Type: "text", Hint: "in path, query or body"},
			{Name: "count", Label: "Number of requests", Type: "number", Value: "1", Hint: "0: all until it is switched off"},
			{Name: "skip", Label: "Let so many pass first", Type: "number"},
			{Name: "page", Label: "Only this page of a list", Type: "number", Hint: "from 1"},
			{Name: "status", Label: "Status", Type: "number", Hint: "of error-before and error-after; 500 if empty"},
			{Name: "delay", Label: "Delay", Type: "text", Hint: "of latency, such as 1.5s"},
			{Name: "retryAfter", Label: "Retry-After", Type: "text", Hint: "of throttle and errors, such as 5s"},
			{Name: "drop", Label: "Records left out", Type: "number", Hint: "of short-list and partial-list; 1 if empty"},
		},
	}
}

func (c *Console) inject(w http.ResponseWriter, r *http.Request) {
	in, err := read(w, r)
	f, problem := takeFault(in)
	if err == nil {
		err = problem
	}
	if err == nil {
		_, err = c.Faults.Add(f)
	}
	if err == nil {
		move(w, r, Root+"faults", "injected")
		return
	}
	p := c.faultPage(c.faultForm().filled(in))
	p.Problem = err.Error()
	c.render(w, r, http.StatusBadRequest, p)
}

func takeFault(in input) (f fault.Fault, err error) {
	f.Kind, f.Operation, f.Match = fault.Kind(in.text("kind")), in.text("operation"), in.text("match")
	for _, n := range []struct {
		name string
		into *int
	}{{"count", &f.Count}, {"skip", &f.Skip}, {"page", &f.Page}, {"status", &f.Status}, {"drop", &f.Drop}} {
		if *n.into, err = in.number(n.name); err != nil {
			return f, err
		}
	}
	if f.Delay, err = in.duration("delay"); err != nil {
		return f, err
	}
	f.RetryAfter, err = in.duration("retryAfter")
	return f, err
}

func (c *Console) release(w http.ResponseWriter, r *http.Request) {
	if !c.Faults.Release(r.PathValue("id")) {
		c.missing(w, r)
		return
	}
	move(w, r, Root+"faults", "released")
}

func (c *Console) clearFaults(w http.ResponseWriter, r *http.Request) {
	c.Faults.ClearFaults()
	move(w, r, Root+"faults", "all-released")
}
