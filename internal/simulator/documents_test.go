package simulator_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// operationID finds the operations of an OpenAPI document as this project writes it, without a parser of YAML.
var operationID = regexp.MustCompile(`(?m)^      operationId: (\w+)$`)

func documentedOperations(t *testing.T) []string {
	t.Helper()
	var ids []string
	for _, name := range []string{"oauth.yaml", "admin.yaml", "meeting.yaml"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "docs", "goto-api", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range operationID.FindAllStringSubmatch(string(data), -1) {
			ids = append(ids, match[1])
		}
	}
	return ids
}

func TestEveryOperationCarriesItsEvidence(t *testing.T) {
	for _, name := range []string{"oauth.yaml", "admin.yaml", "meeting.yaml"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "docs", "goto-api", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(data), "      operationId: ")[1:] {
			head, _, _ := strings.Cut(part, "      responses:")
			if !regexp.MustCompile(`(?m)^      x-evidence: [DLCU]$`).MatchString(head) {
				t.Errorf("%s: operation %s has no evidence", name, strings.Fields(head)[0])
			}
		}
	}
}
