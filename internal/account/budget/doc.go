// Package budget is how many requests may be made: a token bucket for each OAuth client, shared by all accounts that work with it, which
// slows down when GoTo answers 429 and lets nobody starve.
//
// It knows neither requests nor accounts, and imports nothing of this module.
package budget
