// Package evidence tells what GoTo's answers prove: that a thing is there, that it is gone, and that a request made it. See ADR 44.
//
// It makes no request of its own and keeps nothing: who asks says how to look. Of this module it imports the client's errors and records alone.
package evidence
