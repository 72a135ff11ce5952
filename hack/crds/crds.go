// Package crds names the modules whose kinds the manifests of the project are of, so that go.mod pins them: hack/crds.sh makes CRDs of
// their types. Nothing imports it.
package crds

import (
	_ "github.com/fluxcd/helm-controller/api/v2"
	_ "github.com/fluxcd/kustomize-controller/api/v1"
	_ "github.com/fluxcd/source-controller/api/v1"
	_ "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)
