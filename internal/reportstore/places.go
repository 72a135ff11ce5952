package reportstore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/published"
)

// Places are where the operator may put reports.
type Places struct {
	// Directory for reports; none when empty.
	Directory string
	// Allowed tells whether a bucket may be at an endpoint.
	Allowed func(endpoint string) bool
	// Transport sends the requests to buckets; http.DefaultTransport when nil.
	Transport http.RoundTripper
	// Secrets are those for reports; the ones with the credentials of buckets are read likewise.
	Secrets published.Secrets
}

// ToSecret is true of an object whose reports go into Secrets, and with the object by themselves.
func ToSecret(r *v1alpha1.GoToReport) bool {
	return r.Spec.Output == "" || r.Spec.Output == v1alpha1.ReportToSecret
}

// Kept is how many reports of an object are kept.
func Kept(r *v1alpha1.GoToReport) int {
	if r.Spec.Keep == nil {
		return 3
	}
	return int(*r.Spec.Keep)
}

// Offered refuses, by a *engine.StalledError, a place that the operator may not write to.
func (p Places) Offered(r *v1alpha1.GoToReport) error {
	switch {
	case r.Spec.Output == v1alpha1.ReportToDirectory && p.Directory == "":
		return &engine.StalledError{Reason: v1alpha1.ReasonDirectoryNotOffered, Message: "the operator has no directory for reports: see its flag --report-directory"}
	case r.Spec.S3 != nil && !p.Allowed(r.Spec.S3.Endpoint):
		return &engine.StalledError{Reason: v1alpha1.ReasonEndpointNotAllowed, Message: "spec.s3.endpoint is a host that the operator's flag --allowed-hosts does not list"}
	}
	return nil
}

// Put stores a report where its object says. Its error is one of Store, of Offered, or a
// *engine.WaitingError where the credentials of a bucket are not there.
func (p Places) Put(ctx context.Context, r *v1alpha1.GoToReport, due time.Time, files []File) ([]v1alpha1.ReportFile, error) {
	store, err := p.of(ctx, r)
	if err != nil {
		return nil, err
	}
	where, err := store.Put(ctx, due, files)
	if err != nil {
		return nil, err
	}
	return listed(files, where), nil
}

// Prune deletes the reports of an object that are too old. Its errors are those of Put.
func (p Places) Prune(ctx context.Context, r *v1alpha1.GoToReport) error {
	return p.prune(ctx, r, Kept(r))
}

// Clear deletes all reports of an object, but those that go with it by themselves.
func (p Places) Clear(ctx context.Context, r *v1alpha1.GoToReport) error { return p.prune(ctx, r, 0) }

func (p Places) prune(ctx context.Context, r *v1alpha1.GoToReport, keep int) error {
	store, err := p.of(ctx, r)
	if err != nil {
		return err
	}
	return store.Prune(ctx, keep)
}

// of is where the reports of an object go.
func (p Places) of(ctx context.Context, r *v1alpha1.GoToReport) (Store, error) {
	owner := ownerOf(r)
	if err := p.Offered(r); err != nil {
		return nil, err
	}
	switch r.Spec.Output {
	case v1alpha1.ReportToDirectory:
		return Directory{Path: p.Directory, Owner: owner}, nil
	case v1alpha1.ReportToS3:
		return p.bucket(ctx, r, owner)
	case v1alpha1.ReportToSecret:
	}
	return Secrets{Secrets: p.Secrets, Owner: r, Keep: Kept(r)}, nil
}

func ownerOf(r *v1alpha1.GoToReport) Owner {
	return Owner{Namespace: r.Namespace, Name: r.Name, UID: string(r.UID)}
}

// LacksSecret is true of an error of Put and Clear that says that the Secret with the credentials of a bucket is not there.
func LacksSecret(err error) bool {
	var waiting *engine.WaitingError
	return errors.As(err, &waiting) && waiting.Reason == v1alpha1.ReasonSecretNotFound
}

// InBucket says where the reports of an object in a bucket are.
func InBucket(r *v1alpha1.GoToReport) string {
	b := Bucket{Prefix: r.Spec.S3.Prefix, Owner: ownerOf(r)}
	return fmt.Sprintf("s3://%s/%s/%s-* at %s", r.Spec.S3.Bucket, b.folder(), r.UID, r.Spec.S3.Endpoint)
}

// bucket is the one that the spec names, with its credentials as they are now.
func (p Places) bucket(ctx context.Context, r *v1alpha1.GoToReport, owner Owner) (Store, error) {
	s3 := r.Spec.S3
	var secret corev1.Secret
	name := s3.CredentialsSecretRef.Name
	err := p.Secrets.Reader.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: name}, &secret)
	if client.IgnoreNotFound(err) != nil {
		return nil, err
	}
	if err != nil {
		return nil, &engine.WaitingError{Reason: v1alpha1.ReasonSecretNotFound, Message: "there is no Secret " + name}
	}
	id, key := string(secret.Data[v1alpha1.SecretKeyAccessKeyID]), string(secret.Data[v1alpha1.SecretKeySecretAccessKey])
	if id == "" || key == "" {
		return nil, &engine.WaitingError{Reason: v1alpha1.ReasonSecretKeyMissing,
			Message: fmt.Sprintf("Secret %s lacks %s or %s", name, v1alpha1.SecretKeyAccessKeyID, v1alpha1.SecretKeySecretAccessKey)}
	}
	return Bucket{
		Endpoint: s3.Endpoint, Region: cmp.Or(s3.Region, "us-east-1"), Name: s3.Bucket, Prefix: s3.Prefix,
		AccessKeyID: id, SecretAccessKey: key, Owner: owner, Transport: p.Transport,
	}, nil
}

// listed are stored files as a status has them.
func listed(files []File, where []string) []v1alpha1.ReportFile {
	out := make([]v1alpha1.ReportFile, len(files))
	for i, f := range files {
		sum := sha256.Sum256(f.Data)
		out[i] = v1alpha1.ReportFile{
			Format: v1alpha1.ReportFormat(f.Format), Where: where[i], Bytes: new(int64(len(f.Data))), SHA256: hex.EncodeToString(sum[:]),
		}
	}
	return out
}
