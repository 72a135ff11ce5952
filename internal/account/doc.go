// Package account is one live GoTo account: what is known of its users, groups, licences and meetings, and how they are changed.
//
// Everything that makes the operator cheap and safe is here and in the rooms below, so that a kind's code can stay plain: it reads what is
// known, and asks for one user to be created, changed or deleted. There is a service for each subject: Users, Groups, Licenses, Organizers,
// and Meetings in a room of its own. The other rooms are parts that know nothing of each other's work: records (what is known), reading
// (lists, whole and once for all who ask), evidence (what an answer proves), batch, budget, brake and knowledge.
//
// It builds on internal/gotoclient and knows nothing of Kubernetes: it may not import k8s.io, sigs.k8s.io, api/,
// internal/engine or internal/controller.
package account
