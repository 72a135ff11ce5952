// Package whole runs the whole operator in fake time (testing/synctest): its manager with every controller, as the operator's main
// package sets them up, between a Kubernetes API in memory (test/memkube) and the simulator. What only the parts together can
// get wrong is tested here, at every point where it could be killed and over days that pass in a moment.
package whole
