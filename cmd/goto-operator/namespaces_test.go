package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamespaces(t *testing.T) {
	for list, want := range map[string][]string{
		"":            nil,
		" , ":         nil,
		"team":        {"team"},
		"b, a,,b ,a ": {"a", "b"},
	} {
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(namespaces(list)))); diff != "" {
			t.Errorf("%q: %s", list, diff)
		}
	}
}

func TestWatched(t *testing.T) {
	if watched(namespaces("")) != nil {
		t.Error("all namespaces are watched where none is named")
	}
	one := watched(namespaces("team"))
	if !one("team") || one("other") {
		t.Error("team is watched and nothing else")
	}
}
