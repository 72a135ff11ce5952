package engine

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"time"
	"unicode"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// identity is what an object needs to know its counterpart again, as the annotation goto-operator.dev/identity holds it.
// Status says the same and is believed first, since only the operator writes it; but status can be lost, and metadata
// travels with the object.
type identity struct {
	// For is the kind, namespace and name of the object that this is the identity of: copied with the YAML to another
	// name, it says nothing. It is not the UID, which a restored object has anew.
	For string `json:"for"`
	// Account is the GoTo account that the counterpart is in.
	Account gotoclient.Key `json:"account,omitempty"`
	// Key of the counterpart, and how the object came by it. Until there is a key, Intent stands for it.
	Key    gotoclient.Key  `json:"key,omitempty"`
	Origin v1alpha1.Origin `json:"origin,omitempty"`
	// Intent is what was about to be created, since At, as the counterpart with the key Was was gone ("" for none before).
	Intent string         `json:"intent,omitempty"`
	At     time.Time      `json:"at,omitzero"`
	Was    gotoclient.Key `json:"was,omitempty"`
	// Memory is the kind's own: see Rememberer.
	Memory json.RawMessage `json:"memory,omitempty"`
}

// owned is what binds an identity to its object.
func owned(obj client.Object) string {
	return reflect.TypeOf(obj).Elem().Name() + "/" + obj.GetNamespace() + "/" + obj.GetName()
}

// Pack makes an object small that the cache is to keep. A map with the identity as its only annotation takes nearly as much room as the spec
// of a GoToUser, so the cache keeps the identity in a field that the API server has not used since 1.20, and of its text only what the object
// does not say elsewhere. Whoever reads objects of the cache asks identityOf, and what a reconcile works on is unpacked.
func Pack(obj Object) {
	annotations := obj.GetAnnotations()
	text := annotations[v1alpha1.IdentityAnnotation]
	if text == "" || len(annotations) > 1 || strings.ContainsFunc(text, unicode.IsControl) {
		return
	}
	for sign, word := range wordsOf(obj) {
		text = strings.ReplaceAll(text, word, string(rune(sign)))
	}
	obj.SetSelfLink(text)
	obj.SetAnnotations(nil)
}

// packed is the text of the identity of an object of the cache; "" where that is not packed.
func packed(obj Object) string {
	link := obj.GetSelfLink()
	if link == "" {
		return ""
	}
	words := wordsOf(obj)
	var text strings.Builder
	for _, sign := range []byte(link) {
		if int(sign) < len(words) {
			text.WriteString(words[sign])
		} else {
			text.WriteByte(sign)
		}
	}
	return text.String()
}

// wordsOf are what the text of an identity has from its object, and what stands in all of them. A packed text has the place of a word here as a
// control character, which no JSON holds as it is.
func wordsOf(obj Object) [8]string {
	_, status := obj.Managed()
	return [...]string{
		`{"for":"` + owned(obj) + `"`, `,"account":"` + string(status.AccountKey) + `"`, `,"key":"` + string(*obj.RemoteKey()) + `"`,
		`,"origin":"` + string(status.Origin) + `"`, `,"intent":"`, `","at":"`, `,"memory":{"`, `":[{"key":"`,
	}
}

// unpack puts the identity of an object of the cache back to where it belongs.
func unpack(obj Object) {
	if text := packed(obj); text != "" {
		obj.SetSelfLink("")
		obj.SetAnnotations(map[string]string{v1alpha1.IdentityAnnotation: text})
	}
}

// identityOf reads the annotation, packed or not; the zero identity where it is not there, not this object's, or not to be read.
func identityOf(obj client.Object) identity {
	var id identity
	text := obj.GetAnnotations()[v1alpha1.IdentityAnnotation]
	if cached, is := obj.(Object); is && text == "" {
		text = packed(cached)
	}
	if json.Unmarshal([]byte(text), &id) != nil || id.For != owned(obj) || id.Key != "" && !id.Key.Valid() {
		return identity{}
	}
	return id
}

// open is true while all that is known is what was about to be created.
func (id identity) open() bool { return id.Intent != "" && id.Key == "" }

// set writes the identity into the object's metadata, and tells whether that changed anything.
func (id *identity) set(obj client.Object) bool {
	id.For = owned(obj)
	data, _ := json.Marshal(id) //nolint:errchkjson // plain strings, a time, and JSON that was marshalled before
	annotations := obj.GetAnnotations()
	if annotations[v1alpha1.IdentityAnnotation] == string(data) {
		return false
	}
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[v1alpha1.IdentityAnnotation] = string(data)
	obj.SetAnnotations(annotations)
	return true
}

// CreateIntent is what was recorded on an object before a Create, and since when; "" for nothing.
func CreateIntent(obj client.Object) (intent string, at time.Time) {
	id := identityOf(obj)
	return id.Intent, id.At
}

// BegunAnew is since when a counterpart was about to be created in the place of the one whose key the object has; false where that is not so. GoTo
// may give a user who is made again the key of before.
func BegunAnew(obj Object) (at time.Time, yes bool) {
	id := identityOf(obj)
	return id.At, id.open() && id.Was != "" && id.Was == gotoclient.Key(*obj.RemoteKey())
}

// forgetIntent takes the intent out of an object's identity, and the whole identity if there is nothing else.
func forgetIntent(obj client.Object) {
	id := identityOf(obj)
	id.Intent, id.At, id.Was = "", time.Time{}, ""
	if id.Key != "" {
		id.set(obj)
		return
	}
	annotations := obj.GetAnnotations()
	delete(annotations, v1alpha1.IdentityAnnotation)
	obj.SetAnnotations(annotations)
}

// memories reads and writes what an object of a kind knows of its counterpart.
type memories[O Object] struct{ of Rememberer[O] } // nil for a kind that remembers no more than the key

func (r *Reconciler[O, W, S]) memories() memories[O] {
	of, _ := r.Kind.(Rememberer[O])
	return memories[O]{of}
}

// known is the identity that the status says: the zero identity for an object that has no counterpart.
func (m memories[O]) known(obj O) identity {
	_, status := obj.Managed()
	if status.Origin == "" {
		return identity{}
	}
	id := identity{Account: gotoclient.Key(status.AccountKey), Key: gotoclient.Key(*obj.RemoteKey()), Origin: status.Origin}
	if m.of != nil {
		id.Memory = marshalMemory(m.of.Memory(obj))
	}
	return id
}

func marshalMemory(memory any) json.RawMessage {
	data, err := json.Marshal(memory)
	if err != nil || string(data) == "null" || string(data) == "{}" {
		return nil
	}
	return data
}

// remembered tells whether metadata says enough of what the status says: the same, or, with byIntent, the intent that led to
// it. That a new object needs no third write is due to the second; one that has the key of before does, lest it be taken for its own when it
// comes back once more.
func (m memories[O]) remembered(obj O, byIntent bool) bool {
	now, held := m.known(obj), identityOf(obj)
	if now.Origin == "" {
		return true
	}
	if held.Account != now.Account || !bytes.Equal(held.Memory, now.Memory) && !m.covers(obj, held.Memory) {
		return false
	}
	if held.open() {
		return byIntent && now.Origin == v1alpha1.Created && (held.Was == "" || held.Was != now.Key)
	}
	return held.Key == now.Key && held.Origin == now.Origin
}

func (m memories[O]) covers(obj O, memory json.RawMessage) bool {
	c, can := m.of.(Coverer[O])
	return can && len(memory) > 0 && c.Covers(obj, memory)
}

// recall puts back into status what it lacks and metadata says. It tells whether the object knows its counterpart by
// metadata alone: that is no more than a claim, since people write metadata too.
func (m memories[O]) recall(obj O) (alone bool) {
	_, status := obj.Managed()
	held, key := identityOf(obj), obj.RemoteKey()
	if held.Origin == "" {
		return false
	}
	if status.Origin == "" && *key == "" {
		status.Origin, status.AccountKey, *key = held.Origin, v1alpha1.Key(held.Account), v1alpha1.Key(held.Key)
		alone = true
	}
	if string(held.Key) == string(*key) {
		m.recallMemory(obj, held)
	}
	return alone
}

// Recalled is an object with what metadata says of a counterpart of which the status does not say that it has it, as a reconcile has it: a
// copy, or the object itself where metadata says nothing either.
func Recalled[O Object](of Rememberer[O], obj O) O {
	_, status := obj.Managed()
	if status.Origin != "" || identityOf(obj).Origin == "" {
		return obj
	}
	out, _ := obj.DeepCopyObject().(O)
	unpack(out) // which goes by the status
	memories[O]{of}.recall(out)
	return out
}

func (m memories[O]) recallMemory(obj O, held identity) {
	if m.of != nil && len(held.Memory) > 0 {
		m.of.Recall(obj, held.Memory)
	}
}
