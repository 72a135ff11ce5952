package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// result is what one size has shown.
type result struct {
	size  int
	plays []played
	edits []time.Duration
}

type played struct {
	name  string
	cost  figures
	floor calls
}

// tables shows all results, smallest size first: one table for each, and how much grows from one to the next.
func tables(results []result) string {
	var b strings.Builder
	for i, r := range results {
		fmt.Fprintf(&b, "### %d users\n\n%s\n%s\n", r.size, r.table(), r.editLine())
		if i > 0 {
			fmt.Fprintf(&b, "#### Growth from %d to %d\n\n%s\n", results[i-1].size, r.size, growth(results[i-1], r))
		}
	}
	return b.String()
}

func (r result) table() string {
	var b strings.Builder
	b.WriteString("| scenario | GoTo calls | floor | by operation (floor) | Kubernetes writes | events | 409 / 429 | reconciles | CPU s | peak RSS MiB | s |\n")
	b.WriteString("|---|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, p := range r.plays {
		c := p.cost
		fmt.Fprintf(&b, "| %s | %d | %d | %s | %d | %d | %d / %d | %d | %.1f | %d | %.0f |\n", p.name, c.Calls.sum(), p.floor.sum(),
			operations(c.Calls, p.floor), c.Writes, c.Events, c.Conflicts, c.Throttled, c.Reconciles, c.CPU.Seconds(), c.Peak>>20, c.Took.Seconds())
	}
	return b.String()
}

// operations lists the requests of each operation, and in brackets the floor where that is less.
func operations(made, floor calls) string {
	all := maps.Clone(made)
	if all == nil {
		all = calls{}
	}
	for operation := range floor {
		all[operation] += 0
	}
	var out []string
	for _, operation := range slices.Sorted(maps.Keys(all)) {
		text := fmt.Sprintf("%s %d", operation, made[operation])
		if made[operation] != floor[operation] {
			text += fmt.Sprintf(" (%d)", floor[operation])
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func (r result) editLine() string {
	if len(r.edits) == 0 {
		return "One edit under bulk load: not measured, the bulk work was over before.\n"
	}
	return fmt.Sprintf("One edit under bulk load, until GoTo has it, of %d: median %.2f s, p99 %.2f s, longest %.2f s.\n", len(r.edits),
		quantile(r.edits, 0.5).Seconds(), quantile(r.edits, 0.99).Seconds(), quantile(r.edits, 1).Seconds())
}

// growth divides what the scenarios of one size cost by what they cost in another.
func growth(small, large result) string {
	var b strings.Builder
	b.WriteString("| scenario | GoTo calls | Kubernetes writes | reconciles | CPU | peak RSS |\n|---|--:|--:|--:|--:|--:|\n")
	for i, p := range large.plays {
		if i >= len(small.plays) || small.plays[i].name != p.name {
			continue
		}
		s, l := small.plays[i].cost, p.cost
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", p.name, times(s.Calls.sum(), l.Calls.sum()), times(s.Writes, l.Writes),
			times(s.Reconciles, l.Reconciles), times(s.CPU, l.CPU), times(s.Peak, l.Peak))
	}
	return b.String()
}

// times is by how much one number is more than another; nothing where that says nothing.
func times[N int | int64 | time.Duration](small, large N) string {
	if small == 0 {
		return "–"
	}
	return fmt.Sprintf("× %.1f", float64(large)/float64(small))
}

// The lines between which the tables stand.
const (
	opening = "<!-- make bench writes from here -->\n"
	closing = "<!-- to here -->\n"
)

// insert puts the tables into a document. Its error is that of a document that has no place for them.
func insert(document, text string) (string, error) {
	before, rest, opened := strings.Cut(document, opening)
	_, after, closed := strings.Cut(rest, closing)
	if !opened || !closed {
		return "", fmt.Errorf("there is no place for the tables: the lines %q and %q are missing", opening, closing)
	}
	return before + opening + "\n" + text + closing + after, nil
}
