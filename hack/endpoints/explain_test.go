package main

import (
	"os"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// kubectl explain lists the operations that may be moved, but for the many of reports, which are made by a rule.
func TestExplainListsTheOperations(t *testing.T) {
	text, err := os.ReadFile("../../config/crd/bases/goto-operator.dev_gotoaccounts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for word := range strings.FieldsFuncSeq(string(text), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == ':' || r == ';' || r == '.' }) {
		said[word] = true
	}
	for _, o := range gotoclient.Operations() {
		if !said[o.ID] && !strings.HasPrefix(o.ID, "report") {
			t.Errorf("spec.endpoints.operations[].operation does not say %s", o.ID)
		}
	}
}
