package gotoclient_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const product = gotoclient.ProductMeeting

func (w *world) settings() *gotoclient.SettingsService { return w.client.Settings(account) }

// licensedUsers adds n users who have GoToMeeting.
func (w *world) licensedUsers(n int) []gotoclient.Key {
	keys := w.addUsers(n)
	for _, key := range keys {
		w.sim.UpdateUser(simulator.DefaultAccountKey, key.String(), func(u *simulator.User) {
			u.LicenseKeys = []string{simulator.DefaultMeetingLicenseKey}
		})
	}
	return keys
}

func (w *world) settingsOf(t *testing.T, key gotoclient.Key) gotoclient.Settings {
	t.Helper()
	u, err := w.users().Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return u.SettingsOf(product)
}

// Every operation, with what it does at the other levels.
func TestSettings(t *testing.T) {
	w := newWorld(t)
	w.set(t, "userSettings", "full")
	w.set(t, "accountSettings", "allUsers")
	ctx, keys := t.Context(), w.licensedUsers(3)
	group := w.sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Name: "Blue"})
	w.sim.UpdateUser(simulator.DefaultAccountKey, keys[2].String(), func(u *simulator.User) { u.GroupKey = group })
	set := gotoclient.Settings{"chatEnabled": false, "tollCountries": []string{"DE", "US"}}
	if err := w.settings().UpdateUsers(ctx, keys[:2], product, set); err != nil {
		t.Fatal(err)
	}
	if got := []bool{w.settingsOf(t, keys[0]).Has(set), w.settingsOf(t, keys[1]).Has(set), w.settingsOf(t, keys[2]).Has(set)}; !slices.Equal(got, []bool{true, true, false}) {
		t.Errorf("users have it: %v", got)
	}
	off := gotoclient.Settings{"webcamEnabled": false}
	for _, err := range []error{
		w.settings().UpdateGroup(ctx, gotoclient.Key(group), product, off),
		w.settings().UpdateNewUsers(ctx, product, off),
		w.settings().UpdateLicense(ctx, simulator.DefaultMeetingLicenseKey, product, gotoclient.Settings{"recordingEnabled": false}),
		w.settings().UpdateAccount(ctx, product, gotoclient.Settings{"npaEnabled": false}),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if got := w.settingsOf(t, keys[2]); !got.Has(off) || !got.Has(gotoclient.Settings{"recordingEnabled": false, "npaEnabled": false}) || w.settingsOf(t, keys[0]).Has(off) {
		t.Error("the levels have not overwritten what is below, or more")
	}
	newcomers, err := w.settings().NewUsers(ctx, product)
	if err != nil || !newcomers.Has(off) || len(newcomers) < 30 {
		t.Errorf("new users: %v, %v", newcomers, err)
	}
	all, err := w.settings().Account(ctx, product)
	if err != nil || !all.Has(gotoclient.Settings{"npaEnabled": false, "webcamEnabled": true}) {
		t.Errorf("account: %v, %v", all, err)
	}
	toll, err := w.settings().TollCountries(ctx, product)
	free, err2 := w.settings().TollFreeCountries(ctx, product)
	if err != nil || err2 != nil || len(toll) != 34 || len(free) != 58 || toll[0] != "US" {
		t.Errorf("%v, %v, %v, %v", toll, free, err, err2)
	}
}

// What the client says in every position of the switches of settings: an error of a kind that tells what to do, or that it worked.
func TestSettingsInEveryPosition(t *testing.T) {
	noPath := func(err error) bool { return gotoclient.IsNoSuchPath(err) && !gotoclient.IsNotFound(err) }
	refused := map[string]func(error) bool{
		"settingsPath=products two": noPath, "settingsPath=products new users": noPath, "settingsPath=products countries": noPath,
		"settingsVerb=patch two": noPath, "settingsVerb=patch new users": noPath,
		"settingsVerb=post two": noPath, "settingsVerb=post new users": noPath,
		"settingsBody=wrappedOnly two": gotoclient.IsRefused, "settingsBody=wrappedOnly new users": gotoclient.IsRefused,
		"multiKeySettings=refused two": gotoclient.IsAmbiguous, // the 502 that a bad key gets
	}
	met := map[string]bool{}
	for name, positions := range simulator.SwitchPositions() {
		if !strings.Contains(strings.ToLower(name), "settings") && name != "countryLists" {
			continue
		}
		for _, position := range positions {
			w := newWorld(t)
			w.set(t, name, position)
			keys := w.licensedUsers(2)
			set := gotoclient.Settings{"chatEnabled": false}
			for step, err := range map[string]error{
				"two":       w.settings().UpdateUsers(t.Context(), keys, product, set),
				"new users": w.settings().UpdateNewUsers(t.Context(), product, set),
				"countries": func() error { _, err := w.settings().TollCountries(t.Context(), product); return err }(),
			} {
				id := name + "=" + position + " " + step
				want := refused[id]
				met[id] = true
				if want == nil && err != nil || want != nil && !want(err) {
					t.Errorf("%s: %v", id, err)
				}
			}
		}
	}
	for id := range refused {
		if !met[id] {
			t.Errorf("no step is called %q", id)
		}
	}
}

// Where a body or an answer is wrapped, the client is told so for the one and sees it for the other.
func TestWrappedSettings(t *testing.T) {
	for _, position := range []string{"wrapped", "wrappedOnly"} {
		w := newWorld(t)
		w.set(t, "settingsBody", position)
		set := gotoclient.Settings{"chatEnabled": false}
		if err := w.settings().Wrapped().UpdateNewUsers(t.Context(), product, set); err != nil {
			t.Fatal(err)
		}
		if got, err := w.settings().NewUsers(t.Context(), product); err != nil || cmp.Diff(set, got) != "" {
			t.Errorf("%s: %v, %v", position, got, err)
		}
	}
}

// An override says where an operation is and by which verb, without another build.
func TestSettingsElsewhere(t *testing.T) {
	for _, verb := range []string{http.MethodPut, http.MethodPatch, http.MethodPost} {
		const root = "/admin/rest/v1/accounts/{accountKey}"
		w := newWorld(t, func(c *gotoclient.Config) {
			c.Unverified = gotoclient.DenyUnverified
			c.Operations = map[string]gotoclient.Override{
				gotoclient.OpUpdateUserSettings:    {Method: verb, Path: root + "/users/{userKey}/products/{product}/settings"},
				gotoclient.OpUpdateGroupSettings:   {Method: verb, Path: root + "/groups/{groupKey}/products/{product}/settings"},
				gotoclient.OpUpdateLicenseSettings: {Method: verb, Path: root + "/licenses/{licenseKey}/products/{product}/settings"},
				gotoclient.OpUpdateNewUserSettings: {Method: verb, Path: root + "/products/{product}/newUserSettings"},
				gotoclient.OpGetNewUserSettings:    {Path: root + "/products/{product}/newUserSettings"},
				gotoclient.OpUpdateAccountSettings: {Method: verb, Path: root + "/products/{product}/settings"},
				gotoclient.OpGetAccountSettings:    {Path: root + "/products/{product}/settings"},
				gotoclient.OpListTollCountries:     {Path: root + "/products/{product}/tollCountries"},
				gotoclient.OpListTollFreeCountries: {Path: root + "/products/{product}/tollFreeCountries"},
			}
		})
		w.set(t, "settingsPath", "products")
		w.set(t, "settingsVerb", strings.ToLower(verb))
		everySettingsOperation(t, w, func(step string, err error) {
			if err != nil {
				t.Errorf("%s %s: %v", verb, step, err)
			}
		})
	}
}

// everySettingsOperation calls each of them once.
func everySettingsOperation(t *testing.T, w *world, said func(string, error)) {
	t.Helper()
	ctx, s, keys := t.Context(), w.settings(), w.licensedUsers(1)
	group := gotoclient.Key(w.sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Name: "Blue"}))
	set := gotoclient.Settings{"chatEnabled": false}
	said("users", s.UpdateUsers(ctx, keys, product, set))
	said("group", s.UpdateGroup(ctx, group, product, set))
	said("licence", s.UpdateLicense(ctx, simulator.DefaultMeetingLicenseKey, product, set))
	said("new users", s.UpdateNewUsers(ctx, product, set))
	said("account", s.UpdateAccount(ctx, product, set))
	_, err := s.NewUsers(ctx, product)
	said("read new users", err)
	_, err = s.Account(ctx, product)
	said("read account", err)
	_, err = s.TollCountries(ctx, product)
	said("toll", err)
	_, err = s.TollFreeCountries(ctx, product)
	said("toll-free", err)
}

// By default no write is sent, and reads are.
func TestSettingsAreNotWrittenOnAGuess(t *testing.T) {
	w := newWorld(t, func(c *gotoclient.Config) { c.Unverified = gotoclient.DenyUnverified })
	everySettingsOperation(t, w, func(step string, err error) {
		var denied *gotoclient.UnverifiedError
		read := strings.HasPrefix(step, "read") || strings.HasPrefix(step, "toll")
		if errors.As(err, &denied) == read || read && err != nil {
			t.Errorf("%s: %v", step, err)
		}
	})
	if err := w.settings().MayUpdateUsers(); !errors.As(err, new(*gotoclient.UnverifiedError)) {
		t.Errorf("may it? %v", err)
	}
	for _, r := range w.sim.Requests() {
		if r.Method != http.MethodGet && r.Operation != simulator.OpToken {
			t.Errorf("sent %s %s", r.Method, r.Path)
		}
	}
}

// Nothing is sent for nobody, of nothing, or of what is no product.
func TestSettingsThatAreNotSent(t *testing.T) {
	w := newWorld(t)
	set := gotoclient.Settings{"chatEnabled": true}
	if err := errors.Join(w.settings().UpdateUsers(t.Context(), nil, product, set), w.settings().UpdateNewUsers(t.Context(), product, nil)); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "g2m", "G2M/..", "..", "G2M?x"} {
		_, err := w.settings().NewUsers(t.Context(), bad)
		for _, err := range []error{err, w.settings().UpdateUsers(t.Context(), []gotoclient.Key{"1"}, bad, set)} {
			if !errors.Is(err, gotoclient.ErrInvalidProduct) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	}
	if n := len(w.sim.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestEntitlementOf(t *testing.T) {
	for name, want := range map[string]string{
		"voipEnabled": "voipAccessible", "tollFreeCountries": "allowedTollFreeCountries", "dialOutCountries": "allowedDialOutCountries",
		"Enabled": "", "Countries": "", "theme": "", "voipAccessible": "", "allowedTollCountries": "",
	} {
		if got := gotoclient.EntitlementOf(name); got != want || gotoclient.IsEntitlement(name) != (strings.HasPrefix(name, "allowed") || strings.HasSuffix(name, "Accessible")) {
			t.Errorf("%s: %q", name, got)
		}
	}
	got := gotoclient.Settings{"voipEnabled": true, "voipAccessible": true, "allowedTollCountries": []any{}}.Choices()
	if diff := cmp.Diff(gotoclient.Settings{"voipEnabled": true}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSameSetting(t *testing.T) {
	for _, c := range []struct {
		a, b any
		same bool
	}{
		{true, true, true}, {true, false, false}, {"a", "b", false}, {1, 1.0, true}, {true, "true", false}, {nil, false, false},
		{[]string{"US", "DE"}, []any{"DE", "US"}, true}, {[]string{"US"}, []any{"DE"}, false}, {[]string{}, []any{}, true}, {[]any{1.0}, []any{1.0}, true},
	} {
		if got := gotoclient.SameSetting(c.a, c.b); got != c.same || gotoclient.SameSetting(c.b, c.a) != got {
			t.Errorf("%v and %v: %t", c.a, c.b, got)
		}
	}
	for _, raw := range []string{"", "[]", `{"G2W":{}}`, `{"G2M":[]}`, `{"G2M":null}`} {
		if got := (&gotoclient.User{Settings: []byte(raw)}).SettingsOf(product); got != nil {
			t.Errorf("%s: %v", raw, got)
		}
	}
}
