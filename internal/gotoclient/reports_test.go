package gotoclient_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

var aWeek = gotoclient.ReportRequest{
	Kind: gotoclient.ReportActivity, From: time.Now().Add(-7 * 24 * time.Hour), To: time.Now(),
}

// A read is sent under Deny, asks for a spreadsheet, and is one request.
func TestAReportIsASpreadsheet(t *testing.T) {
	var accept []string
	w := newWorld(t, func(c *gotoclient.Config) {
		c.Unverified = gotoclient.DenyUnverified
		c.Base = spy{c.Base, func(r *http.Request) { accept = append(accept, r.Header.Get("Accept")) }}
	})
	got, err := w.client.Reports(account).Get(t.Context(), aWeek)
	if err != nil || got.HTML || !strings.HasPrefix(string(got.Data), "PK") {
		t.Fatalf("%v, %v", got, err)
	}
	if diff := cmp.Diff([]string{"token 200", "reportActivity 200"}, w.seen("")); diff != "" {
		t.Error(diff)
	}
	if accept[1] != "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" {
		t.Errorf("asked for %q", accept)
	}
}

type spy struct {
	http.RoundTripper
	see func(*http.Request)
}

func (s spy) RoundTrip(r *http.Request) (*http.Response, error) {
	s.see(r)
	return s.RoundTripper.RoundTrip(r)
}

// Which form dates have is not known: the second is sent where the first is
// refused, and no third.
func TestTheFormOfDates(t *testing.T) {
	w := newWorld(t)
	w.set(t, "reportDates", "days")
	if _, err := w.client.Reports(account).Get(t.Context(), aWeek); err != nil {
		t.Error(err)
	}
	requests := w.sim.Requests()
	first, second := requests[len(requests)-2], requests[len(requests)-1]
	if first.Status != http.StatusBadRequest || !strings.Contains(first.Query, "T") || strings.Contains(second.Query, "T") {
		t.Errorf("%d %s, then %s", first.Status, first.Query, second.Query)
	}
	old := aWeek
	old.From = old.From.AddDate(-2, 0, 0)
	if _, err := w.client.Reports(account).Get(t.Context(), old); !gotoclient.IsRefused(err) {
		t.Errorf("two years ago: %v", err)
	}
	if got := w.seen("reportActivity"); len(got) != 4 {
		t.Errorf("%v", got)
	}
}

// What nobody has seen is read as what it is, whatever it is called.
func TestWhatAReportComesAs(t *testing.T) {
	for body, want := range map[string]struct {
		html, bad bool
		size      int
	}{
		"":                          {},
		" \r\n":                     {},
		"PK\x03\x04 and so on":      {size: 14},
		"\ufeff <p><TABLE></TABLE>": {html: true, size: 22},
		"<html>Bad Gateway</html>":  {bad: true},
		`{"url": "elsewhere"}`:      {bad: true},
		"a,b\n1,2":                  {bad: true},
	} {
		w := newWorld(t, func(c *gotoclient.Config) { c.Base = reporting{c.Base, body} })
		r := aWeek
		r.Kind, r.HTML = gotoclient.ReportTollFreeUsage, true
		got, err := w.client.Reports(account).Get(t.Context(), r)
		if want.bad {
			if err == nil || gotoclient.IsTooLarge(err) || strings.Contains(err.Error(), "elsewhere") {
				t.Errorf("%q: %v", body, err)
			}
			continue
		}
		if err != nil || got.HTML != want.html || len(got.Data) != want.size {
			t.Errorf("%q: %+v, %v", body, got, err)
		}
	}
}

// reporting answers what is about reports.
type reporting struct {
	http.RoundTripper
	body string
}

func (a reporting) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.Contains(r.URL.Path, "/reports/") {
		return a.RoundTripper.RoundTrip(r)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// A page that nobody asked for is a gateway's.
func TestAPageInThePlaceOfASpreadsheet(t *testing.T) {
	w := newWorld(t, func(c *gotoclient.Config) { c.Base = reporting{c.Base, "<html><table></table></html>"} })
	if got, err := w.client.Reports(account).Get(t.Context(), aWeek); err == nil {
		t.Errorf("taken for a report: %+v", got)
	}
}

// A report may take longer than other answers.
func TestTheTimeOfAReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newMemoryWorld(t)
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultLatency, Delay: time.Minute, Operation: "reportActivity"})
		if _, err := w.client.Reports(account).Get(t.Context(), aWeek); err != nil {
			t.Error(err)
		}
		w.sim.ClearFaults()
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultLatency, Delay: 3 * time.Minute, Operation: "reportActivity"})
		began := time.Now()
		if _, err := w.client.Reports(account).Get(t.Context(), aWeek); err == nil || !strings.Contains(err.Error(), "limit 2m0s") {
			t.Error(err)
		}
		if took := time.Since(began); took != 8*time.Minute {
			t.Errorf("four attempts took %s", took)
		}
		w.sim.ClearFaults()
	})
}

func TestAReportIsBounded(t *testing.T) {
	w := newWorld(t, func(c *gotoclient.Config) { c.Base = reporting{c.Base, "PK" + strings.Repeat("x", 98)} })
	r := aWeek
	for size, large := range map[int64]bool{0: false, 100: false, 99: true} {
		r.MaxBytes = size
		if _, err := w.client.Reports(account).Get(t.Context(), r); gotoclient.IsTooLarge(err) != large {
			t.Errorf("%d: %v", size, err)
		}
	}
	if got := w.seen("reportActivity"); len(got) != 3 {
		t.Errorf("what is too large is asked for again: %v", got)
	}
}

func TestReportsThatAreNotAskedFor(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*gotoclient.ReportRequest){
		"no keys":  func(r *gotoclient.ReportRequest) { r.Scope = gotoclient.ReportOfUsers },
		"no scope": func(r *gotoclient.ReportRequest) { r.Keys = []gotoclient.Key{"1"} },
		"too many keys": func(r *gotoclient.ReportRequest) {
			r.Scope, r.Keys = gotoclient.ReportOfUsers, make([]gotoclient.Key, 101)
		},
		"no key": func(r *gotoclient.ReportRequest) {
			r.Scope, r.Keys = gotoclient.ReportOfUsers, []gotoclient.Key{"1", "../x"}
		},
		"an unknown kind": func(r *gotoclient.ReportRequest) { r.Kind = "Weather" },
		"no such scope": func(r *gotoclient.ReportRequest) {
			r.Kind, r.Scope, r.Keys = gotoclient.ReportTollFreeUsage, gotoclient.ReportOfUsers, []gotoclient.Key{"1"}
		},
	} {
		r := aWeek
		change(&r)
		if _, err := w.client.Reports(account).Get(t.Context(), r); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if got := w.seen(""); len(got) != 0 {
		t.Errorf("sent %v", got)
	}
}
