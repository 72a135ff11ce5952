package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// show renders the part of an answer that a caller can tell apart.
func (a answer) show() string {
	return fmt.Sprint(a.status, a.header["Retry-After"], a.header["Content-Type"], a.body)
}

// probes do, for every switch, something whose answer depends on its position.
var probes = map[string]func(*env) string{
	"clientAuthentication": func(e *env) string {
		form := refresh(simulator.DefaultRefreshToken)
		form.Set("client_id", simulator.DefaultClientID)
		form.Set("client_secret", simulator.DefaultClientSecret)
		a := e.send(http.MethodPost, "/oauth/token", form.Encode())
		return fmt.Sprint(a.status, e.grant(refresh(simulator.DefaultRefreshToken)).status)
	},
	"invalidGrantStatus":     func(e *env) string { return e.grant(refresh("nonsense")).show() },
	"unsupportedGrantStatus": func(e *env) string { return e.grant(url.Values{"grant_type": {"client_credentials"}}).show() },
	"patRefreshToken": func(e *env) string {
		a := e.grant(url.Values{"grant_type": {"personal_access_token"}, "pat": {simulator.DefaultPersonalAccessToken}})
		return fmt.Sprint(strings.Contains(a.body, "refresh_token"))
	},
	"expiresInType": func(e *env) string {
		return fmt.Sprintf("%T", decode[tokenAnswer](e.t, e.grant(refresh(simulator.DefaultRefreshToken))).ExpiresIn)
	},
	"revocation": func(e *env) string { return e.send(http.MethodPost, "/oauth/revoke", "token=x").show() },
	"expiredTokenAnswer": func(e *env) string {
		e.sim.ExpireAccessTokens()
		return e.send(http.MethodGet, adminRoot+"/me", nil).show()
	},
	"missingRoleStatus": func(e *env) string {
		e.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.AdminRoles = nil })
		return e.send(http.MethodGet, usersPath, nil).show()
	},
	"foreignAccountStatus": func(e *env) string {
		return e.send(http.MethodGet, adminRoot+"/accounts/"+simulator.OtherAccountKey, nil).show()
	},
	"illegalAccountBody": func(e *env) string {
		e.sim.SetIllegal(acct, true)
		var all []string
		for _, path := range []string{acctRoot, usersPath, g2m + "/upcomingMeetings"} {
			a := e.send(http.MethodGet, path, nil)
			e.wantStatus(a, http.StatusBadGateway)
			all = append(all, a.show())
		}
		e.wantStatus(e.send(http.MethodGet, adminRoot+"/me", nil), http.StatusOK) // it is about no account
		return fmt.Sprint(all)
	},
	"meNesting":    func(e *env) string { return e.send(http.MethodGet, adminRoot+"/me", nil).show() },
	"listAccounts": func(e *env) string { return e.send(http.MethodGet, adminRoot+"/accounts", nil).show() },

	"keyType": func(e *env) string {
		return e.post("", nil, person("fay@example.test")).show() + e.send(http.MethodGet, adminRoot+"/me", nil).show() +
			e.send(http.MethodGet, usersPath, nil).show() + e.send(http.MethodGet, acctRoot+"/licenses", nil).show()
	},
	"toIndex": func(e *env) string { return e.send(http.MethodGet, usersPath, nil).show() },
	"emptyResults": func(e *env) string {
		return e.send(http.MethodGet, acctRoot+"/groups", nil).show()
	},
	"defaultPageSize": func(e *env) string {
		addUsers(e, 1500)
		return fmt.Sprint(len(e.list(usersPath).Results))
	},
	"maxPageSize": func(e *env) string {
		addUsers(e, 1500)
		return fmt.Sprint(len(e.list(usersPath + "?pageSize=2000").Results))
	},
	"oversizePage": func(e *env) string { return e.send(http.MethodGet, usersPath+"?pageSize=1001", nil).show() },
	"listOrder": func(e *env) string {
		e.sim.AddUser(acct, simulator.User{Email: "a@example.test"})
		return fmt.Sprint(e.list(usersPath).emails())
	},
	"filterDialect": func(e *env) string {
		return fmt.Sprint(e.send(http.MethodGet, usersPath+"?filter="+escape(`(email="nobody")`), nil).status,
			e.send(http.MethodGet, usersPath+"?filter="+escape(`email eq "nobody"`), nil).status,
			e.send(http.MethodGet, usersPath+"?filter=nonsense", nil).status)
	},
	"visibilityLag": func(e *env) string {
		e.create("fay@example.test")
		return fmt.Sprint(e.list(usersPath).Total)
	},
	"managedGroupKeysInReads": func(e *env) string {
		group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
		e.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.ManagedGroupKeys = []string{group} })
		return e.send(http.MethodGet, usersPath, nil).show()
	},

	"notFound": func(e *env) string {
		var all []string
		for _, path := range []string{usersPath + "/7199999999999999999", acctRoot + "/groups/7499999999999999999", g2m + "/meetings/600000009", g2m + "/organizers/7199999999999999999"} {
			all = append(all, e.send(http.MethodGet, path, nil).show(), e.send(http.MethodDelete, path, nil).show())
		}
		return fmt.Sprint(all)
	},
	"rolesInReads": func(e *env) string { return e.send(http.MethodGet, usersPath, nil).show() },
	"userSettings": func(e *env) string {
		own := e.sim.AddUser(acct, simulator.User{Email: "own@example.test", Settings: json.RawMessage(`{"G2W":{}}`)})
		if got := fmt.Sprint(decode[object](e.t, e.send(http.MethodGet, usersPath+"/"+own, nil))["settings"]); got != "map[G2W:map[]]" {
			e.t.Errorf("settings of one's own are shown as %s", got)
		}
		return e.send(http.MethodGet, usersPath, nil).show()
	},
	"invitedDate": func(e *env) string {
		e.create("fay@example.test")
		return e.send(http.MethodGet, usersPath, nil).show()
	},
	"storedText":    func(e *env) string { return strings.Join(e.texts(), " | ") },
	"ignoredFields": func(e *env) string { return fmt.Sprint(e.changes()) },

	"invalidStatus": func(e *env) string {
		id, unreadable := e.plan(), e.send(http.MethodPost, usersPath, "{")
		e.wantStatus(unreadable, http.StatusBadRequest)
		return e.post("", nil, person("no address")).show() + e.put("", object{"firstName": ""}, simulator.DefaultAdminKey).show() +
			e.send(http.MethodPost, groupsPath, object{}).show() + e.send(http.MethodPut, meetingsPath+"/"+id, e.aMeeting("subject", "")).show() +
			e.send(http.MethodPost, organizersPath, e.organizerBody("no address", "G2M")).show()
	},
	"textBooleans": func(e *env) string {
		quiet := e.post("", object{"suppressEmail": "True"}, person("fay@example.test"))
		locked := e.send(http.MethodPost, meetingsPath, e.aMeeting("passwordrequired", "true"))
		return fmt.Sprint(quiet.status, locked.status, len(e.sim.Outbox()), len(e.sim.Meetings(acct)) == 1 && e.sim.Meetings(acct)[0].PasswordRequired)
	},
	"flatCreate": func(e *env) string {
		a := e.send(http.MethodPost, usersPath, object{
			"email": "fay@example.test", "firstName": "Fay", "lastName": "Field", "licenseKeys": []string{simulator.DefaultMeetingLicenseKey},
		})
		u, _ := e.sim.UserByEmail(acct, "fay@example.test")
		return fmt.Sprint(a.show(), u.FirstName, u.LicenseKeys)
	},

	"createStatus": func(e *env) string { return e.post("", nil, person("fay@example.test")).show() },
	"createBody": func(e *env) string {
		// Several users, and one that is not created, cannot be shown as a bare key.
		several := e.post("", nil, person("a@example.test"), person("b@example.test"))
		if !strings.HasPrefix(several.body, "[") {
			e.t.Errorf("several users are answered with %s", several.body)
		}
		if conflict := e.post("?allOrNothing=false", nil, person("a@example.test")); !strings.Contains(conflict.body, `"email"`) {
			e.t.Errorf("a conflict is answered with %s", conflict.body)
		}
		return e.post("", nil, person("fay@example.test")).show()
	},
	"conflictStatus": func(e *env) string { return e.post("", nil, person(simulator.DefaultAdminEmail)).show() },
	"conflictEntry": func(e *env) string {
		return e.post("?allOrNothing=false", nil, person(simulator.DefaultAdminEmail)).show()
	},
	"invalidEntry": func(e *env) string { return e.post("?allOrNothing=false", nil, object{"email": "x"}).show() },
	"licenseRequired": func(e *env) string {
		e.wantStatus(e.post("", object{"adminRoles": []string{"RUN_REPORTS"}}, person("role@example.test")), http.StatusOK)
		return e.post("", nil, person("fay@example.test")).show()
	},
	"suppressedInvite": func(e *env) string {
		e.post("", object{"suppressEmail": true}, person("fay@example.test"))
		u, _ := e.sim.UserByEmail(acct, "fay@example.test")
		return fmt.Sprint(u.InviteCount, u.InvitedDate != 0, len(e.sim.Outbox()))
	},
	"seatsExhausted":     exhaustSeats,
	"seatsExhaustedCode": exhaustSeats,
	"unknownReferenceStatus": func(e *env) string {
		return e.post("", object{"groupKey": "7499999999999999999"}, person("fay@example.test")).show()
	},
	"maxBatch": func(e *env) string {
		size := func(n int) int {
			var people []object
			for i := range n {
				people = append(people, person(fmt.Sprintf("u%d-%d@example.test", n, i)))
			}
			return e.post("", nil, people...).status
		}
		return fmt.Sprint(size(7), size(8), size(100), size(101))
	},

	"updateStatus": func(e *env) string {
		return e.send(http.MethodPut, acctRoot, object{"name": "X"}).show() + e.put("", object{}, simulator.DefaultAdminKey).show()
	},
	"deleteStatus": func(e *env) string {
		return e.send(http.MethodDelete, usersPath+"/"+e.create("fay@example.test")[0], nil).show()
	},
	"writeBody": func(e *env) string { return e.put("", object{}, simulator.DefaultAdminKey).show() },
	"multiKeyPut": func(e *env) string {
		keys := e.create("a@example.test", "b@example.test")
		status := e.put("", object{"locale": "de_DE"}, keys...).status
		return fmt.Sprint(status, e.user(keys[0]).Locale, e.user(keys[1]).Locale)
	},
	"multiKeyDelete": func(e *env) string {
		keys := e.create("a@example.test", "b@example.test")
		status := e.send(http.MethodDelete, usersPath+"/"+strings.Join(keys, ","), nil).status
		return fmt.Sprint(status, len(e.sim.Users(acct)))
	},
	"partialUpdate": func(e *env) string {
		return e.put("?allOrNothing=false", object{}, simulator.DefaultAdminKey, "7199999999999999999").show()
	},
	"licenseKeysInPut": func(e *env) string {
		for _, key := range []string{simulator.DefaultMeetingLicenseKey, simulator.DefaultWebinarLicenseKey} {
			e.wantStatus(e.put("", object{"licenseKeys": []string{key}}, simulator.DefaultAdminKey), http.StatusOK)
		}
		return fmt.Sprint(e.user(simulator.DefaultAdminKey).LicenseKeys)
	},
	"groupKeyInPut": func(e *env) string {
		group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
		e.wantStatus(e.put("", object{"groupKey": group}, simulator.DefaultAdminKey), http.StatusOK)
		return fmt.Sprint(e.user(simulator.DefaultAdminKey).GroupKey == group)
	},
	"emailChange": func(e *env) string {
		return e.put("", object{"email": "x@example.test"}, simulator.DefaultAdminKey).show()
	},
	"nonNumericKeyStatus": func(e *env) string { return e.send(http.MethodGet, usersPath+"/abc", nil).show() },
	"selfDelete": func(e *env) string {
		return e.send(http.MethodDelete, usersPath+"/"+simulator.DefaultAdminKey, nil).show()
	},
	"lastSuperUserDelete": func(e *env) string {
		return e.send(http.MethodDelete, usersPath+"/"+simulator.DefaultAdminKey, nil).show()
	},

	"groupCreateBody": func(e *env) string { return e.send(http.MethodPost, groupsPath, object{"name": "Blue"}).show() },
	"groupConflictStatus": func(e *env) string {
		e.createGroup("Blue", "")
		return e.send(http.MethodPost, groupsPath, object{"name": "Blue"}).show()
	},
	"groupNameScope": func(e *env) string {
		e.createGroup("Navy", e.createGroup("Blue", ""))
		return e.send(http.MethodPost, groupsPath, object{"name": "Navy", "parentKey": e.createGroup("Green", "")}).show()
	},
	"groupDepth": func(e *env) string {
		low := e.createGroup("Navy", e.createGroup("Blue", ""))
		return e.send(http.MethodPost, groupsPath, object{"name": "Dark", "parentKey": low}).show()
	},
	"groupParent": func(e *env) string {
		a := e.send(http.MethodPost, groupsPath, object{"name": "Navy", "parentKey": e.createGroup("Blue", "")})
		return a.show() + e.send(http.MethodGet, groupsPath, nil).body
	},
	"groupWriteStatus": func(e *env) string {
		blue := e.createGroup("Blue", "")
		return e.move(blue, simulator.DefaultAdminKey).show() + e.send(http.MethodPut, groupsPath+"/"+blue, object{"name": "Navy"}).show()
	},
	"membersOnDelete": func(e *env) string {
		blue := e.createGroup("Blue", "")
		e.move(blue, simulator.DefaultAdminKey)
		return e.send(http.MethodDelete, groupsPath+"/"+blue, nil).show() + e.user(simulator.DefaultAdminKey).GroupKey
	},
	"subgroupsOnDelete": func(e *env) string {
		blue := e.createGroup("Blue", "")
		e.createGroup("Navy", blue)
		return e.send(http.MethodDelete, groupsPath+"/"+blue, nil).show() + e.send(http.MethodGet, groupsPath, nil).body
	},
	"multiKeyMove": func(e *env) string {
		keys := e.create("a@example.test", "b@example.test")
		status := e.move(e.createGroup("Blue", ""), keys...).status
		return fmt.Sprint(status, e.user(keys[0]).GroupKey, e.user(keys[1]).GroupKey)
	},
	"groupLists": func(e *env) string {
		blue := "/groups/" + e.createGroup("Blue", "")
		return e.atBoth(http.MethodGet, blue+"/users", nil) + e.atBoth(http.MethodGet, blue+"/groups", nil)
	},
	"nothingToTake": func(e *env) string {
		return e.send(http.MethodDelete, usersPath+"/"+simulator.DefaultAdminKey+"/groups", nil).show() +
			e.send(http.MethodDelete, seatPath(simulator.DefaultMeetingLicenseKey, simulator.DefaultAdminKey), nil).show()
	},
	"licenseDetails": func(e *env) string {
		return e.atBoth(http.MethodGet, "/licenses/"+simulator.DefaultMeetingLicenseKey, nil)
	},
	"accountProducts": func(e *env) string { return e.atBoth(http.MethodGet, "/products", nil) },
	"logoVerb": func(e *env) string {
		return fmt.Sprint(e.sendLogo(http.MethodPut, "multipart/form-data; boundary=b", logoForm).status,
			e.sendLogo(http.MethodPost, "multipart/form-data; boundary=b", logoForm).status)
	},
	"logoUpload": func(e *env) string {
		return e.putLogo("multipart/form-data; boundary=b", logoForm).show() + e.putLogo("image/gif", pixel).show() +
			e.send(http.MethodPut, acctRoot+"/elsewhere/logo", nil).show()
	},
	"seatAssignment": func(e *env) string {
		return e.send(http.MethodPut, seatPath(simulator.DefaultMeetingLicenseKey, simulator.DefaultAdminKey), nil).show()
	},
	"seatEmail": func(e *env) string {
		var sent []int
		for _, query := range []string{"?suppressEmail=true", "?suppressEmail=false"} {
			key := e.sim.AddUser(acct, simulator.User{Email: query + "@example.test", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}})
			e.wantStatus(e.send(http.MethodDelete, seatPath(simulator.DefaultMeetingLicenseKey, key)+query, nil), http.StatusNoContent)
			sent = append(sent, len(e.sim.Outbox()))
		}
		return fmt.Sprint(sent)
	},

	"throttleBody": func(e *env) string { return e.overrun().show() },
	"retryAfter":   func(e *env) string { return e.overrun().show() },
	"rateScope": func(e *env) string {
		_, colleague := e.colleague("cole@example.test")
		e.overrun()
		second := "Bearer " + e.swapPAT(simulator.DefaultPersonalAccessToken)
		return fmt.Sprint(e.sendAs(second, http.MethodGet, g2m+"/upcomingMeetings", nil).status, e.overrunAs(second), e.overrunAs(colleague))
	},
	"rateApis": func(e *env) string {
		e.overrun()
		return fmt.Sprint(e.send(http.MethodGet, g2m+"/upcomingMeetings", nil).status)
	},
}

// manyKindsOfText is what a service may change in every way that the switch has.
const manyKindsOfText = " A & B  Zo\u00eb \U0001F389 as long as that\u00a0"

// texts are a user's name, a group's and a subject, as reads show them after a create and after a change.
func (e *env) texts() []string {
	e.t.Helper()
	named := object{"email": "fay@example.test", "firstName": manyKindsOfText, "lastName": "Field"}
	e.wantStatus(e.post("", nil, named), http.StatusOK)
	fay, _ := e.sim.UserByEmail(acct, "fay@example.test")
	e.wantStatus(e.put("", object{"lastName": manyKindsOfText}, fay.Key), http.StatusOK)
	group := e.send(http.MethodPost, acctRoot+"/groups", object{"name": manyKindsOfText}).body
	meeting := e.plan("subject", manyKindsOfText)
	return []string{
		e.send(http.MethodGet, usersPath+"/"+fay.Key, nil).body, e.send(http.MethodGet, acctRoot+"/groups/"+group, nil).body,
		e.send(http.MethodGet, g2m+"/meetings/"+meeting, nil).body, e.send(http.MethodGet, g2m+"/organizers/"+fay.Key, nil).body,
	}
}

// changes are the fields that a change of all of them has changed.
func (e *env) changes() map[string]bool {
	e.t.Helper()
	key := e.create("fay@example.test")[0]
	before := e.user(key)
	e.wantStatus(e.put("", object{
		"email": "new@example.test", "firstName": "New", "lastName": "New", "locale": "de_DE", "timeZone": "Europe/Berlin",
		"adminRoles": []string{"RUN_REPORTS"}, "licenseKeys": []string{simulator.DefaultMeetingLicenseKey},
	}, key), http.StatusOK)
	after := e.user(key)
	group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	e.send(http.MethodPut, acctRoot+"/groups/"+group, object{"name": "Green"})
	meeting := e.plan()
	e.send(http.MethodPut, g2m+"/meetings/"+meeting, e.aMeeting("subject", "New", "conferencecallinfo", "VoIP"))
	e.send(http.MethodPut, acctRoot, object{"name": "New"})
	now := e.sim.Meetings(acct)[0]
	return map[string]bool{
		"email": before.Email != after.Email, "firstName": before.FirstName != after.FirstName, "lastName": before.LastName != after.LastName,
		"locale": before.Locale != after.Locale, "timeZone": before.TimeZone != after.TimeZone, "adminRoles": len(after.AdminRoles) > 0,
		"licenseKeys": len(after.LicenseKeys) > 0, "groupName": strings.Contains(e.send(http.MethodGet, acctRoot+"/groups/"+group, nil).body, "Green"),
		"subject": now.Subject == "New", "conferenceCallInfo": now.ConferenceCallInfo == "VoIP",
		"accountName": e.sim.State().Accounts[0].Name == "New",
	}
}

// exhaustSeats asks for a seat of a licence that has none.
func exhaustSeats(e *env) string {
	key := e.sim.AddLicense(acct, simulator.License{Products: []string{"G2T"}})
	return e.post("", object{"licenseKeys": []string{key}}, person("fay@example.test")).show()
}

// overrun sends one request more than the rate limit lets through, and returns the answer to it.
func (e *env) overrun() answer {
	e.t.Helper()
	e.sim.SetRate(2)
	for range 2 {
		e.wantStatus(e.send(http.MethodGet, adminRoot+"/me", nil), http.StatusOK)
	}
	a := e.send(http.MethodGet, adminRoot+"/me", nil)
	e.wantStatus(a, http.StatusTooManyRequests)
	return a
}

// overrunAs sends two requests, and returns the answer to the second.
func (e *env) overrunAs(authorization string) int {
	e.t.Helper()
	e.sendAs(authorization, http.MethodGet, adminRoot+"/me", nil)
	return e.sendAs(authorization, http.MethodGet, adminRoot+"/me", nil).status
}
