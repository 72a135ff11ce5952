// Package entitlement works out who is to have which licence: it reads the GoToLicenseBindings of an account and the
// users that they select, and orders those who wait where seats are scarce. It writes nothing. The GoToUser is the only
// writer of a user's licences; what is worked out here is input to it.
//
// planner.go keeps the plan of each account current and tells whom a change concerns; all else is pure. It may import
// internal/engine and internal/account; it may not import internal/controller.
package entitlement
