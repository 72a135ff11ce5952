package gotoclient

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Override says where an operation is, in place of the endpoint table. Whoever
// writes one vouches for it: it counts as verified. The body of a request and what
// is read of the answer stay as they are.
//
// It cannot make another operation of it: a read (GET) stays a read and a write a
// write, DELETE is for what deletes by the table, and the request must not be that
// of another operation. A create is not repeated under another method either.
type Override struct {
	// Method is GET, POST, PUT, PATCH or DELETE; empty for that of the table.
	Method string
	// Path is the path from the host on; empty for that of the table. It lies below
	// /admin/rest/ or /G2M/rest/, whichever the operation's API has, and has the
	// placeholders of the table's path, each once and as a segment of its own, in any
	// order. Other segments consist of letters, digits and "-", ".", "_", "~".
	Path string
}

// CheckOperations reports what makes a client with these overrides impossible, as [New]
// does: the error names the operation and says what to do.
func CheckOperations(overrides map[string]Override) error {
	_, err := newRoutes(overrides)
	return err
}

// apply returns the route of the operation, or an error that names it and says what
// to do, and shows nothing of the override.
func (o Override) apply(id string) (route, error) {
	table, known := endpoints[id]
	switch {
	case !known:
		return route{}, badOverride(id, "there is no such operation: docs/goto-api/endpoints.md lists them")
	case table.api() == APIOAuth:
		return route{}, badOverride(id, "it is moved by Endpoints.TokenURL")
	case o == Override{}:
		return route{}, badOverride(id, "name a method, a path or both, the table's own to vouch for it")
	}
	moved := table
	moved.method, moved.path = cmp.Or(o.Method, table.method), cmp.Or(o.Path, table.path)
	if err := cmp.Or(checkMethod(table, moved.method), checkPath(table, moved.path)); err != nil {
		return route{}, badOverride(id, err.Error())
	}
	return route{endpoint: moved, table: table, overridden: true}, nil
}

func badOverride(id, text string) error {
	return fmt.Errorf("gotoclient: override of the operation %s: %s", printable(id), text)
}

// checkMethod says what is wrong with a method in the place of the table's.
func checkMethod(table endpoint, method string) error {
	known := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	switch {
	case !slices.Contains(known, method):
		return errors.New("the method must be one of " + strings.Join(known, ", "))
	case !table.write() && method != http.MethodGet:
		return errors.New("it reads, so the method must be GET")
	case table.write() && method == http.MethodGet:
		return errors.New("it writes, so the method must not be GET")
	case method == http.MethodDelete && table.method != http.MethodDelete:
		return errors.New("it deletes nothing, so the method must not be DELETE")
	}
	return nil
}

// literal is what a segment of a path may consist of. There is neither "%" nor a
// backslash in it, so that no encoding hides anything.
const literal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"

// checkPath says what is wrong with a path in the place of the table's.
func checkPath(table endpoint, path string) error {
	root := roots[table.api()]
	below, is := strings.CutPrefix(path, root)
	if !is {
		return errors.New("the path must begin with " + root + " and have neither scheme nor host")
	}
	want := placeholders(table.path)
	for segment := range strings.SplitSeq(below, "/") {
		if slices.Contains(want, segment) {
			continue
		}
		if strings.Trim(segment, literal) != "" || strings.Trim(segment, ".") == "" {
			return errors.New("each segment of the path must be a placeholder or consist of letters, digits, " +
				"\"-\", \".\", \"_\" and \"~\": no empty segment, no \"..\", no \"%\", no query, no fragment; " + wanted(want))
		}
	}
	if !slices.Equal(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(placeholders(below)))) {
		return errors.New(wanted(want))
	}
	return nil
}

// wanted names the placeholders that a path must have.
func wanted(names []string) string {
	if len(names) == 0 {
		return "the path must have no placeholder"
	}
	return "the path must have each of these placeholders once, and no other: " + strings.Join(names, " ")
}
