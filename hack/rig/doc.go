// Package rig starts on one machine what the operator works with: a control plane (etcd and kube-apiserver) with the CRDs and
// the rights of config/, the simulator, and any other program, each as a process that ends with its parent. The demo and the
// measurements of test/bench are made of it.
//
// It imports nothing of the project: it drives what was built.
package rig
