// Package breaker keeps the requests of an account back while its service does not answer: one request asks whether it does again, in the
// place of every object's own tries. Where it fails at one operation alone, that is one of its own requests.
//
// It is between the account and the network: Guard is what a request waits for, and Transport sees what comes of it. It knows no request
// of the service, and may import nothing of the project but internal/backoff.
package breaker
