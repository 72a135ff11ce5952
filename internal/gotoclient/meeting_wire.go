package gotoclient

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// wireObject is an object of the GoToMeeting API on its way into a Go type. The
// same thing has other names and types from one endpoint to the next, and
// organizerkey and organizerKey stand in one object with different types (D),
// which encoding/json, blind to case, would take for one field. So members are
// looked up one by one: by their exact name, else by the name in any case, as old
// answers are all lower case (L). Empty texts and null count as absent (D).
type wireObject struct {
	members map[string]json.RawMessage
	err     error // the first member that could not be read
}

// decodeArray reads an array of objects, or one object.
func decodeArray(body []byte) ([]*wireObject, error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '[' && body[0] != '{' {
		return nil, unreadable("expected an array, not " + jsonKind(body))
	}
	if body[0] == '{' {
		body = slices.Concat([]byte("["), body, []byte("]"))
	}
	var all []map[string]json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	out := make([]*wireObject, len(all))
	for i, members := range all {
		if members == nil {
			return nil, unreadable("expected an object, not null")
		}
		out[i] = &wireObject{members: members}
	}
	return out, nil
}

// decodeEach makes Go values of objects.
func decodeEach[T any](operation string, objects []*wireObject, decode func(*wireObject) T) ([]T, error) {
	out := make([]T, 0, len(objects))
	for _, o := range objects {
		v := decode(o)
		if o.err != nil {
			return nil, newDecodeError(operation, o.err)
		}
		out = append(out, v)
	}
	return out, nil
}

// raw returns the first of the named members that says anything, nil if none
// does.
func (o *wireObject) raw(names ...string) json.RawMessage {
	says := func(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" && string(raw) != `""` }
	for _, name := range names {
		if raw := o.members[name]; says(raw) {
			return raw
		}
	}
	for _, member := range slices.Sorted(maps.Keys(o.members)) {
		same := func(name string) bool { return strings.EqualFold(name, member) }
		if says(o.members[member]) && slices.ContainsFunc(names, same) {
			return o.members[member]
		}
	}
	return nil
}

func (o *wireObject) fail(name, want string, raw json.RawMessage) {
	if o.err == nil {
		o.err = unreadable("field " + name + " is not " + want + " but " + jsonKind(raw))
	}
}

// text returns a string, or a number as it is written.
func (o *wireObject) text(names ...string) string {
	raw := o.raw(names...)
	if raw == nil {
		return ""
	}
	s := scalar(raw)
	if s == "" {
		o.fail(names[0], "a text", raw)
	}
	return s
}

// key returns a key or id, whether it is a number or a text. 0 is no key.
func (o *wireObject) key(names ...string) Key {
	var k Key
	raw := o.raw(names...)
	if raw == nil {
		return ""
	}
	if k.UnmarshalJSON(raw) != nil || k != "" && !k.Valid() {
		o.fail(names[0], "a key", raw)
		return ""
	}
	if k == "0" {
		return ""
	}
	return k
}

func (o *wireObject) keys(name string) []Key {
	raw := o.raw(name)
	if raw == nil {
		return nil
	}
	var keys []Key
	if json.Unmarshal(raw, &keys) != nil {
		o.fail(name, "a list of keys", raw)
	}
	return keys
}

func (o *wireObject) texts(name string) []string {
	raw := o.raw(name)
	if raw == nil {
		return nil
	}
	var texts []string
	if json.Unmarshal(raw, &texts) != nil {
		o.fail(name, "a list of texts", raw)
	}
	return texts
}

// number returns an integer, whether it is a number or a text.
func (o *wireObject) number(names ...string) int64 {
	raw := o.raw(names...)
	if raw == nil {
		return 0
	}
	n, err := strconv.ParseInt(scalar(raw), 10, 64)
	if err != nil {
		o.fail(names[0], "a whole number", raw)
	}
	return n
}

// minutes returns a duration that is given in minutes.
func (o *wireObject) minutes(name string) time.Duration {
	return time.Duration(o.number(name)) * time.Minute
}

// flag returns a boolean, whether it is one or a text (L, old); nil if the
// service did not say.
func (o *wireObject) flag(name string) *bool {
	raw := o.raw(name)
	if raw == nil {
		return nil
	}
	text := string(raw)
	if raw[0] == '"' {
		text = strings.ToLower(scalar(raw))
	}
	switch text {
	case "true", "false":
		value := text == "true"
		return &value
	}
	o.fail(name, "a boolean", raw)
	return nil
}

func (o *wireObject) time(names ...string) time.Time {
	raw := o.raw(names...)
	if raw == nil {
		return time.Time{}
	}
	t, ok := parseTime(scalar(raw))
	if !ok {
		o.fail(names[0], "a time", raw)
	}
	return t
}

// formatTime writes a time as requests have it: UTC with Z, to the second (D).
func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// parseTime reads a time with or without padded numbers, fractions of a second
// and offset; old answers end in ".+0000" (L). Without an offset it is UTC (D). The
// result is in UTC and to the second.
func parseTime(text string) (time.Time, bool) {
	text = strings.NewReplacer(".+", "+", ".-", "-", ".Z", "Z").Replace(strings.TrimSpace(text))
	for _, layout := range []string{"2006-1-2T15:4:5Z07:00", "2006-1-2T15:4:5Z0700", "2006-1-2T15:4:5"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC().Truncate(time.Second), true
		}
	}
	return time.Time{}, false
}
