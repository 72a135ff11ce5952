// Package meetings is what an account knows of the meetings of the credentials' user, and does with them: one list per resync, only
// while somebody uses it, and beside it what only single requests tell.
//
// It knows neither users nor Kubernetes. Of the other rooms of an account it uses records, reading, evidence and the brake.
package meetings
