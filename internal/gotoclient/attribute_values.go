package gotoclient

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// AttributeForm is how the values of custom attributes are written. That users have
// values is stated (D), their form is UNVERIFIED: it is learned from what reads show.
type AttributeForm int

// The forms.
const (
	// AttributesByName is an object of name to value.
	AttributesByName AttributeForm = iota
	// AttributesByKey is an array of {key, value}, with the key of the definition.
	AttributesByKey
	// AttributesNamed is an array of {name, value}.
	AttributesNamed
)

// AttributeForms are all forms, in the order in which they are tried.
func AttributeForms() []AttributeForm {
	return []AttributeForm{AttributesByName, AttributesByKey, AttributesNamed}
}

// AttributeValue is what a user has in one custom attribute.
type AttributeValue struct {
	// ID is the name of the attribute, or its key.
	ID string
	// Value as text. Numbers and booleans read as they are written in JSON.
	Value string
	// Of is the key of the attribute that the value was written to, whatever its name
	// was then; empty for a value that was read.
	Of Key
}

// same reports whether two values read the same.
func (v AttributeValue) same(o AttributeValue) bool { return v.ID == o.ID && v.Value == o.Value }

// AttributeValues are what a user has in custom attributes.
type AttributeValues struct {
	// Known is false if the service has not shown any. Whether reads show them is
	// UNVERIFIED, so that does not mean none.
	Known bool
	Form  AttributeForm
	List  []AttributeValue // by ID; no empty value
}

// Get returns the value of an attribute that has this key or this name, to the letter
// or else as SameName has it; empty for none.
func (v AttributeValues) Get(name string, key Key) string {
	for _, is := range []func(AttributeValue) bool{
		func(a AttributeValue) bool { return a.Of == key || a.Of == "" && (a.ID == name || a.ID == string(key)) },
		func(a AttributeValue) bool { return a.Of == "" && SameName(name, a.ID) },
	} {
		if i := slices.IndexFunc(v.List, is); i >= 0 {
			return v.List[i].Value
		}
	}
	return ""
}

// Same reports whether both read the same, in whatever form.
func (v AttributeValues) Same(o AttributeValues) bool {
	return slices.EqualFunc(v.List, o.List, AttributeValue.same)
}

// UnmarshalJSON understands every form. Null, and what has none of them, is not known.
func (v *AttributeValues) UnmarshalJSON(data []byte) error {
	*v = AttributeValues{}
	data = bytes.TrimSpace(data)
	var list []AttributeValue
	form, ok := AttributesByName, false
	switch {
	case len(data) > 0 && data[0] == '{':
		list, ok = valuesOfObject(data)
	case len(data) > 0 && data[0] == '[':
		list, form, ok = valuesOfArray(data)
	}
	if ok {
		list = slices.DeleteFunc(list, func(v AttributeValue) bool { return v.Value == "" })
		slices.SortFunc(list, func(a, b AttributeValue) int { return cmp.Compare(a.ID, b.ID) })
		*v = AttributeValues{Known: true, Form: form, List: list}
	}
	return nil
}

func valuesOfObject(data []byte) ([]AttributeValue, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil {
		return nil, false
	}
	var list []AttributeValue
	for id, raw := range members {
		list = append(list, AttributeValue{ID: id, Value: textOf(raw)})
	}
	return list, true
}

func valuesOfArray(data []byte) (list []AttributeValue, form AttributeForm, ok bool) {
	var entries []struct {
		Key   Key
		Name  string
		Value json.RawMessage
	}
	if json.Unmarshal(data, &entries) != nil {
		return nil, 0, false
	}
	form = AttributesByKey
	for _, e := range entries {
		if e.Key == "" {
			form = AttributesNamed
		}
		if id := cmp.Or(string(e.Key), e.Name); id != "" {
			list = append(list, AttributeValue{ID: id, Value: textOf(e.Value)})
		}
	}
	return list, form, true
}

// textOf is a value as text.
func textOf(raw json.RawMessage) string {
	var text string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &text) == nil:
		return text
	}
	return string(raw)
}

// MarshalJSON writes the form.
func (v AttributeValues) MarshalJSON() ([]byte, error) {
	if v.Form == AttributesByName {
		out := map[string]string{}
		for _, value := range v.List {
			out[value.ID] = value.Value
		}
		return json.Marshal(out)
	}
	name := "name"
	if v.Form == AttributesByKey {
		name = "key"
	}
	out := make([]map[string]string, 0, len(v.List))
	for _, value := range v.List {
		out = append(out, map[string]string{name: value.ID, "value": value.Value})
	}
	return json.Marshal(out)
}

// Format writes no value: they are personal data.
func (v AttributeValues) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "%d attribute values", len(v.List))
}
