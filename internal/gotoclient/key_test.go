package gotoclient

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKeyDecodes(t *testing.T) {
	for in, want := range map[string]Key{
		`"7100000000000000001"`:      "7100000000000000001",
		`7100000000000000001`:        "7100000000000000001", // above 2^53: not by way of a float
		`71000000000000000000000001`: "71000000000000000000000001",
		`"0"`:                        "0",
		`null`:                       "",
		`""`:                         "",
		`"\u0037"`:                   "7",
	} {
		var k Key
		if err := json.Unmarshal([]byte(in), &k); err != nil || k != want {
			t.Errorf("%s: got %q, %v; want %q", in, k, err, want)
		}
	}
}

func TestKeyRefusesWhatIsNoKey(t *testing.T) {
	for _, in := range []string{`1.5`, `7.1e18`, `-4`, `true`, `{}`, `["1"]`} {
		k := Key("before")
		err := json.Unmarshal([]byte(in), &k)
		if err == nil {
			t.Errorf("%s: got %q, want an error", in, k)
			continue
		}
		if strings.Contains(err.Error(), in) {
			t.Errorf("the error repeats the value: %v", err)
		}
	}
}

func TestKeyValid(t *testing.T) {
	for k, want := range map[Key]bool{
		"7100000000000000001": true, "0": true,
		"": false, "12a": false, "-1": false, "1/2": false, "1,2": false, "\t1": false, "١": false,
	} {
		if k.Valid() != want {
			t.Errorf("Key(%q).Valid() = %t", k, !want)
		}
	}
}

func TestCheckKeysRefusesBeforeSending(t *testing.T) {
	if err := checkKeys(OpGetUser, "1", "../2"); err == nil || !strings.Contains(err.Error(), OpGetUser) {
		t.Errorf("got %v", err)
	}
	if err := checkKeys(OpGetUser, "1", "2"); err != nil {
		t.Error(err)
	}
}

// FuzzKey: whatever decodes survives a round trip as a string, and a number
// loses no digit.
func FuzzKey(f *testing.F) {
	for _, s := range []string{`"1"`, `7100000000000000001`, `null`, `1e3`, `-0`, `"a\"b"`, `{}`, `007`, ` 7 `} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var k Key
		if json.Unmarshal(data, &k) != nil {
			return
		}
		var n json.Number
		if data[0] != '"' && string(data) != "null" && json.Unmarshal(data, &n) == nil && n != "" && k != Key(n) {
			t.Errorf("%s became %q", data, k)
		}
		out, err := json.Marshal(k)
		if err != nil || out[0] != '"' {
			t.Fatalf("%q encodes as %s, %v", k, out, err)
		}
		var again Key
		if err := json.Unmarshal(out, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(k, again); diff != "" {
			t.Error(diff)
		}
	})
}
