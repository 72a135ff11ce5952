package simulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	newUserSettings = acctRoot + "/newUserSettings/G2M"
	accountSettings = acctRoot + "/settings/G2M"
)

func settingsOf(key string) string { return usersPath + "/" + key + "/settings/G2M" }

// licensed adds users who have GoToMeeting, and returns their keys.
func (e *env) licensed(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = e.sim.AddUser(acct, simulator.User{
			Email: fmt.Sprintf("licensed%d@example.test", i), LicenseKeys: []string{simulator.DefaultMeetingLicenseKey},
		})
	}
	return keys
}

// setting is one as a read of the user shows it.
func (e *env) setting(key, name string) any {
	e.t.Helper()
	a := e.send(http.MethodGet, usersPath+"/"+key, nil)
	e.wantStatus(a, http.StatusOK)
	settings := decode[struct {
		Settings map[string]object `json:"settings"`
	}](e.t, a)
	return settings.Settings["G2M"][name]
}

// settingsProbes do, for every switch of settings, something whose answer depends on its position.
var settingsProbes = map[string]func(*env) string{
	"settingsPath": func(e *env) string {
		return e.send(http.MethodGet, newUserSettings, nil).show() + e.send(http.MethodGet, acctRoot+"/products/G2M/newUserSettings", nil).show()
	},
	"settingsVerb": func(e *env) string {
		var statuses []int
		for _, verb := range []string{http.MethodPut, http.MethodPatch, http.MethodPost} {
			statuses = append(statuses, e.send(verb, newUserSettings, object{"chatEnabled": false}).status)
		}
		return fmt.Sprint(statuses)
	},
	"settingsBody": func(e *env) string {
		flat, wrapped := object{"chatEnabled": false}, object{"G2M": object{"chatEnabled": false}}
		return fmt.Sprint(e.send(http.MethodPut, newUserSettings, flat).status, e.send(http.MethodPut, accountSettings, wrapped).status,
			e.send(http.MethodGet, newUserSettings, nil).body)
	},
	"settingsWrite": func(e *env) string {
		_ = e.send(http.MethodPut, newUserSettings, object{"chatEnabled": false})
		_ = e.send(http.MethodPut, newUserSettings, object{"webcamEnabled": false})
		return e.send(http.MethodGet, newUserSettings, nil).body
	},
	"multiKeySettings": func(e *env) string {
		keys := e.licensed(2)
		a := e.send(http.MethodPut, settingsOf(strings.Join(keys, ",")), object{"chatEnabled": false})
		return fmt.Sprint(a.status, e.setting(keys[0], "chatEnabled"), e.setting(keys[1], "chatEnabled"))
	},
	"settingsStatus": func(e *env) string {
		return fmt.Sprint(e.send(http.MethodPut, newUserSettings, object{"chatEnabled": false}).status)
	},
	"settingsNotEntitled": func(e *env) string {
		key := e.licensed(1)[0]
		e.sim.EditSettings(acct, key, "G2M", "voipAccessible", false)
		e.sim.EditSettings(acct, key, "G2M", "voipEnabled", false)
		a := e.send(http.MethodPut, settingsOf(key), object{"voipEnabled": true, "chatEnabled": false})
		return fmt.Sprint(a.status, e.setting(key, "voipEnabled"), e.setting(key, "chatEnabled"))
	},
	"accountSettings": func(e *env) string {
		key := e.licensed(1)[0]
		e.wantStatus(e.send(http.MethodPut, accountSettings, object{"chatEnabled": false}), http.StatusNoContent)
		return fmt.Sprint(e.setting(key, "chatEnabled"), e.sim.NewUserSettings(acct, "G2M")["chatEnabled"])
	},
	"countryLists": func(e *env) string { return e.send(http.MethodGet, acctRoot+"/tollCountries/G2M", nil).body },
}

// What is written to a user is shown by the user, and nothing else changes; several are changed or none.
func TestSettingsOfUsers(t *testing.T) {
	e := start(t, with("userSettings", "full"))
	keys := e.licensed(3)
	before := e.sim.UserSettings(acct, keys[0], "G2M")
	e.wantStatus(e.send(http.MethodPut, settingsOf(keys[0]+","+keys[1]), object{"chatEnabled": false, "tollCountries": []string{"DE"}}), http.StatusNoContent)
	for i, want := range []any{false, false, true} {
		if got := e.setting(keys[i], "chatEnabled"); got != want {
			t.Errorf("user %d: %v, want %v", i, got, want)
		}
	}
	after := e.sim.UserSettings(acct, keys[0], "G2M")
	before["chatEnabled"], before["tollCountries"] = false, []any{"DE"}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	e.wantRefusal(e.send(http.MethodPut, settingsOf(keys[2]+",7199999999999999999"), object{"chatEnabled": false}), http.StatusNotFound, "user.not.found")
	for _, bad := range []any{object{"tollCountries": []string{"DE", "XX"}}, object{"voipAccessible": false}, object{"onlineRecordingTranscriptsEnabled": true}} {
		e.wantRefusal(e.send(http.MethodPut, settingsOf(keys[2]), bad), http.StatusForbidden, "setting.not.entitled")
	}
	for _, bad := range []any{object{"chatEnabled": object{}}, object{"tollCountries": []int{1}}} {
		e.wantRefusal(e.send(http.MethodPut, settingsOf(keys[2]), bad), http.StatusBadRequest, "setting.invalid")
	}
	for _, bad := range []any{"{", object{}} {
		e.wantRefusal(e.send(http.MethodPut, settingsOf(keys[2]), bad), http.StatusBadRequest, "request.invalid")
	}
	if e.setting(keys[2], "chatEnabled") != true || e.user(keys[2]).Settings != nil {
		t.Error("a refused write has changed something")
	}
}

// What is accessible follows the licences; what was chosen stays, and has its effect again with them.
func TestEntitlementFollowsLicences(t *testing.T) {
	e := start(t, with("userSettings", "full"))
	key := e.licensed(1)[0]
	e.wantStatus(e.send(http.MethodPut, settingsOf(key), object{"chatEnabled": false}), http.StatusNoContent)
	take := func(licenses ...string) {
		e.sim.UpdateUser(acct, key, func(u *simulator.User) { u.LicenseKeys = licenses })
	}
	take()
	if e.setting(key, "voipAccessible") != false || e.setting(key, "voipEnabled") != true || e.setting(key, "chatEnabled") != false {
		t.Error("without a licence")
	}
	e.wantStatus(e.send(http.MethodPut, settingsOf(key), object{"voipEnabled": true}), http.StatusNoContent) // as it is
	e.wantStatus(e.send(http.MethodPut, settingsOf(key), object{"voipEnabled": false}), http.StatusNoContent)
	e.wantRefusal(e.send(http.MethodPut, settingsOf(key), object{"voipEnabled": true}), http.StatusForbidden, "setting.not.entitled")
	take(simulator.DefaultWebinarLicenseKey)
	if e.setting(key, "voipAccessible") != true || e.setting(key, "voipEnabled") != false {
		t.Error("with a licence that brings GoToMeeting along")
	}
	other := e.sim.AddUser(acct, simulator.User{Email: "bare@example.test"})
	if e.setting(other, "voipAccessible") != false {
		t.Error("of a user who has no settings of their own")
	}
}

// A level overwrites what is below at that moment, and nothing is inherited afterwards.
func TestLevelsOverwriteDownwards(t *testing.T) {
	e := start(t, with("userSettings", "full", "accountSettings", "allUsers"))
	keys := e.licensed(3)
	top := e.sim.AddGroup(acct, simulator.Group{Name: "Top"})
	sub := e.sim.AddGroup(acct, simulator.Group{Name: "Sub", ParentKey: top})
	for i, group := range []string{top, sub} {
		e.sim.UpdateUser(acct, keys[i], func(u *simulator.User) { u.GroupKey = group })
	}
	e.sim.UpdateUser(acct, keys[2], func(u *simulator.User) { u.LicenseKeys = []string{simulator.DefaultWebinarLicenseKey} })
	chats := func() (all []any) {
		for _, key := range keys {
			all = append(all, e.setting(key, "chatEnabled"))
		}
		return all
	}
	for _, c := range []struct {
		path string
		on   bool
		want []any
	}{
		{acctRoot + "/groups/" + top + "/settings/G2M", false, []any{false, false, true}},
		{acctRoot + "/groups/" + sub + "/settings/G2M", true, []any{false, true, true}},
		{settingsOf(keys[0]), true, []any{true, true, true}},
		{acctRoot + "/licenses/" + simulator.DefaultWebinarLicenseKey + "/settings/G2M", false, []any{true, true, false}},
		{newUserSettings, true, []any{true, true, false}},
		{accountSettings, false, []any{false, false, false}},
	} {
		e.wantStatus(e.send(http.MethodPut, c.path, object{"chatEnabled": c.on}), http.StatusNoContent)
		if got := chats(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.path, got, c.want)
		}
	}
	e.wantRefusal(e.send(http.MethodPut, acctRoot+"/groups/7499999999999999999/settings/G2M", object{"chatEnabled": true}), 404, "group.not.found")
	e.wantRefusal(e.send(http.MethodPut, acctRoot+"/licenses/7399999999999999999/settings/G2M", object{"chatEnabled": true}), 404, "license.not.found")
	e.wantRefusal(e.send(http.MethodGet, acctRoot+"/newUserSettings/G2X", nil), 404, "product.not.found")
}

// New users begin with the settings for new users; one who returns has the old ones.
func TestNewUsersBeginWithTheirSettings(t *testing.T) {
	for _, shown := range []string{"sparse", "full"} {
		e := start(t, with("userSettings", shown))
		e.wantStatus(e.send(http.MethodPut, newUserSettings, object{"chatEnabled": false}), http.StatusNoContent)
		key := e.create("fay@example.test")[0]
		if got := e.setting(key, "chatEnabled"); got != false {
			t.Errorf("%s: begins with %v", shown, got)
		}
		e.wantStatus(e.send(http.MethodPut, settingsOf(key), object{"chatEnabled": true}), http.StatusNoContent)
		e.sim.RemoveUser(acct, key)
		if again := e.create("fay@example.test")[0]; again != key || e.setting(key, "chatEnabled") != true {
			t.Errorf("%s: returns as %s with %v", shown, again, e.setting(key, "chatEnabled"))
		}
		if e.setting(simulator.DefaultAdminKey, "chatEnabled") == false {
			t.Errorf("%s: who was there is changed", shown)
		}
	}
}

// What is there outlives a restart, and the control port edits it by hand.
func TestSettingsByHand(t *testing.T) {
	e := start(t, with("userSettings", "full"))
	key := e.licensed(1)[0]
	for _, path := range []string{"/users/" + key + "/settings/G2M", "/newUserSettings/G2M", "/settings/G2M"} {
		e.control(200, http.MethodPatch, "/accounts/"+acct+path, `{"chatEnabled":false,"voipAccessible":false}`)
		if got := e.control(200, http.MethodGet, "/accounts/"+acct+path, ""); !strings.Contains(got, `"chatEnabled":false`) || !strings.Contains(got, `"webcamEnabled":true`) {
			t.Errorf("%s: %s", path, got)
		}
		e.control(400, http.MethodPatch, "/accounts/"+acct+path, `[]`)
	}
	e.control(404, http.MethodGet, "/accounts/"+acct+"/users/7199999999999999999/settings/G2M", "")
	e.sim.EditNewUserSettings(acct, "G2M", "webcamEnabled", false)
	e.sim.EditAccountSettings(acct, "G2M", "recordingEnabled", false)
	if err := e.sim.Load(e.sim.State()); err != nil {
		t.Fatal(err)
	}
	if e.setting(key, "chatEnabled") != false || e.setting(key, "voipAccessible") != false ||
		e.sim.NewUserSettings(acct, "G2M")["webcamEnabled"] != false || e.sim.AccountSettings(acct, "G2M")["recordingEnabled"] != false {
		t.Error("lost")
	}
}
