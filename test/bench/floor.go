package main

import (
	"maps"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// calls are numbers of requests by operation.
type calls map[string]int

// The sizes of a page and of a batch that an account asks for by default.
const (
	pageSize  = 1000
	batchSize = 100
)

// sum is the number of all requests.
func (c calls) sum() int {
	n := 0
	for _, count := range c {
		n += count
	}
	return n
}

// plus adds the numbers of another.
func (c calls) plus(other calls) calls {
	out := maps.Clone(c)
	for operation, n := range other {
		out[operation] += n
	}
	return out
}

// parts is how many requests of so many items each a number of items needs.
func parts(items, each int) int { return (items + each - 1) / each }

// reading is one reading of an account with so many users: the lists, and what the credentials' user may do.
func reading(users int) calls {
	return calls{simulator.OpListUsers: parts(users, pageSize), simulator.OpListGroups: 1, simulator.OpListLicenses: 1, simulator.OpGetMe: 1}
}

// starting is what a process needs before it can do anything in an account with so many users: a token, who it is, a reading.
func starting(users int) calls {
	return reading(users).plus(calls{simulator.OpToken: 1})
}

// batches are requests of one operation that are as full as they may be.
func batches(operation string, users int) calls { return calls{operation: parts(users, batchSize)} }
