// Package wire is how requests and answers look: JSON objects whose members keep their order, keys that come as texts or numbers,
// answers and how they are sent, refusals and their codes. It knows no operation, no switch and no user.
package wire

import (
	"encoding/json"
	"slices"
	"strconv"
)

// Object is a JSON object whose members keep their order.
type Object []Member

// Member is one member of an Object.
type Member struct {
	Name  string
	Value any
}

// M returns a member.
func M(name string, value any) Member { return Member{Name: name, Value: value} }

// appendJSON writes a value of an answer. It is written out because encoding/json checks and copies what a MarshalJSON returns
// once per level, which makes pages of a thousand users slow.
func appendJSON(b []byte, value any) []byte {
	switch v := value.(type) {
	case Object:
		b = append(b, '{')
		for i, m := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, m.Name), ':')
			b = appendJSON(b, m.Value)
		}
		return append(b, '}')
	case []Object:
		return appendList(b, v)
	case []any:
		return appendList(b, v)
	case []string:
		return appendList(b, v)
	case string:
		return appendText(b, v)
	case json.RawMessage:
		return append(b, v...)
	case json.Number:
		return append(b, v...)
	case map[string]string:
		return appendOther(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	}
	return appendOther(b, value)
}

func appendList[T any](b []byte, list []T) []byte {
	b = append(b, '[')
	for i, item := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, item)
	}
	return append(b, ']')
}

func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return appendOther(b, text)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

func appendOther(b []byte, value any) []byte {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // only texts come here
	}
	return append(b, data...)
}

// Only keeps the named members; with no names it keeps all.
func (o Object) Only(names []string) Object {
	if len(names) == 0 {
		return o
	}
	return slices.DeleteFunc(o, func(m Member) bool { return !slices.Contains(names, m.Name) })
}
