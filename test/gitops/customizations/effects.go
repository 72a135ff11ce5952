package customizations

import (
	"fmt"
	"strings"
)

// Moment stands for the time that an action writes, which is another each time.
const Moment = "2000-01-01T00:00:00Z"

// effect is what an action does to an object, and the states in which the tests try it.
type effect struct {
	states []string
	do     func(object map[string]any)
}

// effects are written down a second time here, and not taken from the scripts: by them the scripts are tested.
var effects = map[string]effect{
	"suspend":           {[]string{"ready"}, setSuspend(true)},
	"resume":            {[]string{"suspended"}, setSuspend(false)},
	"reconcile":         {[]string{"ready", "applied"}, annotate("reconcile-requested-at")},
	"approve-deletions": {[]string{"ready", "applied"}, annotate("approve-deletions-until")},
}

// Times are the annotations that actions write times to.
var Times = []string{group + "/reconcile-requested-at", group + "/approve-deletions-until"}

func setSuspend(suspend bool) func(map[string]any) {
	return func(object map[string]any) { within(object, "spec")["suspend"] = suspend }
}

func annotate(name string) func(map[string]any) {
	return func(object map[string]any) { within(object, "metadata", "annotations")[group+"/"+name] = Moment }
}

// within returns a field of an object that holds fields, and makes it where there is none.
func within(object map[string]any, path ...string) map[string]any {
	for _, name := range path {
		inner, is := object[name].(map[string]any)
		if !is {
			inner = map[string]any{}
			object[name] = inner
		}
		object = inner
	}
	return object
}

// effectOf returns what an action does. The error is of an action that nothing is written down of.
func effectOf(action string) (effect, error) {
	e, known := effects[action]
	if !known {
		return effect{}, fmt.Errorf("nothing says what the action %s is to do", action)
	}
	return e, nil
}

// outputOf names the file with what an action makes of an object in a state.
func outputOf(state, action string) string {
	return strings.Join([]string{"testdata/" + state, action}, "-") + ".yaml"
}
