package simulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func TestFaultsAroundAnEffect(t *testing.T) {
	type outcome struct {
		effect bool
		status int // of the answer; 0 is an error of the connection
		logged int
		broken bool // the body cannot be read to its end
		json   bool
	}
	tests := []struct {
		fault simulator.Fault
		want  outcome
	}{
		{simulator.Fault{Kind: simulator.FaultThrottle}, outcome{status: 429, logged: 429}},
		{simulator.Fault{Kind: simulator.FaultErrorBefore}, outcome{status: 500, logged: 500}},
		{simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 503}, outcome{status: 503, logged: 503}},
		{simulator.Fault{Kind: simulator.FaultErrorAfter}, outcome{effect: true, status: 500, logged: 500}},
		{simulator.Fault{Kind: simulator.FaultErrorAfter, Status: 502}, outcome{effect: true, status: 502, logged: 502}},
		{simulator.Fault{Kind: simulator.FaultCutBefore}, outcome{}},
		{simulator.Fault{Kind: simulator.FaultCutAfter}, outcome{effect: true}},
		{simulator.Fault{Kind: simulator.FaultCutBody}, outcome{effect: true, status: 200, broken: true}},
		{simulator.Fault{Kind: simulator.FaultTruncate}, outcome{effect: true, status: 200, logged: 200}},
		{simulator.Fault{Kind: simulator.FaultHTML}, outcome{effect: true, status: 200, logged: 200}},
		{simulator.Fault{Kind: simulator.FaultExpireToken}, outcome{status: 401, logged: 401, json: true}},
		{simulator.Fault{Kind: simulator.FaultLatency, Delay: time.Millisecond}, outcome{effect: true, status: 200, logged: 200, json: true}},
	}
	for _, test := range tests {
		t.Run(asJSON(t, test.fault), func(t *testing.T) {
			e := start(t)
			test.fault.Operation, test.fault.Count = simulator.OpCreateUsers, 1
			e.sim.Inject(test.fault)
			a := e.post("", nil, person("fay@example.test"))
			_, effect := e.sim.UserByEmail(acct, "fay@example.test")
			log := e.sim.Requests()
			got := outcome{
				effect: effect, status: a.status, logged: log[0].Status,
				broken: errors.Is(a.err, io.ErrUnexpectedEOF), json: json.Valid([]byte(a.body)),
			}
			if got != test.want || (a.err != nil) != (test.want.status == 0 || test.want.broken) {
				t.Errorf("got %+v (%v, %q), want %+v", got, a.err, a.body, test.want)
			}
			if !reflect.DeepEqual(log[0].Faults, []simulator.FaultKind{test.fault.Kind}) {
				t.Errorf("the log names the faults %v", log[0].Faults)
			}
			if len(e.sim.Faults()) != 0 {
				t.Error("the fault outlives its count")
			}
		})
	}
}

func TestRetryAfterOfAFault(t *testing.T) {
	e := start(t)
	e.sim.Inject(simulator.Fault{Kind: simulator.FaultThrottle, RetryAfter: 1500 * time.Millisecond})
	if a := e.send(http.MethodGet, adminRoot+"/me", nil); a.status != 429 || a.header.Get("Retry-After") != "2" {
		t.Errorf("got %d with %v", a.status, a.header)
	}
}

func TestFaultsOfLists(t *testing.T) {
	tests := []struct {
		fault                   simulator.Fault
		results, toIndex, total int
	}{
		{simulator.Fault{Kind: simulator.FaultEmptyList}, 0, 0, 0},
		{simulator.Fault{Kind: simulator.FaultShortList}, 9, 9, 20},
		{simulator.Fault{Kind: simulator.FaultShortList, Drop: 4}, 6, 6, 20},
		{simulator.Fault{Kind: simulator.FaultShortList, Drop: 99}, 0, 0, 20},
		{simulator.Fault{Kind: simulator.FaultPartialList}, 10, 10, 19},
		{simulator.Fault{Kind: simulator.FaultPartialList, Drop: 15}, 5, 5, 5},
	}
	for _, test := range tests {
		t.Run(asJSON(t, test.fault), func(t *testing.T) {
			e := start(t)
			addUsers(e, 19)
			test.fault.Operation = simulator.OpListUsers
			e.sim.Inject(test.fault)
			got := e.list(usersPath + "?pageSize=10")
			if len(got.Results) != test.results || got.ToIndex != test.toIndex || got.Total != test.total {
				t.Errorf("got %d results to %d of %d, want %+v", len(got.Results), got.ToIndex, got.Total, test)
			}
		})
	}
}

func TestFaultOnOnePage(t *testing.T) {
	e := start(t)
	addUsers(e, 29)
	e.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpListUsers, Page: 2})
	for query, want := range map[string]int{"offset=0": 200, "offset=10": 500, "offset=20": 200} {
		if a := e.send(http.MethodGet, usersPath+"?pageSize=10&"+query, nil); a.status != want {
			t.Errorf("%s is answered with %d, want %d", query, a.status, want)
		}
	}
}

func TestWhichRequestsMeetAFault(t *testing.T) {
	e := start(t)
	statuses := func(f simulator.Fault, send ...func() answer) []int {
		e.sim.ClearFaults()
		f.Kind = simulator.FaultErrorBefore
		e.sim.Inject(f)
		var got []int
		for _, s := range send {
			got = append(got, s().status)
		}
		return got
	}
	me := func() answer { return e.send(http.MethodGet, adminRoot+"/me", nil) }
	list := func() answer { return e.send(http.MethodGet, usersPath+"?offset=3", nil) }
	add := func() answer { return e.post("?allOrNothing=false", nil, person("fay@example.test")) }
	tests := []struct {
		fault simulator.Fault
		send  []func() answer
		want  []int
	}{
		{simulator.Fault{}, []func() answer{me, list, add}, []int{500, 500, 500}},
		{simulator.Fault{Operation: simulator.OpListUsers}, []func() answer{me, list, list}, []int{200, 500, 500}},
		{simulator.Fault{Match: "offset=3"}, []func() answer{me, list, add}, []int{200, 500, 200}},
		{simulator.Fault{Match: "fay@example"}, []func() answer{me, list, add}, []int{200, 200, 500}},
		{simulator.Fault{Match: "/users"}, []func() answer{me, list, add}, []int{200, 500, 500}},
		{simulator.Fault{Count: 2}, []func() answer{me, me, me}, []int{500, 500, 200}},
		{simulator.Fault{Skip: 1, Count: 1}, []func() answer{me, me, me}, []int{200, 500, 200}},
		{simulator.Fault{Skip: 1, Operation: simulator.OpGetMe}, []func() answer{list, me, list, me}, []int{200, 200, 200, 500}},
	}
	for _, test := range tests {
		if got := statuses(test.fault, test.send...); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", asJSON(t, test.fault), got, test.want)
		}
	}
}

func TestTheFirstFaultGoesFirst(t *testing.T) {
	e := start(t)
	e.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 503, Count: 1})
	e.sim.Inject(simulator.Fault{Kind: simulator.FaultLatency, Delay: time.Millisecond})
	e.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 502, Count: 1})
	var got []int
	for range 3 {
		got = append(got, e.send(http.MethodGet, adminRoot+"/me", nil).status)
	}
	if !reflect.DeepEqual(got, []int{503, 502, 200}) {
		t.Errorf("got %v", got)
	}
	if kinds := e.sim.Requests()[0].Faults; len(kinds) != 2 {
		t.Errorf("the latency does not add to the error: %v", kinds)
	}
}

func TestTokenEndpointMeetsFaults(t *testing.T) {
	e := start(t)
	e.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpToken, Status: 503})
	e.wantStatus(e.grant(refresh(simulator.DefaultRefreshToken)), 503)
	// A secret must not be something to match on, since a match tells what the body holds.
	e.sim.ClearFaults()
	e.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Match: simulator.DefaultRefreshToken})
	e.wantStatus(e.grant(refresh(simulator.DefaultRefreshToken)), 200)
}

func TestBlockHoldsTheAnswerAfterTheEffect(t *testing.T) {
	e := start(t)
	id := e.sim.Inject(simulator.Fault{Kind: simulator.FaultBlock, Operation: simulator.OpCreateUsers, Count: 1})
	answers := make(chan answer, 1)
	go func() { answers <- e.post("", nil, person("fay@example.test")) }()
	if err := e.sim.WaitHeld(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	fay, ok := e.sim.UserByEmail(acct, "fay@example.test")
	if !ok || e.sim.Calls()[simulator.OpCreateUsers] != 1 || e.sim.Faults()[0].Held != 1 {
		t.Errorf("while the answer is held: %+v, %v, %+v", fay, e.sim.Calls(), e.sim.Faults())
	}
	select {
	case a := <-answers:
		t.Fatalf("the held request was answered: %+v", a)
	default:
	}
	if !e.sim.Release(id) || e.sim.Release(id) {
		t.Error("a fault can be released once")
	}
	a := <-answers
	e.wantStatus(a, http.StatusOK)
	if !strings.Contains(a.body, fay.Key) {
		t.Errorf("got %s", a.body)
	}
}

func TestClientMayDieWhileBlocked(t *testing.T) {
	e := start(t)
	id := e.sim.Inject(simulator.Fault{Kind: simulator.FaultBlock, Operation: simulator.OpCreateUsers, Count: 1})
	ctx, kill := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url+usersPath,
		strings.NewReader(asJSON(t, object{"users": []object{person("fay@example.test")}})))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+e.token)
	answers := make(chan answer, 1)
	go func() { answers <- e.do(req) }()
	if err := e.sim.WaitHeld(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	kill()
	if a := <-answers; !errors.Is(a.err, context.Canceled) {
		t.Errorf("got %+v", a)
	}
	again := e.post("", nil, person("fay@example.test"))
	e.wantRefusal(again, http.StatusConflict, "user.name.conflict")
}

func TestLatencyDelaysTheEffect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := simulator.New(simulator.Options{})
		sim.Inject(simulator.Fault{Kind: simulator.FaultLatency, Operation: simulator.OpToken, Delay: time.Hour})
		began := time.Now()
		w := httptest.NewRecorder()
		sim.APIHandler().ServeHTTP(w, patRequest(t.Context()))
		if took := time.Since(began); took != time.Hour || w.Code != http.StatusOK {
			t.Errorf("answered with %d after %v", w.Code, took)
		}
	})
}

func TestClientMayLeaveDuringLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := simulator.New(simulator.Options{})
		sim.Inject(simulator.Fault{Kind: simulator.FaultLatency, Operation: simulator.OpToken, Delay: time.Hour})
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			defer func() {
				err, _ := recover().(error)
				ended <- err
			}()
			sim.APIHandler().ServeHTTP(httptest.NewRecorder(), patRequest(ctx))
		}()
		synctest.Wait()
		leave()
		if got := <-ended; !errors.Is(got, http.ErrAbortHandler) {
			t.Errorf("the handler ended with %v", got)
		}
		if issued := sim.State().OAuth.Issued; issued != 0 || sim.Requests()[0].Status != 0 {
			t.Errorf("%d tokens were issued; logged is %+v", issued, sim.Requests())
		}
	})
}

// patRequest swaps the default personal access token.
func patRequest(ctx context.Context) *http.Request {
	form := url.Values{"grant_type": {"personal_access_token"}, "pat": {simulator.DefaultPersonalAccessToken}}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/oauth/token", strings.NewReader(form.Encode()))
	r.SetBasicAuth(simulator.DefaultClientID, simulator.DefaultClientSecret)
	return r
}

func TestHangHasNoEffect(t *testing.T) {
	e := start(t)
	id := e.sim.Inject(simulator.Fault{Kind: simulator.FaultHang, Operation: simulator.OpCreateUsers, Count: 1})
	answers := make(chan answer, 1)
	go func() { answers <- e.post("", nil, person("fay@example.test")) }()
	if err := e.sim.WaitHeld(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	e.sim.ClearFaults()
	if a := <-answers; a.err == nil {
		t.Errorf("the hanging request was answered: %+v", a)
	}
	if _, ok := e.sim.UserByEmail(acct, "fay@example.test"); ok {
		t.Error("the hanging request had its effect")
	}
}

func TestWaitHeldGivesUp(t *testing.T) {
	e := start(t)
	id := e.sim.Inject(simulator.Fault{Kind: simulator.FaultHang})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.sim.WaitHeld(ctx, id); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := e.sim.WaitHeld(t.Context(), "nonsense"); err == nil {
		t.Error("an unknown fault can be waited for")
	}
}

func TestSenselessFaultsPanic(t *testing.T) {
	for _, f := range []simulator.Fault{
		{}, {Kind: "nonsense"}, {Kind: simulator.FaultHang, Operation: "nonsense"}, {Kind: simulator.FaultHang, Count: -1},
		{Kind: simulator.FaultErrorAfter, Status: 200},
	} {
		t.Run(asJSON(t, f), func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it is accepted")
				}
			}()
			simulator.New(simulator.Options{}).Inject(f)
		})
	}
}

func TestFaultAsJSON(t *testing.T) {
	want := simulator.Fault{Kind: simulator.FaultLatency, Operation: "token", Delay: 1500 * time.Millisecond, RetryAfter: time.Minute, Count: 2}
	text := asJSON(t, want)
	if text != `{"kind":"latency","operation":"token","count":2,"delay":"1.5s","retryAfter":"1m0s"}` {
		t.Errorf("written as %s", text)
	}
	var got simulator.Fault
	if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
		t.Errorf("read as %+v, %v", got, err)
	}
	for _, bad := range []string{`{"kind":"latency","dealy":"1s"}`, `{"kind":"latency","delay":"x"}`, `{"kind":"x"}`} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}
