package contract_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// contract is what the documents say.
type contract struct {
	docs    []*openapi3.T
	routers []routers.Router
	servers map[string]*url.URL // by file
	options *openapi3filter.Options

	verdicts sync.Map // of exchanges, by the hash of all that is in one
}

var loadOnce = sync.OnceValues(load)

// theContract returns the documents, which are read once.
func theContract(t *testing.T) *contract {
	t.Helper()
	c, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func load() (*contract, error) {
	c := &contract{servers: map[string]*url.URL{}, options: &openapi3filter.Options{
		AuthenticationFunc:    authenticate,
		IncludeResponseStatus: true,
		MultiError:            true,
		// Else defaults would be written into the request that the simulator is going to see.
		SkipSettingDefaults:               true,
		RejectWhenRequestBodyNotSpecified: true,
	}}
	for _, name := range []string{"oauth.yaml", "admin.yaml", "meeting.yaml"} {
		doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join("..", "..", "docs", "goto-api", name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := doc.Validate(context.Background()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		server, err := url.Parse(doc.Servers[0].URL)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		c.servers[name] = server
		// The tests' server has another host, but the same paths.
		doc.Servers = openapi3.Servers{{URL: server.Path + "/"}}
		router, err := gorillamux.NewRouter(doc)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		c.docs, c.routers = append(c.docs, doc), append(c.routers, router)
	}
	return c, nil
}

// authenticate looks for credentials of the kind that the document asks for. Whether they are good is the simulator's business.
func authenticate(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	scheme, credentials, _ := strings.Cut(input.RequestValidationInput.Request.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, input.SecurityScheme.Scheme) || credentials == "" {
		return input.NewError(fmt.Errorf("no %s credentials", input.SecurityScheme.Scheme))
	}
	return nil
}

// operations returns the ids of all operations.
func (c *contract) operations() map[string]bool {
	ids := map[string]bool{}
	for _, doc := range c.docs {
		for _, item := range doc.Paths.Map() {
			for _, operation := range item.Operations() {
				ids[operation.OperationID] = true
			}
		}
	}
	return ids
}

// verdict is what the documents say of an exchange.
type verdict struct {
	operation string
	problems  []string
}

// check holds one exchange against the documents, once: most exchanges of a drive are in those of other positions, byte for byte.
// It returns the operation, and what is wrong. The request's body is given apart, since by now it has been read.
func (c *contract) check(
	ctx context.Context, r *http.Request, body []byte, status int, header http.Header, answer []byte,
) (operation string, problems []string) {
	key := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %d %q %q", r.Method, r.URL, r.Header, body, status, header, answer))
	if known, ok := c.verdicts.Load(key); ok {
		v, _ := known.(verdict)
		return v.operation, v.problems
	}
	operation, problems = c.judge(ctx, r, body, status, header, answer)
	c.verdicts.Store(key, verdict{operation, problems})
	return operation, problems
}

// judge is check of an exchange that is new.
func (c *contract) judge(
	ctx context.Context, r *http.Request, body []byte, status int, header http.Header, answer []byte,
) (operation string, problems []string) {
	r = r.Clone(ctx)
	r.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := c.find(r)
	if err != nil {
		return "", []string{fmt.Sprintf("request: %s %s: %v", r.Method, r.URL.Path, err)}
	}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: c.options}
	if err := openapi3filter.ValidateRequest(ctx, input); err != nil {
		problems = append(problems, fmt.Sprintf("request: %v", err))
	}
	for _, name := range undeclared(route, r, body) {
		problems = append(problems, fmt.Sprintf("request: the document has no parameter or form field %q", name))
	}
	response := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: status, Header: header, Options: c.options}
	response.SetBodyBytes(answer)
	if err := openapi3filter.ValidateResponse(ctx, response); err != nil {
		problems = append(problems, fmt.Sprintf("answer %d: %v", status, err))
	}
	return route.Operation.OperationID, problems
}

// find returns the route of the document that has the path.
func (c *contract) find(r *http.Request) (*routers.Route, map[string]string, error) {
	for _, router := range c.routers {
		route, params, err := router.FindRoute(r)
		if !errors.Is(err, routers.ErrPathNotFound) {
			return route, params, err
		}
	}
	return nil, nil, routers.ErrPathNotFound
}

// undeclared returns the query parameters and form fields that the document does not have. The validator does not look for them:
// it reads what the document names and no more, even of a form that is closed.
func undeclared(route *routers.Route, r *http.Request, body []byte) []string {
	declared := map[string]bool{}
	for _, parameters := range []openapi3.Parameters{route.PathItem.Parameters, route.Operation.Parameters} {
		for _, p := range parameters {
			if p.Value.In == openapi3.ParameterInQuery {
				declared[p.Value.Name] = true
			}
		}
	}
	var found []string
	for name := range r.URL.Query() {
		if !declared[name] {
			found = append(found, name)
		}
	}
	if route.Operation.RequestBody != nil {
		if form := route.Operation.RequestBody.Value.Content.Get("application/x-www-form-urlencoded"); form != nil {
			values, _ := url.ParseQuery(string(body)) // what cannot be parsed the validator reports
			for name := range values {
				if form.Schema.Value.Properties[name] == nil {
					found = append(found, name)
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// exchange is a request with its answer.
type exchange struct {
	operation, status string
	text              string // everything else, to compare
}

// watcher checks the exchanges that pass through it.
type watcher struct {
	contract *contract
	position string // of the switches, for messages

	mu         sync.Mutex
	exchanges  []exchange
	violations []string // each once
}

// watch lets a handler answer and looks at both sides. The answer is not held up or changed by what is wrong with it: the client
// shall go on as it would.
func (w *watcher) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusInternalServerError)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		recorded := httptest.NewRecorder()
		next.ServeHTTP(recorded, r)
		w.record(r, body, recorded)
		maps.Copy(rw.Header(), recorded.Header())
		rw.WriteHeader(recorded.Code)
		_, _ = rw.Write(recorded.Body.Bytes()) // the client may be gone, which is its own affair
	})
}

func (w *watcher) record(r *http.Request, body []byte, answer *httptest.ResponseRecorder) {
	operation, problems := w.contract.check(r.Context(), r, body, answer.Code, answer.Header(), answer.Body.Bytes())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.exchanges = append(w.exchanges, exchange{
		operation: operation, status: strconv.Itoa(answer.Code),
		text: fmt.Sprintf("%s %s %s %v %s", r.Method, r.URL, body, answer.Header(), answer.Body),
	})
	for _, problem := range problems {
		violation := fmt.Sprintf("%s at %s: %s", operation, w.position, problem)
		if !slices.Contains(w.violations, violation) {
			w.violations = append(w.violations, violation)
		}
	}
}
