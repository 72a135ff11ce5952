package switches

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// spec describes one field of Switches by name. The first position is the default.
type spec struct {
	name      string
	positions []string
	// open says that other values than the positions are taken.
	open bool
	get  func(*Switches) string
	// set stores a value, or says why it cannot be one. The empty value stores the default.
	set func(*Switches, string) error
}

// table lists every switch. A field of Switches that is missing here would have no default; a test looks for that.
var table = slices.Concat(adminSwitches, meetingSwitches, settingsSwitches)

// adminSwitches are those of the Admin API, the OAuth server and the rate limit.
var adminSwitches = []spec{
	choice("clientAuthentication", func(s *Switches) *string { return &s.ClientAuthentication }, "basicOrPost", "basic"),
	choice("invalidGrantStatus", func(s *Switches) *string { return &s.InvalidGrantStatus }, "400", "401"),
	choice("unsupportedGrantStatus", func(s *Switches) *string { return &s.UnsupportedGrantStatus }, "400", "401"),
	choice("patRefreshToken", func(s *Switches) *string { return &s.PATRefreshToken }, "no", "yes"),
	choice("expiresInType", func(s *Switches) *string { return &s.ExpiresInType }, "number", "string"),
	choice("revocation", func(s *Switches) *string { return &s.Revocation }, "unavailable", "available"),
	choice("expiredTokenAnswer", func(s *Switches) *string { return &s.ExpiredTokenAnswer }, "401", "403InvalidToken"),
	choice("missingRoleStatus", func(s *Switches) *string { return &s.MissingRoleStatus }, "403", "401"),
	choice("foreignAccountStatus", func(s *Switches) *string { return &s.ForeignAccountStatus }, "403", "404"),
	choice("illegalAccountBody", func(s *Switches) *string { return &s.IllegalAccountBody }, "text", "errors", "intErrCode"),
	choice("meNesting", func(s *Switches) *string { return &s.MeNesting }, "both", "root", "account"),
	choice("listAccounts", func(s *Switches) *string { return &s.ListAccounts }, "array", "envelope", "notFound"),

	choice("keyType", func(s *Switches) *string { return &s.KeyType }, "string", "number"),
	choice("toIndex", func(s *Switches) *string { return &s.ToIndex }, "exclusive", "inclusive"),
	choice("emptyResults", func(s *Switches) *string { return &s.EmptyResults }, "array", "omitted"),
	number("defaultPageSize", func(s *Switches) *int { return &s.DefaultPageSize }, 1, "100", "10", "1000"),
	number("maxPageSize", func(s *Switches) *int { return &s.MaxPageSize }, 1, "1000", "25", "200"),
	choice("oversizePage", func(s *Switches) *string { return &s.OversizePage }, "clamped", "refused"),
	choice("listOrder", func(s *Switches) *string { return &s.ListOrder }, "email", "key"),
	choice("filterDialect", func(s *Switches) *string { return &s.FilterDialect }, "both", "regex", "scim", "ignored"),
	duration("visibilityLag", func(s *Switches) *time.Duration { return &s.VisibilityLag }, "0s", "2s"),
	choice("managedGroupKeysInReads", func(s *Switches) *string { return &s.ManagedGroupKeysInReads }, "no", "yes"),

	choice("notFound", func(s *Switches) *string { return &s.NotFound }, "404", "404bare", "400", "403"),
	choice("rolesInReads", func(s *Switches) *string { return &s.RolesInReads }, "written", "expanded"),
	choice("userSettings", func(s *Switches) *string { return &s.UserSettings }, "sparse", "full"),
	choice("invitedDate", func(s *Switches) *string { return &s.InvitedDate }, "shown", "absent"),
	choice("storedText", func(s *Switches) *string { return &s.StoredText },
		"asSent", "folded", "escaped", "decomposed", "truncated", "basicPlane"),
	choice("ignoredFields", func(s *Switches) *string { return &s.IgnoredFields },
		"none", "email", "firstName", "lastName", "locale", "timeZone", "adminRoles", "licenseKeys", "groupName", "subject",
		"conferenceCallInfo", "accountName"),

	choice("invalidStatus", func(s *Switches) *string { return &s.InvalidStatus }, "400", "422"),
	choice("textBooleans", func(s *Switches) *string { return &s.TextBooleans }, "refused", "accepted"),
	choice("flatCreate", func(s *Switches) *string { return &s.FlatCreate }, "refused", "accepted"),
	choice("createStatus", func(s *Switches) *string { return &s.CreateStatus }, "200", "201"),
	choice("createBody", func(s *Switches) *string { return &s.CreateBody }, "array", "object", "scalar"),
	choice("conflictStatus", func(s *Switches) *string { return &s.ConflictStatus }, "409", "400"),
	choice("conflictEntry", func(s *Switches) *string { return &s.ConflictEntry }, "withoutKey", "withKey"),
	choice("invalidEntry", func(s *Switches) *string { return &s.InvalidEntry }, "refused", "withoutKey"),
	choice("licenseRequired", func(s *Switches) *string { return &s.LicenseRequired }, "no", "yes"),
	choice("suppressedInvite", func(s *Switches) *string { return &s.SuppressedInvite }, "uninvited", "invited"),
	choice("seatsExhausted", func(s *Switches) *string { return &s.SeatsExhausted }, "409", "422", "400"),
	choice("seatsExhaustedCode", func(s *Switches) *string { return &s.SeatsExhaustedCode },
		"license.seats.exceeded", "seat.not.available", "request.invalid"),
	choice("unknownReferenceStatus", func(s *Switches) *string { return &s.UnknownReferenceStatus }, "400", "404"),
	number("maxBatch", func(s *Switches) *int { return &s.MaxBatch }, 0, "0", "100", "7"),

	choice("updateStatus", func(s *Switches) *string { return &s.UpdateStatus }, "200", "204"),
	choice("deleteStatus", func(s *Switches) *string { return &s.DeleteStatus }, "204", "200"),
	choice("writeBody", func(s *Switches) *string { return &s.WriteBody }, "empty", "json", "null"),
	choice("multiKeyPut", func(s *Switches) *string { return &s.MultiKeyPut }, "allowed", "refused", "firstOnly"),
	choice("multiKeyDelete", func(s *Switches) *string { return &s.MultiKeyDelete }, "allowed", "refused", "firstOnly"),
	choice("partialUpdate", func(s *Switches) *string { return &s.PartialUpdate }, "success", "error"),
	choice("licenseKeysInPut", func(s *Switches) *string { return &s.LicenseKeysInPut }, "replace", "merge"),
	choice("groupKeyInPut", func(s *Switches) *string { return &s.GroupKeyInPut }, "applied", "ignored"),
	choice("emailChange", func(s *Switches) *string { return &s.EmailChange }, "allowed", "refused"),
	choice("nonNumericKeyStatus", func(s *Switches) *string { return &s.NonNumericKeyStatus }, "502", "404"),
	choice("selfDelete", func(s *Switches) *string { return &s.SelfDelete }, "allowed", "refused"),
	choice("lastSuperUserDelete", func(s *Switches) *string { return &s.LastSuperUserDelete }, "allowed", "refused"),

	choice("groupCreateBody", func(s *Switches) *string { return &s.GroupCreateBody }, "number", "string"),
	choice("groupConflictStatus", func(s *Switches) *string { return &s.GroupConflictStatus }, "409", "400"),
	choice("groupNameScope", func(s *Switches) *string { return &s.GroupNameScope }, "account", "parent"),
	choice("groupDepth", func(s *Switches) *string { return &s.GroupDepth }, "two", "any"),
	choice("groupParent", func(s *Switches) *string { return &s.GroupParent }, "parentKey", "ignored", "refused"),
	choice("groupWriteStatus", func(s *Switches) *string { return &s.GroupWriteStatus }, "204", "200"),
	choice("membersOnDelete", func(s *Switches) *string { return &s.MembersOnDelete }, "released", "refused"),
	choice("subgroupsOnDelete", func(s *Switches) *string { return &s.SubgroupsOnDelete }, "refused", "deleted", "promoted"),
	choice("multiKeyMove", func(s *Switches) *string { return &s.MultiKeyMove }, "allowed", "refused", "firstOnly"),
	choice("groupLists", func(s *Switches) *string { return &s.GroupLists }, "unavailable", "available", "elsewhere"),
	choice("licenseDetails", func(s *Switches) *string { return &s.LicenseDetails }, "unavailable", "available", "elsewhere"),
	choice("accountProducts", func(s *Switches) *string { return &s.AccountProducts }, "unavailable", "array", "envelope", "elsewhere"),
	choice("logoUpload", func(s *Switches) *string { return &s.LogoUpload }, "multipart", "raw", "elsewhere", "unavailable"),
	choice("logoVerb", func(s *Switches) *string { return &s.LogoVerb }, "put", "post"),
	choice("nothingToTake", func(s *Switches) *string { return &s.NothingToTake }, "done", "404"),
	choice("seatAssignment", func(s *Switches) *string { return &s.SeatAssignment }, "unavailable", "available"),
	choice("seatEmail", func(s *Switches) *string { return &s.SeatEmail }, "unlessSuppressed", "always", "never"),

	choice("definitionItems", func(s *Switches) *string { return &s.DefinitionItems }, "available", "elsewhere", "unavailable"),
	choice("definitionVerb", func(s *Switches) *string { return &s.DefinitionVerb }, "put", "patch", "post"),
	choice("definitionWrite", func(s *Switches) *string { return &s.DefinitionWrite }, "replace", "merge"),
	choice("definitionCreateBody", func(s *Switches) *string { return &s.DefinitionCreateBody }, "string", "number"),
	choice("definitionConflict", func(s *Switches) *string { return &s.DefinitionConflict }, "409", "400", "allowed"),
	choice("attributeValues", func(s *Switches) *string { return &s.AttributeValues }, "ownPath", "userPut", "unavailable"),
	choice("attributeForm", func(s *Switches) *string { return &s.AttributeForm }, "byName", "byKey", "named"),
	choice("attributeWrite", func(s *Switches) *string { return &s.AttributeWrite }, "merge", "replace"),
	choice("attributesInReads", func(s *Switches) *string { return &s.AttributesInReads }, "yes", "no"),
	choice("roleSetWrites", func(s *Switches) *string { return &s.RoleSetWrites }, "filter", "userPut", "ownPath"),
	choice("roleSetAssign", func(s *Switches) *string { return &s.RoleSetAssign }, "adds", "replaces"),

	choice("throttleBody", func(s *Switches) *string { return &s.ThrottleBody }, "empty", "json", "text"),
	choice("retryAfter", func(s *Switches) *string { return &s.RetryAfter }, "none", "seconds", "date"),
	choice("rateScope", func(s *Switches) *string { return &s.RateScope }, "client", "token", "user"),
	choice("rateApis", func(s *Switches) *string { return &s.RateAPIs }, "separate", "shared"),

	choice("reportPaths", func(s *Switches) *string { return &s.ReportPaths }, "reports", "reporting", "unavailable"),
	choice("reportDates", func(s *Switches) *string { return &s.ReportDates }, "times", "days"),
	choice("reportSheet", func(s *Switches) *string { return &s.ReportSheet }, "plain", "titled"),
	choice("emptyReport", func(s *Switches) *string { return &s.EmptyReport }, "sheet", "noContent"),
	choice("tollFreeHtml", func(s *Switches) *string { return &s.TollFreeHTML }, "byAccept", "never"),
}

// choice is a switch with a fixed list of positions.
func choice(name string, field func(*Switches) *string, positions ...string) spec {
	return spec{
		name: name, positions: positions,
		get: func(s *Switches) string { return *field(s) },
		set: func(s *Switches, value string) error {
			if value == "" {
				value = positions[0]
			}
			if !slices.Contains(positions, value) {
				return fmt.Errorf("switch %s is one of %s, not %q", name, strings.Join(positions, ", "), value)
			}
			*field(s) = value
			return nil
		},
	}
}

// number is a switch that takes any integer from least upwards; its positions are examples.
func number(name string, field func(*Switches) *int, least int, positions ...string) spec {
	return spec{
		name: name, positions: positions, open: true,
		get: func(s *Switches) string { return strconv.Itoa(*field(s)) },
		set: func(s *Switches, value string) error {
			if value == "" || value == "0" {
				value = positions[0]
			}
			n, err := strconv.Atoi(value)
			if err != nil || n < least {
				return fmt.Errorf("switch %s is a whole number of at least %d, not %q", name, least, value)
			}
			*field(s) = n
			return nil
		},
	}
}

// duration is a switch that takes any duration; its positions are examples.
func duration(name string, field func(*Switches) *time.Duration, positions ...string) spec {
	return spec{
		name: name, positions: positions, open: true,
		get: func(s *Switches) string { return field(s).String() },
		set: func(s *Switches, value string) error {
			if value == "" {
				value = positions[0]
			}
			d, err := time.ParseDuration(value)
			if err != nil || d < 0 {
				return fmt.Errorf("switch %s is a duration such as 2s, not %q", name, value)
			}
			*field(s) = d
			return nil
		},
	}
}

// Default returns every switch in its default position.
func Default() Switches {
	s, err := Switches{}.Normalized()
	if err != nil {
		panic(err) // the table's own defaults do not fit their fields
	}
	return s
}

// Positions returns the positions of every switch by name, the default first. For switches that take a number or a
// duration the positions are examples.
func Positions() map[string][]string {
	positions := make(map[string][]string, len(table))
	for _, entry := range table {
		positions[entry.name] = slices.Clone(entry.positions)
	}
	return positions
}

// Names returns the name of every switch in the order of the fields.
func Names() []string {
	names := make([]string, 0, len(table))
	for _, entry := range table {
		names = append(names, entry.name)
	}
	return names
}

// Open says whether the switch of that name takes other values than its positions: numbers and durations do.
func Open(name string) bool {
	return slices.ContainsFunc(table, func(entry spec) bool { return entry.name == name && entry.open })
}

// Set puts the switch of that name into a position. The error says which positions there are.
func (s *Switches) Set(name, position string) error {
	i := slices.IndexFunc(table, func(entry spec) bool { return entry.name == name })
	if i < 0 {
		return fmt.Errorf("no switch is called %q; there are %s", name,
			strings.Join(Names(), ", "))
	}
	return table[i].set(s, position)
}

// Map returns the position of every switch by name.
func (s Switches) Map() map[string]string {
	m := make(map[string]string, len(table))
	for _, entry := range table {
		m[entry.name] = entry.get(&s)
	}
	return m
}

// MarshalJSON writes the switches as an object of positions by name.
func (s Switches) MarshalJSON() ([]byte, error) { return json.Marshal(s.Map()) }

// UnmarshalJSON reads what MarshalJSON writes; switches that are not named keep their position.
func (s *Switches) UnmarshalJSON(data []byte) error {
	var m map[string]string
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	next := *s
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if err := next.Set(name, m[name]); err != nil {
			return err
		}
	}
	*s = next
	return nil
}

// Normalized fills in defaults and refuses values that are no positions.
func (s Switches) Normalized() (Switches, error) {
	for _, entry := range table {
		if err := entry.set(&s, entry.get(&s)); err != nil {
			return s, err
		}
	}
	return s, nil
}

// Status reads a position that is an HTTP status. It panics on any other.
func Status(position string) int {
	status, err := strconv.Atoi(position)
	if err != nil {
		panic(err) // the table offers numbers only
	}
	return status
}
