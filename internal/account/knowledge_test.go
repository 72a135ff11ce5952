package account_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// rename gives so many users one last name at once, and returns the number of requests that change users.
func (w *world) rename(t *testing.T, n int, name string) int {
	t.Helper()
	w.sim.ResetLog()
	for i, err := range each(n, func(i int) error {
		return w.acct.Users().Update(t.Context(), w.user(t, i).Key, gotoclient.UserPatch{LastName: &name})
	}) {
		if err != nil {
			t.Fatalf("user %d: %v", i, err)
		}
	}
	for i := range n {
		if u, _ := w.sim.UserByEmail(key, email(i)); u.LastName != name {
			t.Fatalf("user %d is %s", i, u.LastName)
		}
	}
	return w.sim.Calls()[simulator.OpUpdateUsers]
}

// Whether one request changes several users is looked at once. A look that fails, or that shows what was there before, says nothing: all
// are changed one by one this time, and together the next.
func TestALookThatSaysNothingEndsNoBatches(t *testing.T) {
	for name, look := range map[string]func(http.ResponseWriter, *http.Request, string) bool{
		"503": func(rw http.ResponseWriter, _ *http.Request, _ string) bool {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return true
		},
		"404": func(rw http.ResponseWriter, _ *http.Request, _ string) bool {
			rw.WriteHeader(http.StatusNotFound)
			return true
		},
		"stale": func(rw http.ResponseWriter, _ *http.Request, old string) bool {
			_, _ = fmt.Fprint(rw, old)
			return true
		},
		"stale, and not the next": func(rw http.ResponseWriter, _ *http.Request, old string) bool {
			_, _ = fmt.Fprint(rw, old)
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				for i := range 400 {
					w.sim.AddUser(key, simulator.User{Email: email(i), FirstName: "Fay", LastName: "Field"})
				}
				w.refresh(t)
				failing := true
				w.gateway = func(r *http.Request) (int, string) {
					_, last, one := strings.Cut(r.URL.Path, "/users/")
					if r.Method != http.MethodGet || !one || !failing {
						return 0, ""
					}
					rw := &recorder{status: 200}
					failing = look(rw, r, fmt.Sprintf(`{"key":%q,"email":"x@example.test","firstName":"Fay","lastName":"Field"}`, last))
					return rw.status, rw.body.String()
				}
				_ = w.rename(t, 400, "First")
				failing = false
				time.Sleep(3 * time.Minute)
				if n := w.rename(t, 400, "Second"); n > 5 {
					t.Errorf("%d requests for 400 users three minutes after one look that said nothing", n)
				}
				if n := w.rename(t, 400, "Third"); n > 4 {
					t.Errorf("%d requests for 400 users once it is known", n)
				}
			})
		})
	}
}

// Where one request changes one user only, that is found out, and asked again later.
func TestOneChangePerRequestIsFoundOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(s *simulator.Switches) { _ = s.Set("multiKeyPut", "firstOnly") })
		for i := range 30 {
			w.sim.AddUser(key, simulator.User{Email: email(i), FirstName: "Fay", LastName: "Field"})
		}
		w.refresh(t)
		_ = w.rename(t, 30, "First")
		if n := w.rename(t, 30, "Second"); n != 30 {
			t.Errorf("%d requests", n)
		}
		time.Sleep(61 * time.Minute)
		if n := w.rename(t, 30, "Third"); n != 31 {
			t.Errorf("%d requests an hour later", n)
		}
	})
}

// Between two pages one record goes and another comes: the totals agree, and the list is wrong. It is read again, of whatever it is a list,
// however many records GoTo gives a page, and whatever else has changed since the reading before.
func TestAListThatShiftsIsReadAgain(t *testing.T) {
	for name, row := range map[string]struct {
		page, records int
		more          bool // one more has come before the reading
	}{"long pages": {1000, 1500, false}, "pages shorter than asked for": {25, 200, false}, "one more": {1000, 1500, true}} {
		t.Run("users, "+name, func(t *testing.T) {
			shifts(t, row.page, row.records, row.more, "/users", listOfUsers)
		})
		t.Run("groups, "+name, func(t *testing.T) {
			shifts(t, row.page, row.records, row.more, "/groups", listOfGroups)
		})
	}
}

// inGoTo are the records of a list in GoTo, and what is known of them.
type inGoTo struct {
	add    func(i int)
	keys   func() []string // in the order of the list
	remove func(key string)
	known  func(key string) bool
}

func listOfUsers(w *world) inGoTo {
	return inGoTo{
		add: func(i int) {
			w.sim.AddUser(key, simulator.User{Email: fmt.Sprintf("user-%05d@example.test", i), FirstName: "Fay", LastName: "Field"})
		},
		keys: func() (out []string) {
			for _, u := range w.sim.Users(key) {
				out = append(out, u.Key)
			}
			return out
		},
		remove: func(k string) { w.sim.RemoveUser(key, k) },
		known:  func(k string) bool { _, is := w.acct.Users().Get(gotoclient.Key(k)); return is },
	}
}

func listOfGroups(w *world) inGoTo {
	return inGoTo{
		add: func(i int) { w.sim.AddGroup(key, simulator.Group{Name: fmt.Sprintf("group-%05d", i)}) },
		keys: func() (out []string) {
			for _, g := range w.sim.State().Accounts[0].Groups {
				out = append(out, g.Key)
			}
			return out
		},
		remove: func(k string) { w.sim.RemoveGroup(key, k) },
		known:  func(k string) bool { _, is := w.acct.Groups().Get(gotoclient.Key(k)); return is },
	}
}

func shifts(t *testing.T, page, records int, more bool, path string, of func(*world) inGoTo) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(s *simulator.Switches) { s.MaxPageSize = page })
		list := of(w)
		for i := range records {
			list.add(2 * i)
		}
		w.refresh(t)
		if more {
			list.add(1)
		}
		victim, done := list.keys()[1], false // the first may be the credentials' own user
		w.gateway = func(r *http.Request) (int, string) {
			if strings.HasSuffix(r.URL.Path, path) && r.URL.Query().Get("offset") != "" && !done {
				done = true
				list.remove(victim)
				list.add(90_000)
			}
			return 0, ""
		}
		w.refresh(t)
		for _, k := range list.keys() {
			if !list.known(k) {
				t.Errorf("the reading lacks %s", k)
			}
		}
		if list.known(victim) || !done {
			t.Error("what has gone is still there")
		}
	})
}

type recorder struct {
	status int
	body   strings.Builder
}

func (r *recorder) Header() http.Header         { return http.Header{} }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
