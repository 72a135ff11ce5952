# The operator: a static binary, time zones in it, and CA roots beside it, byte for byte what `make image` packs without Docker.
#
#   docker build --build-arg VERSION=v0.1.0 --build-arg COMMIT=$(git rev-parse HEAD) -t goto-operator:v0.1.0 .
#   docker buildx build --platform linux/amd64,linux/arm64 ...
#
# The compiler always runs on the builder's own platform and cross-compiles, so
# that no platform is built under emulation.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
ARG COMMIT=unknown

WORKDIR /src
# The modules are a layer of their own: they change less often than the code.
COPY go.mod go.sum ./
RUN go mod download
COPY api api
COPY cmd cmd
COPY internal internal
RUN CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} \
    go build -trimpath -buildvcs=false -tags timetzdata,grpcnotrace -ldflags "-s -w -X main.version=${VERSION} -X main.commit=${COMMIT}" -o /goto-operator ./cmd/goto-operator
# The roots are those of hack/image, and not the builder's own.
COPY hack/image hack/image
RUN cd hack/image && go run . roots > /ca-certificates.crt

FROM scratch
ARG VERSION=dev
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="goto-operator" \
      org.opencontainers.image.source="https://github.com/goto-operator/goto-operator" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}"
COPY --from=build /ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /goto-operator /goto-operator
USER 65532:65532
ENTRYPOINT ["/goto-operator"]
