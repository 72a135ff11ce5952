package gotoclient_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// formOf is the form of values in a position of the simulator's switch.
func formOf(position string) gotoclient.AttributeForm {
	return map[string]gotoclient.AttributeForm{
		"byName": gotoclient.AttributesByName, "byKey": gotoclient.AttributesByKey, "named": gotoclient.AttributesNamed,
	}[position]
}

// found fails unless err is nil, or a path that the switches say does not exist.
func found(t *testing.T, what string, there bool, err error) {
	t.Helper()
	if there && err != nil || !there && !gotoclient.IsNoSuchPath(err) {
		t.Errorf("%s: %v", what, err)
	}
}

// walkDefinitions takes an attribute and a user's value of it, a template and a custom role through their lives.
func walkDefinitions(t *testing.T, w *world) {
	t.Helper()
	ctx, sw := t.Context(), w.sim.Switches()
	items := sw.DefinitionItems == "available"
	changes := items && sw.DefinitionVerb == "put"
	attributes := w.client.Attributes(account)
	key, err := attributes.Create(ctx, gotoclient.Attribute{Name: "room"})
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	walkValues(t, w, key)
	found(t, "rename", changes, attributes.Update(ctx, key, gotoclient.Attribute{Name: "floor"}))
	for page, err := range attributes.Pages(ctx, gotoclient.ListOptions{}) {
		if err != nil || len(page.Results) != 1 || page.Results[0].Key != key {
			t.Errorf("list: %+v, %v", page, err)
		}
	}
	_, err = attributes.Get(ctx, key)
	found(t, "get", items, err)
	found(t, "delete", items, attributes.Delete(ctx, key))

	templates := w.client.Templates(account)
	key, err = templates.Create(ctx, gotoclient.Template{Title: "Hello", Subject: "Hi", Text: "There"})
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	found(t, "change", changes, templates.Update(ctx, key, gotoclient.Template{Title: "Hello", Subject: "Hi", Text: "You"}))
	found(t, "delete", items, templates.Delete(ctx, key))
	walkRoleSets(t, w)
}

func walkValues(t *testing.T, w *world, key gotoclient.Key) {
	t.Helper()
	sw := w.sim.Switches()
	values := gotoclient.AttributeValues{Form: formOf(sw.AttributeForm), List: []gotoclient.AttributeValue{{ID: "room", Value: "7"}}}
	if values.Form == gotoclient.AttributesByKey {
		values.List[0].ID = string(key)
	}
	err := w.users().Update(t.Context(), []gotoclient.Key{simulator.DefaultAdminKey}, gotoclient.UserPatch{Attributes: &values})
	found(t, "values", sw.AttributeValues == "ownPath", err)
	u, err := w.users().Get(t.Context(), simulator.DefaultAdminKey)
	if err != nil {
		t.Fatal(err)
	}
	shown := sw.AttributeValues == "ownPath" && sw.AttributesInReads == "yes"
	if got := u.Attributes.Get("room", key); u.Attributes.Known != shown || (got == "7") != shown {
		t.Errorf("values that are read: %q of %+v", got, u.Attributes.List)
	}
}

func walkRoleSets(t *testing.T, w *world) {
	t.Helper()
	ctx, sw := t.Context(), w.sim.Switches()
	w.sim.Define(simulator.DefaultAccountKey, func(d *simulator.Defined) {
		d.RoleSets = simulator.Definitions{{Key: "a-1", Name: "Auditor"}}
	})
	sets := w.client.RoleSets(account)
	for page, err := range sets.Pages(ctx, gotoclient.ListOptions{}) {
		if err != nil || cmp.Diff([]gotoclient.RoleSet{{ID: "a-1", Name: "Auditor"}}, page.Results) != "" {
			t.Errorf("list: %+v, %v", page, err)
		}
	}
	if sw.RoleSetWrites != "filter" || sw.FilterDialect == "regex" {
		if err := sets.Assign(ctx, "a-1", simulator.DefaultAdminEmail); !gotoclient.IsRefused(err) {
			t.Errorf("assign: %v", err)
		}
		return
	}
	if err := sets.Assign(ctx, "a-1", simulator.DefaultAdminEmail); err != nil {
		t.Errorf("assign: %v", err)
	}
	if u, err := w.users().Get(ctx, simulator.DefaultAdminKey); err != nil || cmp.Diff(gotoclient.IDs{"a-1"}, u.RoleSets) != "" {
		t.Errorf("%+v, %v", u, err)
	}
	if err := sets.Clear(ctx, simulator.DefaultAdminEmail); err != nil {
		t.Errorf("clear: %v", err)
	}
	if u, _ := w.sim.User(simulator.DefaultAccountKey, simulator.DefaultAdminKey); len(u.RoleSets) != 0 {
		t.Errorf("left: %v", u.RoleSets)
	}
}

// Values and custom roles may be moved onto the change of a user, and nothing else may.
func TestValuesByTheChangeOfAUser(t *testing.T) {
	const path = "/admin/rest/v1/accounts/{accountKey}/users/{userKey}"
	w := newWorld(t, func(c *gotoclient.Config) {
		c.Unverified = gotoclient.DenyUnverified
		c.Operations = map[string]gotoclient.Override{
			gotoclient.OpSetUserAttributes: {Path: path}, gotoclient.OpSetUserRoleSets: {Path: path},
		}
	})
	w.set(t, "attributeValues", "userPut")
	w.set(t, "roleSetWrites", "userPut")
	w.sim.Define(simulator.DefaultAccountKey, func(d *simulator.Defined) {
		d.Attributes = simulator.Definitions{{Name: "room"}}
		d.RoleSets = simulator.Definitions{{Key: "a-1", Name: "Auditor"}}
	})
	values := gotoclient.AttributeValues{List: []gotoclient.AttributeValue{{ID: "room", Value: "7"}}}
	if err := w.users().Update(t.Context(), []gotoclient.Key{simulator.DefaultAdminKey}, gotoclient.UserPatch{Attributes: &values}); err != nil {
		t.Error(err)
	}
	if err := w.client.RoleSets(account).Set(t.Context(), simulator.DefaultAdminKey, []gotoclient.Key{"a-1"}); err != nil {
		t.Error(err)
	}
	if u, _ := w.sim.User(simulator.DefaultAccountKey, simulator.DefaultAdminKey); len(u.Attributes) != 1 || len(u.RoleSets) != 1 {
		t.Errorf("%v, %v", u.Attributes, u.RoleSets)
	}
	_, err := gotoclient.New(gotoclient.Config{
		Endpoints:   gotoclient.Endpoints{APIURL: "http://simulator.test", TokenURL: "http://simulator.test/oauth/token"},
		Credentials: gotoclient.Credentials{Grant: gotoclient.GrantPersonalAccessToken, ClientID: "c", ClientSecret: "s", PersonalAccessToken: "p"},
		Operations:  map[string]gotoclient.Override{gotoclient.OpMoveUsers: {Path: path}},
	})
	if err == nil {
		t.Error("another operation was moved there")
	}
}

func TestFormsOfValues(t *testing.T) {
	seven := []gotoclient.AttributeValue{{ID: "room", Value: "7"}}
	for text, want := range map[string]gotoclient.AttributeValues{
		`{"room":"7"}`:                  {Known: true, Form: gotoclient.AttributesByName, List: seven},
		`{"room":7,"floor":""}`:         {Known: true, Form: gotoclient.AttributesByName, List: seven},
		`[{"name":"room","value":"7"}]`: {Known: true, Form: gotoclient.AttributesNamed, List: seven},
		`[{"key":"12","value":true}]`:   {Known: true, Form: gotoclient.AttributesByKey, List: []gotoclient.AttributeValue{{ID: "12", Value: "true"}}},
		`[]`:                            {Known: true, Form: gotoclient.AttributesByKey},
		`null`:                          {},
		`"text"`:                        {},
		`["room"]`:                      {},
	} {
		var got gotoclient.AttributeValues
		if err := json.Unmarshal([]byte(text), &got); err != nil || !got.Same(want) || got.Form != want.Form && len(want.List) > 0 {
			t.Errorf("%s: %#v, %v", text, got.List, err)
		}
	}
}

// An address that could end the text of a filter would choose other users.
func TestFilterOfOneUser(t *testing.T) {
	w := newWorld(t)
	for _, email := range []string{"", `x" or email co "`, `a\\b@example.test`} {
		if err := w.client.RoleSets(account).Clear(t.Context(), email); err == nil {
			t.Errorf("%q was sent", email)
		}
	}
	if got := w.seen(gotoclient.OpClearRoleSets); len(got) != 0 {
		t.Errorf("sent %v", got)
	}
}

// By whatever verb the service changes a definition, or takes the logo: the account's override finds it, and what a change does not mean to
// change stays.
func TestChangesByAnotherVerb(t *testing.T) {
	for _, verb := range []string{http.MethodPut, http.MethodPatch, http.MethodPost} {
		w := newWorld(t, func(c *gotoclient.Config) {
			c.Operations = map[string]gotoclient.Override{
				gotoclient.OpUpdateAttribute: {Method: verb}, gotoclient.OpUpdateTemplate: {Method: verb}, gotoclient.OpUploadLogo: {Method: http.MethodPost},
			}
		})
		w.set(t, "definitionVerb", strings.ToLower(verb))
		w.set(t, "logoVerb", "post")
		attributes, templates := w.client.Attributes(account), w.client.Templates(account)
		key, err := attributes.Create(t.Context(), gotoclient.Attribute{Name: "room"})
		found(t, "create", true, err)
		found(t, verb+" an attribute", true, attributes.Update(t.Context(), key, gotoclient.Attribute{Name: "floor"}))
		key, err = templates.Create(t.Context(), gotoclient.Template{Title: "Hello", Subject: "Hi", Text: "There"})
		found(t, "create", true, err)
		changed := gotoclient.Template{Title: "Hello", Subject: "Hi", Text: "You"}
		found(t, verb+" a template", true, templates.Update(t.Context(), key, changed))
		changed.Key = key
		if got, err := templates.Get(t.Context(), key); err != nil || cmp.Diff(&changed, got) != "" {
			t.Errorf("%s: %v, %s", verb, err, cmp.Diff(&changed, got))
		}
		found(t, "the logo", true, w.client.Accounts().UploadLogo(t.Context(), account, logo(t, "image/gif", 3, 2)))
	}
}

// Wherever the service has what nobody has verified: the account's overrides find it there.
func TestPathsThatAreElsewhere(t *testing.T) {
	const place = "/admin/rest/v1/accounts/{accountKey}/elsewhere"
	moved := map[string]gotoclient.Override{}
	for id, path := range map[string]string{
		gotoclient.OpGetAttribute: "/attributes/{attributeKey}", gotoclient.OpUpdateAttribute: "/attributes/{attributeKey}",
		gotoclient.OpDeleteAttribute: "/attributes/{attributeKey}", gotoclient.OpGetTemplate: "/templates/{templateKey}",
		gotoclient.OpUpdateTemplate: "/templates/{templateKey}", gotoclient.OpDeleteTemplate: "/templates/{templateKey}",
		gotoclient.OpUploadLogo: "/logo", gotoclient.OpGetProducts: "/products", gotoclient.OpGetLicense: "/licenses/{licenseKey}",
		gotoclient.OpListSubgroups: "/groups/{groupKey}/groups", gotoclient.OpListGroupUsers: "/groups/{groupKey}/users",
	} {
		moved[id] = gotoclient.Override{Path: place + path}
	}
	for _, there := range []bool{true, false} {
		w := newWorld(t, func(c *gotoclient.Config) {
			if there {
				c.Operations = moved
			}
		})
		for _, name := range []string{"definitionItems", "logoUpload", "accountProducts", "licenseDetails", "groupLists"} {
			w.set(t, name, "elsewhere")
		}
		said := w.everyGuess(t)
		if len(said) != len(moved) {
			t.Errorf("%d of %d asked for", len(said), len(moved))
		}
		for what, err := range said {
			found(t, what, there, err)
		}
	}
}

// everyGuess asks once for everything that a switch can move elsewhere.
func (w *world) everyGuess(t *testing.T) map[string]error {
	t.Helper()
	ctx, said := t.Context(), map[string]error{}
	attribute, err := w.client.Attributes(account).Create(ctx, gotoclient.Attribute{Name: "room"})
	found(t, "create", true, err)
	template, err := w.client.Templates(account).Create(ctx, gotoclient.Template{Title: "Hello", Subject: "Hi", Text: "There"})
	found(t, "create", true, err)
	group, err := w.groups().Create(ctx, gotoclient.NewGroup{Name: "Blue"})
	found(t, "create", true, err)
	said["update attribute"] = w.client.Attributes(account).Update(ctx, attribute, gotoclient.Attribute{Name: "floor"})
	_, said["get attribute"] = w.client.Attributes(account).Get(ctx, attribute)
	said["delete attribute"] = w.client.Attributes(account).Delete(ctx, attribute)
	said["update template"] = w.client.Templates(account).Update(ctx, template, gotoclient.Template{Title: "Hello", Subject: "Hi", Text: "You"})
	_, said["get template"] = w.client.Templates(account).Get(ctx, template)
	said["delete template"] = w.client.Templates(account).Delete(ctx, template)
	said["logo"] = w.client.Accounts().UploadLogo(ctx, account, logo(t, "image/gif", 3, 2))
	_, said["products"] = w.client.Accounts().Products(ctx, account)
	_, said["license"] = w.licenses().Get(ctx, simulator.DefaultMeetingLicenseKey)
	_, said["sub-groups"] = collect(w.groups().Subgroups(ctx, group, gotoclient.ListOptions{}))
	_, said["users of a group"] = collect(w.groups().Users(ctx, group, gotoclient.ListOptions{}))
	return said
}
