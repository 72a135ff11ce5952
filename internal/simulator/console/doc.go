// Package console is what an administrator sees of the simulated service: pages of HTML at the control port with users, groups,
// licences, meetings, the log of requests, faults and switches, and forms to change them by hand. Everything is rendered on the server
// and works without a script. What is changed here is neither rate limited nor logged, as a change in the service's own console is no
// request to its API.
//
// It knows no API of the service and no JSON of the control port; which web pages may reach it is the business of package control.
package console
