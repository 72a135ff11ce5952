package gotoreport

import (
	"cmp"
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/reportstore"
)

// bucket is the one that the spec names, with its credentials as they are now.
func (k Kind) bucket(ctx context.Context, r *v1alpha1.GoToReport, owner reportstore.Owner) (reportstore.Store, error) {
	s3 := r.Spec.S3
	var secret corev1.Secret
	name := s3.CredentialsSecretRef.Name
	err := k.secrets.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: name}, &secret)
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
	return reportstore.Bucket{
		Endpoint: s3.Endpoint, Region: cmp.Or(s3.Region, "us-east-1"), Name: s3.Bucket, Prefix: s3.Prefix,
		AccessKeyID: id, SecretAccessKey: key, Owner: owner, Transport: k.Transport,
	}, nil
}
