// Package brake holds back deletions of one account once there are more of them than a person is likely to have meant.
//
// limit.go says how many may be made (pure), ledger.go counts them (pure), brake.go hands out tickets, one for each
// deletion. It knows neither GoTo nor Kubernetes and may not import anything of this project.
package brake
