package meetings

import (
	"reflect"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// A difference in whichever field is a difference, but for what lists of a group alone have: a field that is new is not forgotten.
func TestSameComparesEveryField(t *testing.T) {
	yes := true
	values := map[reflect.Type]any{
		reflect.TypeFor[gotoclient.Key](): gotoclient.Key("1"), reflect.TypeFor[string](): "x", reflect.TypeFor[time.Time](): time.Unix(1, 0),
		reflect.TypeFor[gotoclient.MeetingType](): gotoclient.MeetingScheduled, reflect.TypeFor[gotoclient.MeetingStatus](): gotoclient.MeetingActive,
		reflect.TypeFor[*bool](): &yes, reflect.TypeFor[int](): 1, reflect.TypeFor[[]gotoclient.Key](): []gotoclient.Key{"1"},
	}
	for i := range reflect.TypeFor[gotoclient.Meeting]().NumField() {
		field := reflect.TypeFor[gotoclient.Meeting]().Field(i)
		var other gotoclient.Meeting
		reflect.ValueOf(&other).Elem().Field(i).Set(reflect.ValueOf(values[field.Type]))
		if got, want := same(&gotoclient.Meeting{}, &other), field.Name == "Locale" || field.Name == "GroupName"; got != want {
			t.Errorf("%s: same %t", field.Name, got)
		}
	}
}
