package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func TestFloors(t *testing.T) {
	for _, c := range []struct {
		name string
		got  calls
		want calls
		sum  int
	}{
		{"reading one page", reading(1000), calls{"listUsers": 1, "listGroups": 1, "listLicenses": 1, "getMe": 1}, 4},
		{"reading a page and one", reading(1001), calls{"listUsers": 2, "listGroups": 1, "listLicenses": 1, "getMe": 1}, 5},
		{"starting", starting(1), calls{"listUsers": 1, "listGroups": 1, "listLicenses": 1, "token": 1, "getMe": 1}, 5},
		{"full batches", batches(simulator.OpCreateUsers, 1000), calls{"createUsers": 10}, 10},
		{"one that is not full", batches(simulator.OpCreateUsers, 1001), calls{"createUsers": 11}, 11},
		{"none", batches(simulator.OpCreateUsers, 0), calls{"createUsers": 0}, 0},
		{"both", calls{"a": 1, "b": 1}.plus(calls{"b": 2}), calls{"a": 1, "b": 3}, 4},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" || c.got.sum() != c.sum {
			t.Errorf("%s: sum %d, want %d (-want +got):\n%s", c.name, c.got.sum(), c.sum, diff)
		}
	}
}

// Adding must not change what is added to: floors share their parts.
func TestPlusLeavesItsPartsAlone(t *testing.T) {
	a := reading(1)
	_ = a.plus(batches(simulator.OpListUsers, 100))
	if diff := cmp.Diff(reading(1), a); diff != "" {
		t.Error(diff)
	}
}
