package controller

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Concurrency is the number of objects worked on at once, by kind. As a flag it is a comma-separated list such as
// GoToUser=300,GoToMeeting=20; a kind that it does not name keeps its default.
type Concurrency map[string]int

// DefaultConcurrency is that of every kind.
func DefaultConcurrency() Concurrency {
	out := Concurrency{}
	for _, k := range kinds {
		out[k.name] = k.concurrency
	}
	return out
}

// String lists it in the order of the kinds.
func (c Concurrency) String() string {
	var entries []string
	for _, k := range kinds {
		if n, named := c[k.name]; named {
			entries = append(entries, fmt.Sprintf("%s=%d", k.name, n))
		}
	}
	return strings.Join(entries, ",")
}

// Set reads such a list over what is there. Its error names the entry that is no kind with a positive number.
func (c Concurrency) Set(list string) error {
	for entry := range strings.SplitSeq(list, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(entry), "=")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || !slices.ContainsFunc(kinds, func(k kind) bool { return k.name == name }) {
			return fmt.Errorf("%q is not a kind and a number, such as %s", entry, DefaultConcurrency())
		}
		c[name] = n
	}
	return nil
}

// of is the concurrency of one kind.
func (c Concurrency) of(k kind) int {
	if n, named := c[k.name]; named {
		return n
	}
	return k.concurrency
}
