package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// documented returns the operations of the documents in the form of the client's table.
func (c *contract) documented(t *testing.T) map[string]gotoclient.Operation {
	t.Helper()
	all := map[string]gotoclient.Operation{}
	apis := []gotoclient.API{gotoclient.APIOAuth, gotoclient.APIAdministration, gotoclient.APIGoToMeeting} // in the order of load
	for i, doc := range c.docs {
		base := strings.TrimSuffix(doc.Servers[0].URL, "/")
		for path, item := range doc.Paths.Map() {
			for method, operation := range item.Operations() {
				grade, ok := operation.Extensions["x-evidence"].(string)
				if !ok {
					t.Errorf("%s has no x-evidence", operation.OperationID)
				}
				all[operation.OperationID] = gotoclient.Operation{
					ID: operation.OperationID, API: apis[i], Method: method, Path: base + path, Grade: gotoclient.Grade(grade),
				}
			}
		}
	}
	return all
}

// TestTable compares the client's table of endpoints with the documents: method, path with the names of its placeholders, grade. What
// either has and the other has not is found too.
func TestTable(t *testing.T) {
	want, got := theContract(t).documented(t), map[string]gotoclient.Operation{}
	for operation := range notOfTheClient {
		delete(want, operation)
	}
	for _, o := range gotoclient.Operations() {
		got[o.ID] = o
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the client's table (-documents +client):\n%s", diff)
	}
}

// unmove serves what was moved by an override where the documents have it.
func (w *world) unmove(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if path := strings.Replace(r.URL.Path, "/rest/moved/", "/rest/", 1); path != r.URL.Path {
			r.URL.Path = path
			w.mu.Lock()
			w.moved++
			w.mu.Unlock()
		}
		next.ServeHTTP(rw, r)
	})
}

// TestEveryOperationCanBeMoved moves all of them by overrides. Beside their paths the requests are the same, and so are the answers.
func TestEveryOperationCanBeMoved(t *testing.T) {
	defaults := newWorld(t, "defaults")
	defaults.drive()
	w := newWorld(t, "moved")
	w.operations = map[string]gotoclient.Override{}
	for _, o := range gotoclient.Operations() {
		if o.API != gotoclient.APIOAuth {
			w.operations[o.ID] = gotoclient.Override{Path: strings.Replace(o.Path, "/rest/", "/rest/moved/", 1)}
		}
	}
	w.drive()
	w.report()
	if !slices.Equal(defaults.exchanges, w.exchanges) {
		t.Error("the exchanges differ from those of the table's own paths")
	}
	sent := 0
	for operation, n := range w.observed {
		if operation != gotoclient.OpToken {
			sent += n
		}
	}
	if w.moved != sent || sent == 0 || defaults.moved != 0 {
		t.Errorf("%d of %d requests came under a moved path, without overrides %d", w.moved, sent, defaults.moved)
	}
}
