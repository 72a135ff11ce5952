package account

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// A difference in whichever field is a difference: a field that is new is not forgotten.
func TestSameUserComparesEveryField(t *testing.T) {
	for i := range reflect.TypeFor[gotoclient.User]().NumField() {
		name := reflect.TypeFor[gotoclient.User]().Field(i).Name
		var other gotoclient.User
		change(t, reflect.ValueOf(&other).Elem().Field(i))
		if sameUser(&gotoclient.User{}, &other) {
			t.Errorf("%s: no difference", name)
		}
	}
}

// change gives a field another value.
func change(t *testing.T, field reflect.Value) {
	t.Helper()
	var values any
	switch field.Kind() {
	case reflect.String:
		values = "x"
	case reflect.Bool:
		values = true
	case reflect.Int, reflect.Int64:
		values = 1
	case reflect.Slice:
		values = []string{"x"}
		if field.Type() == reflect.TypeFor[json.RawMessage]() {
			field.SetBytes([]byte(`"x"`))
			return
		}
	case reflect.Struct: // values of attributes
		values = map[string]string{"x": "x"}
	default:
		t.Fatalf("what of %s?", field.Type())
	}
	data, err := json.Marshal(values)
	if err == nil {
		err = json.Unmarshal(data, field.Addr().Interface())
	}
	if err != nil {
		t.Fatal(err)
	}
}
