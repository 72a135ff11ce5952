// Package account is one live GoTo account: its credentials in use, a snapshot of its users, groups and licences,
// batched writes, the request budget and the deletion brake.
//
// Everything that makes the operator cheap and safe is here, so that a kind's code can stay plain: it reads from the
// snapshot, and asks for one user to be created, changed or deleted.
//
// It builds on internal/gotoclient and knows nothing of Kubernetes: it may not import k8s.io, sigs.k8s.io, api/,
// internal/engine or internal/controller.
package account
