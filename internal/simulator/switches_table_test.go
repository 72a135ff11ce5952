package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// TestEveryPositionMakesADifference walks all positions of all switches: a switch without a probe, or a position that behaves like
// another one, fails.
func TestEveryPositionMakesADifference(t *testing.T) {
	for name, positions := range simulator.SwitchPositions() {
		t.Run(name, func(t *testing.T) {
			probe := probes[name]
			if probe == nil {
				probe = meetingProbes[name]
			}
			if probe == nil {
				probe = definitionProbes[name]
			}
			if probe == nil {
				t.Fatal("the switch has no probe")
			}
			seen := map[string]string{}
			for _, position := range positions {
				got := probe(start(t, with(name, position)))
				if other, found := seen[got]; found {
					t.Errorf("the positions %s and %s both give %s", position, other, got)
				}
				seen[got] = position
			}
		})
	}
}

func TestEveryFieldOfSwitchesIsASwitch(t *testing.T) {
	fields := reflect.TypeFor[simulator.Switches]()
	var names []string
	for field := range fields.Fields() {
		names = append(names, strings.ToLower(field.Name))
	}
	got := strings.ToLower(fmt.Sprint(simulator.SwitchNames()))
	if got != fmt.Sprint(names) {
		t.Errorf("switches %s\nfields   %s", got, names)
	}
}

func TestSettingSwitches(t *testing.T) {
	s := simulator.DefaultSwitches()
	for name, positions := range simulator.SwitchPositions() {
		if got := s.Map()[name]; got != positions[0] {
			t.Errorf("%s is %q by default, want its first position %q", name, got, positions[0])
		}
	}
	for _, good := range [][2]string{{"maxBatch", "123"}, {"visibilityLag", "150ms"}, {"toIndex", "inclusive"}} {
		if err := s.Set(good[0], good[1]); err != nil || s.Map()[good[0]] != good[1] {
			t.Errorf("setting %v: %v, %s", good, err, s.Map()[good[0]])
		}
	}
	before := s
	for _, bad := range [][2]string{{"nonsense", "x"}, {"toIndex", "x"}, {"maxBatch", "-1"}, {"maxPageSize", "x"}, {"visibilityLag", "x"}} {
		if err := s.Set(bad[0], bad[1]); err == nil || !strings.Contains(err.Error(), bad[0]) {
			t.Errorf("setting %v: %v", bad, err)
		}
	}
	if s != before {
		t.Error("a refused setting changes something")
	}
	data := asJSON(t, s)
	var back simulator.Switches
	if err := json.Unmarshal([]byte(data), &back); err != nil || back != s {
		t.Errorf("%s is read back as %+v, %v", data, back, err)
	}
	if err := json.Unmarshal([]byte(`{"toIndex":"exclusive","nonsense":"x"}`), &back); err == nil || back != s {
		t.Errorf("JSON with an unknown switch: %v, %+v", err, back)
	}
}

func TestMisspeltPositionPanics(t *testing.T) {
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "toIndex") {
			t.Errorf("got %v, want a panic that names the switch", r)
		}
	}()
	sim := simulator.New(simulator.Options{})
	sim.SetSwitches(func(s *simulator.Switches) { s.ToIndex = "inklusive" })
}

func TestRetryAfterTellsWhenThereIsRoom(t *testing.T) {
	e := start(t, with("retryAfter", "seconds"))
	e.sim.SetRate(0.25)
	e.wantStatus(e.send(http.MethodGet, adminRoot+"/me", nil), http.StatusOK)
	if a := e.send(http.MethodGet, adminRoot+"/me", nil); a.header.Get("Retry-After") != "4" {
		t.Errorf("got %v, want 4 seconds", a.header)
	}
	e.sim.SetSwitches(func(s *simulator.Switches) { s.RetryAfter = "date" })
	want := e.clock.Now().Add(4 * time.Second).Format(http.TimeFormat)
	if a := e.send(http.MethodGet, adminRoot+"/me", nil); a.header.Get("Retry-After") != want {
		t.Errorf("got %v, want %s", a.header, want)
	}
}
