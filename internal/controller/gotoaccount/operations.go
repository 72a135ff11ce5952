package gotoaccount

import (
	"encoding/json"
	"strings"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// overrides are the operations that a spec says the place of.
func overrides(spec v1alpha1.Endpoints) map[string]gotoclient.Override {
	out := make(map[string]gotoclient.Override, len(spec.Operations))
	for _, o := range spec.Operations {
		out[o.Operation] = gotoclient.Override{Method: o.Method, Path: o.Path}
	}
	return out
}

// checkOperations says what is wrong with the operations of a spec.
func checkOperations(spec v1alpha1.Endpoints) error {
	err := gotoclient.CheckOperations(overrides(spec))
	if err == nil {
		return nil
	}
	return &engine.StalledError{Reason: v1alpha1.ReasonOverrideInvalid,
		Message: "spec.endpoints.operations: " + strings.TrimPrefix(err.Error(), "gotoclient: ")}
}

// canonical is a text that is equal for specs with the same operations, in whatever order.
func canonical(spec v1alpha1.Endpoints) string {
	text, _ := json.Marshal(overrides(spec)) //nolint:errchkjson // plain strings, and maps are written in the order of their keys
	return string(text)
}
