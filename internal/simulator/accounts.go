package simulator

import (
	"encoding/json"
	"net/http"
)

// accountsOf returns the accounts that a user belongs to; the first is the primary one (D).
func (s *Simulator) accountsOf(userKey string) []*account {
	var accounts []*account
	for _, a := range s.accounts {
		if a.byKey[userKey] != nil {
			accounts = append(accounts, a)
		}
	}
	return accounts
}

// getMe serves GET /me. Its parameters includeAdmins and includeInvitation have no known effect (U).
func (s *Simulator) getMe(c *call) response {
	sw := &s.switches
	accounts := s.accountsOf(c.token.UserKey)
	if len(accounts) == 0 {
		return s.answer(refuse(http.StatusUnauthorized, codeNotAuthenticated, ""))
	}
	primary := accounts[0]
	me := primary.byKey[c.token.UserKey]
	body := object{
		{"key", sw.keyJSON(me.Key)}, {"accountKey", sw.keyJSON(primary.key)}, {"email", me.Email},
		{"firstName", me.FirstName}, {"lastName", me.LastName}, {"locale", me.Locale}, {"timeZone", me.TimeZone},
	}
	if sw.MeNesting != "account" {
		body = append(body, rights(primary, me)...)
	}
	entries := make([]object, 0, len(accounts))
	for _, a := range accounts {
		entry := object{{"key", sw.keyJSON(a.key)}, {"name", a.name}}
		switch sw.MeNesting {
		case "account":
			entry = append(entry, rights(a, a.byKey[me.Key])...)
		case "both":
			entry = append(entry, rolesMember(a.byKey[me.Key])...)
		}
		entries = append(entries, entry)
	}
	return jsonResponse(http.StatusOK, append(body, member{"accounts", entries}))
}

// rights shows the roles and products of a user; empty ones are left out, as they are in users (L).
func rights(a *account, u *User) object {
	o := rolesMember(u)
	if products := a.products(u); len(products) > 0 {
		o = append(o, member{"products", products})
	}
	return o
}

func rolesMember(u *User) object {
	if len(u.AdminRoles) == 0 {
		return nil
	}
	return object{{"adminRoles", u.AdminRoles}}
}

// listAccounts serves GET /accounts.
func (s *Simulator) listAccounts(c *call) response {
	accounts := s.accountsOf(c.token.UserKey)
	show := func(i int) object {
		return object{{"key", s.switches.keyJSON(accounts[i].key)}, {"name", accounts[i].name}}
	}
	switch s.switches.ListAccounts {
	case "notFound":
		return s.notRouted(c)
	case "envelope":
		return s.listPage(c, len(accounts), show)
	}
	return bareList(c, len(accounts), show)
}

// getAccount serves GET /accounts/{a}. Of its body only hasAdminAccess is documented by name (D); the rest follows /me (U).
func (s *Simulator) getAccount(c *call) response {
	return jsonResponse(http.StatusOK, object{
		{"key", s.switches.keyJSON(c.account.key)}, {"name", c.account.name}, {"hasAdminAccess", !c.account.noAdminAccess},
	})
}

// updateAccount serves PUT /accounts/{a}. That accounts can be updated is documented (D), what of them is not (U): here the name.
func (s *Simulator) updateAccount(c *call) response {
	var patch struct {
		Name *string `json:"name"`
	}
	if err := json.Unmarshal(c.body, &patch); err != nil || (patch.Name != nil && *patch.Name == "") {
		return s.answer(refuse(http.StatusBadRequest, codeInvalidRequest, "name"))
	}
	if patch.Name != nil {
		c.account.name = *patch.Name
		c.changed = true
	}
	return writeDone(s.switches.UpdateStatus, &s.switches)
}
