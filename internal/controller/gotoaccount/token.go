package gotoaccount

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// putBackPause is how long a dead token that is put back again and again is left where it is: two who write the same Secret
// must not chase each other.
const putBackPause = 10 * time.Minute

// tokens looks after refresh tokens, which GoTo replaces: the newest belongs into the Secret.
type tokens struct {
	*Config

	live *liveAccounts
}

// credentials are those in the Secret of an account, which is nil if it is not there.
func credentials(ga *v1alpha1.GoToAccount, secret *corev1.Secret) (gotoclient.Credentials, error) {
	name := secretName(ga)
	if secret == nil {
		return gotoclient.Credentials{}, &engine.BlockedReference{Reason: v1alpha1.ReasonSecretNotFound, Message: fmt.Sprintf("there is no Secret %s", name)}
	}
	var missing []string
	read := func(key string) string {
		value := valueOf(secret, key)
		if value == "" {
			missing = append(missing, key)
		}
		return value
	}
	c := gotoclient.Credentials{
		Grant: gotoclient.Grant(ga.Spec.Credentials.Grant), ClientID: read(v1alpha1.SecretKeyClientID), ClientSecret: read(v1alpha1.SecretKeyClientSecret),
	}
	switch ga.Spec.Credentials.Grant {
	case v1alpha1.GrantRefreshToken:
		c.RefreshToken = read(v1alpha1.SecretKeyRefreshToken)
	case v1alpha1.GrantPersonalAccessToken:
		c.PersonalAccessToken = read(v1alpha1.SecretKeyPersonalAccessToken)
	case v1alpha1.GrantPassword:
		c.Username, c.Password = read(v1alpha1.SecretKeyUsername), read(v1alpha1.SecretKeyPassword)
	}
	if len(missing) > 0 {
		return c, &engine.BlockedReference{Reason: v1alpha1.ReasonSecretKeyMissing,
			Message: fmt.Sprintf("Secret %s lacks %s, which grant %s needs", name, strings.Join(missing, ", "), c.Grant)}
	}
	return c, nil
}

func valueOf(secret *corev1.Secret, key string) string {
	return strings.TrimSpace(string(secret.Data[key]))
}

func secretName(ga *v1alpha1.GoToAccount) types.NamespacedName {
	return types.NamespacedName{Namespace: ga.Namespace, Name: ga.Spec.Credentials.SecretRef.Name}
}

// saveRefreshToken writes a rotated token into the Secret that the account names now, in place of the one it replaces. If
// there is no such Secret, or it holds something else, the token stays in memory: the next look at the Secret settles it.
func (t *tokens) saveRefreshToken(name types.NamespacedName, c *connection) func(context.Context, string) error {
	return func(ctx context.Context, token string) error {
		was := c.with().creds
		written, err := t.storeToken(ctx, name, was, token)
		t.live.of(name, func(k *known) {
			k.unsavedFrom, k.unsaved = "", ""
			if err != nil {
				k.unsavedFrom, k.unsaved = was.RefreshToken, token
			}
		})
		if err != nil {
			return err
		}
		c.rotate(token)
		if written {
			t.tell(ctx, name, corev1.EventTypeNormal, v1alpha1.EventTokenRotated, "GoTo issued a new refresh token; it is saved in the Secret")
		} else {
			t.Registry.Notify(name.String(), account.Change{})
		}
		return nil
	}
}

// saveUnsaved saves the token that an earlier connection could not, before it is used.
func (t *tokens) saveUnsaved(ctx context.Context, name types.NamespacedName, want wish) error {
	var from, token string
	t.live.of(name, func(k *known) { from, token = k.unsavedFrom, k.unsaved })
	if token == "" || token != want.creds.RefreshToken {
		return nil
	}
	was := want.creds
	was.RefreshToken = from
	if _, err := t.storeToken(ctx, name, was, token); err != nil {
		return &gotoclient.AuthError{Reason: gotoclient.AuthNotSaved}
	}
	t.live.of(name, func(k *known) { k.unsavedFrom, k.unsaved = "", "" })
	return nil
}

// storeToken writes a refresh token over the one that it follows, or where there is none, into a Secret with the same OAuth
// client. It tells whether it did: what else a Secret holds is somebody's intention.
func (t *tokens) storeToken(ctx context.Context, name types.NamespacedName, over gotoclient.Credentials, token string) (written bool, err error) {
	var ga v1alpha1.GoToAccount
	if err := t.Client.Get(ctx, name, &ga); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	err = retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		var secret corev1.Secret
		if err := t.Secrets.Get(ctx, secretName(&ga), &secret); err != nil {
			return client.IgnoreNotFound(err)
		}
		if !follows(&secret, over) {
			return nil
		}
		if secret.Data == nil {
			secret.Data = map[string][]byte{}
		}
		secret.Data[v1alpha1.SecretKeyRefreshToken] = []byte(token)
		err := t.Client.Update(ctx, &secret)
		written = err == nil
		return err
	})
	return written, client.IgnoreNotFound(err)
}

// follows tells whether a token that replaces one of these credentials belongs into a Secret.
func follows(secret *corev1.Secret, creds gotoclient.Credentials) bool {
	return valueOf(secret, v1alpha1.SecretKeyClientID) == creds.ClientID && valueOf(secret, v1alpha1.SecretKeyClientSecret) == creds.ClientSecret &&
		slices.Contains([]string{"", creds.RefreshToken}, valueOf(secret, v1alpha1.SecretKeyRefreshToken))
}

// defend saves the token of a live connection over one that GoTo refused, so that a restart can still connect, and returns
// what is to be said of the Secret.
func (t *tokens) defend(ctx context.Context, ga *v1alpha1.GoToAccount, live *connection, want wish, err error) error {
	has := live.with()
	if !outlives(has.creds, want.creds, err) {
		return err
	}
	if live.acct.LastError() == nil {
		t.putBack(ctx, client.ObjectKeyFromObject(ga), has.creds, want.creds)
	}
	return &engine.BlockedReference{Reason: v1alpha1.ReasonTokenPutBack,
		Message: "the Secret holds a refresh token that GoTo no longer accepts, or none; the live one is saved there again, at most every 10 minutes"}
}

// outlives tells a Secret that differs from live credentials by a dead or missing refresh token alone.
func outlives(live, found gotoclient.Credentials, err error) bool {
	var auth *gotoclient.AuthError
	dead := errors.As(err, &auth) && auth.Reason == gotoclient.AuthInvalidGrant || found.RefreshToken == ""
	same := found
	same.RefreshToken = live.RefreshToken
	return dead && live.Grant == gotoclient.GrantRefreshToken && same == live
}

func (t *tokens) putBack(ctx context.Context, name types.NamespacedName, live, dead gotoclient.Credentials) {
	of := fingerprint(sha256.Sum256([]byte(dead.RefreshToken)))
	var wait bool
	t.live.of(name, func(k *known) { wait = k.putBackOf == of && time.Since(k.putBackAt) < putBackPause })
	if wait {
		return
	}
	written, err := t.storeToken(ctx, name, dead, live.RefreshToken)
	if err != nil || !written {
		return // the next look tries again
	}
	t.live.of(name, func(k *known) { k.putBackOf, k.putBackAt = of, time.Now() })
	t.tell(ctx, name, corev1.EventTypeWarning, v1alpha1.ReasonTokenPutBack,
		"the Secret held a refresh token that GoTo no longer accepts, or none; the live one is saved in it again. Whatever writes the Secret should leave refresh-token alone")
}

// tell records an event on an account.
func (t *tokens) tell(ctx context.Context, name types.NamespacedName, kind, reason, message string) {
	var ga v1alpha1.GoToAccount
	if err := t.Client.Get(ctx, name, &ga); err != nil && !apierrors.IsNotFound(err) {
		return
	}
	t.Events.Eventf(&ga, nil, kind, reason, "SaveToken", "%s", message)
}
