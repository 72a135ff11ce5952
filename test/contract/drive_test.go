package contract_test

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// nobody is the key of no user, group or licence.
const nobody = gotoclient.Key("7999999999999999999")

// drive sends every request that the client can send, and some that it cannot, through a simulator: those that work, and those that
// are refused in a way that a real account could refuse them. Errors are not looked at here; that the drive gets where it should
// is asserted of the exchanges.
func (w *world) drive() {
	w.t.Helper()
	client := w.refreshClient()
	w.driveStart(client)
	parent := w.sim.AddGroup(string(account), simulator.Group{Name: "Blue"})
	group := gotoclient.Key(w.sim.AddGroup(string(account), simulator.Group{Name: "Light blue", ParentKey: parent}))
	crowd := w.addCrowd()
	w.driveReads(client, group)
	keys := w.driveCreates(client, group)
	w.driveUpdates(client, keys, group, crowd)
	w.driveDeletes(client, keys)
	w.driveGroups(client, crowd)
	w.driveSeats(client, crowd)
	w.driveDefinitions(client)
	w.driveSettings(client, crowd, group)
	w.driveReports(client)
	w.driveGrants()
	w.driveRefusals(group)
	w.driveByHand(gotoclient.Key(parent))
	w.driveMeetings()
	w.sim.SetIllegal(string(account), true)
	w.sweep(w.refreshClient(), account, gotoclient.Key(parent), func() {})
	w.sim.SetIllegal(string(account), false)
	w.driveEnd()
}

// pixel is a picture of one.
var pixel = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")

// driveStart is about the account before there are groups, so that one list is empty.
func (w *world) driveStart(client *gotoclient.Client) {
	ctx := w.t.Context()
	_, _ = client.Me(ctx)
	_, _ = client.Accounts().List(ctx)
	_, _ = client.Accounts().Get(ctx, account)
	_ = client.Accounts().Update(ctx, account, gotoclient.AccountPatch{Name: ptr("Renamed Corp")})
	_, _ = client.Accounts().Products(ctx, account)
	for _, data := range [][]byte{pixel, pixel[:5]} {
		_ = client.Accounts().UploadLogo(ctx, account, gotoclient.Logo{MediaType: "image/gif", Data: data})
	}
	drain(client.Groups(account).List(ctx, gotoclient.ListOptions{}))
	drain(client.Licenses(account).List(ctx, gotoclient.ListOptions{PageSize: 1}))
	drain(client.Users(account).List(ctx, gotoclient.ListOptions{}))
}

// addCrowd adds a licence without seats, and users enough for the page sizes and batches that switches tell apart. By e-mail they come in another order than by
// key.
func (w *world) addCrowd() []gotoclient.Key {
	w.sim.AddLicense(string(account), simulator.License{Description: "Of old", Type: "legacy", Disabled: true})
	keys := make([]gotoclient.Key, 205)
	for i := range keys {
		u := simulator.User{Email: fmt.Sprintf("crowd%03d@example.test", len(keys)-i), FirstName: "Crowd", LastName: "Member"}
		switch i % 4 {
		case 1:
			u.LicenseKeys = []string{simulator.DefaultMeetingLicenseKey}
		case 2:
			u.LicenseKeys, u.PasswordCreated = []string{simulator.DefaultMeetingLicenseKey}, true
		case 3:
			u.AdminRoles, u.PasswordCreated, u.Inactive = []string{simulator.RoleRunReports}, true, true
			u.Settings = []byte(`{"g2m":{"maxAttendees":10}}`)
		}
		keys[i] = gotoclient.Key(w.sim.AddUser(string(account), u))
	}
	return keys
}

func (w *world) driveReads(client *gotoclient.Client, group gotoclient.Key) {
	ctx := w.t.Context()
	users, groups := client.Users(account), client.Groups(account)
	for _, size := range []int{0, 150, 1000, 1001} { // the last is more than any switch allows
		drain(users.List(ctx, gotoclient.ListOptions{PageSize: size}))
	}
	for _, size := range []int{0, 1} {
		drain(groups.List(ctx, gotoclient.ListOptions{PageSize: size}))
	}
	_, _ = groups.Get(ctx, group)
	drain(client.Licenses(account).List(ctx, gotoclient.ListOptions{}))
}

// newcomers are users to create.
func newcomers(emails ...string) []gotoclient.NewUser {
	var users []gotoclient.NewUser
	for _, email := range emails {
		users = append(users, gotoclient.NewUser{Email: email, FirstName: "New", LastName: "Comer"})
	}
	return users
}

// driveCreates returns the keys of four users who exist whatever the switches say.
func (w *world) driveCreates(client *gotoclient.Client, group gotoclient.Key) []gotoclient.Key {
	ctx, users := w.t.Context(), client.Users(account)
	meeting := []gotoclient.Key{simulator.DefaultMeetingLicenseKey}
	full := newcomers("new0@example.test", "new1@example.test", "new2@example.test")
	full[0].Locale, full[0].TimeZone = "de_DE", "Europe/Berlin"
	seats := make([]string, 11) // one more than the webinar licence has
	for i := range seats {
		seats[i] = fmt.Sprintf("seat%d@example.test", i)
	}
	for _, batch := range []gotoclient.CreateUsers{
		{
			Users: full, LicenseKeys: meeting, GroupKey: group,
			AdminRoles: []string{gotoclient.RoleManageGroups, gotoclient.RoleManageAccount}, ManagedGroupKeys: []gotoclient.Key{group},
			EmailContent: &gotoclient.EmailContent{Subject: "Welcome", Text: "Hello"},
		},
		{Users: newcomers("alone@example.test"), LicenseKeys: meeting, SuppressEmail: true},
		{Users: newcomers("alone@example.test"), LicenseKeys: meeting},                      // exists
		{Users: newcomers("new0@example.test", "other@example.test"), LicenseKeys: meeting}, // one of them exists
		{Users: newcomers("no address", "fine@example.test"), LicenseKeys: meeting},
		{Users: newcomers("bare@example.test")},
		{Users: newcomers("lost@example.test"), LicenseKeys: []gotoclient.Key{nobody}},
		{Users: newcomers("lost@example.test"), LicenseKeys: meeting, GroupKey: nobody},
		{Users: newcomers(seats...), LicenseKeys: []gotoclient.Key{simulator.DefaultWebinarLicenseKey}},
	} {
		_, _ = users.Create(ctx, batch)
	}
	var keys []gotoclient.Key
	for _, email := range []string{"new0", "new1", "new2", "alone"} {
		u, ok := w.sim.UserByEmail(string(account), email+"@example.test")
		if !ok {
			w.t.Fatalf("%s was not created", email)
		}
		keys = append(keys, gotoclient.Key(u.Key))
		_, _ = users.Get(ctx, gotoclient.Key(u.Key)) // perhaps too early
	}
	w.sim.Advance(3 * time.Second) // past the visibility lag
	for _, key := range keys {
		_, _ = users.Get(ctx, key)
	}
	return keys
}

// anyText is changed by everything that a service may do to text.
const anyText = " A & B  Zo\u00eb \U0001F389 as long as that\u00a0"

// driveUpdates reads after every change whose effect is a matter of switches.
func (w *world) driveUpdates(client *gotoclient.Client, keys []gotoclient.Key, group gotoclient.Key, crowd []gotoclient.Key) {
	ctx, users := w.t.Context(), client.Users(account)
	webinar := &[]gotoclient.Key{simulator.DefaultWebinarLicenseKey}
	for _, patch := range []gotoclient.UserPatch{
		{FirstName: ptr("Changed"), LastName: ptr("Name"), Locale: ptr("fr_FR"), TimeZone: ptr("Europe/Paris")},
		{LicenseKeys: webinar, AdminRoles: &[]string{gotoclient.RoleSuperUser}, ManagedGroupKeys: &[]gotoclient.Key{group}},
		{GroupKey: &group},
		{FirstName: ptr(anyText), LastName: ptr("Name")},
		{Email: ptr("renamed@example.test")},
		{Email: ptr("new0@example.test")}, // taken
		{LicenseKeys: &[]gotoclient.Key{nobody}},
		{AdminRoles: &[]string{}, ManagedGroupKeys: &[]gotoclient.Key{}, LicenseKeys: &[]gotoclient.Key{}},
	} {
		_ = users.Update(ctx, keys[3:], patch)
		_, _ = users.Get(ctx, keys[3])
	}
	_ = users.Update(ctx, keys[:2], gotoclient.UserPatch{LastName: ptr("Both")})
	_, _ = users.Get(ctx, keys[1])
	_ = users.Update(ctx, crowd[:101], gotoclient.UserPatch{TimeZone: ptr("Europe/Paris")})
	_ = users.Update(ctx, crowd[:11], gotoclient.UserPatch{LicenseKeys: webinar}) // more than there are seats

	// How a bad key is answered shows only where several keys make one, as the client sends no other bad key.
	before := w.sim.Switches()
	w.set("multiKeyPut", "refused")
	_ = users.Update(ctx, keys[:2], gotoclient.UserPatch{LastName: ptr("Neither")})
	w.sim.SetSwitches(func(s *simulator.Switches) { *s = before })
}

func (w *world) driveDeletes(client *gotoclient.Client, keys []gotoclient.Key) {
	ctx, users := w.t.Context(), client.Users(account)
	_ = users.Delete(ctx, keys[:1])
	_, _ = users.Get(ctx, keys[0])
	revived := gotoclient.CreateUsers{Users: newcomers("new0@example.test"), LicenseKeys: []gotoclient.Key{simulator.DefaultMeetingLicenseKey}}
	_, _ = users.Create(ctx, revived)
	_ = users.Delete(ctx, keys[1:3])
	_, _ = users.Get(ctx, keys[2])
}

// driveEnd has the only administrator delete themselves, after which nothing works any more.
func (w *world) driveEnd() {
	ctx := w.t.Context()
	client := w.refreshClient()
	_ = client.Users(account).Delete(ctx, []gotoclient.Key{simulator.DefaultAdminKey})
	_, _ = client.Me(ctx)
}

// driveByHand sends what the client does not.
func (w *world) driveByHand(group gotoclient.Key) {
	accountPath := "/admin/rest/v1/accounts/" + string(account)
	user, ok := w.sim.UserByEmail(string(account), "crowd003@example.test")
	if !ok {
		w.t.Fatal("the crowd is gone")
	}
	token, authorize := w.accessToken()
	for _, b := range []byHand{
		{"getMe", http.MethodGet, "/admin/rest/v1/me?includeAdmins=true&includeInvitation=false", ""},
		{"listAccounts", http.MethodGet, "/admin/rest/v1/accounts?offset=0&pageSize=10", ""},
		{"listUsers", http.MethodGet, accountPath + "/users?attributeNames=key,status&offset=200", ""},
		{"listUsers", http.MethodGet, accountPath + "/users?attributes=email,key&pageSize=150&ascending=firstName=true", ""},
		{"listUsers", http.MethodGet, accountPath + "/users?attributes=email,key&pageSize=150&descending=email=true", ""},
		{"listUsers", http.MethodGet, accountPath + "/users?filter=email%20eq%20%22crowd007@example.test%22", ""},
		{"listUsers", http.MethodGet, accountPath + "/users?filter=" + url.PathEscape(`(email="crowd007@example[.]test") | (key="7")`), ""},
		{"listGroups", http.MethodGet, accountPath + "/groups?filter=name%20eq%20%22Light%20blue%22&attributes=name,key", ""},
		{"listGroups", http.MethodGet, accountPath + "/groups?filter=" + url.PathEscape(`(name="Light blue")`), ""},
		{"listLicenses", http.MethodGet, accountPath + "/licenses?attributes=seats,key", ""},
		{"getUser", http.MethodGet, accountPath + "/users/" + user.Key + "?attributes=key,email", ""},
		// The client creates with allOrNothing=false and updates with true; this is the other way round.
		{"createUsers", http.MethodPost, accountPath + "/users",
			`{"users":[{"email":"crowd003@example.test","firstName":"C","lastName":"M"}],"licenseKeys":[` + simulator.DefaultMeetingLicenseKey + `]}`},
		{"updateUsers", http.MethodPut, accountPath + "/users/" + user.Key + "," + string(nobody) + "?allOrNothing=false",
			`{"firstName":"Half","groupKey":` + string(group) + `}`},
	} {
		w.send(b, authorize)
	}
	known, unknown := asClient(simulator.DefaultClientSecret), asClient("wrong")
	revocation := byHand{"revokeToken", http.MethodPost, "/oauth/revoke", "token=" + token + "&token_type_hint=access_token"}
	w.send(revocation, unknown)
	w.send(revocation, known)
	w.send(byHand{"token", http.MethodPost, "/oauth/token", "grant_type=client_credentials"}, known)
	nobodyIs := func(*http.Request) {}
	for _, id := range []string{simulator.DefaultClientID, "unknown"} {
		w.send(byHand{"authorize", http.MethodGet, "/oauth/authorize?response_type=code&state=s&redirect_uri=https%3A%2F%2Fexample.test%2F&client_id=" + id, ""}, nobodyIs)
	}
	swap := "grant_type=authorization_code&redirect_uri=https%3A%2F%2Fexample.test%2F&code=" + w.sim.State().OAuth.Codes[0].Code
	for range 2 { // a code works once
		w.send(byHand{"token", http.MethodPost, "/oauth/token", swap}, known)
	}
}
