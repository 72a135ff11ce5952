// Package gitops tests what Argo CD is told of the operator's kinds: the scripts in the Lua engine that Argo CD uses, over objects
// that the operator itself has made (test/whole); and the examples for Argo CD and Flux. It may not import the operator.
package gitops

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
	"sigs.k8s.io/yaml"

	"github.com/goto-operator/goto-operator/test/gitops/customizations"
)

const repository = "../.."

// What is generated is current, so that all kinds share one source, and a new kind joins.
func TestGenerated(t *testing.T) {
	files, err := customizations.Files(os.DirFS(repository))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(repository, name)); err != nil || string(got) != want {
			t.Errorf("%s is not current (%v): run make argocd", name, err)
		}
	}
}

// Every kind before the operator saw it, ready and suspended; users and bindings in trouble too.
func TestHealth(t *testing.T) {
	kinds, err := customizations.Kinds(os.DirFS(repository))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"applied": "Progressing", "ready": "Healthy", "suspended": "Suspended"}
	for state, want := range all {
		for _, kind := range kinds {
			judge(t, state, kind, want)
		}
	}
	judge(t, "stalled", "GoToUser", "Degraded")
	judge(t, "waiting", "GoToUser", "Healthy")
	judge(t, "waiting", "GoToLicenseBinding", "Healthy")
	judge(t, "blocked", "GoToUser", "Progressing")
}

func judge(t *testing.T, state, kind, want string) {
	t.Helper()
	got := run(t, kind, "health.lua", object(t, state, kind))
	if status := got.RawGetString("status").String(); status != want {
		t.Errorf("%s %s is %s (%s), want %s", state, kind, status, got.RawGetString("message"), want)
	}
}

// A change of the spec is Progressing until the operator has seen it, and an invitation holds no wave.
func TestHealthOfWhatChanges(t *testing.T) {
	user := object(t, "ready", "GoToUser")
	user["metadata"].(map[string]any)["generation"] = 7.0
	if got := run(t, "GoToUser", "health.lua", user).RawGetString("status").String(); got != "Progressing" {
		t.Errorf("edited: %s", got)
	}
	waiting := object(t, "waiting", "GoToLicenseBinding") // has the conditions of an invited user: not Ready, Reconciling
	for _, c := range waiting["status"].(map[string]any)["conditions"].([]any) {
		c.(map[string]any)["reason"] = "InvitationPending"
	}
	if got := run(t, "GoToUser", "health.lua", waiting).RawGetString("status").String(); got != "Healthy" {
		t.Errorf("invited: %s", got)
	}
}

func TestActions(t *testing.T) {
	kinds, _ := customizations.Kinds(os.DirFS(repository))
	for _, kind := range kinds {
		ready := object(t, "ready", kind)
		suspended := run(t, kind, "actions/suspend/action.lua", ready).RawGetString("spec").(*lua.LTable)
		if suspended.RawGetString("suspend") != lua.LTrue {
			t.Errorf("%s is not suspended", kind)
		}
		resumed := run(t, kind, "actions/resume/action.lua", object(t, "suspended", kind)).RawGetString("spec").(*lua.LTable)
		if resumed.RawGetString("suspend") != lua.LFalse {
			t.Errorf("%s is not resumed", kind)
		}
		within(t, annotation(t, kind, "reconcile", "reconcile-requested-at"), 0)
		approves := run(t, kind, "actions/discovery.lua", ready).RawGetString("approve-deletions") != lua.LNil
		if approves != (kind == "GoToAccount") {
			t.Errorf("%s offers the release of the brake: %v", kind, approves)
		}
	}
	within(t, annotation(t, "GoToAccount", "approve-deletions", "approve-deletions-until"), time.Hour)
}

func annotation(t *testing.T, kind, action, name string) string {
	t.Helper()
	changed := run(t, kind, path.Join("actions", action, "action.lua"), object(t, "ready", kind))
	annotations := changed.RawGetString("metadata").(*lua.LTable).RawGetString("annotations").(*lua.LTable)
	return annotations.RawGetString("goto-operator.dev/" + name).String()
}

func within(t *testing.T, text string, ahead time.Duration) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if off := time.Until(at) - ahead; err != nil || off.Abs() > time.Minute {
		t.Errorf("%q is %s off: %v", text, off, err)
	}
}

func object(t *testing.T, state, kind string) map[string]any {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "objects", state, kind+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var o map[string]any
	if err := yaml.Unmarshal(content, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// run evaluates a script of a kind.
func run(t *testing.T, kind, script string, o map[string]any) *lua.LTable {
	t.Helper()
	return evaluate(t, string(read(t, path.Join("config/argocd/resource_customizations/goto-operator.dev", kind, script))), o)
}

// evaluate gives a script no more libraries than Argo CD gives one of argocd-cm: no string, no math.
func evaluate(t *testing.T, script string, o map[string]any) *lua.LTable {
	t.Helper()
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable, lua.OsLibName: lua.OpenOs} {
		state.Push(state.NewFunction(open))
		state.Push(lua.LString(name))
		state.Call(1, 0)
	}
	state.SetGlobal("obj", value(state, o))
	if err := state.DoString(script); err != nil {
		t.Fatal(strings.TrimSpace(err.Error()))
	}
	return state.Get(-1).(*lua.LTable)
}

func value(state *lua.LState, v any) lua.LValue {
	switch v := v.(type) {
	case map[string]any:
		table := state.NewTable()
		for key, item := range v {
			table.RawSetString(key, value(state, item))
		}
		return table
	case []any:
		table := state.NewTable()
		for _, item := range v {
			table.Append(value(state, item))
		}
		return table
	case string:
		return lua.LString(v)
	case float64:
		return lua.LNumber(v)
	case bool:
		return lua.LBool(v)
	}
	return lua.LNil
}
