package fault

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

func queue(t *testing.T, faults ...Fault) *Queue {
	t.Helper()
	q := NewQueue([]string{"list", "create"})
	for _, f := range faults {
		q.Inject(f)
	}
	return q
}

func TestWhichRequestsMeetAFault(t *testing.T) {
	list := Request{Operation: "list", List: true, Page: 2, Token: true, Address: "/users?filter=fay", Body: ""}
	create := Request{Operation: "create", Token: true, Address: "/users", Body: `{"email":"fay@example.test"}`}
	token := Request{Operation: "token"}
	for name, test := range map[string]struct {
		fault Fault
		want  []bool // of list, create, token
	}{
		"any":               {Fault{Kind: Throttle}, []bool{true, true, true}},
		"of an operation":   {Fault{Kind: Throttle, Operation: "create"}, []bool{false, true, false}},
		"of a page":         {Fault{Kind: Throttle, Page: 2}, []bool{true, false, false}},
		"of another page":   {Fault{Kind: Throttle, Page: 1}, []bool{false, false, false}},
		"of a text":         {Fault{Kind: Throttle, Match: "fay"}, []bool{true, true, false}},
		"of lists alone":    {Fault{Kind: EmptyList}, []bool{true, false, false}},
		"of tokens alone":   {Fault{Kind: ExpireToken}, []bool{true, true, false}},
		"after the first":   {Fault{Kind: Throttle, Skip: 1}, []bool{false, true, true}},
		"the first two":     {Fault{Kind: Throttle, Count: 2}, []bool{true, true, false}},
		"of a partial list": {Fault{Kind: PartialList}, []bool{true, false, false}},
	} {
		q := queue(t, test.fault)
		var got []bool
		for _, r := range []Request{list, create, token} {
			got = append(got, q.Pick(&r).Fault != nil)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestOfSeveralFaultsTheFirstIsAppliedBesideAnyLatency(t *testing.T) {
	q := queue(t, Fault{Kind: Latency, Delay: time.Second}, Fault{Kind: HTML, Count: 1}, Fault{Kind: Latency, Delay: time.Minute},
		Fault{Kind: Throttle})
	first, second := q.Pick(&Request{}), q.Pick(&Request{})
	if diff := cmp.Diff([]Kind{Latency, HTML, Latency}, first.Kinds); diff != "" || first.Latency != time.Minute+time.Second {
		t.Errorf("first: %s, after %s", diff, first.Latency)
	}
	if !slices.Contains(second.Kinds, Throttle) || slices.Contains(second.Kinds, HTML) {
		t.Errorf("second: %q; want the fault of one request to be gone", second.Kinds)
	}
	if n := len(q.Faults()); n != 3 {
		t.Errorf("%d faults are left, want 3", n)
	}
}

func TestAFaultHoldsUntilItIsReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue(t, Fault{ID: "hold", Kind: Block, Count: 1})
		p := q.Pick(&Request{})
		answered := false
		go func() {
			q.Hold(t.Context(), p.Fault)
			answered = true
		}()
		if err := q.WaitHeld(t.Context(), "hold"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if answered {
			t.Fatal("the request was answered before the release")
		}
		q.Release("hold")
		synctest.Wait()
		if !answered || len(q.Faults()) != 0 {
			t.Errorf("answered: %t, faults: %v; want the request answered and no fault left", answered, q.Faults())
		}
	})
}

func TestWaitHeldGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := queue(t, Fault{ID: "hold", Kind: Hang}).WaitHeld(ctx, "hold"); err == nil {
		t.Error("no request was held, and no error says so")
	}
}

func TestWhatBecomesOfAnAnswer(t *testing.T) {
	answer := wire.JSON(http.StatusOK, "abcd")
	throttled := wire.Response{Status: http.StatusTooManyRequests}
	for name, test := range map[string]struct {
		fault  Fault
		status int
		body   string
		cut    Cut
	}{
		"error after": {Fault{Kind: ErrorAfter, Status: http.StatusBadGateway}, http.StatusBadGateway, "Bad Gateway\n", CutNowhere},
		"cut after":   {Fault{Kind: CutAfter}, http.StatusOK, `"abcd"`, CutWhole},
		"cut body":    {Fault{Kind: CutBody}, http.StatusOK, `"abcd"`, CutInBody},
		"truncated":   {Fault{Kind: Truncate}, http.StatusOK, `"ab`, CutNowhere},
		"untouched":   {Fault{Kind: ExpireToken}, http.StatusOK, `"abcd"`, CutNowhere},
	} {
		got, cut := test.fault.Spoil(answer, throttled)
		if got.Status != test.status || string(got.Body) != test.body || cut != test.cut {
			t.Errorf("%s: got %d %q, cut %d", name, got.Status, got.Body, cut)
		}
	}
	f := Fault{Kind: Throttle, RetryAfter: 1500 * time.Millisecond}
	if got := f.Failure(throttled); got.Status != http.StatusTooManyRequests || got.Header.Get("Retry-After") != "2" {
		t.Errorf("throttled: %d, Retry-After %q", got.Status, got.Header.Get("Retry-After"))
	}
}
