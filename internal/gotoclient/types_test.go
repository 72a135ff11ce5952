package gotoclient

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func ptr[T any](v T) *T { return &v }

func TestUserPatchEncoding(t *testing.T) {
	for want, p := range map[string]UserPatch{
		`{}`: {},
		`{"email":"a@x.test","firstName":"A","lastName":"","locale":"de_DE","timeZone":"Europe/Berlin"}`: {
			Email: ptr("a@x.test"), FirstName: ptr("A"), LastName: ptr(""), Locale: ptr("de_DE"), TimeZone: ptr("Europe/Berlin"),
		},
		`{"adminRoles":[],"groupKey":"","licenseKeys":[],"managedGroupKeys":[]}`: {
			AdminRoles: ptr([]string(nil)), LicenseKeys: ptr([]Key(nil)), ManagedGroupKeys: ptr([]Key{}), GroupKey: ptr(Key("")),
		},
		`{"adminRoles":["RUN_REPORTS"],"groupKey":"74","licenseKeys":["73"],"managedGroupKeys":["75"]}`: {
			AdminRoles: ptr([]string{RoleRunReports}), LicenseKeys: ptr([]Key{"73"}), ManagedGroupKeys: ptr([]Key{"75"}), GroupKey: ptr(Key("74")),
		},
	} {
		got, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestMeInBothNestings(t *testing.T) {
	roles := []string{"SUPER_USER"}
	for name, body := range map[string]string{
		"root":    `{"key":"1","accountKey":"72","adminRoles":["SUPER_USER"],"products":["G2M"],"accounts":[{"key":"72"},{"key":73}]}`,
		"account": `{"key":1,"accounts":[{"key":"72","adminRoles":["SUPER_USER"],"products":["G2M"]},{"key":"73","adminRoles":[]}]}`,
		"only":    `{"key":1,"adminRoles":["SUPER_USER"],"products":["G2M"],"accounts":[{"key":72}]}`,
		"no list": `{"key":1,"accountKey":72,"adminRoles":["SUPER_USER"],"products":["G2M"]}`,
	} {
		var me Me
		if err := json.Unmarshal([]byte(body), &me); err != nil {
			t.Fatal(err)
		}
		if !me.HasAccount("72") || me.HasAccount("74") || me.HasAccount("") {
			t.Errorf("%s: HasAccount", name)
		}
		if diff := cmp.Diff(roles, me.RolesIn("72")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff([]string{"G2M"}, me.ProductsIn("72")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(me.RolesIn("73")) > 0 || me.RolesIn("74") != nil {
			t.Errorf("%s: roles of the primary account count for another", name)
		}
	}
	me := Me{AccountKey: "72", Accounts: []MeAccount{{Key: "71"}, {Key: "72"}}}
	if diff := cmp.Diff([]Key{"72", "71"}, me.AccountKeys()); diff != "" {
		t.Error(diff)
	}
}

func TestSmallAccessors(t *testing.T) {
	if got := (&Group{KeyPath: []Key{"1", "2"}}).ParentKey(); got != "1" {
		t.Errorf("parent %q", got)
	}
	if got := (&Group{KeyPath: []Key{"1"}}).ParentKey(); got != "" {
		t.Errorf("parent at the top %q", got)
	}
	if got := (&User{InvitedDate: 1700000000000}).InvitedAt().UTC(); !got.Equal(time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC)) {
		t.Errorf("invited at %s", got)
	}
	if !(&User{}).InvitedAt().IsZero() {
		t.Error("a founder has no date")
	}
}

func TestDecodeAndMatchCreated(t *testing.T) {
	sent := []NewUser{{Email: "Fay@x.test"}, {Email: "gil@x.test"}}
	one := sent[:1]
	for name, c := range map[string]struct {
		sent []NewUser
		body string
		want []Key
	}{
		"array":                    {sent, `[{"key":"1","email":"fay@x.test"},{"key":2,"email":"GIL@x.test"}]`, []Key{"1", "2"}},
		"other order":              {sent, `[{"key":"2","email":"gil@x.test"},{"key":"1","email":"fay@x.test"}]`, []Key{"1", "2"}},
		"conflict":                 {sent, `[{"email":"fay@x.test"},{"key":"2","email":"gil@x.test"}]`, []Key{"", "2"}},
		"left out":                 {sent, `[{"key":"2","email":"gil@x.test"}]`, []Key{"", "2"}},
		"position":                 {sent, `[{"key":"1"},{"key":"2"}]`, []Key{"1", "2"}},
		"position, lengths differ": {sent, `[{"key":"2"}]`, []Key{"", ""}},
		"e-mail before position":   {sent, `[{"key":"2"},{"key":"1","email":"fay@x.test"}]`, []Key{"1", ""}},
		"bare keys":                {sent, `["1",2]`, []Key{"1", "2"}},
		"object":                   {one, `{"key":1}`, []Key{"1"}},
		"object with an address":   {one, `{"key":"1","email":"fay@x.test"}`, []Key{"1"}},
		"object of somebody else":  {one, `{"key":"1","email":"gil@x.test"}`, []Key{""}},
		"object for two":           {sent, `{"key":"1"}`, []Key{"", ""}},
		"number":                   {one, `7100000000000000001`, []Key{"7100000000000000001"}},
		"string":                   {one, ` "71" `, []Key{"71"}},
		"nobody":                   {one, `[]`, []Key{""}},
		"twice in the answer":      {sent, `[{"key":"1","email":"fay@x.test"},{"key":"9","email":"fay@x.test"}]`, []Key{"1", ""}},
		"twice in the batch":       {[]NewUser{one[0], one[0]}, `[{"key":"1","email":"fay@x.test"},{"email":"fay@x.test"}]`, []Key{"1", ""}},
	} {
		answers, err := decodeCreated([]byte(c.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var keys []Key
		for i, u := range matchCreated(c.sent, answers) {
			if u.Email != c.sent[i].Email {
				t.Errorf("%s: entry %d is for %s", name, i, u.Email)
			}
			keys = append(keys, u.Key)
		}
		if diff := cmp.Diff(c.want, keys); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, body := range []string{"", "null", "<html>", `[{"key":"1"}`, `[{"key":{}}]`, `true`, `[{"key":"abc"}]`, `[[]]`} {
		if got, err := decodeCreated([]byte(body)); err == nil {
			t.Errorf("%q decodes as %v", body, got)
		}
	}
}

func TestDecodePage(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want Page[Account]
	}{
		"envelope":   {`{"results":[{"key":"7"}],"fromIndex":3,"toIndex":4,"total":9}`, Page[Account]{[]Account{{Key: "7"}}, 3, 4, 9}},
		"no results": {`{"fromIndex":0,"toIndex":0,"total":0}`, Page[Account]{Total: 0}},
		"no total":   {`{"results":[]}`, Page[Account]{Results: []Account{}, Total: -1}},
		"null":       {`{"results":null,"total":0}`, Page[Account]{Total: 0}},
		"more":       {`{"next":[{"a":[1]}],"TOTAL":1,"results":[{"key":7}],"also":null}`, Page[Account]{Results: []Account{{Key: "7"}}, Total: 1}},
		"array":      {` [{"key":7},{"key":8}]`, Page[Account]{[]Account{{Key: "7"}, {Key: "8"}}, 0, 2, 2}},
	} {
		got, err := decodePage[Account]([]byte(c.body), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(&c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, body := range []string{"", "null", "{}", "7", `{"results":{}}`, `{"results":[{"key"`, `{"results":[{"key":7}],"total":1`, `{"results":[]} {}`, `{"total":1}]`, `{"results":7}`, "<html>"} {
		if _, err := decodePage[Account]([]byte(body), nil); err == nil {
			t.Errorf("%q is taken for a page", body)
		}
	}
}

// A record is handed over before the next one is decoded, so that the list keeps what is left of it.
func TestRecordsAreReducedOneByOne(t *testing.T) {
	const whole, broken = `{"results":[{"key":1,"settings":{"a":1}},{"key":2,"settings":{"a":2}}],"total":2}`, `{"results":[{"key":1,"settings":{"a":1}},{"key":{}}],"total":2}`
	var seen []string
	reduce := func(u *User) {
		seen = append(seen, string(u.Settings))
		u.Settings = nil
	}
	page, err := decodePage([]byte(whole), reduce)
	if err != nil || page.Results[0].Settings != nil || page.Results[1].Settings != nil {
		t.Errorf("%v, %v", page, err)
	}
	if _, err := decodePage([]byte(broken), reduce); err == nil {
		t.Error("a key that is none is taken for one")
	}
	if diff := cmp.Diff([]string{`{"a":1}`, `{"a":2}`, `{"a":1}`}, seen); diff != "" {
		t.Error(diff)
	}
}

func TestConfigErrorsNameTheFieldOnly(t *testing.T) {
	good := Config{Credentials: Credentials{Grant: GrantPersonalAccessToken, ClientID: "c", ClientSecret: "s", PersonalAccessToken: "p"}}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		"APIURL":              func(c *Config) { c.Endpoints.APIURL = "https://user:CANARY@api.getgo.com" },
		"TokenURL":            func(c *Config) { c.Endpoints.TokenURL = "https://x.test/token?secret=CANARY" },
		"Grant":               func(c *Config) { c.Credentials.Grant = "CANARY" },
		"ClientID":            func(c *Config) { c.Credentials.ClientID = "" },
		"ClientSecret":        func(c *Config) { c.Credentials.ClientSecret = "" },
		"PersonalAccessToken": func(c *Config) { c.Credentials.PersonalAccessToken = "" },
		"Password":            func(c *Config) { c.Credentials.Grant, c.Credentials.Username = GrantPassword, "CANARY" },
		"Username":            func(c *Config) { c.Credentials.Grant, c.Credentials.Password = GrantPassword, "CANARY" },
		"RefreshToken":        func(c *Config) { c.Credentials.Grant = GrantRefreshToken },
		"SaveRefreshToken":    func(c *Config) { c.Credentials.Grant, c.Credentials.RefreshToken = GrantRefreshToken, "CANARY" },
		"must be an http":     func(c *Config) { c.Endpoints.APIURL = "ftp://CANARY" },
		"Unverified":          func(c *Config) { c.Unverified = "CANARY" },
	} {
		cfg := good
		change(&cfg)
		_, err := New(cfg)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

func TestExponentialBackoff(t *testing.T) {
	for attempt, top := range map[int]time.Duration{
		1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 6: 16 * time.Second, 7: 30 * time.Second, 100: 30 * time.Second,
	} {
		for range 100 {
			if d := exponentialBackoff(attempt); d < top/2 || d >= top {
				t.Fatalf("attempt %d: %s is not within [%s, %s)", attempt, d, top/2, top)
			}
		}
	}
}
