package admin

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// getMe serves GET /me. Its parameters includeAdmins and includeInvitation have no known effect (U).
func getMe(c *call.Call) wire.Response {
	sw := c.Switches
	accounts := c.Store.AccountsOf(c.Token.UserKey)
	if len(accounts) == 0 {
		return answer(c, wire.Refuse(http.StatusUnauthorized, wire.CodeNotAuthenticated, ""))
	}
	primary := accounts[0]
	me := primary.User(c.Token.UserKey)
	body := wire.Object{
		wire.M("key", keyJSON(sw, me.Key)), wire.M("accountKey", keyJSON(sw, primary.Key)), wire.M("email", me.Email),
		wire.M("firstName", me.FirstName), wire.M("lastName", me.LastName), wire.M("locale", me.Locale), wire.M("timeZone", me.TimeZone),
	}
	if sw.MeNesting != "account" {
		body = append(body, rights(primary, me)...)
	}
	entries := make([]wire.Object, 0, len(accounts))
	for _, a := range accounts {
		entry := wire.Object{wire.M("key", keyJSON(sw, a.Key)), wire.M("name", a.Name)}
		switch sw.MeNesting {
		case "account":
			entry = append(entry, rights(a, a.User(me.Key))...)
		case "both":
			entry = append(entry, rolesMember(a.User(me.Key))...)
		}
		entries = append(entries, entry)
	}
	return wire.JSON(http.StatusOK, append(body, wire.M("accounts", entries)))
}

// rights shows the roles and products of a user; empty ones are left out, as they are in users (L).
func rights(a *state.Directory, u *state.User) wire.Object {
	o := rolesMember(u)
	if products := a.Products(u); len(products) > 0 {
		o = append(o, wire.M("products", products))
	}
	return o
}

func rolesMember(u *state.User) wire.Object {
	if len(u.AdminRoles) == 0 {
		return nil
	}
	return wire.Object{wire.M("adminRoles", u.AdminRoles)}
}

// listAccounts serves GET /accounts.
func listAccounts(c *call.Call) wire.Response {
	accounts := c.Store.AccountsOf(c.Token.UserKey)
	show := func(i int) wire.Object {
		return wire.Object{wire.M("key", keyJSON(c.Switches, accounts[i].Key)), wire.M("name", accounts[i].Name)}
	}
	switch c.Switches.ListAccounts {
	case "notFound":
		return wire.NotRouted()
	case "envelope":
		return listPage(c, len(accounts), show)
	}
	return call.BareList(c, len(accounts), show)
}

// getAccount serves GET /accounts/{a}. Of its body only hasAdminAccess is documented by name (D); the rest follows /me (U).
func getAccount(c *call.Call) wire.Response {
	return wire.JSON(http.StatusOK, wire.Object{
		wire.M("key", keyJSON(c.Switches, c.Account.Key)), wire.M("name", c.Account.Name), wire.M("hasAdminAccess", !c.Account.NoAdminAccess),
	})
}

// updateAccount serves PUT /accounts/{a}. That accounts can be updated is documented (D), what of them is not (U): here the name.
func updateAccount(c *call.Call) wire.Response {
	var patch struct {
		Name *string `json:"name"`
	}
	if err := json.Unmarshal(c.Body, &patch); err != nil || (patch.Name != nil && *patch.Name == "") {
		return answer(c, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "name"))
	}
	if patch.Name != nil && !c.Switches.Ignores("accountName") {
		c.Account.Name = *patch.Name
		c.Changed = true
	}
	return writeDone(c.Switches.UpdateStatus, c.Switches)
}

// getProducts serves the assumed GET /accounts/{a}/products (U): the codes of what the account's licences give.
func getProducts(c *call.Call) wire.Response {
	products := []string{}
	for _, l := range c.Account.Licenses {
		for _, product := range l.Products {
			if !slices.Contains(products, product) {
				products = append(products, product)
			}
		}
	}
	slices.Sort(products)
	switch {
	case !served(c, c.Switches.AccountProducts):
		return wire.NotRouted()
	case c.Switches.AccountProducts == "envelope":
		return wire.JSON(http.StatusOK, wire.Object{wire.M("results", products), wire.M("total", len(products))})
	}
	return wire.JSON(http.StatusOK, products)
}
