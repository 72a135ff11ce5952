// Package packaging tests what people install: the kustomizations of config/ and the charts. It is a module of its own, for
// Helm and what it brings is no business of the operator's. It imports nothing of the operator: what it knows of it, it reads
// from the files that an installation is made of.
package packaging
