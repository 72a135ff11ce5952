package simulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// userPatch is the body of PUT users. A field that is absent, or null, is left alone (C).
type userPatch struct {
	Email            *string    `json:"email"`
	FirstName        *string    `json:"firstName"`
	LastName         *string    `json:"lastName"`
	Locale           *string    `json:"locale"`
	TimeZone         *string    `json:"timeZone"`
	LicenseKeys      *[]wireKey `json:"licenseKeys"`
	AdminRoles       *[]string  `json:"adminRoles"`
	ManagedGroupKeys *[]wireKey `json:"managedGroupKeys"`
	GroupKey         *wireKey   `json:"groupKey"`
}

// targets reads the keys of the path as the switch for the method says.
func (s *Simulator) targets(c *call, position string) ([]string, *apiError) {
	text := c.r.PathValue("keys")
	var keys []string
	for key := range strings.SplitSeq(text, ",") {
		if !isKey(key) {
			return nil, s.badKey(text)
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if strings.Contains(text, ",") {
		switch position {
		case "refused":
			return nil, s.badKey(text)
		case "firstOnly":
			keys = keys[:1]
		}
	}
	return keys, s.checkBatch(len(keys))
}

// updateUsers serves PUT /accounts/{a}/users/{userKeys}.
func (s *Simulator) updateUsers(c *call) response {
	keys, failure := s.targets(c, s.switches.MultiKeyPut)
	if failure != nil {
		return s.answer(failure)
	}
	patch, failure := s.readPatch(c)
	if failure != nil {
		return s.answer(failure)
	}
	// The default is documented for POST alone (D); it is taken to hold for PUT too (U).
	all := c.flag("allOrNothing", true)
	edits, failure := s.planUpdate(c, keys, patch, all)
	if failure != nil && (all || s.switches.PartialUpdate == "error") {
		if !all {
			edits.apply(c)
		}
		return s.answer(failure)
	}
	edits.apply(c)
	return writeDone(s.switches.UpdateStatus, &s.switches)
}

// readPatch reads the body and looks at what is the same for every user.
func (s *Simulator) readPatch(c *call) (*userPatch, *apiError) {
	var fields map[string]json.RawMessage
	var patch userPatch
	if json.Unmarshal(c.body, &fields) != nil || json.Unmarshal(c.body, &patch) != nil ||
		(patch.GroupKey != nil && *patch.GroupKey == "") {
		return nil, refuse(http.StatusBadRequest, codeInvalidRequest, "body")
	}
	if _, found := fields["key"]; found {
		return nil, refuse(http.StatusBadRequest, codeKeyInBody, "key")
	}
	seatsOnly := patch.LicenseKeys != nil && len(fields) == 1
	if !seatsOnly && !c.mayAct(RoleSuperUser, RoleManageUsers) {
		return nil, s.missingRole()
	}
	if patch.AdminRoles != nil {
		if failure := s.checkRoles(c, *patch.AdminRoles); failure != nil {
			return nil, failure
		}
	}
	var licenses, groups []string
	if patch.LicenseKeys != nil {
		licenses = plainKeys(*patch.LicenseKeys)
	}
	if patch.ManagedGroupKeys != nil {
		groups = plainKeys(*patch.ManagedGroupKeys)
	}
	if patch.GroupKey != nil {
		groups = append(groups, string(*patch.GroupKey))
	}
	failure := s.checkReferences(c.account, licenses, groups)
	s.neglect(&patch)
	return &patch, failure
}

// neglect takes out of a patch the field that is not kept, and makes of its texts what is.
func (s *Simulator) neglect(patch *userPatch) {
	sw := &s.switches
	for name, field := range map[string]**string{
		"email": &patch.Email, "firstName": &patch.FirstName, "lastName": &patch.LastName, "locale": &patch.Locale, "timeZone": &patch.TimeZone,
	} {
		if sw.ignores(name) {
			*field = nil
		}
	}
	if sw.ignores("adminRoles") {
		patch.AdminRoles = nil
	}
	if sw.ignores("licenseKeys") {
		patch.LicenseKeys = nil
	}
	for _, name := range []*string{patch.FirstName, patch.LastName} {
		if name != nil {
			*name = sw.stored(*name)
		}
	}
}

// edits are changed users that wait to be stored.
type edits struct {
	old     []*User
	changed []*User
}

func (e *edits) apply(c *call) {
	for i, old := range e.old {
		c.account.replace(old, e.changed[i])
		c.changed = true
	}
}

// planUpdate works out every change before the first is stored. It returns the changes that are possible, and the first failure.
func (s *Simulator) planUpdate(c *call, keys []string, patch *userPatch, all bool) (edits, *apiError) {
	var plan edits
	var first *apiError
	taken := map[string]bool{}
	seats := map[string]int{}
	for _, key := range keys {
		changed, failure := s.edit(c, key, patch, taken, seats)
		if failure == nil {
			plan.old = append(plan.old, c.account.byKey[key])
			plan.changed = append(plan.changed, changed)
			continue
		}
		if first == nil {
			first = failure
		}
		if all {
			break
		}
	}
	return plan, first
}

// edit works out one change. It notes the e-mail and the seats that the change takes.
func (s *Simulator) edit(c *call, key string, patch *userPatch, taken map[string]bool, seats map[string]int) (*User, *apiError) {
	old := c.account.byKey[key]
	if old == nil {
		return nil, s.absent(codeUserNotFound, key)
	}
	changed := clone(old)
	if failure := s.editIdentity(&changed, patch); failure != nil {
		return nil, failure
	}
	email := foldEmail(changed.Email)
	if other := c.account.byEmail[email]; (other != nil && other != old) || taken[email] {
		return nil, refuse(statusOf(s.switches.ConflictStatus), codeUserConflict, changed.Email)
	}
	s.editRights(&changed, patch)
	gained := map[string]int{}
	for _, k := range changed.LicenseKeys {
		if !slices.Contains(old.LicenseKeys, k) {
			gained[k] = seats[k] + 1
		}
	}
	if failure := s.checkSeats(c.account, gained); failure != nil {
		return nil, failure
	}
	maps.Copy(seats, gained)
	if patch.Email != nil {
		taken[email] = true
	}
	return &changed, nil
}

// editIdentity changes what belongs to the person and not to the account: it is fixed outside the primary account, or locked (D, L).
// Sending the present value is no change.
func (s *Simulator) editIdentity(u *User, patch *userPatch) *apiError {
	for _, field := range []struct {
		value  *string
		into   *string
		locked bool
		check  func(string) *apiError
	}{
		{patch.Email, &u.Email, u.IdentityReadOnly || u.EmailLocked || s.switches.EmailChange == "refused", checkEmail},
		{patch.FirstName, &u.FirstName, u.IdentityReadOnly || u.NameLocked, checkName},
		{patch.LastName, &u.LastName, u.IdentityReadOnly || u.NameLocked, checkName},
		{patch.Locale, &u.Locale, u.IdentityReadOnly, nil},
		{patch.TimeZone, &u.TimeZone, false, nil},
	} {
		if field.value == nil || *field.value == *field.into {
			continue
		}
		if field.locked {
			return refuse(http.StatusForbidden, codeUserReadOnly, u.Key)
		}
		if field.check != nil {
			if failure := field.check(*field.value); failure != nil {
				return failure
			}
		}
		*field.into = *field.value
	}
	return nil
}

// editRights changes what the account gives to the user.
func (s *Simulator) editRights(u *User, patch *userPatch) {
	if patch.LicenseKeys != nil {
		keys := plainKeys(*patch.LicenseKeys)
		if s.switches.LicenseKeysInPut == "merge" {
			for _, have := range u.LicenseKeys {
				if !slices.Contains(keys, have) {
					keys = append(keys, have)
				}
			}
		}
		u.LicenseKeys = keys
	}
	if patch.AdminRoles != nil {
		u.AdminRoles = slices.Clone(*patch.AdminRoles)
	}
	if patch.ManagedGroupKeys != nil {
		u.ManagedGroupKeys = plainKeys(*patch.ManagedGroupKeys)
	}
	if patch.GroupKey != nil && s.switches.GroupKeyInPut == "applied" {
		u.GroupKey = string(*patch.GroupKey)
	}
}
