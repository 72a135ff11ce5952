// Package settings works out which settings each user of an account is to have: it reads the GoToSettingsProfiles of the account
// and finds, for each user and setting, the profile that decides it. It writes nothing. The GoToUser is the only writer of a
// user's settings, and a profile writes those of new users and of the account; what is worked out here is input to both.
//
// What is read: value.go a setting and a record of GoTo, profile.go a profile. What is worked out: wanted.go what a user is to
// have, and what of it GoTo does not show or grant; level.go likewise new users and the account, and own.go what of that GoTo
// shows otherwise, and what was there before, before.go before all of several profiles, announced.go what is about to be
// written to the account; plan.go keeps it for all users of an account and counts. All that is pure but for the
// reading in own.go and countries.go. planner.go keeps the plan of each account, account_plan.go is one of them. Who is selected
// by a profile is for internal/entitlement to say. It may not import internal/controller.
package settings
