// Package engine is the Kubernetes half of every managed kind, written once: fetch, finalizer, references, deletion,
// policies, conditions, events and the one status patch at the end.
//
// It knows no kind: a kind is a Kind value that says how to observe, compare and change one remote object. The engine
// may not import internal/controller or internal/simulator.
package engine
