package console

import (
	"errors"
	"net/http"

	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

// newKey stands in a path for the key of what is to be added.
const newKey = "new"

// screen is one kind of thing in an account: its list, its form, and what is done to one of it. Each function is called with the lock
// of the world held, and an empty key is that of a thing to be added.
type screen struct {
	name, title, one string

	list func(s screen, v live.View, d *state.Directory, query string) page
	// fields is nil where there is no such thing.
	fields func(d *state.Directory, key string) []field
	// save changes all that was asked for, or fails and changes nothing.
	save func(v live.View, d *state.Directory, key string, in input) error
	// acts are what a button does, by name.
	acts map[string]func(v live.View, d *state.Directory, key string) error
}

// screens is the table of what an account has.
func screens() []screen {
	return []screen{userScreen(), groupScreen(), licenseScreen(), meetingScreen()}
}

// base is the path of the list.
func (s screen) base(accountKey string) string { return Root + "accounts/" + accountKey + "/" + s.name }

// path is that of one thing, or of what is done to it.
func (s screen) path(d *state.Directory, key string) string { return s.base(d.Key) + "/" + key }

// adding leads to the form of a new thing.
func (s screen) adding(d *state.Directory) []link {
	return []link{{Text: "Add a " + s.one, Href: s.path(d, newKey)}}
}

// button does an act to one thing.
func (s screen) button(d *state.Directory, key, act, label, about string) button {
	return button{Label: label, About: about, Action: s.path(d, key) + "/" + act}
}

func (c *Console) serve(mux *http.ServeMux, s screen) {
	base := s.base("{account}")
	mux.HandleFunc("GET "+base, func(w http.ResponseWriter, r *http.Request) { c.showList(w, r, s) })
	mux.HandleFunc("GET "+base+"/{key}", func(w http.ResponseWriter, r *http.Request) { c.showForm(w, r, s) })
	mux.HandleFunc("POST "+base+"/{key}", func(w http.ResponseWriter, r *http.Request) { c.save(w, r, s) })
	mux.HandleFunc("POST "+base+"/{key}/{act}", func(w http.ResponseWriter, r *http.Request) { c.act(w, r, s) })
}

func (c *Console) showList(w http.ResponseWriter, r *http.Request, s screen) {
	p, found := c.listPage(r, s)
	if !found {
		c.missing(w, r)
		return
	}
	c.render(w, r, http.StatusOK, p)
}

func (c *Console) listPage(r *http.Request, s screen) (p page, found bool) {
	c.World.See(func(v live.View) {
		d := v.Store.Account(r.PathValue("account"))
		if found = d != nil; !found {
			return
		}
		p = s.list(s, v, d, r.URL.Query().Get("q"))
		p.Title, p.Path, p.account = s.title, s.base(d.Key), about(d)
	})
	return p, found
}

func (c *Console) showForm(w http.ResponseWriter, r *http.Request, s screen) {
	p, found := c.formPage(r, s)
	if !found {
		c.missing(w, r)
		return
	}
	c.render(w, r, http.StatusOK, p)
}

func (c *Console) formPage(r *http.Request, s screen) (p page, found bool) {
	key := keyOf(r)
	title := "Change a " + s.one
	if key == "" {
		title = "Add a " + s.one
	}
	c.World.See(func(v live.View) {
		d := v.Store.Account(r.PathValue("account"))
		if d == nil {
			return
		}
		fields := s.fields(d, key)
		found = fields != nil
		p = page{Title: title, Path: s.base(d.Key), account: about(d), Links: []link{{Text: "Back to the list", Href: s.base(d.Key)}},
			Form: &form{Title: title, Action: s.path(d, r.PathValue("key")), Submit: "Save", Fields: fields}}
	})
	return p, found
}

// save does what the form says. Where that is refused, the form comes back with what was typed and says why.
func (c *Console) save(w http.ResponseWriter, r *http.Request, s screen) {
	in, err := read(w, r)
	key, word := keyOf(r), "saved"
	if key == "" {
		word = "added"
	}
	if err == nil {
		err = c.change(r, func(v live.View, d *state.Directory) error { return s.save(v, d, key, in) })
	}
	if err == nil {
		move(w, r, s.base(r.PathValue("account")), word)
		return
	}
	p, found := c.formPage(r, s)
	if !found {
		c.missing(w, r)
		return
	}
	filled := p.Form.filled(in)
	p.Form, p.Problem = &filled, err.Error()
	c.render(w, r, http.StatusBadRequest, p)
}

func (c *Console) act(w http.ResponseWriter, r *http.Request, s screen) {
	act := s.acts[r.PathValue("act")]
	if act == nil {
		c.missing(w, r)
		return
	}
	err := c.change(r, func(v live.View, d *state.Directory) error { return act(v, d, r.PathValue("key")) })
	if err == nil {
		move(w, r, s.base(r.PathValue("account")), r.PathValue("act"))
		return
	}
	p, found := c.listPage(r, s)
	if !found || errors.Is(err, state.ErrNothing) {
		c.missing(w, r)
		return
	}
	p.Problem = err.Error()
	c.render(w, r, http.StatusBadRequest, p)
}

// change runs f on the account that the path names and keeps what results, unless f fails.
func (c *Console) change(r *http.Request, f func(live.View, *state.Directory) error) error {
	return c.World.Change(func(v live.View) error {
		d := v.Store.Account(r.PathValue("account"))
		if d == nil {
			return state.ErrNothing
		}
		return f(v, d)
	})
}

// keyOf is the key that the path names, empty for what is to be added.
func keyOf(r *http.Request) string {
	if key := r.PathValue("key"); key != newKey {
		return key
	}
	return ""
}
