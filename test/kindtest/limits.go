package kindtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/yaml"
)

// schema is as much of a CRD's schema as limits the size of what it takes.
type schema struct {
	MaxLength  *int              `json:"maxLength"`
	MaxItems   *int              `json:"maxItems"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
}

// Fits fails where a status is larger than the CRD of its object allows: the API server would refuse it whole, and an object
// without a status tells nobody why.
func Fits(t *testing.T, object, status any) {
	t.Helper()
	kind := strings.ToLower(reflect.TypeOf(object).Elem().Name())
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "config", "crd", "bases", "goto-operator.dev_"+kind+"s.yaml")) //nolint:gosec // the project's own
	if err != nil {
		t.Fatal(err)
	}
	var crd struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema schema `json:"openAPIV3Schema"`
				} `json:"schema"`
			} `json:"versions"`
		} `json:"spec"`
	}
	var value any
	if err := yaml.Unmarshal(data, &crd); err != nil {
		t.Fatal(err)
	}
	if data, err = json.Marshal(status); err == nil {
		err = json.Unmarshal(data, &value)
	}
	if err != nil {
		t.Fatal(err)
	}
	crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["status"].check(t, "status", value)
}

func (s schema) check(t *testing.T, at string, value any) {
	t.Helper()
	switch v := value.(type) {
	case string:
		if s.MaxLength != nil && utf8.RuneCountInString(v) > *s.MaxLength {
			t.Errorf("%s has %d characters, and may have %d", at, utf8.RuneCountInString(v), *s.MaxLength)
		}
	case []any:
		if s.MaxItems != nil && len(v) > *s.MaxItems {
			t.Errorf("%s has %d entries, and may have %d", at, len(v), *s.MaxItems)
		}
		for i := range v {
			s.Items.check(t, fmt.Sprintf("%s[%d]", at, i), v[i])
		}
	case map[string]any:
		for name, field := range v {
			s.Properties[name].check(t, at+"."+name, field)
		}
	}
}

// Huge is a text that is larger than any status takes.
var Huge = strings.Repeat("ä", 5000)

// Many are more of a thing than any list of a status takes.
func Many[T any](one T) []T {
	out := make([]T, 700)
	for i := range out {
		out[i] = one
	}
	return out
}
