package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	attributesPath = acctRoot + "/attributes"
	templatesPath  = acctRoot + "/templates"
	rolesetsPath   = acctRoot + "/rolesets"
)

// define adds an attribute by the API and returns its key.
func (e *env) define(name string) string {
	e.t.Helper()
	a := e.send(http.MethodPost, attributesPath, object{"name": name})
	if a.status/100 != 2 {
		e.t.Fatalf("%d %s", a.status, a.body)
	}
	return strings.Trim(a.body, `"`)
}

// admin is what a read of the administrator shows.
func (e *env) admin() string {
	e.t.Helper()
	a := e.send(http.MethodGet, usersPath+"/"+simulator.DefaultAdminKey, nil)
	e.wantStatus(a, http.StatusOK)
	return a.body
}

// values tries every place and every form in which values of attributes may be set, and shows what came of each.
func (e *env) values() string {
	e.t.Helper()
	key := e.define("costCenter")
	room := e.define("room")
	e.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.Attributes = map[string]string{room: "7"} })
	var all []string
	for _, path := range []string{"/attributes", ""} {
		for _, form := range []any{object{"costCenter": "42"}, []object{{"key": key, "value": "42"}}, []object{{"name": "costCenter", "value": "42"}}} {
			a := e.send(http.MethodPut, usersPath+"/"+simulator.DefaultAdminKey+path, object{"attributes": form})
			u, _ := e.sim.User(acct, simulator.DefaultAdminKey)
			all = append(all, fmt.Sprint(a.status, u.Attributes))
		}
	}
	return fmt.Sprint(all) + e.admin()
}

// roleSets tries every way to give custom roles, and shows what came of each.
func (e *env) roleSets() string {
	e.t.Helper()
	e.sim.Define(acct, func(d *simulator.Defined) {
		d.RoleSets = simulator.Definitions{{Key: "a-1", Name: "Auditor"}, {Key: "b-2", Name: "Host"}}
	})
	who := "?filter=email%20eq%20%22" + simulator.DefaultAdminEmail + "%22"
	var all []string
	for _, do := range []func() answer{
		func() answer { return e.send(http.MethodPut, rolesetsPath+"/a-1/users"+who, object{}) },
		func() answer { return e.send(http.MethodPut, rolesetsPath+"/b-2/users"+who, object{}) },
		func() answer { return e.send(http.MethodDelete, usersPath+"/rolesets"+who, nil) },
		func() answer { return e.put("", object{"roleSets": []string{"a-1"}}, simulator.DefaultAdminKey) },
		func() answer {
			return e.send(http.MethodPut, usersPath+"/"+simulator.DefaultAdminKey+"/rolesets", object{"roleSets": []string{"b-2"}})
		},
	} {
		a := do()
		u, _ := e.sim.User(acct, simulator.DefaultAdminKey)
		all = append(all, fmt.Sprint(a.status, u.RoleSets))
	}
	return fmt.Sprint(all)
}

// definitionProbes do, for every switch about attributes, templates and custom roles, something whose answer depends on its position.
var definitionProbes = map[string]func(*env) string{
	"definitionItems": func(e *env) string {
		path := "/attributes/" + e.define("room")
		return e.atBoth(http.MethodGet, path, nil) + e.atBoth(http.MethodPut, path, object{"name": "floor"}) + e.atBoth(http.MethodDelete, path, nil)
	},
	"definitionVerb": func(e *env) string {
		path, said := attributesPath+"/"+e.define("room"), ""
		for _, verb := range []string{http.MethodPut, http.MethodPatch, http.MethodPost} {
			said += fmt.Sprint(e.send(verb, path, object{"name": "floor"}).status)
		}
		return said
	},
	"definitionWrite": func(e *env) string {
		var key string
		e.sim.Define(acct, func(d *simulator.Defined) {
			d.Templates = simulator.Definitions{{Key: "7500000000000000009", Name: "Hello", Subject: "s", Text: "t"}}
			key = d.Templates[0].Key
		})
		_ = e.send(http.MethodPut, templatesPath+"/"+key, object{"title": "Hello", "text": "u"})
		return e.send(http.MethodGet, templatesPath+"/"+key, nil).show()
	},
	"definitionCreateBody": func(e *env) string {
		return e.send(http.MethodPost, templatesPath, object{"title": "Hello", "subject": "s", "text": "t"}).show()
	},
	"definitionConflict": func(e *env) string {
		e.define("room")
		return e.send(http.MethodPost, attributesPath, object{"name": "room"}).show()
	},
	"attributeValues":   (*env).values,
	"attributeForm":     (*env).values,
	"attributeWrite":    (*env).values,
	"attributesInReads": (*env).values,
	"roleSetWrites":     (*env).roleSets,
	"roleSetAssign":     (*env).roleSets,
}

func TestLifeOfAnAttribute(t *testing.T) {
	e := start(t)
	key := e.define("room")
	e.wantStatus(e.send(http.MethodPut, usersPath+"/"+simulator.DefaultAdminKey+"/attributes", object{"attributes": object{"room": "7"}}), http.StatusOK)
	if got := e.admin(); !strings.Contains(got, `"attributes":{"room":"7"}`) {
		t.Error(got)
	}
	e.wantStatus(e.send(http.MethodPut, attributesPath+"/"+key, object{"name": "floor"}), http.StatusOK)
	if got := e.admin(); !strings.Contains(got, `"attributes":{"floor":"7"}`) {
		t.Errorf("after a rename: %s", got)
	}
	e.wantRefusal(e.send(http.MethodPut, usersPath+"/"+simulator.DefaultAdminKey+"/attributes", object{"attributes": object{"room": "7"}}),
		http.StatusBadRequest, "attribute.not.found")
	e.wantStatus(e.send(http.MethodDelete, attributesPath+"/"+key, nil), http.StatusNoContent)
	if got := e.admin(); strings.Contains(got, "attributes") {
		t.Errorf("after the deletion: %s", got)
	}
	e.wantRefusal(e.send(http.MethodGet, attributesPath+"/"+key, nil), http.StatusNotFound, "attribute.not.found")
	e.wantRefusal(e.send(http.MethodPost, attributesPath, object{"name": " "}), http.StatusBadRequest, "request.invalid")
}

func TestLifeOfATemplate(t *testing.T) {
	e := start(t)
	a := e.send(http.MethodPost, templatesPath, object{"title": "Hello", "subject": "Hi", "text": "There"})
	e.wantStatus(a, http.StatusOK)
	key := strings.Trim(a.body, `"`)
	e.wantStatus(e.send(http.MethodPut, templatesPath+"/"+key, object{"title": "Hello", "subject": "Hi", "text": "You"}), http.StatusOK)
	want := `{"key":"` + key + `","title":"Hello","subject":"Hi","text":"You"}`
	if got := e.send(http.MethodGet, templatesPath+"/"+key, nil).body; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if n := len(e.list(templatesPath).Results); n != 1 {
		t.Errorf("%d templates in the list", n)
	}
	e.wantStatus(e.send(http.MethodDelete, templatesPath+"/"+key, nil), http.StatusNoContent)
	if n := len(e.sim.State().Accounts[0].Templates); n != 0 {
		t.Errorf("%d templates are left", n)
	}
}
