package gotoaccount

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/turn"
)

// letGoAfter is how long a deleted Secret is held all the same: where a whole namespace is deleted, the account follows, and
// needs it.
const letGoAfter = 5 * time.Second

// readSecret reads a Secret, past the cache; nil if it is not there.
func readSecret(ctx context.Context, reader client.Reader, name types.NamespacedName) (*corev1.Secret, error) {
	var secret corev1.Secret
	if err := reader.Get(ctx, name, &secret); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return &secret, nil
}

// secrets are those of accounts: each is held as long as an account needs it.
type secrets struct {
	client client.Client
	reader client.Reader // past the cache
	// holding is held while it is decided whether an account still needs a Secret.
	holding turn.Turn
}

// hold keeps the Secret of a claimed account until the account goes.
func (s *secrets) hold(ctx context.Context, secret *corev1.Secret) error {
	if secret == nil || !secret.DeletionTimestamp.IsZero() || !controllerutil.AddFinalizer(secret, v1alpha1.Finalizer) {
		return nil
	}
	return client.IgnoreNotFound(s.client.Update(ctx, secret))
}

// letDeletedGo lets go of a Secret that somebody deleted although its account stays, so that it can be created again; the
// live connection does without. It returns when to look again.
func (s *secrets) letDeletedGo(ctx context.Context, secret *corev1.Secret) (time.Duration, error) {
	if secret == nil || secret.DeletionTimestamp.IsZero() || !controllerutil.ContainsFinalizer(secret, v1alpha1.Finalizer) {
		return recheck, nil
	}
	if wait := letGoAfter - time.Since(secret.DeletionTimestamp.Time); wait > 0 {
		return wait, nil
	}
	if ending, err := engine.NamespaceEnds(ctx, s.client, secret.Namespace); err != nil || ending {
		return recheck, err
	}
	if err := s.holding.Take(ctx); err != nil {
		return 0, err
	}
	defer s.holding.Leave()
	return recheck, s.letGo(ctx, client.ObjectKeyFromObject(secret), "")
}

// letGo takes the finalizer off a Secret that no account needs, besides the one that does so no more. The caller holds the
// lock: of two accounts that go together the second must not see the first.
func (s *secrets) letGo(ctx context.Context, name types.NamespacedName, besides types.UID) error {
	secret, err := readSecret(ctx, s.reader, name)
	if err != nil || secret == nil || !controllerutil.ContainsFinalizer(secret, v1alpha1.Finalizer) {
		return err
	}
	var accounts v1alpha1.GoToAccountList
	if err := s.reader.List(ctx, &accounts, client.InNamespace(name.Namespace)); err != nil {
		return err
	}
	for _, ga := range accounts.Items {
		if ga.UID != besides && needs(ga, secret) {
			return nil
		}
	}
	controllerutil.RemoveFinalizer(secret, v1alpha1.Finalizer)
	return client.IgnoreNotFound(s.client.Update(ctx, secret))
}

// letAllGo lets go of the Secrets of an account that goes.
func (s *secrets) letAllGo(ctx context.Context, ga *v1alpha1.GoToAccount) error {
	if err := s.letFormerGo(ctx, ga); err != nil {
		return err
	}
	if err := s.holding.Take(ctx); err != nil {
		return err
	}
	defer s.holding.Leave()
	return s.letGo(ctx, secretName(ga), ga.UID)
}

// needs tells whether an account needs a Secret: to the end if it is being deleted and has work to do; one that stays can be
// given another.
func needs(ga *v1alpha1.GoToAccount, secret *corev1.Secret) bool {
	if ga.Spec.Credentials.SecretRef.Name != secret.Name || !controllerutil.ContainsFinalizer(ga, v1alpha1.Finalizer) {
		return false
	}
	return !ga.DeletionTimestamp.IsZero() || secret.DeletionTimestamp.IsZero()
}

// letFormerGo lets go of the Secret that the account named before.
func (s *secrets) letFormerGo(ctx context.Context, ga *v1alpha1.GoToAccount) error {
	former := remembered(ga).Secret
	if former == "" || former == ga.Spec.Credentials.SecretRef.Name {
		return nil
	}
	if err := s.holding.Take(ctx); err != nil {
		return err
	}
	defer s.holding.Leave()
	return s.letGo(ctx, types.NamespacedName{Namespace: ga.Namespace, Name: former}, ga.UID)
}
