package gotoclient

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Key identifies an account, user, group or licence. The service uses signed
// 64-bit integers, which it sends as JSON strings (L) although its documents
// show numbers (D); most exceed 2^53, so a Key is never held as a number.
//
// A Key decodes from a JSON string, integer or null (the empty Key) and always
// encodes as a JSON string, which the service accepts in requests (C).
type Key string

// Valid reports whether k consists of decimal digits only. Only a valid Key is
// ever put into the path of a request.
func (k Key) Valid() bool {
	return k != "" && strings.Trim(string(k), "0123456789") == ""
}

// isSegment reports whether k can be a segment of a path by itself.
func (k Key) isSegment() bool {
	return k != "" && strings.Trim(string(k), literal) == "" && strings.Trim(string(k), ".") != ""
}

// String returns the key as it is.
func (k Key) String() string { return string(k) }

// UnmarshalJSON accepts a string, an integer of any length, and null. A number
// with a fraction or an exponent is an error: its digits may have been lost.
func (k *Key) UnmarshalJSON(data []byte) error {
	switch {
	case string(data) == "null":
		*k = ""
		return nil
	case len(data) > 0 && data[0] == '"':
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*k = Key(s)
		return nil
	case Key(data).Valid():
		*k = Key(data)
		return nil
	}
	return unreadable("a key is a string or an integer, not " + jsonKind(data))
}

// MarshalJSON encodes the key as a JSON string.
func (k Key) MarshalJSON() ([]byte, error) { return json.Marshal(string(k)) }

// jsonKind names the kind of a JSON value without repeating its content, which
// may be personal.
func jsonKind(data []byte) string {
	if len(data) == 0 {
		return "nothing"
	}
	switch c := data[0]; {
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == '"':
		return "a string"
	case c == 't', c == 'f':
		return "a boolean"
	case c == 'n':
		return "null"
	case c == '-', c >= '0' && c <= '9':
		return "another kind of number"
	}
	return "something that is not JSON"
}

// joinKeys makes the path segment that names several keys. The comma as the
// separator is UNVERIFIED.
func joinKeys(keys []Key) string {
	s := make([]string, len(keys))
	for i, k := range keys {
		s[i] = string(k)
	}
	return strings.Join(s, ",")
}

// checkKeys refuses keys that cannot stand in a path: the service is reported
// to answer 502 to an alphanumeric user key (L, indirect), which would look
// like an outage.
func checkKeys(operation string, keys ...Key) error {
	if slices.ContainsFunc(keys, func(k Key) bool { return !k.Valid() }) {
		return fmt.Errorf("gotoclient: %s: %w", operation, ErrInvalidKey)
	}
	return nil
}
