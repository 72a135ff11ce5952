package admin

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// userPatch is the body of PUT users. A field that is absent, or null, is left alone (C).
type userPatch struct {
	Email            *string     `json:"email"`
	FirstName        *string     `json:"firstName"`
	LastName         *string     `json:"lastName"`
	Locale           *string     `json:"locale"`
	TimeZone         *string     `json:"timeZone"`
	LicenseKeys      *[]wire.Key `json:"licenseKeys"`
	AdminRoles       *[]string   `json:"adminRoles"`
	ManagedGroupKeys *[]wire.Key `json:"managedGroupKeys"`
	GroupKey         *wire.Key   `json:"groupKey"`
	extras
}

// targets reads the keys of the path as the switch for the method says.
func targets(c *call.Call, position string) ([]string, *wire.Refusal) {
	text := c.PathValue("keys")
	var keys []string
	for key := range strings.SplitSeq(text, ",") {
		if !state.IsKey(key) {
			return nil, badKey(c, text)
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if strings.Contains(text, ",") {
		switch position {
		case "refused":
			return nil, badKey(c, text)
		case "firstOnly":
			keys = keys[:1]
		}
	}
	return keys, checkBatch(c, len(keys))
}

// updateUsers serves PUT /accounts/{a}/users/{userKeys}.
func updateUsers(c *call.Call) wire.Response {
	keys, failure := targets(c, c.Switches.MultiKeyPut)
	if failure != nil {
		return answer(c, failure)
	}
	patch, failure := readPatch(c)
	if failure != nil {
		return answer(c, failure)
	}
	// The default is documented for POST alone (D); it is taken to hold for PUT too (U).
	all := c.Flag("allOrNothing", true)
	edits, failure := planUpdate(c, keys, patch, all)
	if failure == nil {
		failure = extend(c, &edits, patch.extras)
	}
	if failure != nil && (all || c.Switches.PartialUpdate == "error") {
		if !all {
			edits.apply(c)
		}
		return answer(c, failure)
	}
	edits.apply(c)
	return writeDone(c.Switches.UpdateStatus, c.Switches)
}

// readPatch reads the body and looks at what is the same for every user.
func readPatch(c *call.Call) (*userPatch, *wire.Refusal) {
	var fields map[string]json.RawMessage
	var patch userPatch
	if json.Unmarshal(c.Body, &fields) != nil || json.Unmarshal(c.Body, &patch) != nil ||
		(patch.GroupKey != nil && *patch.GroupKey == "") {
		return nil, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "body")
	}
	if _, found := fields["key"]; found {
		return nil, c.Invalid(wire.CodeKeyInBody, "key")
	}
	seatsOnly := patch.LicenseKeys != nil && len(fields) == 1
	if !seatsOnly && !c.MayAct(state.RoleSuperUser, state.RoleManageUsers) {
		return nil, missingRole(c)
	}
	if patch.AdminRoles != nil {
		if failure := checkRoles(c, *patch.AdminRoles); failure != nil {
			return nil, failure
		}
	}
	var licenses, groups []string
	if patch.LicenseKeys != nil {
		licenses = wire.PlainKeys(*patch.LicenseKeys)
	}
	if patch.ManagedGroupKeys != nil {
		groups = wire.PlainKeys(*patch.ManagedGroupKeys)
	}
	if patch.GroupKey != nil {
		groups = append(groups, string(*patch.GroupKey))
	}
	failure := checkReferences(c, licenses, groups)
	neglect(c, &patch)
	return &patch, failure
}

// neglect takes out of a patch the field that is not kept, and makes of its texts what is.
func neglect(c *call.Call, patch *userPatch) {
	sw := c.Switches
	for name, field := range map[string]**string{
		"email": &patch.Email, "firstName": &patch.FirstName, "lastName": &patch.LastName, "locale": &patch.Locale, "timeZone": &patch.TimeZone,
	} {
		if sw.Ignores(name) {
			*field = nil
		}
	}
	if sw.Ignores("adminRoles") {
		patch.AdminRoles = nil
	}
	if sw.Ignores("licenseKeys") {
		patch.LicenseKeys = nil
	}
	for _, name := range []*string{patch.FirstName, patch.LastName} {
		if name != nil {
			*name = sw.Stored(*name)
		}
	}
}

// extend adds to changes what is not known to belong there (U).
func extend(c *call.Call, e *edits, more extras) *wire.Refusal {
	if c.Switches.AttributeValues != "userPut" {
		more.Attributes = nil
	}
	if c.Switches.RoleSetWrites != "userPut" {
		more.RoleSets = nil
	}
	return applyExtras(c, e.changed, more)
}

// edits are changed users that wait to be stored.
type edits struct {
	old     []*state.User
	changed []*state.User
}

func (e *edits) apply(c *call.Call) {
	for i, old := range e.old {
		c.Account.Replace(old, e.changed[i])
		c.Changed = true
	}
}

// planUpdate works out every change before the first is stored. It returns the changes that are possible, and the first failure.
func planUpdate(c *call.Call, keys []string, patch *userPatch, all bool) (edits, *wire.Refusal) {
	var plan edits
	var first *wire.Refusal
	taken := map[string]bool{}
	seats := map[string]int{}
	for _, key := range keys {
		changed, failure := edit(c, key, patch, taken, seats)
		if failure == nil {
			plan.old = append(plan.old, c.Account.User(key))
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
func edit(c *call.Call, key string, patch *userPatch, taken map[string]bool, seats map[string]int) (*state.User, *wire.Refusal) {
	old := c.Account.User(key)
	if old == nil {
		return nil, c.Absent(wire.CodeUserNotFound, key)
	}
	changed := old.Clone()
	if failure := editIdentity(c, &changed, patch); failure != nil {
		return nil, failure
	}
	email := state.FoldEmail(changed.Email)
	if other := c.Account.ByEmail(email); (other != nil && other != old) || taken[email] {
		return nil, wire.Refuse(switches.Status(c.Switches.ConflictStatus), wire.CodeUserConflict, changed.Email)
	}
	editRights(c, &changed, patch)
	gained := map[string]int{}
	for _, k := range changed.LicenseKeys {
		if !slices.Contains(old.LicenseKeys, k) {
			gained[k] = seats[k] + 1
		}
	}
	if failure := users.CheckSeats(c, gained); failure != nil {
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
func editIdentity(c *call.Call, u *state.User, patch *userPatch) *wire.Refusal {
	for _, field := range []struct {
		value  *string
		into   *string
		locked bool
		check  func(*call.Call, string) *wire.Refusal
	}{
		{patch.Email, &u.Email, u.IdentityReadOnly || u.EmailLocked || c.Switches.EmailChange == "refused", users.CheckEmail},
		{patch.FirstName, &u.FirstName, u.IdentityReadOnly || u.NameLocked, checkName},
		{patch.LastName, &u.LastName, u.IdentityReadOnly || u.NameLocked, checkName},
		{patch.Locale, &u.Locale, u.IdentityReadOnly, nil},
		{patch.TimeZone, &u.TimeZone, false, nil},
	} {
		if field.value == nil || *field.value == *field.into {
			continue
		}
		if field.locked {
			return wire.Refuse(http.StatusForbidden, wire.CodeUserReadOnly, u.Key)
		}
		if field.check != nil {
			if failure := field.check(c, *field.value); failure != nil {
				return failure
			}
		}
		*field.into = *field.value
	}
	return nil
}

// editRights changes what the account gives to the user.
func editRights(c *call.Call, u *state.User, patch *userPatch) {
	if patch.LicenseKeys != nil {
		keys := wire.PlainKeys(*patch.LicenseKeys)
		if c.Switches.LicenseKeysInPut == "merge" {
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
		u.ManagedGroupKeys = wire.PlainKeys(*patch.ManagedGroupKeys)
	}
	if patch.GroupKey != nil && c.Switches.GroupKeyInPut == "applied" {
		u.GroupKey = string(*patch.GroupKey)
	}
}
