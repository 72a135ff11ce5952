// Package simulator is a stateful stand-in for the GoTo Admin API, the GoToMeeting API and the OAuth token endpoint that guards
// them, for tests, demos and laptops. Behind both APIs is one state: the organizers of the one are the users of the other.
//
// It answers as the real service is documented or was observed to answer. Where nothing reliable is known, the behaviour is a
// field of [Switches], so that a later finding is a change of one default and so that a test can walk every possibility
// ([SwitchPositions]). The grades used in comments are those of docs/goto-api: D stated by GoTo's documentation, L observed live,
// C inferred from a client that worked against the service, U (UNVERIFIED) unknown. Error codes that the service is not known to
// use are marked as invented.
//
// Two handlers make up the simulator: [Simulator.APIHandler] is the service, [Simulator.AdminHandler] is a control port through
// which state, switches, faults and the request log are reached from outside the process; Go tests call the methods directly.
//
// This package puts the rooms below it together and carries a request through them (serve.go); its names are theirs (names.go). What
// there is, without HTTP, is in state; who holds it, under one lock, in live; what is not known in switches. A request is a call; the
// APIs are oauth, admin and meeting, and what the last two do alike is in users. What goes wrong is fault, what is too much limit, what
// was asked journal. Tests act as people do through people, other processes through control, a person in a browser through console. How
// answers look is wire.
//
// None of it imports the client that it serves in tests, nor anything of Kubernetes: what simulator and client share are the documents
// in docs/goto-api, and nothing else.
package simulator
