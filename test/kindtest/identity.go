package kindtest

import (
	"encoding/json"
	"reflect"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Identity is what the annotation goto-operator.dev/identity holds, for tests that write it as a backup or a person would.
type Identity struct {
	For     string          `json:"for"`
	Account string          `json:"account,omitempty"`
	Key     string          `json:"key,omitempty"`
	Origin  v1alpha1.Origin `json:"origin,omitempty"`
	Intent  string          `json:"intent,omitempty"`
	At      time.Time       `json:"at,omitzero"`
	Memory  json.RawMessage `json:"memory,omitempty"`
}

// SetIdentity writes an identity that is bound to the object.
func SetIdentity(o client.Object, id Identity) {
	id.For = reflect.TypeOf(o).Elem().Name() + "/" + o.GetNamespace() + "/" + o.GetName()
	data, err := json.Marshal(id)
	if err != nil {
		panic(err)
	}
	annotations := o.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[v1alpha1.IdentityAnnotation] = string(data)
	o.SetAnnotations(annotations)
}

// GetIdentity reads the identity of an object, whoever it is bound to.
func GetIdentity(o client.Object) Identity {
	var id Identity
	_ = json.Unmarshal([]byte(o.GetAnnotations()[v1alpha1.IdentityAnnotation]), &id) // none is the zero identity
	return id
}

// Intend writes down, as the operator would, what was about to be created in the default account.
func Intend(o client.Object, intent string, at time.Time) {
	SetIdentity(o, Identity{Account: simulator.DefaultAccountKey, Intent: intent, At: at})
}
