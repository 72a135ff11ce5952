package settings

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Value is the value of a setting as JSON, written the same way whenever it is the same: lists are sets, and in order. "" is one
// that is not shown.
type Value string

// NotShown stands for a setting that GoTo does not show.
const NotShown Value = ""

// ValueOf is the value that Go has for it in JSON.
func ValueOf(v any) Value {
	switch list := v.(type) {
	case []string:
		v = slices.Compact(slices.Sorted(slices.Values(list)))
	case []any:
		if words, all := wordsOf(list); all {
			return ValueOf(words)
		}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return NotShown
	}
	return Value(bytes.TrimSpace(out.Bytes()))
}

func wordsOf(list []any) ([]string, bool) {
	out := make([]string, len(list))
	for i, item := range list {
		word, ok := item.(string)
		if !ok {
			return nil, false
		}
		out[i] = word
	}
	return out, true
}

// JSON is the value as encoding/json reads it; nil for one that is not shown.
func (v Value) JSON() any {
	var out any
	if json.Unmarshal([]byte(v), &out) != nil {
		return nil
	}
	return out
}

func (v Value) words() []string {
	var out []string
	if json.Unmarshal([]byte(v), &out) != nil {
		return nil
	}
	return out
}

// Shown are the settings of one product as GoTo shows them; nil where it shows none.
type Shown map[string]Value

// ShownOf are the settings that a map from JSON holds.
func ShownOf(values map[string]any) Shown {
	if values == nil {
		return nil
	}
	out := make(Shown, len(values))
	for name, v := range values {
		out[name] = ValueOf(v)
	}
	return out
}

// Record are the settings of one user, by product, as its record has them: nil where nothing of them is known, and nil for a product
// where GoTo shows that the user has none of it.
type Record map[string]Shown

// RecordOf reads the settings of a user's record. That it shows none of a product that the user has proves nothing.
func RecordOf(u gotoclient.User) Record {
	var all map[string]map[string]any
	if len(u.Settings) == 0 || json.Unmarshal(u.Settings, &all) != nil {
		return nil
	}
	out := make(Record, len(all))
	for product, values := range all {
		if values != nil || !slices.Contains(u.Products, product) {
			out[product] = ShownOf(values)
		}
	}
	return out
}
