// Package cluster has the tests of the operator where people run it: its Deployment, as kubectl and Helm install it, at a fresh API
// server. What a cluster has besides is played: the controller of Deployments, and a kubelet that runs each image in namespaces
// of its own, as its user, with its arguments, environment, files, mounted volumes and probes. Prometheus is the real one.
package cluster
