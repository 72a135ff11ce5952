package wire

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

// Key is a key in a request: a string or a number, as clients send both (C). Null and the empty string are the empty key.
type Key string

// UnmarshalJSON accepts what a key may look like and refuses everything else.
func (k *Key) UnmarshalJSON(data []byte) error {
	if string(data) == "null" || string(data) == `""` {
		*k = ""
		return nil
	}
	text := strings.Trim(string(data), `"`)
	if !state.IsKey(text) {
		return fmt.Errorf("%s is no key", data)
	}
	*k = Key(text)
	return nil
}

// PlainKeys returns the keys as text, each once.
func PlainKeys(keys []Key) []string {
	var plain []string
	for _, key := range keys {
		if !slices.Contains(plain, string(key)) {
			plain = append(plain, string(key))
		}
	}
	return plain
}
