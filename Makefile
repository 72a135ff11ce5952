# Run `make` or `make help` for the list of targets.

MODULE := github.com/goto-operator/goto-operator
ROOT   := $(CURDIR)
BIN    := $(ROOT)/bin

GO             ?= go
KUBECTL        ?= kubectl
CONTAINER_TOOL ?= docker
# IMG is the image that docker-build makes and deploy installs, by tag or by digest (…@sha256:…).
IMG            ?= goto-operator:latest
# CONFIG is what deploy installs: config/default, or config/namespaced for a few namespaces with Roles.
CONFIG         ?= config/default
# PROGRAM is whose image push takes: goto-operator or goto-simulator.
PROGRAM        ?= goto-operator
# FORCE=1 lets undeploy and uninstall go on though objects manage something in GoTo: it is left there as it is.
FORCE          ?=
# DEMO=once lets the demo end by itself; its exit status says whether all became Ready.
DEMO           ?=
# ARGS are handed on to `make run` and `make simulator`.
ARGS           ?=

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
LDFLAGS  = -X main.version=$(VERSION) -X main.commit=$(COMMIT)

# Everything is built static, as the image is; one build cache serves the binaries and the tests.
export CGO_ENABLED ?= 0

SHELL       := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

.DEFAULT_GOAL := help

##@ General

.PHONY: help
help: ## Show this list.
	@awk 'BEGIN { FS = ":.*##"; printf "Usage: make \033[36m<target>\033[0m\n" } \
		/^[a-zA-Z0-9_-]+:.*?##/ { printf "  \033[36m%-14s\033[0m %s\n", $$1, $$2 } \
		/^##@/ { printf "\n\033[1m%s\033[0m\n", substr($$0, 5) }' $(MAKEFILE_LIST)

##@ Try it

.PHONY: demo
demo: ## Control plane, simulator, operator and samples on this machine, until Ctrl-C. DEMO=once: end when Ready.
	@GO='$(GO)' LDFLAGS='$(LDFLAGS)' exec hack/demo.sh $(if $(filter once,$(DEMO)),--once)

.PHONY: simulator
simulator: build ## Serve the simulated GoTo API. ARGS="--help" lists its flags.
	$(BIN)/goto-simulator $(ARGS)

.PHONY: run
run: build ## Run the operator on this machine against the current kubeconfig (its CRDs: make install).
	$(BIN)/goto-operator --leader-elect=false --metrics-bind-address=0 $(ARGS)

##@ Build

# Time zones in the program, and no page of gRPC's own: with the templates of that page the linker may drop no exported method.
TAGS := timetzdata,grpcnotrace

.PHONY: build
build: ## Build the operator and the simulator into bin/.
	$(GO) build -tags $(TAGS) -ldflags '$(LDFLAGS)' -o $(BIN)/ ./cmd/...

.PHONY: docker-build
docker-build: ## Build the operator's image as IMG.
	$(CONTAINER_TOOL) build --build-arg VERSION=$(VERSION) --build-arg COMMIT=$(COMMIT) -t $(IMG) .

.PHONY: image
image: $(addprefix image-,goto-operator goto-simulator) ## Write dist/<name>.tar: images of operator and simulator as OCI archives, without a container engine.

PLATFORMS         ?= linux/amd64 linux/arm64
IMAGES            ?= $(ROOT)/dist
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

image-%:
	@mkdir -p $(IMAGES)
	for platform in $(PLATFORMS); do \
		GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) build -trimpath -buildvcs=false -tags $(TAGS) \
			-ldflags '-s -w $(LDFLAGS)' -o $(BIN)/$$platform/$* ./cmd/$*; \
	done
	cd hack/image && $(GO) run . --name $* --version '$(VERSION)' --commit '$(COMMIT)' --created $(SOURCE_DATE_EPOCH) \
		--output $(IMAGES)/$*.tar $(foreach platform,$(PLATFORMS),$(platform)=$(BIN)/$(platform)/$*)

.PHONY: push
push: ## Push dist/<PROGRAM>.tar, which make image wrote, as IMG, and print its digest. PROGRAM=goto-simulator: the simulator's.
	@cd hack/image && $(GO) run . push $(IMAGES)/$(PROGRAM).tar $(IMG)

.PHONY: generate
generate: $(BIN)/controller-gen ## Generate the DeepCopy methods of the API types.
	$(BIN)/controller-gen object paths=./api/...

.PHONY: manifests
manifests: $(BIN)/controller-gen ## Generate the CRDs, the operator's ClusterRole and the people's from the code.
	$(BIN)/controller-gen crd paths=./api/... output:crd:artifacts:config=config/crd/bases
	$(BIN)/controller-gen rbac:roleName=manager-role paths=./internal/controller/... output:rbac:artifacts:config=config/rbac/manager
	$(GO) run ./hack/rbac config/rbac/kinds

.PHONY: tidy
tidy: ## Tidy go.mod and go.sum of every module.
	@for module in . $(TEST_MODULES) $(TOOL_MODULES); do echo "$$module"; (cd "$$module" && $(GO) mod tidy); done

.PHONY: clean
clean: ## Remove what was built. The control plane stays in setup-envtest's store.
	rm -rf $(BIN)

##@ Test

# Packages that know nothing of Kubernetes: the race detector's own build of them is small.
PACKAGES  = $(shell $(GO) list ./... | grep -v '^$(MODULE)/test/')
RACED     = $(filter $(addprefix $(MODULE)/internal/,gotoclient% simulator% account%),$(PACKAGES))
UNIT      = $(filter-out $(RACED),$(PACKAGES))

# Random schedules of the whole operator.
SCHEDULES ?= 15

# When a part of the tests counts as hanging. A machine that has ten times as much to do needs most of an hour for what takes four minutes; no result depends on it.
PATIENCE ?= 2h

# Tests in fake time make much garbage and keep little.
test-unit test-whole test-contract soak: export GOGC ?= 400

TEST_MODULES = $(patsubst %/go.mod,%,$(wildcard test/*/go.mod))
# Code of ours that needs what the product does not: held to the same rules.
OWN_MODULES  = $(TEST_MODULES) hack/image hack/dashboard hack/sbom hack/site
TOOL_MODULES = $(patsubst %/go.mod,%,$(wildcard hack/*/go.mod hack/*/*/go.mod))

# The race detector needs a C compiler, which not every machine has.
CC_FOUND = $(shell command -v $$($(GO) env CC | cut -d' ' -f1) 2>/dev/null)

# The tests in fake time are all work, those against a control plane mostly wait: side by side they keep the processors busy.
# What a part says is shown when it has ended, and one that fails fails all.
.PHONY: test
test: build ## Every test, the parts side by side.
	@$(MAKE) --no-print-directory --jobs=3 --output-sync=target test-integration test-whole test-contract test-unit

.PHONY: test-unit
test-unit: ## The fast tests: no control plane. The concurrent packages under the race detector.
	$(if $(CC_FOUND),,@echo 'no C compiler here: without the race detector')
	$(if $(CC_FOUND),CGO_ENABLED=1) $(GO) test $(if $(CC_FOUND),-race) -timeout $(PATIENCE) $(RACED)
	$(GO) test -timeout $(PATIENCE) $(UNIT)

.PHONY: test-whole
test-whole: ## The whole operator in fake time: killed at every point, and SCHEDULES random schedules.
	RAPID_CHECKS=$(SCHEDULES) $(GO) test -timeout $(PATIENCE) ./test/memkube ./test/whole

.PHONY: soak
soak: SCHEDULES = 10000
soak: ## Random schedules for hours; SCHEDULES says how many.
	STRICT=yes RAPID_CHECKS=$(SCHEDULES) $(GO) test -timeout 0 -run Random -v ./test/whole

.PHONY: test-integration
test-integration: ## The tests against a real kube-apiserver and etcd, spread over processes.
	@assets=$$(hack/controlplane.sh); \
	KUBEBUILDER_ASSETS=$$assets KUBE_CACHE_MUTATION_DETECTOR=true $(GO) run github.com/onsi/ginkgo/v2/ginkgo --procs=6 --timeout=$(PATIENCE) ./test/integration

.PHONY: test-contract
test-contract: ## The tests of client and simulator against the documents of the API, and of the store of reports against an S3 server.
	@for module in $(filter-out test/packaging test/gitops test/argocd,$(TEST_MODULES)); do (cd "$$module" && $(GO) test -timeout $(PATIENCE) ./...); done

.PHONY: race
race: ## All but the integration tests under the race detector, which builds everything anew. Needs a C compiler.
	CGO_ENABLED=1 $(GO) test -race -timeout $(PATIENCE) $(PACKAGES)

# Numbers of users that bench measures the whole operator with.
SIZES ?= 1000,10000

.PHONY: bench
bench: build ## The benchmarks, then the whole operator with SIZES users on a control plane: docs/performance.md.
	$(GO) test -run '^$$' -bench . -benchmem $(RACED) $(UNIT)
	@assets=$$(hack/controlplane.sh); \
	$(GO) build -o $(BIN)/bench ./test/bench; \
	KUBEBUILDER_ASSETS=$$assets $(BIN)/bench -sizes $(SIZES) -write docs/performance.md

##@ Check

.PHONY: fmt
fmt: ## Format the code.
	gofmt -w api cmd hack internal $(wildcard test)

.PHONY: vet
vet: ## go vet.
	$(GO) vet ./...

.PHONY: lint
lint: $(BIN)/golangci-lint $(BIN)/actionlint ## All linters (.golangci.yml), and the workflows.
	$(BIN)/actionlint -shellcheck= -pyflakes=
	$(BIN)/golangci-lint run
	@for module in $(OWN_MODULES); do echo "$$module"; (cd "$$module" && $(BIN)/golangci-lint run); done

.PHONY: lint-fix
lint-fix: $(BIN)/golangci-lint ## All linters, and apply the fixes they know.
	$(BIN)/golangci-lint run --fix

.PHONY: lint-config
lint-config: $(BIN)/golangci-lint ## Check .golangci.yml itself.
	$(BIN)/golangci-lint config verify

GENERATED = 'api/*/zz_generated.*.go' config/crd/bases config/rbac/manager/role.yaml config/rbac/kinds

# An image as careful people name it.
PINNED = registry.example/tools/goto-operator@sha256:0000000000000000000000000000000000000000000000000000000000000000

.PHONY: verify
verify: generate manifests $(BIN)/kustomize ## Generated files are current, go.mod is tidy, the manifests build.
	@git diff --exit-code -- $(GENERATED) || { echo 'Generated files are not current: run make generate manifests.' >&2; exit 1; }
	@new=$$(git ls-files --others --exclude-standard -- $(GENERATED)); \
	if [[ -n "$$new" ]]; then printf 'Generated files are not in git:\n%s\n' "$$new" >&2; exit 1; fi
	@for module in . $(OWN_MODULES); do (cd "$$module" && $(GO) mod tidy -diff); done
	@for config in config/default config/namespaced; do \
		$(MAKE) --no-print-directory render CONFIG=$$config IMG=$(PINNED) | grep 'image: $(PINNED)$$' >/dev/null || \
		{ echo "$$config does not run the image $(PINNED)." >&2; exit 1; }; \
	done

##@ Cluster

.PHONY: install
install: $(BIN)/kustomize ## Install the CRDs into the current cluster.
	$(BIN)/kustomize build config/crd | $(KUBECTL) apply --server-side -f -

.PHONY: uninstall
uninstall: $(BIN)/kustomize ## Remove the CRDs and every GoTo object. Refused while one manages something in GoTo; FORCE=1: leave it there.
	@$(MANAGED) $(if $(filter 1,$(FORCE)),release,check)
	$(BIN)/kustomize build config/crd | $(KUBECTL) delete --ignore-not-found -f -

.PHONY: render
render: $(BIN)/kustomize ## Print what deploy applies.
	@$(BIN)/kustomize build $(CONFIG) | sed 's|image: goto-operator:latest$$|image: $(IMG)|'

.PHONY: deploy
deploy: $(BIN)/kustomize ## Install CRDs and operator (image IMG) into the current cluster. CONFIG=config/namespaced: for a few namespaces.
	$(MAKE) --no-print-directory render | $(KUBECTL) apply --server-side -f -

# By force, what objects hold is let go only once no operator is at work any more.
.PHONY: undeploy
undeploy: $(BIN)/kustomize ## Remove operator, CRDs and every GoTo object. Refused while one manages something in GoTo; FORCE=1: leave it there.
	@$(if $(filter 1,$(FORCE)),,$(MANAGED) check)
	$(if $(filter 1,$(FORCE)),$(KUBECTL) delete deployment --namespace goto-operator-system goto-operator-controller-manager --ignore-not-found --cascade=foreground)
	@$(if $(filter 1,$(FORCE)),$(MANAGED) release)
	$(BIN)/kustomize build $(CONFIG) | $(KUBECTL) delete --ignore-not-found -f -

MANAGED = $(GO) run ./hack/managed --kubectl '$(KUBECTL)'

##@ Package

# The charts' copies of what config/ has, and the tables of their values.
.PHONY: charts
charts: manifests dashboard argocd ## Generate what the charts have from config/ and the READMEs of their values.
	cd test/packaging && $(GO) run ./generate $(ROOT)

.PHONY: snapshots
snapshots: $(BIN)/helm-unittest ## Write what the charts render, as their tests have it, anew: look at what has changed.
	$(BIN)/helm-unittest --strict --update-snapshot charts/*
	cd test/packaging && $(GO) test -count=1 -run Snapshot . -update

# What Argo CD is to know of each kind, from config/argocd/lua.
.PHONY: argocd
argocd: manifests ## Generate Argo CD's health and actions of every kind.
	cd test/gitops && $(GO) run ./generate $(ROOT)

.PHONY: dashboard
dashboard: ## Generate the Grafana dashboard.
	cd hack/dashboard && $(GO) run . $(ROOT)/config/grafana/goto-operator.json

GENERATED += config/grafana/goto-operator.json
GENERATED += charts/goto-operator/files 'charts/*/README.md' config/argocd/argocd-cm.yaml config/argocd/resource_customizations
verify: charts dashboard argocd

.PHONY: install-manifest
install-manifest: $(BIN)/kustomize ## Write dist/install.yaml: all that deploy installs, of the image IMG, as one file.
	@mkdir -p dist
	$(MAKE) --no-print-directory render > dist/install.yaml

# The cache of test results does not see files outside the module, which are what is tested.
.PHONY: test-packaging
test-packaging: $(addprefix $(BIN)/,helm-unittest helm helm4) ## The tests of the manifests, charts, alerts, dashboard, Argo CD's scripts and engine, and images, with the real tools.
	$(BIN)/helm-unittest --strict charts/*
	@assets=$$(hack/controlplane.sh); promtool=$$(hack/promtool.sh); crds=$$(hack/crds.sh); \
	export KUBEBUILDER_ASSETS=$$assets PROMTOOL=$$promtool FOREIGN_CRDS=$$crds HELM3=$(BIN)/helm HELM4=$(BIN)/helm4; \
	cd test/packaging && $(GO) test -count=1 ./... && cd ../../hack/dashboard && $(GO) test -count=1 ./... && \
	cd ../../test/gitops && $(GO) test -vet=off -count=1 ./...
	@assets=$$(hack/controlplane.sh); \
	cd test/argocd && KUBEBUILDER_ASSETS=$$assets $(GO) test -vet=off -count=1 -parallel=4 -timeout=20m ./...
	cd hack/image && $(GO) test -count=1 ./...
	cd hack/sbom && $(GO) test -count=1 ./...

.PHONY: test-cluster
test-cluster: build $(BIN)/kustomize $(BIN)/helm ## The image in a cluster, by kubectl, by Helm and behind a proxy, what Prometheus sees, and the documents' commands. As root, on Linux.
	$(MAKE) --no-print-directory image PLATFORMS=linux/$$($(GO) env GOARCH) IMAGES=$(BIN)/images
	@assets=$$(hack/controlplane.sh); prometheus=$$(hack/promtool.sh prometheus); \
	KUBEBUILDER_ASSETS=$$assets PROMETHEUS=$$prometheus $(GO) test -count=1 -timeout=30m ./test/cluster

##@ Documentation

.PHONY: api-docs
api-docs: $(BIN)/crd-ref-docs ## Generate docs/api.md, the reference of the API, from the types.
	$(BIN)/crd-ref-docs --log-level=ERROR --source-path=api --config=hack/site/api.yaml --renderer=markdown --output-path=docs/api.md
	@# Not every Markdown takes a list right after a line of text for one.
	sed -i -e 's/^_\(Appears in\|Validation\):_$$/&\n/' docs/api.md

GENERATED += docs/api.md
verify: api-docs

.PHONY: endpoints
endpoints: ## Generate docs/goto-api/endpoints.md, the operations of GoTo's API, from the client's table.
	$(GO) run ./hack/endpoints docs/goto-api/endpoints.md

GENERATED += docs/goto-api/endpoints.md
verify: endpoints

.PHONY: docs
docs: ## Build the documentation site into dist/site, strictly. With MkDocs, of Debian's packages.
	hack/site.sh

.PHONY: test-docs
test-docs: docs ## Every link of the site, every page in headless Chromium, of Debian's packages, and the console of the simulator.
	@command -v google-chrome >/dev/null || hack/debian.sh chromium
	cd hack/site && $(GO) test -count=1 ./...

##@ Release

RELEASE  = $(ROOT)/dist/release
REGISTRY ?= ghcr.io/goto-operator
PROGRAMS = goto-operator goto-simulator
# The time that is written into what is made, instead of the time of day.
DATED    = --version '$(VERSION)' --created $(SOURCE_DATE_EPOCH)

# dist/release is made anew: what is in it is of one commit, and checksums.txt names all of it.
.PHONY: release
release: $(BIN)/kustomize ## Write dist/release: binaries, images, manifest, charts, SBOMs, licences, checksums. VERSION=v1.2.3, a commit's tag.
	@[[ '$(VERSION)' =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$$ ]] || { echo 'VERSION is to be like v1.2.3, not $(VERSION).' >&2; exit 1; }
	@[[ -z "$$(git status --porcelain)" ]] || { echo 'There are changes that are in no commit.' >&2; exit 1; }
	rm -rf $(RELEASE) && mkdir -p $(RELEASE)
	$(MAKE) --no-print-directory image
	for program in $(PROGRAMS); do \
		for platform in $(PLATFORMS); do cp $(BIN)/$$platform/$$program $(RELEASE)/$${program}_$${platform/\//_}; done; \
		cp dist/$$program.tar $(RELEASE)/$${program}_image.tar; \
	done
	$(MAKE) --no-print-directory render IMG=$(REGISTRY)/goto-operator:$(VERSION) > $(RELEASE)/install.yaml
	cd test/packaging && $(GO) run ./pack $(DATED) --registry $(REGISTRY) --output $(RELEASE) $(ROOT)/charts/*
	cd hack/sbom && $(GO) run . $(DATED) --output $(RELEASE) $(foreach platform,$(PLATFORMS),$(RELEASE)/{$(subst $(space),$(comma),$(PROGRAMS))}_$(subst /,_,$(platform)))
	cd $(RELEASE) && sha256sum -- * > checksums.txt

.PHONY: test-release
test-release: ## The release, made twice in folders of its own, is the same, and what docs/releasing.md says. Takes as long as a release.
	cd hack/image && RELEASE=1 $(GO) test -count=1 -timeout=60m -run Release .

comma := ,
space := $() $()

.PHONY: licences
licences: build ## Write dist/sbom: bills of materials and licences of what `make build` made. A licence that is not allowed is an error.
	@mkdir -p dist/sbom
	cd hack/sbom && $(GO) run . $(DATED) --output $(ROOT)/dist/sbom $(addprefix $(BIN)/,$(PROGRAMS))

##@ Tools

.PHONY: controlplane
controlplane: ## Get the control plane (etcd, kube-apiserver, kubectl); prints KUBEBUILDER_ASSETS.
	@hack/controlplane.sh

.PHONY: tools setup-envtest
tools: $(addprefix $(BIN)/,controller-gen setup-envtest kustomize crd-ref-docs actionlint helm-unittest golangci-lint) ## Build every tool into bin/.
setup-envtest: $(BIN)/setup-envtest

# Tools are pinned in modules of their own and built again when those change.
TOOLS = hack/tools/go.mod hack/tools/go.sum
LINT  = hack/tools/golangci-lint/go.mod hack/tools/golangci-lint/go.sum

$(BIN)/controller-gen: $(TOOLS)
	cd hack/tools && $(GO) build -o $@ sigs.k8s.io/controller-tools/cmd/controller-gen

$(BIN)/setup-envtest: $(TOOLS)
	cd hack/tools && $(GO) build -o $@ sigs.k8s.io/controller-runtime/tools/setup-envtest

$(BIN)/kustomize: $(TOOLS)
	cd hack/tools && $(GO) build -o $@ sigs.k8s.io/kustomize/kustomize/v5

$(BIN)/crd-ref-docs: $(TOOLS)
	cd hack/tools && $(GO) build -o $@ github.com/elastic/crd-ref-docs

$(BIN)/actionlint: $(TOOLS)
	cd hack/tools && $(GO) build -o $@ github.com/rhysd/actionlint/cmd/actionlint

$(BIN)/helm-unittest: hack/tools/helm-unittest/go.mod hack/tools/helm-unittest/go.sum
	cd hack/tools/helm-unittest && $(GO) build -o $@ github.com/helm-unittest/helm-unittest/cmd/helm-unittest

# Without a cluster, Helm takes the version of Kubernetes that it was built with for the cluster's.
$(BIN)/helm: test/packaging/go.mod test/packaging/go.sum
	cd test/packaging && minor=$$($(GO) list -m -f '{{.Version}}' k8s.io/client-go | cut -d. -f2) && \
	$(GO) build -ldflags "-X $(CAPABILITIES).k8sVersionMajor=1 -X $(CAPABILITIES).k8sVersionMinor=$$minor" -o $@ helm.sh/helm/v3/cmd/helm

$(BIN)/helm4: hack/tools/helm4/go.mod hack/tools/helm4/go.sum
	cd hack/tools/helm4 && $(GO) build -o $@ helm.sh/helm/v4/cmd/helm

CAPABILITIES = helm.sh/helm/v3/pkg/chartutil

# kube-api-linter's own main package is golangci-lint with the plugin in it.
$(BIN)/golangci-lint: $(LINT)
	cd hack/tools/golangci-lint && $(GO) build -o $@ sigs.k8s.io/kube-api-linter/cmd/golangci-lint-kube-api-linter
