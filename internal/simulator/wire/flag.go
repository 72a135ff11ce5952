package wire

import (
	"fmt"
	"strings"
)

// Flag is a boolean in a request, which some clients write as a text (C).
type Flag struct {
	Set bool
	// Text says that it came as a text.
	Text bool
}

// UnmarshalJSON accepts true, false, and both as texts in any case. Null is false.
func (f *Flag) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	switch strings.ToLower(text) {
	case "true", "false", "null":
		*f = Flag{Set: strings.EqualFold(text, "true"), Text: len(text) < len(data)}
		return nil
	}
	return fmt.Errorf("%s is no boolean", data)
}
