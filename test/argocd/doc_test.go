// Package argocd has Argo CD's own engine, of the version that Argo CD 3.2 is built with, sync config/samples into a real API server,
// with the built operator at work there against the simulator: what it sends, and whether it then finds a difference. It is a module
// of its own because of what the engine brings along, and may not import the operator.
package argocd
