package users

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// Settings are those of one product by name: flags, numbers, texts and lists of texts.
type Settings = map[string]any

// FullSettings are the settings by product of a user who has never been given any, as every captured user shows them (L).
func FullSettings() wire.Object {
	return wire.Object{
		wire.M("G2M", meetingSettings()),
		wire.M("G2MFREE", flags("attendeeListEnabled chatEnabled", true)),
	}
}

// meetingSettings are the settings of GoToMeeting: names, types and numbers of countries as captured (L), about 2.2 KB of JSON. The values,
// and which countries there are, are a choice. What is accessible is granted by licence or account, what is enabled is the choice (C).
func meetingSettings() wire.Object {
	here := []string{"US"}
	settings := flags("tollAccessible tollEnabled voipAccessible voipEnabled privateConfCallAccessible tollFreeAccessible tollFreeEnabled "+
		"dialOutAccessible dialOutEnabled attendeeListEnabled keyboardMouseControlEnabled chatEnabled recordingEnabled webcamEnabled "+
		"webViewerAccessible onlineRecordingAccessible onlineRecordingEnabled standaloneAudioAccessible standaloneAudioEnabled "+
		"openMeetingsAccessible openMeetingsEnabled ux2019Accessible ux2019Enabled meetingHubEnabled meetingHubAccessible npaEnabled "+
		"roomSystemDualDisplayEnabled", true)
	settings = append(settings, flags("privateConfCallEnabled webViewerEnabled onlineRecordingTranscriptsAccessible "+
		"onlineRecordingTranscriptsEnabled npaConfirmationDialogEnabled npaSameAccountRestrictionEnabled", false)...)
	return append(settings,
		wire.M("tollCountries", here), wire.M("allowedTollCountries", TollCountries()),
		wire.M("tollFreeCountries", here), wire.M("allowedTollFreeCountries", TollFreeCountries()),
		wire.M("dialOutCountries", countries(61)), wire.M("allowedDialOutCountries", countries(61)))
}

func flags(names string, on bool) wire.Object {
	var o wire.Object
	for name := range strings.FieldsSeq(names) {
		o = append(o, wire.M(name, on))
	}
	return o
}

// TollCountries are those of the account's toll numbers, as many as a captured user was allowed (L).
func TollCountries() []string { return countries(34) }

// TollFreeCountries are those of its toll-free numbers, likewise (L).
func TollFreeCountries() []string { return countries(58) }

// countries returns the first n of some codes of ISO 3166.
func countries(n int) []string {
	return strings.Fields("US CA MX BR AR CL CO PE PA CR UY GB IE FR BE LU NL DE AT CH IT ES PT GR DK SE NO FI IS CZ SK PL HU RO BG HR SI EE LV LT " +
		"UA TR IL AE SA QA KW OM BH EG ZA IN PK CN HK TW JP KR SG MY TH PH")[:n]
}

// SettingsProducts are the products that have settings (D), with those of a user without a licence (L).
func SettingsProducts() []string { return []string{"G2M", "G2MFREE", "G2W", "G2T", "OPENVOICE"} }

// full are the settings of a user who has never been given any, and of one without a licence for GoToMeeting.
var full, unlicensed = json.RawMessage(wire.JSON(0, FullSettings()).Body), withdrawn(json.RawMessage(wire.JSON(0, FullSettings()).Body), nil)

// ShownSettings are the settings that reads of a user show, by product. Those of a user who has none of their own are made up as the
// switch userSettings says; what a licence grants, and the user does not have, is not accessible.
func ShownSettings(sw *switches.Switches, d *state.Directory, u *state.User) json.RawMessage {
	licensed := d.Products(u)
	switch {
	case len(u.Settings) > 0:
		return withdrawn(u.Settings, licensed)
	case sw.UserSettings == "sparse":
		return json.RawMessage("{}")
	case slices.Contains(licensed, "G2M"):
		return full
	}
	return unlicensed
}

// withdrawn are settings without what no licence of the products grants.
func withdrawn(shown json.RawMessage, licensed []string) json.RawMessage {
	limited := slices.DeleteFunc(SettingsProducts(), func(product string) bool {
		return product == "G2MFREE" || slices.Contains(licensed, product) || !bytes.Contains(shown, []byte(`"`+product+`"`))
	})
	if len(limited) == 0 || !bytes.Contains(shown, []byte(`Accessible"`)) {
		return shown
	}
	all := decoded(shown)
	for _, product := range limited {
		for name, value := range all[product] {
			if strings.HasSuffix(name, "Accessible") && value == true {
				all[product][name] = false
			}
		}
	}
	return encoded(all)
}

// UserSettings are the settings of a user for a product, as reads show them.
func UserSettings(sw *switches.Switches, d *state.Directory, u *state.User, product string) Settings {
	return decoded(ShownSettings(sw, d, u))[product]
}

// LevelSettings are those of the account, or for new users, for a product.
func LevelSettings(sw *switches.Switches, level map[string]json.RawMessage, product string) Settings {
	var settings Settings
	if json.Unmarshal(level[product], &settings) == nil && settings != nil {
		return settings
	}
	return defaults(sw, product)
}

// defaults are the settings of the service itself for a product.
func defaults(sw *switches.Switches, product string) Settings {
	if sw.UserSettings == "full" {
		return decoded(full)[product]
	}
	return nil
}

// SetSettings changes the settings of a user as the switch settingsWrite says, but for those that the user cannot have.
func SetSettings(sw *switches.Switches, d *state.Directory, u *state.User, product string, set Settings) {
	all := own(sw, u)
	granted, _ := entitled(UserSettings(sw, d, u, product), set)
	all[product] = written(sw, product, all[product], granted)
	u.Settings = encoded(all)
}

// own are the settings of a user, whatever the licences grant now.
func own(sw *switches.Switches, u *state.User) map[string]Settings {
	if len(u.Settings) == 0 && sw.UserSettings == "full" {
		return decoded(full)
	}
	return decoded(u.Settings)
}

// Denied is the name of the first of the settings that a user cannot have, or "".
func Denied(sw *switches.Switches, d *state.Directory, u *state.User, product string, set Settings) string {
	_, denied := entitled(UserSettings(sw, d, u, product), set)
	return denied
}

// EditSettings changes some settings of a user by hand, whatever the licences grant.
func EditSettings(sw *switches.Switches, u *state.User, product string, set Settings) {
	all := own(sw, u)
	all[product] = merged(all[product], set)
	u.Settings = encoded(all)
}

// SetLevel changes the settings of the account, or for new users, for a product.
func SetLevel(sw *switches.Switches, level *map[string]json.RawMessage, product string, set Settings) {
	current := LevelSettings(sw, *level, product)
	granted, _ := entitled(current, set)
	putLevel(level, product, written(sw, product, current, granted))
}

// EditLevel changes some of them by hand.
func EditLevel(sw *switches.Switches, level *map[string]json.RawMessage, product string, set Settings) {
	putLevel(level, product, merged(LevelSettings(sw, *level, product), set))
}

func putLevel(level *map[string]json.RawMessage, product string, settings Settings) {
	next := maps.Clone(*level)
	if next == nil {
		next = map[string]json.RawMessage{}
	}
	data, err := json.Marshal(settings)
	if err != nil {
		panic(err) // it has come from JSON
	}
	next[product] = data
	*level = next
}

// begin gives a new user the settings that the account has for new users.
func begin(sw *switches.Switches, d *state.Directory, u *state.User) {
	for product := range d.NewUserSettings {
		granted, _ := entitled(UserSettings(sw, d, u, product), LevelSettings(sw, d.NewUserSettings, product))
		EditSettings(sw, u, product, granted)
	}
}

// written are the settings after a write: those that it does not name stay, or begin anew.
func written(sw *switches.Switches, product string, current, set Settings) Settings {
	if sw.SettingsWrite != "replaces" {
		return merged(current, set)
	}
	next := merged(defaults(sw, product), nil)
	for name, value := range current {
		if isEntitlement(name) {
			next[name] = value
		}
	}
	return merged(next, set)
}

// entitled are those of the settings that can be had beside the present ones: what the licences and the account grant. denied is the
// name of the first that is not among them.
func entitled(current, set Settings) (granted Settings, denied string) {
	granted = Settings{}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if may(current, name, set[name]) {
			granted[name] = set[name]
		} else if denied == "" {
			denied = name
		}
	}
	return granted, denied
}

// may says whether a setting can be had. One that stays as it is can: else nobody could write all that they have.
func may(current Settings, name string, value any) bool {
	if isEntitlement(name) || same(current[name], value) {
		return same(current[name], value)
	}
	if x, is := strings.CutSuffix(name, "Enabled"); is && value == true {
		return current[x+"Accessible"] != false
	}
	x, is := strings.CutSuffix(name, "Countries")
	if !is || x == "" {
		return true
	}
	allowed, limited := current["allowed"+strings.ToUpper(x[:1])+x[1:]+"Countries"].([]any)
	chosen, _ := value.([]any)
	return !limited || !slices.ContainsFunc(chosen, func(c any) bool { return !slices.Contains(allowed, c) })
}

func isEntitlement(name string) bool {
	return strings.HasSuffix(name, "Accessible") || strings.HasPrefix(name, "allowed") && strings.HasSuffix(name, "Countries")
}

func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

func merged(current, set Settings) Settings {
	next := Settings{}
	maps.Copy(next, current)
	maps.Copy(next, set)
	return next
}

// decoded are settings by product. What is no object has none.
func decoded(shown json.RawMessage) map[string]Settings {
	all := map[string]Settings{}
	if json.Unmarshal(shown, &all) != nil || all == nil {
		return map[string]Settings{}
	}
	return all
}

func encoded(all map[string]Settings) json.RawMessage {
	data, err := json.Marshal(all)
	if err != nil {
		panic(err) // it has come from JSON
	}
	return data
}
