package packaging

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/yannh/kubeconform/pkg/validator"
	"helm.sh/helm/v3/pkg/chart"
)

// taken are words that YAML takes for something else where they are not quoted.
var taken = []string{"on", "1e3", "007"}

// Whatever text a value is, it is a text in the object too: the first of the words that the schema lets be there is put in the place of
// each.
func TestNoTextBecomesSomethingElse(t *testing.T) {
	conform, tried := conformer(t), 0
	for name, sets := range everyValue {
		c, whole := load(t, name), map[string]string{}
		for _, with := range sets {
			whole[with] = outcome(c, values(t, with))
		}
		schema := schemaOf(t, name)
		for _, path := range fieldsOf(schema, "") {
			if mayBeAnyText(below(schema, path)) && staysText(t, conform, c, path, whole) {
				tried++
			}
		}
	}
	t.Logf("%d texts", tried)
	if tried < 60 {
		t.Errorf("only %d texts", tried)
	}
}

// staysText tries the words until the schema takes one.
func staysText(t *testing.T, conform validator.Validator, c *chart.Chart, path string, whole map[string]string) bool {
	t.Helper()
	for _, with := range everyValue[c.Name()] {
		for _, word := range taken {
			misread := values(t, with)
			if !put(misread, steps(path), inPlaceOfText(word)) {
				break
			}
			if other := variation(t, c, misread, whole[with]); len(other) > 0 {
				conforms(t, conform, fmt.Sprintf("%s.%s: %s: ", c.Name(), path, word), other)
				return true
			}
		}
	}
	return false
}

// mayBeAnyText says so of a value, or of what a list or map holds.
func mayBeAnyText(schema map[string]any) bool {
	for _, held := range []string{"items", "additionalProperties"} {
		if of, is := schema[held].(map[string]any); is {
			return mayBeAnyText(of)
		}
	}
	return schema["type"] == "string" && schema["enum"] == nil
}

// inPlaceOfText puts a word where a text was, or a list or map of texts.
func inPlaceOfText(word string) func(any) any {
	return func(was any) any {
		switch v := was.(type) {
		case string:
			return word
		case []any:
			if _, is := append(v, nil)[0].(string); is {
				return []any{word}
			}
		case map[string]any:
			return textsOf(v, word)
		}
		return was
	}
}

func textsOf(held map[string]any, word string) map[string]any {
	for key, value := range held {
		if _, is := value.(string); is {
			held[key] = word
		}
	}
	return held
}

// The chart says how much memory so many users take, as the measurements do.
func TestMemoryIsAsMeasured(t *testing.T) {
	figure := regexp.MustCompile(`\d+ MiB and \d+ more for each 10,000 GoToUsers`)
	measured := figure.FindString(read(t, "docs", "performance.md"))
	said, _ := below(schemaOf(t, operatorChart), "resources.limits")["description"].(string)
	if measured == "" || figure.FindString(said) != measured {
		t.Errorf("measured %q, and the chart says %q", measured, said)
	}
}
