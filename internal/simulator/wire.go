package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// appendJSON writes a value of an answer. It is written out because encoding/json checks and copies what a MarshalJSON returns
// once per level, which makes pages of a thousand users slow.
func appendJSON(b []byte, value any) []byte {
	switch v := value.(type) {
	case object:
		b = append(b, '{')
		for i, m := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, m.name), ':')
			b = appendJSON(b, m.value)
		}
		return append(b, '}')
	case []object:
		return appendList(b, v)
	case []any:
		return appendList(b, v)
	case []string:
		return appendList(b, v)
	case string:
		return appendText(b, v)
	case json.Number:
		return append(b, v...)
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
		panic(err) // only texts and raw JSON, which was checked when it was read, come here
	}
	return append(b, data...)
}

// only keeps the named members; with no names it keeps all.
func (o object) only(names []string) object {
	if len(names) == 0 {
		return o
	}
	return slices.DeleteFunc(o, func(m member) bool { return !slices.Contains(names, m.name) })
}

// keyJSON shows a key as the switch says.
func (s *Switches) keyJSON(key string) any {
	if s.KeyType == "number" {
		return json.Number(key)
	}
	return key
}

func (s *Switches) keysJSON(keys []string) []any {
	out := make([]any, 0, len(keys))
	for _, key := range keys {
		out = append(out, s.keyJSON(key))
	}
	return out
}

// wireKey is a key in a request: a string or a number, as clients send both (C). Null and the empty string are the empty key.
type wireKey string

// UnmarshalJSON accepts what a key may look like and refuses everything else.
func (k *wireKey) UnmarshalJSON(data []byte) error {
	if string(data) == "null" || string(data) == `""` {
		*k = ""
		return nil
	}
	text := strings.Trim(string(data), `"`)
	if !isKey(text) {
		return fmt.Errorf("%s is no key", data)
	}
	*k = wireKey(text)
	return nil
}

// plainKeys returns the keys as text, each once.
func plainKeys(keys []wireKey) []string {
	var plain []string
	for _, key := range keys {
		if !slices.Contains(plain, string(key)) {
			plain = append(plain, string(key))
		}
	}
	return plain
}

// statusOf reads a switch whose positions are HTTP statuses.
func statusOf(position string) int {
	status, err := strconv.Atoi(position)
	if err != nil {
		panic(err) // the table of switches offers numbers only
	}
	return status
}

// listPage answers a list request for n records, of which show renders the one at an index.
func (s *Simulator) listPage(c *call, n int, show func(int) object) response {
	sw := &s.switches
	offset, size, failure := c.window(sw)
	if failure != nil {
		return s.answer(failure)
	}
	n = max(0, n-c.dropList)
	if c.empty {
		n = 0
	}
	start := min(offset, n)
	end := max(start, min(start+size, n)-c.dropPage)
	results := make([]object, 0, end-start)
	for i := start; i < end; i++ {
		results = append(results, show(i))
	}
	toIndex := offset + len(results)
	if sw.ToIndex == "inclusive" && len(results) > 0 {
		toIndex--
	}
	envelope := object{{"results", results}, {"fromIndex", offset}, {"toIndex", toIndex}, {"total", n}}
	if len(results) == 0 && sw.EmptyResults == "omitted" {
		envelope = envelope[1:]
	}
	return jsonResponse(http.StatusOK, envelope)
}

// bareList answers a list request that knows no pages with an array.
func bareList(c *call, n int, show func(int) object) response {
	n = max(0, n-c.dropList-c.dropPage)
	if c.empty {
		n = 0
	}
	entries := make([]object, 0, n)
	for i := range n {
		entries = append(entries, show(i))
	}
	return jsonResponse(http.StatusOK, entries)
}
