package admin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// definitions are the attributes or the templates of an account, which are served alike.
type definitions struct {
	list             func(*state.Directory) *state.Definitions
	name             string // of the member that has the name
	absent, conflict string
	remove           func(d *state.Directory, key string)
}

var attributes = definitions{
	list: func(d *state.Directory) *state.Definitions { return &d.Attributes }, name: "name",
	absent: wire.CodeAttributeNotFound, conflict: wire.CodeAttributeConflict, remove: (*state.Directory).DropAttribute,
}

var templates = definitions{
	list: func(d *state.Directory) *state.Definitions { return &d.Templates }, name: "title",
	absent: wire.CodeTemplateNotFound, conflict: wire.CodeTemplateConflict,
	remove: func(d *state.Directory, key string) {
		d.Templates = slices.DeleteFunc(d.Templates, func(t state.Definition) bool { return t.Key == key })
	},
}

// definitionOperations is the part of the endpoint table about attributes, templates and custom roles. Which roles their writes need is
// not known (U).
func definitionOperations() []call.Operation {
	const attribute, template = accountPath + "/attributes", accountPath + "/templates"
	return slices.Concat(
		attributes.operations(attribute, [5]string{
			call.OpListAttributes, call.OpCreateAttribute, call.OpGetAttribute, call.OpUpdateAttribute, call.OpDeleteAttribute,
		}),
		templates.operations(template, [5]string{
			call.OpListTemplates, call.OpCreateTemplate, call.OpGetTemplate, call.OpUpdateTemplate, call.OpDeleteTemplate,
		}),
	)
}

func (d definitions) operations(path string, ids [5]string) []call.Operation {
	editors := []string{state.RoleSuperUser, state.RoleManageAccount}
	item := path + "/{definition}"
	return []call.Operation{
		{ID: ids[0], Pattern: "GET " + path, Roles: state.AllRoles(), List: true, Handle: d.page},
		{ID: ids[1], Pattern: "POST " + path, Roles: editors, Handle: d.create},
		movable(call.Operation{ID: ids[2], Pattern: "GET " + item, Roles: state.AllRoles(), Handle: d.item(d.get)}),
		movable(call.Operation{ID: ids[3], Pattern: "PUT " + item, Also: []string{"PATCH " + item, "POST " + item}, Roles: editors,
			Handle: d.item(d.update)}),
		movable(call.Operation{ID: ids[4], Pattern: "DELETE " + item, Roles: editors, Handle: d.item(d.drop)}),
	}
}

func (d definitions) page(c *call.Call) wire.Response {
	all := *d.list(c.Account)
	return listPage(c, len(all), func(i int) wire.Object { return d.show(c, all[i]) })
}

func (d definitions) show(c *call.Call, one state.Definition) wire.Object {
	sw := c.Switches
	o := wire.Object{wire.M("key", keyJSON(sw, one.Key)), wire.M(d.name, sw.Shown(one.Name))}
	if d.name == templates.name {
		o = append(o, wire.M("subject", sw.Shown(one.Subject)), wire.M("text", one.Text))
	}
	return o
}

// item serves an assumed path of one of them (U).
func (d definitions) item(handle func(*call.Call, *state.Definition) wire.Response) func(*call.Call) wire.Response {
	return func(c *call.Call) wire.Response {
		if !served(c, c.Switches.DefinitionItems) {
			return wire.NotRouted()
		}
		key := c.PathValue("definition")
		one := d.list(c.Account).Get(key)
		if one == nil {
			return answer(c, c.Absent(d.absent, key))
		}
		return handle(c, one)
	}
}

func (d definitions) create(c *call.Call) wire.Response {
	made, failure := d.read(c, state.Definition{})
	if failure != nil {
		return answer(c, failure)
	}
	key := c.Store.Define(d.list(c.Account), made)
	c.Changed = true
	var shown any = key
	if c.Switches.DefinitionCreateBody == "number" {
		shown = json.Number(key)
	}
	return wire.JSON(switches.Status(c.Switches.CreateStatus), shown)
}

// read is what a body makes of a definition, or why it cannot be. Whether names are unique is not known (U).
func (d definitions) read(c *call.Call, is state.Definition) (state.Definition, *wire.Refusal) {
	body := map[string]string{}
	if c.Switches.DefinitionWrite == "merge" {
		body = map[string]string{d.name: is.Name, "subject": is.Subject, "text": is.Text}
	}
	if json.Unmarshal(c.Body, &body) != nil {
		return state.Definition{}, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "body")
	}
	made := state.Definition{Key: is.Key, Name: c.Switches.Stored(body[d.name]), Subject: c.Switches.Stored(body["subject"]), Text: body["text"]}
	if strings.TrimSpace(made.Name) == "" {
		return made, c.Invalid(wire.CodeInvalidRequest, d.name)
	}
	other := d.list(c.Account).Named(made.Name)
	if other != nil && other.Key != is.Key && c.Switches.DefinitionConflict != "allowed" {
		return made, wire.Refuse(switches.Status(c.Switches.DefinitionConflict), d.conflict, made.Name)
	}
	return made, nil
}

func (d definitions) get(c *call.Call, one *state.Definition) wire.Response {
	return wire.JSON(http.StatusOK, d.show(c, *one))
}

func (d definitions) update(c *call.Call, one *state.Definition) wire.Response {
	if !strings.EqualFold(c.Request.Method, c.Switches.DefinitionVerb) {
		return wire.Bare(http.StatusMethodNotAllowed)
	}
	changed, failure := d.read(c, *one)
	if failure != nil {
		return answer(c, failure)
	}
	*one = changed
	c.Changed = true
	return writeDone(c.Switches.UpdateStatus, c.Switches)
}

func (d definitions) drop(c *call.Call, one *state.Definition) wire.Response {
	d.remove(c.Account, one.Key)
	c.Changed = true
	return writeDone(c.Switches.DeleteStatus, c.Switches)
}
