package contract_test

import (
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// driveDefinitions takes attributes with values of them, templates and custom roles through every call.
func (w *world) driveDefinitions(client *gotoclient.Client) {
	ctx, attributes, users := w.t.Context(), client.Attributes(account), client.Users(account)
	key, _ := attributes.Create(ctx, gotoclient.Attribute{Name: "room"})
	_, _ = attributes.Create(ctx, gotoclient.Attribute{Name: "room"})
	floor, _ := attributes.Create(ctx, gotoclient.Attribute{Name: "floor"})
	admin := []gotoclient.Key{simulator.DefaultAdminKey}
	for _, name := range []string{"floor", "room"} {
		id := map[string]gotoclient.Key{"floor": floor, "room": key}[name]
		for _, form := range gotoclient.AttributeForms() {
			values := gotoclient.AttributeValues{Form: form, List: []gotoclient.AttributeValue{{ID: name, Value: "7"}}}
			if form == gotoclient.AttributesByKey {
				values.List[0].ID = string(id)
			}
			_ = users.Update(ctx, admin, gotoclient.UserPatch{Attributes: &values})
		}
		_, _ = users.Get(ctx, admin[0])
	}
	_, _ = attributes.Get(ctx, key)
	_ = attributes.Update(ctx, key, gotoclient.Attribute{Name: "Room"})
	drain(attributes.Pages(ctx, gotoclient.ListOptions{}))
	_ = attributes.Delete(ctx, key)
	_ = attributes.Delete(ctx, floor)
	_, _ = attributes.Get(ctx, key)

	templates := client.Templates(account)
	key, _ = templates.Create(ctx, gotoclient.Template{Title: "Hello", Subject: "Hi", Text: "There"})
	_, _ = templates.Get(ctx, key)
	_ = templates.Update(ctx, key, gotoclient.Template{Title: "Hello", Subject: "Hi", Text: "You"})
	drain(templates.Pages(ctx, gotoclient.ListOptions{}))
	_ = templates.Delete(ctx, key)
	w.driveRoleSets(client)
}

func (w *world) driveRoleSets(client *gotoclient.Client) {
	ctx, sets := w.t.Context(), client.RoleSets(account)
	w.sim.Define(string(account), func(d *simulator.Defined) {
		d.RoleSets = simulator.Definitions{{Key: "a-1", Name: "Auditor"}, {Key: "b-2", Name: "Host"}}
	})
	drain(sets.Pages(ctx, gotoclient.ListOptions{}))
	for _, id := range []gotoclient.Key{"a-1", "b-2"} {
		_ = sets.Assign(ctx, id, simulator.DefaultAdminEmail)
	}
	_, _ = client.Users(account).Get(ctx, simulator.DefaultAdminKey)
	_ = sets.Set(ctx, simulator.DefaultAdminKey, []gotoclient.Key{"a-1"})
	_ = sets.Clear(ctx, simulator.DefaultAdminEmail)
}
