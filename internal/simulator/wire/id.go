package wire

import (
	"encoding/json"
	"fmt"
)

// ID is an identifier in a request that need not be a key: any text, or a number.
type ID string

// UnmarshalJSON accepts a text or a number.
func (id *ID) UnmarshalJSON(data []byte) error {
	var text string
	var number json.Number
	switch {
	case json.Unmarshal(data, &text) == nil && text != "":
		*id = ID(text)
	case json.Unmarshal(data, &number) == nil && number != "":
		*id = ID(number)
	default:
		return fmt.Errorf("%s is no id", data)
	}
	return nil
}

// PlainIDs returns the ids as text.
func PlainIDs(ids []ID) []string {
	plain := make([]string, 0, len(ids))
	for _, id := range ids {
		plain = append(plain, string(id))
	}
	return plain
}
