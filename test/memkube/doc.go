// Package memkube is a Kubernetes API in memory, for the whole operator in fake time (testing/synctest): a real manager with its
// caches, watches and queues works against it as against a kube-apiserver, and a month passes in a second.
//
// It keeps the promises that controllers live from: resource versions and conflicts, generations, finalizers, the status
// subresource, defaults of the CRDs, watches that come late, namespaces that end. It does not authorise, validate or queue; the
// integration suite has the real one for that. It imports nothing of the project.
package memkube
