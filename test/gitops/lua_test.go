package gitops

import (
	"path"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

const folders = "config/argocd/resource_customizations/goto-operator.dev"

// run evaluates a script of a kind, and returns what it returns.
func run(t *testing.T, kind, script string, o map[string]any) map[string]any {
	t.Helper()
	return evaluate(t, string(read(t, path.Join(folders, kind, script))), o)
}

// evaluate gives a script no more libraries than Argo CD gives one of argocd-cm: no string, no math.
func evaluate(t *testing.T, script string, o map[string]any) map[string]any {
	t.Helper()
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable, lua.OsLibName: lua.OpenOs} {
		state.Push(state.NewFunction(open))
		state.Push(lua.LString(name))
		state.Call(1, 0)
	}
	state.SetGlobal("obj", toLua(state, o))
	if err := state.DoString(script); err != nil {
		t.Fatal(strings.TrimSpace(err.Error()))
	}
	returned, _ := fromLua(state.Get(-1)).(map[string]any)
	return returned
}

func toLua(state *lua.LState, v any) lua.LValue {
	switch v := v.(type) {
	case map[string]any:
		table := state.NewTable()
		for key, item := range v {
			table.RawSetString(key, toLua(state, item))
		}
		return table
	case []any:
		table := state.NewTable()
		for _, item := range v {
			table.Append(toLua(state, item))
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

// fromLua takes an empty table for a map: Lua knows no difference between that and a list.
func fromLua(v lua.LValue) any {
	switch v := v.(type) {
	case *lua.LTable:
		if v.Len() > 0 {
			return listOf(v)
		}
		fields := map[string]any{}
		v.ForEach(func(key, value lua.LValue) { fields[key.String()] = fromLua(value) })
		return fields
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return float64(v)
	case lua.LBool:
		return bool(v)
	}
	return nil
}

func listOf(table *lua.LTable) []any {
	var items []any
	table.ForEach(func(_, value lua.LValue) { items = append(items, fromLua(value)) })
	return items
}
