package simulator_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func textLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestLogAndCounts(t *testing.T) {
	e := start(t)
	var hooked []simulator.Request
	remove := e.sim.OnRequest(func(r simulator.Request) { hooked = append(hooked, r) })
	e.send(http.MethodGet, usersPath+"?offset=5", nil)
	body := asJSON(t, object{"users": []object{person("fay@example.test")}})
	e.send(http.MethodPost, usersPath, body)
	e.send(http.MethodPost, usersPath, body)
	remove()
	e.send(http.MethodGet, adminRoot+"/me", nil)

	now := e.clock.Now()
	want := []simulator.Request{
		{Time: now, Operation: "listUsers", Method: "GET", Path: usersPath, Query: "offset=5", Status: 200},
		{Time: now, Operation: "createUsers", Method: "POST", Path: usersPath, Body: body, Status: 200},
		{Time: now, Operation: "createUsers", Method: "POST", Path: usersPath, Body: body, Status: 409},
		{Time: now, Operation: "getMe", Method: "GET", Path: adminRoot + "/me", Status: 200},
	}
	if got := e.sim.Requests(); !reflect.DeepEqual(got, want) {
		t.Errorf("log: got  %+v\nwant %+v", got, want)
	}
	if !reflect.DeepEqual(hooked, want[:3]) {
		t.Errorf("hook: got  %+v\nwant %+v", hooked, want[:3])
	}
	if got, want := e.sim.Calls(), map[string]int{"listUsers": 1, "createUsers": 2, "getMe": 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("calls: got %v, want %v", got, want)
	}
	e.sim.ResetLog()
	if len(e.sim.Requests()) != 0 || len(e.sim.Calls()) != 0 {
		t.Error("ResetLog leaves something behind")
	}
}

func TestLogIsBounded(t *testing.T) {
	e := start(t, func(o *simulator.Options) { o.LogLimit = 20 })
	for range 50 {
		e.send(http.MethodGet, adminRoot+"/me", nil)
	}
	e.send(http.MethodGet, acctRoot, nil)
	got := e.sim.Requests()
	if len(got) > 20 || len(got) < 15 || got[len(got)-1].Operation != "getAccount" {
		t.Errorf("the log holds %d entries of which the last is %+v", len(got), got[len(got)-1])
	}
	if e.sim.Calls()["getMe"] != 50 {
		t.Errorf("%d calls are counted, want 50", e.sim.Calls()["getMe"])
	}
}
