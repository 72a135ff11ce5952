package customizations

import (
	"errors"
	"io/fs"
	"path"

	"sigs.k8s.io/yaml"
)

const objects = "test/gitops/testdata/objects"

// testsOf returns what Argo CD's own repository has beside the scripts of a kind, by path: health_test.yaml and action_test.yaml,
// and the objects that they judge, which are those that the operator made. The error is of an object that cannot be read, or of an
// action whose effect nobody has written down.
func testsOf(repository fs.FS, kind string, scripts Scripts) (map[string]string, error) {
	made, err1 := Objects(repository, kind)
	files, err2 := healthTests(kind, made)
	actions, err3 := actionTests(scripts.ActionsOf(kind), made)
	for name, content := range actions {
		files[path.Join("actions", name)] = content
	}
	return files, errors.Join(err1, err2, err3)
}

// Objects returns the objects of a kind that the operator made, by state. The error is of a file that cannot be read.
func Objects(repository fs.FS, kind string) (map[string]map[string]any, error) {
	names, err := fs.Glob(repository, path.Join(objects, "*", kind+".yaml"))
	made := map[string]map[string]any{}
	for _, name := range names {
		var object map[string]any
		content, readErr := fs.ReadFile(repository, name)
		err = errors.Join(err, readErr, yaml.Unmarshal(content, &object))
		made[path.Base(path.Dir(name))] = object
	}
	return made, err
}

// healthTests has the states in the order of the table.
func healthTests(kind string, made map[string]map[string]any) (map[string]string, error) {
	files, tests := map[string]string{}, []any{}
	var err error
	for _, e := range Expectations {
		object, is := made[e.State]
		if !is || (e.Kind != "" && e.Kind != kind) {
			continue
		}
		input := "testdata/" + e.State + ".yaml"
		tests = append(tests, map[string]any{"inputPath": input, "healthStatus": e.health(object)})
		err = errors.Join(err, put(files, input, object))
	}
	return files, errors.Join(err, put(files, "health_test.yaml", map[string]any{"tests": tests}))
}

// actionTests tries what an object offers while it is suspended and while it is not, and each action.
func actionTests(actions []string, made map[string]map[string]any) (map[string]string, error) {
	files, tests, discoveries := map[string]string{}, []any{}, []any{}
	var err error
	for _, state := range []string{"ready", "suspended"} {
		discoveries = append(discoveries, map[string]any{
			"inputPath": "testdata/" + state + ".yaml", "result": offered(actions, state == "suspended"),
		})
	}
	for _, action := range actions {
		effect, unknown := effectOf(action)
		err = errors.Join(err, unknown)
		for _, state := range effect.states {
			input, output := "testdata/"+state+".yaml", outputOf(state, action)
			tests = append(tests, map[string]any{"action": action, "inputPath": input, "expectedOutputPath": output})
			err = errors.Join(err, put(files, input, made[state]), put(files, output, changed(made[state], effect)))
		}
	}
	all := map[string]any{"discoveryTests": discoveries, "actionTests": tests}
	return files, errors.Join(err, put(files, "action_test.yaml", all))
}

// offered are the actions of an object. One that is suspended can only be resumed, and any other cannot.
func offered(actions []string, suspended bool) []any {
	var out []any
	for _, name := range actions {
		out = append(out, map[string]any{"name": name, "disabled": suspended != (name == "resume")})
	}
	return out
}

// changed returns what an effect makes of an object, which stays as it is.
func changed(object map[string]any, e effect) map[string]any {
	var copied map[string]any
	text, err := yaml.Marshal(object)
	if err != nil || yaml.Unmarshal(text, &copied) != nil || copied == nil {
		return nil
	}
	e.do(copied)
	return copied
}

// put adds a file. The error is of a value that has no YAML, or of nothing where an object is needed.
func put(files map[string]string, name string, value map[string]any) error {
	if len(value) == 0 {
		return errors.New("no object for " + name)
	}
	out, err := yaml.Marshal(value)
	files[name] = string(out)
	return err
}
