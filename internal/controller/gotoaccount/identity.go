package gotoaccount

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// identity is what an account object remembers in its metadata: a restore without status keeps it. It is bound to the
// object, so that a copy under another name stands for nothing.
type identity struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// AccountKey of the account that it stands for.
	AccountKey v1alpha1.Key `json:"accountKey,omitempty"`
	// Secret that the operator holds for it, by name.
	Secret string `json:"secret,omitempty"`
}

const kindName = "GoToAccount"

var validKey = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// remembered is the identity in an object's metadata; empty where it is another's, or none.
func remembered(ga *v1alpha1.GoToAccount) identity {
	var id identity
	err := json.Unmarshal([]byte(ga.Annotations[v1alpha1.IdentityAnnotation]), &id)
	if err != nil || id.Kind != kindName || id.Namespace != ga.Namespace || id.Name != ga.Name {
		return identity{}
	}
	if !validKey.MatchString(string(id.AccountKey)) {
		id.AccountKey = ""
	}
	return id
}

// remember writes the identity of a connected account into its metadata, and tells whether that changed anything.
func remember(ga *v1alpha1.GoToAccount, key gotoclient.Key) bool {
	data, err := json.Marshal(identity{ //nolint:gosec // the name of a Secret
		Kind: kindName, Namespace: ga.Namespace, Name: ga.Name, AccountKey: v1alpha1.Key(key), Secret: ga.Spec.Credentials.SecretRef.Name,
	})
	if err != nil || ga.Annotations[v1alpha1.IdentityAnnotation] == string(data) {
		return false
	}
	if ga.Annotations == nil {
		ga.Annotations = map[string]string{}
	}
	ga.Annotations[v1alpha1.IdentityAnnotation] = string(data)
	return true
}

// standsFor is the account that an object stands for since it was first connected, "" before. Metadata is written by people,
// so it says something only where neither status nor spec does.
func standsFor(ga *v1alpha1.GoToAccount) gotoclient.Key {
	switch {
	case ga.Status.AccountKey != "":
		return gotoclient.Key(ga.Status.AccountKey)
	case ga.Spec.AccountKey != "":
		return ""
	}
	return gotoclient.Key(remembered(ga).AccountKey)
}

// expectedKey is the account to work in, "" if the credentials are to tell. An object that stands for one account never
// becomes another.
func expectedKey(ga *v1alpha1.GoToAccount) (gotoclient.Key, error) {
	is, want := standsFor(ga), gotoclient.Key(ga.Spec.AccountKey)
	if is != "" && want != "" && is != want {
		return "", mismatch("this GoToAccount stands for account %s, and spec.accountKey names %s; create a new GoToAccount for another account", is, want)
	}
	if want == "" {
		want = is
	}
	return want, nil
}

func mismatch(format string, args ...any) error {
	return &engine.StalledError{Reason: v1alpha1.ReasonAccountKeyMismatch, Message: fmt.Sprintf(format, args...)}
}

// accountKey is the key to work with: the expected one if the credentials' user administers that account, else the user's
// own.
func accountKey(ga *v1alpha1.GoToAccount, me *gotoclient.Me) (gotoclient.Key, error) {
	want, err := expectedKey(ga)
	if err != nil {
		return "", err
	}
	if want != "" {
		if !me.HasAccount(want) {
			return "", mismatch("the credentials' user does not belong to account %s", want)
		}
		return want, nil
	}
	keys := me.AccountKeys()
	if len(keys) == 1 {
		return keys[0], nil
	}
	return "", &engine.StalledError{Reason: v1alpha1.ReasonAccountKeyRequired,
		Message: fmt.Sprintf("the credentials' user belongs to %d accounts; set spec.accountKey to the one to manage", len(keys))}
}
