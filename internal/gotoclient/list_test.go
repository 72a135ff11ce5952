package gotoclient_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Whatever page size the service gives, and however it counts, every record
// arrives once, in as many requests as there are pages.
func TestListFollowsThePageSizeOfTheService(t *testing.T) {
	for _, toIndex := range []string{"exclusive", "inclusive"} {
		for _, keyType := range []string{"string", "number"} {
			t.Run(toIndex+" "+keyType, func(t *testing.T) {
				w := newWorld(t)
				w.set(t, "toIndex", toIndex)
				w.set(t, "keyType", keyType)
				w.set(t, "maxPageSize", "25")
				w.addUsers(59)
				users, err := collect(w.users().List(t.Context(), gotoclient.ListOptions{PageSize: 1000}))
				if err != nil {
					t.Fatal(err)
				}
				seen := map[gotoclient.Key]bool{}
				for _, u := range users {
					seen[u.Key] = true
				}
				for _, u := range w.sim.Users(simulator.DefaultAccountKey) {
					if !seen[gotoclient.Key(u.Key)] {
						t.Errorf("user %s is missing", u.Key)
					}
				}
				if len(users) != 60 || len(seen) != 60 {
					t.Errorf("%d records, %d keys; want 60", len(users), len(seen))
				}
				if n := w.sim.Calls()[gotoclient.OpListUsers]; n != 3 {
					t.Errorf("%d requests, want 3", n)
				}
			})
		}
	}
}

func TestPagesSayWhatTheServiceSaid(t *testing.T) {
	w := newWorld(t)
	w.addUsers(4)
	pages, err := collect(w.users().Pages(t.Context(), gotoclient.ListOptions{PageSize: 2}, nil))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range pages {
		got = append(got, fmt.Sprint(len(p.Results), p.FromIndex, p.ToIndex, p.Total))
	}
	if diff := cmp.Diff([]string{"2 0 2 5", "2 2 4 5", "1 4 5 5"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestListCanBeRangedTwice(t *testing.T) {
	w := newWorld(t)
	w.addUsers(5)
	list := w.users().List(t.Context(), gotoclient.ListOptions{PageSize: 2})
	for _, err := range list {
		if err != nil {
			t.Fatal(err)
		}
		break // half-read lists leave nothing behind
	}
	first, err1 := collect(list)
	w.sim.RemoveUser(simulator.DefaultAccountKey, first[5].Key.String())
	second, err2 := collect(list)
	if err1 != nil || err2 != nil || len(first) != 6 || len(second) != 5 {
		t.Errorf("%d, %v; then %d, %v", len(first), err1, len(second), err2)
	}
	if n := w.sim.Calls()[gotoclient.OpListUsers]; n != 1+3+3 {
		t.Errorf("%d requests, want 7", n)
	}
}

func TestListStopsAtTheCap(t *testing.T) {
	w := newWorld(t, func(c *gotoclient.Config) { c.MaxPages = 3 })
	w.addUsers(6) // with the admin 7
	users, err := collect(w.users().List(t.Context(), gotoclient.ListOptions{PageSize: 2}))
	if !errors.Is(err, gotoclient.ErrTooManyPages) || len(users) != 6 {
		t.Errorf("%d users, %v", len(users), err)
	}
	if n := w.sim.Calls()[gotoclient.OpListUsers]; n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
	if _, err = collect(w.users().List(t.Context(), gotoclient.ListOptions{PageSize: 3})); err != nil {
		t.Errorf("exactly as many pages as allowed: %v", err)
	}
}

func TestEmptyList(t *testing.T) {
	for _, position := range []string{"array", "omitted"} {
		w := newWorld(t)
		w.set(t, "emptyResults", position)
		pages, err := collect(w.client.Groups(account).Pages(t.Context(), gotoclient.ListOptions{}))
		if err != nil || len(pages) != 1 || len(pages[0].Results) != 0 || pages[0].Total != 0 {
			t.Errorf("%s: %v, %v", position, pages, err)
		}
	}
}

// A short page is read on from where it ended; a page without anything before
// the total is an error, never the end of the list.
func TestShortLists(t *testing.T) {
	w := newWorld(t)
	w.addUsers(9)
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultShortList, Operation: gotoclient.OpListUsers, Drop: 4, Count: 1})
	users, err := collect(w.users().List(t.Context(), gotoclient.ListOptions{}))
	if err != nil || len(emails(users)) != 10 {
		t.Errorf("%d users, %v", len(users), err)
	}
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultShortList, Operation: gotoclient.OpListUsers, Drop: 4})
	users, err = collect(w.users().List(t.Context(), gotoclient.ListOptions{}))
	if !errors.Is(err, gotoclient.ErrIncompleteList) || len(users) >= 10 {
		t.Errorf("%d users, %v", len(users), err)
	}
}

func TestListFailsOnALaterPage(t *testing.T) {
	w := newWorld(t, func(c *gotoclient.Config) { c.MaxAttempts = 1 })
	w.addUsers(5)
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: gotoclient.OpListUsers, Page: 2, Status: 503, Count: 1})
	list := w.users().List(t.Context(), gotoclient.ListOptions{PageSize: 3})
	if users, err := collect(list); !gotoclient.IsTemporary(err) || len(users) != 3 {
		t.Errorf("%d users, %v", len(users), err)
	}
	if users, err := collect(list); err != nil || len(users) != 6 {
		t.Errorf("ranged again: %d users, %v", len(users), err)
	}
}

// What is no list must not pass for an empty one.
func TestUnreadableLists(t *testing.T) {
	for kind, status := range map[simulator.FaultKind]int{simulator.FaultTruncate: 200, simulator.FaultHTML: 200} {
		w := newWorld(t)
		w.sim.Inject(simulator.Fault{Kind: kind, Operation: gotoclient.OpListUsers})
		_, err := collect(w.users().List(t.Context(), gotoclient.ListOptions{}))
		var decode *gotoclient.DecodeError
		if !errors.As(err, &decode) || !gotoclient.IsTemporary(err) || gotoclient.IsAmbiguous(err) {
			t.Errorf("%s: %v", kind, err)
		}
		if diff := cmp.Diff([]string{fmt.Sprint("listUsers ", status)}, w.seen(gotoclient.OpListUsers)); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
	for body, want := range map[string]string{
		`{"results":[{"email":"a@x.test"}],"total":1}`: "a record has no key",
		`{"results":[null],"total":1}`:                 "a record has no key",
		`{}`:                                           "neither results nor total",
	} {
		w := newWorld(t)
		w.answerUsersWith(t, body)
		if _, err := collect(w.users().List(t.Context(), gotoclient.ListOptions{})); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// A list whose total is unknown ends with the first empty page.
func TestListWithoutTotal(t *testing.T) {
	w := newWorld(t)
	w.answerUsersWith(t, `{"results":[{"key":1}]}`, `{"results":[{"key":2}]}`, `{}`, `{"results":[]}`)
	users, err := collect(w.users().List(t.Context(), gotoclient.ListOptions{}))
	if err == nil || len(users) != 2 {
		t.Errorf("an object without anything in it ended the list: %v, %v", users, err)
	}
	w.answerUsersWith(t, `{"results":[{"key":1}]}`, `{"results":[{"key":2}]}`, `{"results":[]}`)
	users, err = collect(w.users().List(t.Context(), gotoclient.ListOptions{}))
	if err != nil || len(users) != 2 {
		t.Errorf("%v, %v", users, err)
	}
}

// answerUsersWith reconnects the client such that paths under "/users" get the
// given bodies, one after the other; the simulator serves the rest. It is for
// what the simulator never says.
func (w *world) answerUsersWith(t *testing.T, bodies ...string) {
	t.Helper()
	next := 0
	handler := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/users") {
			w.sim.APIHandler().ServeHTTP(rw, r)
			return
		}
		_, _ = rw.Write([]byte(bodies[min(next, len(bodies)-1)]))
		next++
	})
	w.connect(t, "http://simulator.test", func(c *gotoclient.Config) { c.Base = handlerTransport{handler} })
}

// The service sends another object than the one that was asked for.
func TestGetChecksTheKey(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{`{}`, `{"key":"8"}`, `[]`, ``, `null`} {
		w.answerUsersWith(t, body)
		var decode *gotoclient.DecodeError
		if _, err := w.users().Get(t.Context(), "7"); !errors.As(err, &decode) {
			t.Errorf("%q: %v", body, err)
		}
	}
}
