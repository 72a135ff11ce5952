// Package records keeps the things of one kind that an account has: the last reading of their list, which is never changed once it is
// there, and laid over it what has been learned since, by our own writes and by reading one of them. See ADR 51.
//
// It makes no request. Of this module it imports the client's keys alone.
package records
