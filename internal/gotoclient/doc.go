// Package gotoclient is a typed client of the GoTo Admin REST API (the
// administrator's own record, accounts, users, groups and licences), of the
// GoToMeeting REST API (meetings, organizers, groups, history), and of the OAuth
// 2.0 token endpoint that guards them.
//
// The package knows nothing of Kubernetes. It imports the standard library,
// golang.org/x/oauth2 and internal/backoff; it may not import anything of k8s.io, sigs.k8s.io, this
// module's api packages, or the simulator (its tests may use the simulator).
//
// # Evidence
//
// No machine-readable specification of the Admin API is public; that of the
// GoToMeeting API leaves much open. Facts about the service that the code relies on are therefore marked where they are used:
// D for the vendor's documentation, L for an answer of the real service that
// somebody observed, C for what can be inferred from other clients, UNVERIFIED
// for what nobody has shown. The client accepts every reading of an UNVERIFIED
// point: any 2xx status with or without a body after a write, keys as JSON
// strings or numbers, lists without "results" when empty, any page size. In the
// GoToMeeting API one thing has many types and names; a [Meeting] is the same
// wherever it was read.
//
// # Endpoints
//
// Every request comes from one table of methods and paths, which [Operations] shows
// with the grade of each. [Config.Operations] overrides it, so that a path that
// turns out to be another needs no new release. What nobody has verified is not
// written ([Config.Unverified]).
//
// # Errors
//
// Every error of an operation is, or wraps, an *[APIError] (the service said
// no), an *[AuthError] (no access token to be had), a *[TransportError] (no
// complete answer), a *[DecodeError] (an answer that cannot be read), an
// *[UnverifiedError] (a write to a path that nobody has verified), one of the
// Err variables (a list that cannot be trusted, a key that is none), or what the
// caller itself supplied (its context, its [Limiter], its BeforeSend). Decisions are made
// with the predicates, such as [IsNotFound] and [IsAmbiguous], and never with
// the text. The text never holds a secret, a URL's query, a body or a value out
// of a body, so it may go to logs and conditions as it is.
//
// # Transport
//
// A request passes through a chain of small http.RoundTrippers, each in a file
// of its own, outermost first:
//
//	retry    repeats what is safe to repeat, waits in between
//	limit    asks the Limiter for permission, tells it of every 429 and Retry-After
//	auth     adds the access token, drops it when the service refuses it
//	leave    asks Config.BeforeSend whether the request may still be sent
//	observe  reports every attempt to Config.Observe
//	base     bounds time and size of an attempt, strips errors of secrets
//
// The limiter sits inside the retries so that each attempt is paid for; auth
// sits inside the limiter so that a token is still fresh when it is used; leave sits
// inside auth, since fetching a token takes its time. Token requests share observe and
// base, and nothing else.
//
// # What the operator does not call
//
// The package has every call of the GoToMeeting API, and those of the Admin API that
// somebody has named, so that all that the documents in docs/goto-api say is sent and
// read by tests. These have no caller in the operator:
//
//   - [Client.Accounts], [Client.Account] and [Client.UpdateAccount]: what /me says of
//     accounts is enough; they are what an account's own name is managed by.
//   - The List methods, which are Pages record by record: a reading needs the totals.
//   - [GroupsService.Subgroups], [GroupsService.Users] and [LicensesService.AddSeat],
//     whose paths are assumed: other calls do the same with certainty.
//   - What [MeetingGroupsService] says of groups and their organizers: the users and
//     groups of the Admin API say more. Reports are made of its other lists.
//   - [MeetingGroupsService.CreateOrganizer]: organizers are invited into no group.
//   - What is deprecated, save [MeetingsService.Scheduled], which alone shows when a
//     meeting was made.
//   - [OrganizersService.DeleteSession] and its kin, which cannot be undone.
package gotoclient
