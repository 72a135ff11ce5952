// Package entitlement works out who is to have which licence: it reads the GoToLicenseBindings of an account and the
// users that they select, and orders those who wait where seats are scarce. It writes nothing. The GoToUser is the only
// writer of a user's licences; what is worked out here is input to it.
//
// What is read: facts.go of a user, binding.go of a binding, group.go of the groups, license.go of the account's list. What is
// worked out: index.go finds the bindings that select a user, decide.go what becomes of its licences, twin.go which of several
// objects acts for one user, queue.go who gets a scarce seat, count.go what there is to count. plan.go and redefine.go bring a
// plan up to date by what has changed; verdict.go is what it says. All that is pure. planner.go keeps the plan of each account,
// account_plan.go is one of them; selection.go lets internal/settings select users by the same rules. It may import internal/engine and
// internal/account; it may not import internal/controller.
package entitlement
