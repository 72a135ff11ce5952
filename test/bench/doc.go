// Command bench measures what the operator costs: the built binary, with its own ServiceAccount and no rights but those of
// config/rbac, against etcd, kube-apiserver and the simulator as processes of their own. For each size it plays the same
// scenarios, and writes into docs/performance.md how many requests GoTo saw beside the fewest that there could be, what was
// written to Kubernetes, how many objects were started, and what processor and memory the process used.
//
// Nothing in it depends on how fast the machine is: counts are of what happened, and times are shown, not judged.
//
// scenarios.go says what is played, floor.go what it must cost at least, meter.go how it is counted, world.go how it is set
// up, table.go how it is shown. It drives what was built, and imports of the project only the API types, hack/rig, and names
// of the simulator.
package main
