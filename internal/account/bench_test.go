package account_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/heap"
	"github.com/goto-operator/goto-operator/test/inprocess"
)

// BenchmarkRefresh is a resync of an account in which nothing changed. It includes the simulator's own work.
func BenchmarkRefresh(b *testing.B) {
	for _, users := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			acct := benchAccount(b, users)
			b.ReportAllocs()
			for b.Loop() {
				if err := acct.Refresh(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkUserByEmail is what a reconcile of a steady user reads.
func BenchmarkUserByEmail(b *testing.B) {
	acct := benchAccount(b, 10_000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, ok := acct.Users().ByEmail(fmt.Sprintf("user-%d@example.test", i%10_000)); !ok {
			b.Fatal("a user is missing")
		}
	}
}

// BenchmarkSeats is what each update of the plan of licences, and each look at a group, asks of all users: it must not take longer with more of them.
func BenchmarkSeats(b *testing.B) {
	for _, users := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			acct := benchAccount(b, users)
			for b.Loop() {
				acct.Licenses().Seats()
				acct.Groups().Members("1")
			}
		})
	}
}

// BenchmarkMemory is what an account keeps of a user. Settings that no profile manages take nothing, however many GoTo gives.
func BenchmarkMemory(b *testing.B) {
	const users = 10_000
	for _, settings := range []string{"sparse", "full"} {
		b.Run("settings="+settings, func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(keeps(b, benchSimulator(users, settings))/users, "B/user")
			}
		})
	}
}

// keeps is how many bytes an account keeps.
func keeps(b *testing.B, sim *simulator.Simulator) float64 {
	b.Helper()
	before := heap.InUse()
	acct := connected(b, sim)
	sim.ResetLog()
	after := heap.InUse()
	runtime.KeepAlive(acct)
	runtime.KeepAlive(sim)
	return float64(after - before)
}

func benchAccount(b *testing.B, users int) *account.Account {
	b.Helper()
	return connected(b, benchSimulator(users, "sparse"))
}

func benchSimulator(users int, settings string) *simulator.Simulator {
	sim := simulator.New(simulator.Options{Rate: simulator.NoRateLimit})
	sim.SetSwitches(func(s *simulator.Switches) { s.UserSettings = settings })
	for i := range users {
		sim.AddUser(key, simulator.User{Email: fmt.Sprintf("user-%d@example.test", i), FirstName: "Fay", LastName: "Field"})
	}
	return sim
}

// connected is an account that was read.
func connected(b *testing.B, sim *simulator.Simulator) *account.Account {
	b.Helper()
	limiter := budget.NewLimiter(1e6)
	cl, err := gotoclient.New(gotoclient.Config{
		Endpoints: gotoclient.Endpoints{APIURL: "http://simulator.test", TokenURL: "http://simulator.test/oauth/token"},
		Credentials: gotoclient.Credentials{
			Grant: gotoclient.GrantPersonalAccessToken, ClientID: simulator.DefaultClientID, ClientSecret: simulator.DefaultClientSecret,
			PersonalAccessToken: simulator.DefaultPersonalAccessToken,
		},
		Base: inprocess.Transport(sim.APIHandler()), Limiter: limiter, BeforeSend: account.BeforeSend,
	})
	if err != nil {
		b.Fatal(err)
	}
	me, err := cl.Me(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	unrecorded := brake.New(limits, nil, func(context.Context, []brake.Allotment) error { return nil }, time.Now)
	acct := account.New(b.Context(), account.Options{Client: cl, Limiter: limiter, Me: me, Key: key, Brake: unrecorded})
	if err := acct.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	return acct
}
