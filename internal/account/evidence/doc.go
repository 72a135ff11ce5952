// Package evidence tells what GoTo's answers prove: that a thing is there, that it is gone, and that a request made it. See ADR 44.
//
// It makes no request and keeps nothing: who asks looks. Of this module it imports the client's errors and records alone.
package evidence
