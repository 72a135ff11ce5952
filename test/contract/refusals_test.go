package contract_test

import (
	"net/http"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// sweep calls every operation once, each after before. The user does not exist, so that nothing is lost where a call succeeds.
func (w *world) sweep(client *gotoclient.Client, account, group gotoclient.Key, before func()) {
	ctx := w.t.Context()
	users, groups := client.Users(account), client.Groups(account)
	calls := []func(){
		func() { _, _ = client.Me(ctx) },
		func() { _, _ = client.Accounts().List(ctx) },
		func() { _, _ = client.Accounts().Get(ctx, account) },
		func() {
			_ = client.Accounts().Update(ctx, account, gotoclient.AccountPatch{Name: ptr(simulator.DefaultAccountName)})
		},
		func() { drain(users.List(ctx, gotoclient.ListOptions{PageSize: 1000})) },
		func() {
			_, _ = users.Create(ctx, gotoclient.CreateUsers{Users: newcomers("crowd001@example.test"), SuppressEmail: true})
		},
		func() { _, _ = users.Get(ctx, nobody) },
		func() { _ = users.Update(ctx, []gotoclient.Key{nobody}, gotoclient.UserPatch{FirstName: ptr("N")}) },
		func() { _ = users.Delete(ctx, []gotoclient.Key{nobody}) },
		func() { drain(groups.List(ctx, gotoclient.ListOptions{})) },
		func() { _, _ = groups.Get(ctx, group) },
		func() { drain(client.Licenses(account).List(ctx, gotoclient.ListOptions{})) },
		func() { w.getReport(client, gotoclient.ReportRequest{Kind: gotoclient.ReportActivity}) },
	}
	for _, call := range append(calls, w.sweepMeetings(client)...) {
		before()
		call()
	}
}

// driveRefusals calls every operation in each of the ways in which an account or the service refuses them all.
func (w *world) driveRefusals(group gotoclient.Key) {
	ctx, nothing := w.t.Context(), func() {}
	client, second := w.refreshClient(), w.patClient(simulator.DefaultPersonalAccessToken)
	_, _ = second.Me(ctx)
	w.sweep(client, account, nobody, nothing)
	w.sweep(client, simulator.OtherAccountKey, group, nothing)
	w.sweep(client, account, group, w.sim.ExpireAccessTokens)
	w.sweep(w.patClient(simulator.NoAdminScopePersonalAccessToken), account, group, nothing)

	w.setRoles()
	w.sweep(client, account, group, nothing)
	w.setRoles(simulator.RoleSuperUser)

	// The clock stands still, so that one request empties the bucket for good. Only another token, another user, or the other API,
	// may have one of its own.
	other := w.othersClient()
	for _, c := range []*gotoclient.Client{client, second, other} {
		_, _ = c.Me(ctx)
	}
	w.sim.SetRate(1)
	_, _ = client.Me(ctx)
	_, _ = client.Meetings().Upcoming(ctx)
	w.sweep(client, account, group, nothing)
	_, _ = second.Me(ctx)
	_, _ = other.Me(ctx)
	w.sim.SetRate(simulator.NoRateLimit)

	for _, status := range []int{
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	} {
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpToken, Status: status})
		fresh := w.refreshClient()
		_, _ = fresh.Me(ctx)
		w.sim.ClearFaults()
		_, _ = fresh.Me(ctx)
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: status})
		w.sweep(fresh, account, group, nothing)
		w.sim.ClearFaults()
	}
}

// othersClient returns a client that acts as another user of the account.
func (w *world) othersClient() *gotoclient.Client {
	user, ok := w.sim.UserByEmail(string(account), "crowd005@example.test")
	if !ok {
		w.t.Fatal("the crowd is gone")
	}
	const token = "another's token"
	w.sim.AddPersonalAccessToken(simulator.PersonalAccessToken{
		Token: token, UserKey: user.Key, Scope: simulator.ScopeAdmin + " " + simulator.ScopeCollab,
	})
	return w.patClient(token)
}

func (w *world) setRoles(roles ...string) {
	w.sim.UpdateUser(string(account), simulator.DefaultAdminKey, func(u *simulator.User) { u.AdminRoles = roles })
}

// driveGrants gets tokens in every way, and fails to.
func (w *world) driveGrants() {
	ctx := w.t.Context()
	for _, c := range []gotoclient.Credentials{
		{Grant: gotoclient.GrantPersonalAccessToken, PersonalAccessToken: simulator.DefaultPersonalAccessToken},
		{Grant: gotoclient.GrantPersonalAccessToken, PersonalAccessToken: "wrong"},
		{Grant: gotoclient.GrantPassword, Username: simulator.DefaultUsername, Password: simulator.DefaultPassword},
		{Grant: gotoclient.GrantPassword, Username: simulator.DefaultUsername, Password: "wrong"},
		{Grant: gotoclient.GrantRefreshToken, RefreshToken: "wrong"},
		{Grant: gotoclient.GrantRefreshToken, RefreshToken: simulator.DefaultRefreshToken, ClientSecret: "wrong"},
	} {
		_, _ = w.client(c).Me(ctx)
	}
	client := w.refreshClient()
	_, _ = client.Me(ctx)
	old := w.refreshToken
	w.sim.Advance(simulator.RefreshTokenRotation)
	_, _ = client.Me(ctx)
	if w.refreshToken == old {
		w.t.Error("the refresh token was not replaced")
	}
}
