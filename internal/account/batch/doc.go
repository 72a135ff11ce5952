// Package batch joins what arrives together into one request, and sends nothing that nobody waits for any more.
//
// It knows no request, and imports the budget alone, for how urgent a batch is.
package batch
