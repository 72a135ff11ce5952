package v1alpha1_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reasons are the values of the constants Reason… and Event….
func reasons(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && isReason(spec) {
				value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, value)
			}
			return true
		})
	}
	slices.Sort(out)
	return out
}

func isReason(spec *ast.ValueSpec) bool {
	name := spec.Names[0].Name
	return len(spec.Values) == 1 && (strings.HasPrefix(name, "Reason") || strings.HasPrefix(name, "Event"))
}

var row = regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\| [^|]+ \\| [^|]+ \\|$")

// Whoever sees a reason finds it in docs/troubleshooting.md, once, and nothing else is there.
func TestEveryReasonHasARowInTroubleshooting(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, found := range row.FindAllStringSubmatch(string(text), -1) {
		rows = append(rows, found[1])
	}
	slices.Sort(rows)
	if diff := cmp.Diff(reasons(t), rows); diff != "" {
		t.Errorf("reasons -, rows +:\n%s", diff)
	}
}
