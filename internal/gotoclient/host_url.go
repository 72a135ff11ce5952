package gotoclient

import (
	"fmt"
	"io"
	"log/slog"
)

// HostURL is an address that starts a meeting. Whoever has it runs the meeting
// without logging in (D), so it is a secret: it does not show however it is
// printed, logged or encoded. Only Reveal gives it away.
type HostURL struct {
	// A pointer, since fmt prints the fields of a struct that holds this one in an
	// unexported field without asking for a method.
	url *string
}

// Reveal returns the address; "" of the zero HostURL.
func (u HostURL) Reveal() string {
	if u.url == nil {
		return ""
	}
	return *u.url
}

// String says that there is something, and not what.
func (u HostURL) String() string { return "HostURL(redacted)" }

// GoString is String, for %#v.
func (u HostURL) GoString() string { return u.String() }

// Format is String under every verb and flag.
func (u HostURL) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// LogValue is String, for structured logs.
func (u HostURL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// MarshalJSON encodes String: the address does not leave the process by accident.
func (u HostURL) MarshalJSON() ([]byte, error) { return []byte(`"` + u.String() + `"`), nil }
