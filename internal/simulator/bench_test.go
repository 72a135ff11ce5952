package simulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// caller sends requests to the handler without a network.
type caller struct {
	b       *testing.B
	handler http.Handler
	token   string
}

func newCaller(b *testing.B, sim *simulator.Simulator) *caller {
	b.Helper()
	c := &caller{b: b, handler: sim.APIHandler()}
	form := url.Values{"grant_type": {"personal_access_token"}, "pat": {simulator.DefaultPersonalAccessToken}}
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/oauth/token", strings.NewReader(form.Encode()))
	r.SetBasicAuth(simulator.DefaultClientID, simulator.DefaultClientSecret)
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	_, rest, _ := strings.Cut(w.Body.String(), `"access_token":"`)
	c.token, _, _ = strings.Cut(rest, `"`)
	return c
}

func (c *caller) send(method, path, body string) {
	r := httptest.NewRequestWithContext(c.b.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+c.token)
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		c.b.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
}

// BenchmarkCreate1000 adds 1,000 users in batches of 100.
func BenchmarkCreate1000(b *testing.B) {
	var batches []string
	for i := range 10 {
		var people []string
		for j := range 100 {
			people = append(people, fmt.Sprintf(`{"email":"u%d-%d@example.test","firstName":"F","lastName":"L"}`, i, j))
		}
		batches = append(batches, `{"users":[`+strings.Join(people, ",")+`]}`)
	}
	for b.Loop() {
		c := newCaller(b, simulator.New(simulator.Options{Rate: simulator.NoRateLimit}))
		for _, body := range batches {
			c.send(http.MethodPost, usersPath, body)
		}
	}
}

// BenchmarkList25000 reads 25,000 users in pages of 1,000, with settings as real ones have them.
func BenchmarkList25000(b *testing.B) {
	state := simulator.DefaultState()
	for i := range 25_000 {
		state.Accounts[0].Users = append(state.Accounts[0].Users, simulator.User{
			Key: fmt.Sprint(7100000000000001000 + i), Email: fmt.Sprintf("u%d@example.test", i), FirstName: "F", LastName: "L",
		})
	}
	sim := simulator.New(simulator.Options{Rate: simulator.NoRateLimit, Switches: simulator.Switches{UserSettings: "full"}})
	if err := sim.Load(state); err != nil {
		b.Fatal(err)
	}
	c := newCaller(b, sim)
	for b.Loop() {
		for offset := 0; offset < 25_000; offset += 1000 {
			c.send(http.MethodGet, fmt.Sprintf("%s?pageSize=1000&offset=%d", usersPath, offset), "")
		}
	}
}
