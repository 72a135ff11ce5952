package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"io"
	"os"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user is who the binary runs as; the Deployment names the same.
const user = "65532:65532"

// path is what container engines take where an image says none, and BuildKit writes into each.
const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// roots is where Go looks for the certificates to trust.
const roots = "etc/ssl/certs/ca-certificates.crt"

type spec struct {
	name, version, commit string
	created               time.Time
}

type binary struct{ platform, path string }

type file struct {
	name    string
	mode    int64
	content []byte
}

// index is the image for all platforms.
func index(s spec, binaries []binary) (v1.ImageIndex, error) {
	all := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, b := range binaries {
		platform, err := v1.ParsePlatform(b.platform)
		if err != nil {
			return nil, err
		}
		one, err := image(s, b, *platform)
		if err != nil {
			return nil, err
		}
		all = mutate.AppendManifests(all, mutate.IndexAddendum{Add: one, Descriptor: v1.Descriptor{Platform: platform}})
	}
	return all, nil
}

// image has two layers: the roots change less often than the binary.
func image(s spec, b binary, platform v1.Platform) (v1.Image, error) {
	content, err := os.ReadFile(b.path)
	if err != nil {
		return nil, err
	}
	trusted, err := layer(s.created, file{roots, 0o644, authorities()})
	if err != nil {
		return nil, err
	}
	program, err := layer(s.created, file{s.name, 0o755, content})
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	whole, err := mutate.AppendLayers(base, trusted, program)
	if err != nil {
		return nil, err
	}
	return configure(whole, s, platform)
}

func configure(whole v1.Image, s spec, platform v1.Platform) (v1.Image, error) {
	before, err := whole.ConfigFile()
	if err != nil {
		return nil, err
	}
	config := before.DeepCopy()
	config.OS, config.Architecture, config.Variant = platform.OS, platform.Architecture, platform.Variant
	config.Created = v1.Time{Time: s.created}
	config.Config.User = user
	config.Config.WorkingDir = "/"
	config.Config.Env = []string{path}
	config.Config.Entrypoint = []string{"/" + s.name}
	config.Config.Labels = map[string]string{
		"org.opencontainers.image.title":    s.name,
		"org.opencontainers.image.source":   "https://github.com/goto-operator/goto-operator",
		"org.opencontainers.image.licenses": "Apache-2.0",
		"org.opencontainers.image.version":  s.version,
		"org.opencontainers.image.revision": s.commit,
	}
	return mutate.ConfigFile(whole, config)
}

// layer holds one file, owned by root: the user cannot change it.
func layer(created time.Time, f file) (v1.Layer, error) {
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	header := tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.content)), ModTime: created, Format: tar.FormatPAX}
	if err := w.WriteHeader(&header); err != nil {
		return nil, err
	}
	if _, err := w.Write(f.content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed.Bytes())), nil }
	return tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer))
}

// authorities are the roots that Mozilla trusts, as PEM. One that is trusted only under a condition is left out: a
// file cannot say the condition.
func authorities() []byte {
	var all bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&all, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate})
		}
	}
	return all.Bytes()
}
