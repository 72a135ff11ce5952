package meeting

import (
	"encoding/json"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// maxOrganizerName is the longest first or last name of this API, in characters (D); the Admin API takes longer ones.
const maxOrganizerName = 25

// productTypes are the products that a request may name (D); OV is another name of OPENVOICE (D, old).
var productTypes = []string{"G2M", "G2W", "G2T", "OPENVOICE", "OV", "G2ASEEIT", "G2ARS", "G2ASD"}

// organizerRequest is the body of POST organizers.
type organizerRequest struct {
	Email       string `json:"organizerEmail"`
	FirstName   string `json:"firstName"`
	LastName    string `json:"lastName"`
	ProductType string `json:"productType"`
}

func (b *organizerRequest) check(c *call.Call) *wire.Refusal {
	if failure := users.CheckEmail(c, b.Email); failure != nil {
		return c.Invalid(wire.CodeMeetingInvalid, b.Email)
	}
	for _, name := range []string{b.FirstName, b.LastName} {
		if name == "" || utf8.RuneCountInString(name) > maxOrganizerName {
			return c.Invalid(wire.CodeMeetingInvalid, name)
		}
	}
	if !slices.Contains(productTypes, b.ProductType) {
		return c.Invalid(wire.CodeMeetingInvalid, "productType")
	}
	return nil
}

// createOrganizer serves POST /organizers.
func createOrganizer(c *call.Call) wire.Response { return inviteOrganizer(c, "") }

// inviteOrganizer makes a user of the account who may use a product, and sends the invitation (D).
func inviteOrganizer(c *call.Call, group string) wire.Response {
	var body organizerRequest
	if json.Unmarshal(c.Body, &body) != nil {
		return answer(c, wire.Refuse(http.StatusBadRequest, wire.CodeMeetingInvalid, "body"))
	}
	if failure := body.check(c); failure != nil {
		return answer(c, failure)
	}
	a := c.Account
	u := a.ByEmail(body.Email)
	if u != nil && (len(c.Account.Products(u)) > 0 || c.Switches.SuspendedOrganizerPost == "409") {
		return answer(c, wire.Refuse(http.StatusConflict, wire.CodeOrganizerExists, body.Email))
	}
	l, failure := licenseFor(c, body.ProductType)
	if failure != nil {
		return answer(c, failure)
	}
	if u == nil {
		u = c.Account.User(users.Create(c, &users.New{
			Email: body.Email, FirstName: body.FirstName, LastName: body.LastName, LicenseKeys: []string{l.Key}, GroupKey: group,
		}))
	} else {
		reactivate(c, u, l.Key, group)
	}
	if keyless(c, u) {
		return wire.Response{Status: http.StatusCreated}
	}
	return wire.JSON(http.StatusCreated, []wire.Object{{wire.M("key", json.Number(u.Key)), wire.M("email", u.Email)}})
}

// reactivate invites somebody again who exists and has no product.
func reactivate(c *call.Call, u *state.User, license, group string) {
	changed := u.Clone()
	changed.LicenseKeys = []string{license}
	if group != "" {
		changed.GroupKey = group
	}
	users.Invite(c, &changed, users.Mail{})
	c.Account.Replace(u, &changed)
	c.Changed = true
}

// licenseFor returns the first licence that is enabled, has the product and a free seat.
func licenseFor(c *call.Call, product string) (*state.License, *wire.Refusal) {
	if product == "OV" {
		product = "OPENVOICE"
	}
	failure := c.Invalid(wire.CodeMeetingInvalid, "productType")
	for i := range c.Account.Licenses {
		l := &c.Account.Licenses[i]
		if l.Disabled || !slices.Contains(l.Products, product) {
			continue
		}
		if failure = users.CheckSeats(c, map[string]int{l.Key: 1}); failure == nil {
			return l, nil
		}
	}
	return nil, failure
}

// keyless says whether the organizer has no key yet, as it was in the days of Citrix until the invitation was accepted (D, old).
func keyless(c *call.Call, u *state.User) bool {
	return c.Switches.InvitedOrganizer == "legacyNoKey" && !u.PasswordCreated
}

// targetOrganizer returns the organizer of the path.
func targetOrganizer(c *call.Call) (*state.User, *wire.Refusal) {
	key := c.PathValue("organizer")
	if !state.IsKey(key) {
		return nil, wire.Refuse(http.StatusBadRequest, wire.CodeMeetingInvalid, key)
	}
	if u := c.Account.User(key); u != nil && users.Visible(c, u) && !keyless(c, u) {
		return u, nil
	}
	return nil, c.Absent(wire.CodeOrganizerNotFound, key)
}

// listOrganizers serves GET /organizers: all, or the one of an e-mail (D).
func listOrganizers(c *call.Call) wire.Response {
	email := state.FoldEmail(c.Params.Get("email"))
	found := organizers(c, func(u *state.User) bool { return email == "" || state.FoldEmail(u.Email) == email })
	if email != "" && len(found) == 0 && c.Switches.UnknownOrganizerEmail == "404" {
		return answer(c, wire.Refuse(http.StatusNotFound, wire.CodeOrganizerNotFound, email))
	}
	return organizerList(c, found)
}

// organizers returns the users that count: every user of the account is an organizer, suspended while there is no product.
func organizers(c *call.Call, counts func(*state.User) bool) []*state.User {
	var found []*state.User
	for _, u := range c.Account.Users {
		if users.Visible(c, u) && counts(u) {
			found = append(found, u)
		}
	}
	return found
}

func organizerList(c *call.Call, organizers []*state.User) wire.Response {
	return call.BareList(c, len(organizers), func(i int) wire.Object { return organizerJSON(c, organizers[i]) })
}

// organizerJSON shows an organizer (D).
func organizerJSON(c *call.Call, u *state.User) wire.Object {
	var o wire.Object
	if !keyless(c, u) {
		o = wire.Object{wire.M("organizerKey", json.Number(u.Key))}
	}
	o = append(o, organizerPart(c, u)...)
	if g := c.Account.Groups.Get(u.GroupKey); g != nil {
		o = append(o, wire.M("groupId", json.Number(g.Key)), wire.M("groupName", c.Switches.Shown(g.Name)))
	} else if c.Switches.OrganizerWithoutGroup == "zero" {
		o = append(o, wire.M("groupId", 0), wire.M("groupName", ""))
	}
	products := slices.DeleteFunc(c.Account.Products(u), func(p string) bool { return !slices.Contains(productTypes, p) })
	state := "active"
	if len(products) == 0 {
		state, products = "suspended", []string{}
	}
	return append(o, wire.M("status", state), wire.M("products", products),
		wire.M("maxNumAttendeesAllowed", maxParticipants))
}

// getOrganizer serves GET /organizers/{organizerKey}, with an array of one (D). Everybody may read themselves (D).
func getOrganizer(c *call.Call) wire.Response {
	u, failure := targetOrganizer(c)
	if failure != nil {
		return answer(c, failure)
	}
	return organizerList(c, []*state.User{u})
}

// updateOrganizer serves PUT /organizers/{organizerKey}: it adds one product or takes them all away (D). Of a request that asks for
// both, as a client sends, the suspension counts (C).
func updateOrganizer(c *call.Call) wire.Response {
	u, failure := targetOrganizer(c)
	if failure != nil {
		return answer(c, failure)
	}
	var body struct {
		Status      string `json:"status"`
		ProductType string `json:"productType"`
	}
	if json.Unmarshal(c.Body, &body) != nil {
		return answer(c, wire.Refuse(http.StatusBadRequest, wire.CodeMeetingInvalid, "body"))
	}
	changed := u.Clone()
	switch {
	case body.Status == "suspended":
		changed.LicenseKeys = nil
	case body.Status != "", !slices.Contains(productTypes, body.ProductType):
		return answer(c, c.Invalid(wire.CodeMeetingInvalid, "status"))
	case !slices.Contains(c.Account.Products(u), body.ProductType):
		l, failure := licenseFor(c, body.ProductType)
		if failure != nil {
			return answer(c, failure)
		}
		changed.LicenseKeys = append(changed.LicenseKeys, l.Key)
	}
	c.Account.Replace(u, &changed)
	c.Changed = true
	return wire.Response{Status: http.StatusNoContent}
}

// deleteOrganizer serves DELETE /organizers/{organizerKey}.
func deleteOrganizer(c *call.Call) wire.Response {
	u, failure := targetOrganizer(c)
	if failure != nil {
		return answer(c, failure)
	}
	return dismissOrganizer(c, u)
}

// deleteOrganizerByEmail serves DELETE /organizers?email=, which declares no 404 (D).
func deleteOrganizerByEmail(c *call.Call) wire.Response {
	email := c.Params.Get("email")
	u := c.Account.ByEmail(email)
	switch status := switches.Status(c.Switches.UnknownEmailDelete); {
	case email == "":
		return answer(c, wire.Refuse(http.StatusBadRequest, wire.CodeMeetingInvalid, "email"))
	case u != nil:
		return dismissOrganizer(c, u)
	case status == http.StatusNoContent:
		return wire.Response{Status: status}
	default:
		return answer(c, wire.Refuse(status, wire.CodeOrganizerNotFound, email))
	}
}

func dismissOrganizer(c *call.Call, u *state.User) wire.Response {
	if failure := users.CheckDelete(c, u.Key); failure != nil {
		return answer(c, failure)
	}
	users.Delete(c.Switches, c.Account, u)
	c.Changed = true
	return wire.Response{Status: http.StatusNoContent}
}
