package engine

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Reference is how a kind names objects of another, and the reasons that it gives where one cannot be used.
type Reference struct {
	Kind, NotFound, NotReady string
	// New returns an empty object of that kind.
	New func() Object
}

// Key is that of the counterpart of an object that obj names, in its own namespace. Its error is a *BlockedReference where there is no
// such object of the same account, or none in GoTo yet.
func (r Reference) Key(ctx context.Context, reader client.Reader, obj Object, name string) (gotoclient.Key, error) {
	named := r.New()
	err := reader.Get(ctx, client.ObjectKey{Namespace: obj.GetNamespace(), Name: name}, named)
	switch {
	case client.IgnoreNotFound(err) != nil:
		return "", err
	case err != nil || AccountName(named) != AccountName(obj):
		return "", &BlockedReference{r.NotFound, fmt.Sprintf("there is no %s %s of this account in the namespace", r.Kind, name)}
	case *named.RemoteKey() == "":
		return "", &BlockedReference{r.NotReady, fmt.Sprintf("%s %s has no counterpart in GoTo yet", r.Kind, name)}
	}
	return gotoclient.Key(*named.RemoteKey()), nil
}

// Keys are those of several.
func (r Reference) Keys(ctx context.Context, reader client.Reader, obj Object, names []string) (keys []gotoclient.Key, err error) {
	for _, name := range names {
		key, err := r.Key(ctx, reader, obj, name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}
