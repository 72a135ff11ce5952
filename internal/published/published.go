// Package published keeps the Secrets that objects of ours make for people to read: such a Secret belongs to its object, goes with it,
// and is nobody else's. It imports engine for the error about one that is.
//
// It may not import the package of a kind.
package published

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
)

// Secrets reads and writes them.
type Secrets struct {
	// Client writes.
	Client client.Writer
	// Reader reads past the cache: the operator may get a Secret by name, but neither list nor watch Secrets.
	Reader client.Reader
}

// Get reads a Secret of an object, or prepares it. One that is not the object's is not touched: that is a *engine.StalledError. One of
// the same object before it was restored is taken over.
func (s Secrets) Get(ctx context.Context, owner client.Object, name string) (*corev1.Secret, error) {
	secret := &corev1.Secret{}
	err := s.Reader.Get(ctx, client.ObjectKey{Namespace: owner.GetNamespace(), Name: name}, secret)
	switch {
	case apierrors.IsNotFound(err):
		secret = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: owner.GetNamespace(), Name: name}}
		claim(secret, owner)
		return secret, nil
	case err != nil:
		return nil, err
	case metav1.IsControlledBy(secret, owner):
		return secret, nil
	case published(secret, owner):
		claim(secret, owner)
		return secret, s.Client.Update(ctx, secret)
	}
	return nil, &engine.StalledError{Reason: v1alpha1.ReasonSecretNotOwned,
		Message: fmt.Sprintf("Secret %s exists and does not belong to this object; name another, or delete it", name)}
}

// claim makes the Secret the object's: it goes with it, and says whose it is in words that a restore keeps.
func claim(secret *corev1.Secret, owner client.Object) {
	yes := true
	secret.OwnerReferences = slices.DeleteFunc(secret.OwnerReferences, func(o metav1.OwnerReference) bool { return isOf(o, owner) })
	secret.OwnerReferences = append(secret.OwnerReferences, metav1.OwnerReference{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: kindOf(owner), Name: owner.GetName(), UID: owner.GetUID(), Controller: &yes, BlockOwnerDeletion: &yes,
	})
	if secret.Annotations == nil {
		secret.Annotations = map[string]string{}
	}
	secret.Annotations[v1alpha1.PublishedByAnnotation] = kindOf(owner) + "/" + owner.GetName()
}

// published is true for a Secret that an object of this kind and name has published, whatever UID it had, and that nobody
// else owns.
func published(secret *corev1.Secret, owner client.Object) bool {
	if by := metav1.GetControllerOf(secret); by != nil {
		return isOf(*by, owner)
	}
	return secret.Annotations[v1alpha1.PublishedByAnnotation] == kindOf(owner)+"/"+owner.GetName()
}

// kindOf is the kind of an object, which the client leaves out of what it reads.
func kindOf(o client.Object) string { return reflect.TypeOf(o).Elem().Name() }

func isOf(ref metav1.OwnerReference, o client.Object) bool {
	return ref.APIVersion == v1alpha1.GroupVersion.String() && ref.Kind == kindOf(o) && ref.Name == o.GetName()
}

// Write sets keys of a Secret, and takes those away that are empty. It writes only if that changes something.
func (s Secrets) Write(ctx context.Context, secret *corev1.Secret, values map[string][]byte) error {
	before := maps.Clone(secret.Data)
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}
	for key, value := range values {
		if len(value) == 0 {
			delete(secret.Data, key)
		} else {
			secret.Data[key] = value
		}
	}
	if secret.ResourceVersion == "" {
		return s.Client.Create(ctx, secret)
	}
	if maps.EqualFunc(before, secret.Data, bytes.Equal) {
		return nil
	}
	return s.Client.Update(ctx, secret)
}
