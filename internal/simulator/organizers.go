package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"unicode/utf8"
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

func (b *organizerRequest) check() *apiError {
	if failure := checkEmail(b.Email); failure != nil {
		return refuse(http.StatusBadRequest, codeMeetingInvalid, b.Email)
	}
	for _, name := range []string{b.FirstName, b.LastName} {
		if name == "" || utf8.RuneCountInString(name) > maxOrganizerName {
			return refuse(http.StatusBadRequest, codeMeetingInvalid, name)
		}
	}
	if !slices.Contains(productTypes, b.ProductType) {
		return refuse(http.StatusBadRequest, codeMeetingInvalid, "productType")
	}
	return nil
}

// createOrganizer serves POST /organizers.
func (s *Simulator) createOrganizer(c *call) response { return s.inviteOrganizer(c, "") }

// inviteOrganizer makes a user of the account who may use a product, and sends the invitation (D).
func (s *Simulator) inviteOrganizer(c *call, group string) response {
	var body organizerRequest
	if json.Unmarshal(c.body, &body) != nil {
		return s.meetingAnswer(refuse(http.StatusBadRequest, codeMeetingInvalid, "body"))
	}
	if failure := body.check(); failure != nil {
		return s.meetingAnswer(failure)
	}
	a := c.account
	u := a.byEmail[foldEmail(body.Email)]
	if u != nil && (len(a.products(u)) > 0 || s.switches.SuspendedOrganizerPost == "409") {
		return s.meetingAnswer(refuse(http.StatusConflict, codeOrganizerExists, body.Email))
	}
	l, failure := s.licenseFor(a, body.ProductType)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	invitation := createRequest{LicenseKeys: []wireKey{wireKey(l.Key)}, GroupKey: wireKey(group)}
	if u == nil {
		u = a.byKey[s.create(c, newUser{Email: body.Email, FirstName: body.FirstName, LastName: body.LastName}, &invitation)]
	} else {
		changed := clone(u)
		changed.LicenseKeys = []string{l.Key}
		if group != "" {
			changed.GroupKey = group
		}
		s.invite(c, &changed, &invitation)
		a.replace(u, &changed)
		c.changed = true
	}
	if s.keyless(u) {
		return response{status: http.StatusCreated}
	}
	return jsonResponse(http.StatusCreated, []object{{{"key", json.Number(u.Key)}, {"email", u.Email}}})
}

// licenseFor returns the first licence that is enabled, has the product and a free seat.
func (s *Simulator) licenseFor(a *account, product string) (*License, *apiError) {
	if product == "OV" {
		product = "OPENVOICE"
	}
	failure := refuse(http.StatusBadRequest, codeMeetingInvalid, "productType")
	for i := range a.licenses {
		l := &a.licenses[i]
		if l.Disabled || !slices.Contains(l.Products, product) {
			continue
		}
		if failure = s.checkSeats(a, map[string]int{l.Key: 1}); failure == nil {
			return l, nil
		}
	}
	return nil, failure
}

// keyless says whether the organizer has no key yet, as it was in the days of Citrix until the invitation was accepted (D, old).
func (s *Simulator) keyless(u *User) bool {
	return s.switches.InvitedOrganizer == "legacyNoKey" && !u.PasswordCreated
}

// targetOrganizer returns the organizer of the path.
func (s *Simulator) targetOrganizer(c *call) (*User, *apiError) {
	key := c.r.PathValue("organizer")
	if !isKey(key) {
		return nil, refuse(http.StatusBadRequest, codeMeetingInvalid, key)
	}
	if u := c.account.byKey[key]; u != nil && s.visible(u) && !s.keyless(u) {
		return u, nil
	}
	return nil, s.absent(codeOrganizerNotFound, key)
}

// listOrganizers serves GET /organizers: all, or the one of an e-mail (D).
func (s *Simulator) listOrganizers(c *call) response {
	email := foldEmail(c.params.Get("email"))
	users := s.organizers(c.account, func(u *User) bool { return email == "" || foldEmail(u.Email) == email })
	if email != "" && len(users) == 0 && s.switches.UnknownOrganizerEmail == "404" {
		return s.meetingAnswer(refuse(http.StatusNotFound, codeOrganizerNotFound, email))
	}
	return s.organizerList(c, users)
}

// organizers returns the users that count: every user of the account is an organizer, suspended while there is no product.
func (s *Simulator) organizers(a *account, counts func(*User) bool) []*User {
	var users []*User
	for _, u := range a.users {
		if s.visible(u) && counts(u) {
			users = append(users, u)
		}
	}
	return users
}

func (s *Simulator) organizerList(c *call, users []*User) response {
	return bareList(c, len(users), func(i int) object { return s.organizerJSON(c.account, users[i]) })
}

// organizerJSON shows an organizer (D).
func (s *Simulator) organizerJSON(a *account, u *User) object {
	var o object
	if !s.keyless(u) {
		o = object{{"organizerKey", json.Number(u.Key)}}
	}
	o = append(o, s.switches.organizerPart(u)...)
	if g := a.group(u.GroupKey); g != nil {
		o = append(o, member{"groupId", json.Number(g.Key)}, member{"groupName", s.switches.shown(g.Name)})
	} else if s.switches.OrganizerWithoutGroup == "zero" {
		o = append(o, member{"groupId", 0}, member{"groupName", ""})
	}
	products := slices.DeleteFunc(a.products(u), func(p string) bool { return !slices.Contains(productTypes, p) })
	state := "active"
	if len(products) == 0 {
		state, products = "suspended", []string{}
	}
	return append(o, member{"status", state}, member{"products", products},
		member{"maxNumAttendeesAllowed", maxParticipants})
}

// getOrganizer serves GET /organizers/{organizerKey}, with an array of one (D). Everybody may read themselves (D).
func (s *Simulator) getOrganizer(c *call) response {
	u, failure := s.targetOrganizer(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	return s.organizerList(c, []*User{u})
}

// updateOrganizer serves PUT /organizers/{organizerKey}: it adds one product or takes them all away (D). Of a request that asks for
// both, as a client sends, the suspension counts (C).
func (s *Simulator) updateOrganizer(c *call) response {
	u, failure := s.targetOrganizer(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	var body struct {
		Status      string `json:"status"`
		ProductType string `json:"productType"`
	}
	if json.Unmarshal(c.body, &body) != nil {
		return s.meetingAnswer(refuse(http.StatusBadRequest, codeMeetingInvalid, "body"))
	}
	changed := clone(u)
	switch {
	case body.Status == "suspended":
		changed.LicenseKeys = nil
	case body.Status != "", !slices.Contains(productTypes, body.ProductType):
		return s.meetingAnswer(refuse(http.StatusBadRequest, codeMeetingInvalid, "status"))
	case !slices.Contains(c.account.products(u), body.ProductType):
		l, failure := s.licenseFor(c.account, body.ProductType)
		if failure != nil {
			return s.meetingAnswer(failure)
		}
		changed.LicenseKeys = append(changed.LicenseKeys, l.Key)
	}
	c.account.replace(u, &changed)
	c.changed = true
	return response{status: http.StatusNoContent}
}

// deleteOrganizer serves DELETE /organizers/{organizerKey}.
func (s *Simulator) deleteOrganizer(c *call) response {
	u, failure := s.targetOrganizer(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	return s.dismissOrganizer(c, u)
}

// deleteOrganizerByEmail serves DELETE /organizers?email=, which declares no 404 (D).
func (s *Simulator) deleteOrganizerByEmail(c *call) response {
	email := c.params.Get("email")
	u := c.account.byEmail[foldEmail(email)]
	switch status := statusOf(s.switches.UnknownEmailDelete); {
	case email == "":
		return s.meetingAnswer(refuse(http.StatusBadRequest, codeMeetingInvalid, "email"))
	case u != nil:
		return s.dismissOrganizer(c, u)
	case status == http.StatusNoContent:
		return response{status: status}
	default:
		return s.meetingAnswer(refuse(status, codeOrganizerNotFound, email))
	}
}

func (s *Simulator) dismissOrganizer(c *call, u *User) response {
	if failure := s.checkDelete(c, u.Key); failure != nil {
		return s.meetingAnswer(failure)
	}
	s.bury(c.account, u)
	c.changed = true
	return response{status: http.StatusNoContent}
}
