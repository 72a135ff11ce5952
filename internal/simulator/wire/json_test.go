package wire

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJSONKeepsTheOrderOfMembersAndTheDigitsOfNumbers(t *testing.T) {
	o := Object{
		M("z", json.Number("7100000000000000001")), M("a", []Object{{M("text", "<é \"quoted\">")}}), M("n", 1), M("t", true),
		M("list", []string{"x"}), M("raw", json.RawMessage(`{"b":1}`)), M("none", []any{}),
	}
	got := string(JSON(http.StatusOK, o).Body)
	want := `{"z":7100000000000000001,"a":[{"text":"\u003cé \"quoted\"\u003e"}],"n":1,"t":true,"list":["x"],"raw":{"b":1},"none":[]}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Object{M("n", 1)}, o.Only([]string{"n", "missing"})); diff != "" {
		t.Errorf("only: %s", diff)
	}
}

func TestAKeyOfARequestIsATextOrANumber(t *testing.T) {
	for text, want := range map[string]Key{`"12"`: "12", `12`: "12", `null`: "", `""`: "", `7100000000000000001`: "7100000000000000001"} {
		var got Key
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: got %q, %v", text, got, err)
		}
	}
	for _, text := range []string{`1.5`, `"x"`, `-1`, `true`, `[1]`} {
		var got Key
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s is taken for the key %q", text, got)
		}
	}
	if diff := cmp.Diff([]string{"1", "2"}, PlainKeys([]Key{"1", "2", "1"})); diff != "" {
		t.Error(diff)
	}
}
