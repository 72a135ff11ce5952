package gotoaccount

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"io"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// What GoTo's console takes for a logo (D). Its 100 KB are taken for the smaller of what they can mean.
const (
	logoBytes, logoWidth, logoHeight = 100_000, 400, 200
)

// picture is a logo that may be sent, and its SHA-256; empty for none.
type picture struct {
	gotoclient.Logo

	sum string
}

// logoOf is the picture that an account names. Its error is a *engine.BlockedReference where there is none, a *engine.StalledError where it
// cannot be a logo, or that of the Kubernetes API.
func logoOf(ctx context.Context, reader client.Reader, namespace string, source v1alpha1.LogoSource) (picture, error) {
	var data []byte
	var there bool
	var err error
	what, ref := "ConfigMap", source.ConfigMapRef
	if ref.Name != "" {
		data, there, err = fromConfigMap(ctx, reader, namespace, ref)
	} else {
		what, ref = "Secret", source.SecretRef
		data, there, err = fromSecret(ctx, reader, namespace, ref)
	}
	switch {
	case err != nil:
		return picture{}, err
	case !there:
		return picture{}, &engine.BlockedReference{Reason: v1alpha1.ReasonLogoNotFound,
			Message: fmt.Sprintf("there is no %s %s/%s with the key %s", what, namespace, ref.Name, ref.Key)}
	}
	return checkLogo(data)
}

func fromConfigMap(ctx context.Context, reader client.Reader, namespace string, ref v1alpha1.KeyReference) (data []byte, there bool, err error) {
	var found corev1.ConfigMap
	if err := reader.Get(ctx, types.NamespacedName{Namespace: namespace, Name: ref.Name}, &found); err != nil {
		if apierrors.IsNotFound(err) {
			err = nil
		}
		return nil, false, err
	}
	data, there = found.BinaryData[ref.Key]
	return data, there, nil
}

func fromSecret(ctx context.Context, reader client.Reader, namespace string, ref v1alpha1.KeyReference) (data []byte, there bool, err error) {
	found, err := readSecret(ctx, reader, types.NamespacedName{Namespace: namespace, Name: ref.Name})
	if err != nil || found == nil {
		return nil, false, err
	}
	data, there = found.Data[ref.Key]
	return data, there, nil
}

// decoders of what may be a logo, by media type. Of an animation the first picture is looked at.
var decoders = map[string]struct {
	size  func(io.Reader) (image.Config, error)
	whole func(io.Reader) (image.Image, error)
}{
	"image/gif":  {gif.DecodeConfig, gif.Decode},
	"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode},
}

// checkLogo makes a logo of a file, or says why it cannot be one. Nothing of what is no picture shows in the error: it may be a secret.
func checkLogo(data []byte) (picture, error) {
	kind := http.DetectContentType(data)
	decode, known := decoders[kind]
	if !known {
		return picture{}, notALogo("it is neither a GIF nor a JPG")
	}
	if len(data) > logoBytes {
		return picture{}, notALogo("it has %d bytes, and may have %d", len(data), logoBytes)
	}
	size, err := decode.size(bytes.NewReader(data)) // before the picture, which may be a large one
	if err == nil && (size.Width > logoWidth || size.Height > logoHeight) {
		return picture{}, notALogo("it has %d × %d pixels, and may have %d × %d", size.Width, size.Height, logoWidth, logoHeight)
	}
	if err == nil {
		_, err = decode.whole(bytes.NewReader(data))
	}
	if err != nil {
		return picture{}, notALogo("it cannot be decoded")
	}
	sum := sha256.Sum256(data)
	return picture{gotoclient.Logo{MediaType: kind, Data: data}, hex.EncodeToString(sum[:])}, nil
}

func notALogo(why string, args ...any) error {
	return &engine.StalledError{Reason: v1alpha1.ReasonLogoInvalid, Message: "this cannot be a logo, and was not sent: " + fmt.Sprintf(why, args...)}
}
