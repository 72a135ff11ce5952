package account

import (
	"encoding/json"
	"reflect"
	"sync"
	"testing"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// A difference in whichever field is a difference, but for the settings, which are not kept: a field that is new is not forgotten.
func TestSameUserComparesEveryField(t *testing.T) {
	for i := range reflect.TypeFor[gotoclient.User]().NumField() {
		name := reflect.TypeFor[gotoclient.User]().Field(i).Name
		var other gotoclient.User
		change(t, reflect.ValueOf(&other).Elem().Field(i))
		if same := sameUser(&gotoclient.User{}, &other); same != (name == "Settings") {
			t.Errorf("%s: same %t", name, same)
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

// What many users have alike is there once, and nothing is taken for what it is not.
func TestOneListIsShared(t *testing.T) {
	var all sync.Map
	a, b := one(&all, []string{"1", "2"}), one(&all, []string{"1", "2"})
	if &a[0] != &b[0] {
		t.Error("two copies of one list")
	}
	if c := one(&all, []string{"12"}); len(c) != 1 {
		t.Errorf("%v", c)
	}
	if none := one[string](&all, nil); none != nil {
		t.Error("none has become some")
	}
	if empty := one(&all, []string{}); empty == nil {
		t.Error("an empty list, which says that there are none, has become none that is known")
	}
}
