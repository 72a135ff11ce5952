package memkube

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// Server is the API. It is an http.RoundTripper, so that there is no network that fake time would wait for.
type Server struct {
	mu      sync.Mutex
	version int64
	uids    int
	stores  map[schema.GroupResource]*store
	late    time.Duration
}

// New returns a server that holds Namespaces, Secrets, and the resources that are given.
func New(resources ...Resource) *Server {
	s := &Server{stores: map[schema.GroupResource]*store{}}
	v1 := func(name string) schema.GroupVersionResource {
		return schema.GroupVersionResource{Version: "v1", Resource: name}
	}
	for _, r := range slices.Concat(resources, []Resource{ // which may be those of other servers too
		{GroupVersionResource: v1("namespaces"), Kind: "Namespace"},
		{GroupVersionResource: v1("secrets"), Kind: "Secret", Namespaced: true},
	}) {
		s.stores[r.GroupResource()] = &store{Resource: r, objects: map[types.NamespacedName]*object{}, watchers: map[*watcher]bool{}}
	}
	return s
}

// Lag makes watches show what has happened only after a while, as those of a busy server do.
func (s *Server) Lag(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = d
}

func (s *Server) lag() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.late
}

func (s *Server) namespaces() *store { return s.stores[schema.GroupResource{Resource: "namespaces"}] }

func now() metav1.Time { return metav1.NewTime(time.Now().Truncate(time.Second)) }

// target is what a request is about.
type target struct {
	*store

	types.NamespacedName

	sub string
}

// find reads a path: /api/v1 or /apis/group/version, then namespaces/NAMESPACE where there is one, resource, name, subresource.
func (s *Server) find(path string) (target, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	var group, namespace string
	switch {
	case len(parts) >= 3 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) >= 4 && parts[0] == "apis":
		group, parts = parts[1], parts[3:]
	default:
		return target{}, false
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		namespace, parts = parts[1], parts[2:]
	}
	parts = append(parts, "", "")
	st := s.stores[schema.GroupResource{Group: group, Resource: parts[0]}]
	return target{st, types.NamespacedName{Namespace: namespace, Name: parts[1]}, parts[2]}, st != nil
}

// RoundTrip answers a request.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/apis/events.k8s.io/") {
		return told(r)
	}
	t, found := s.find(r.URL.Path)
	if !found {
		return answer(r, http.StatusNotFound, apierrors.NewNotFound(schema.GroupResource{}, r.URL.Path).Status())
	}
	if r.URL.Query().Get("watch") != "" {
		return s.open(r, t)
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	content, err := s.serve(r, t, body)
	s.mu.Unlock()
	if err != nil {
		return Refuse(r, err)
	}
	code := http.StatusOK
	if r.Method == http.MethodPost {
		code = http.StatusCreated
	}
	return answer(r, code, content)
}

// told takes an event, which nobody reads.
func told(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return answer(r, http.StatusCreated, json.RawMessage(body))
}

func (s *Server) serve(r *http.Request, t target, body []byte) (any, error) {
	if r.Method == http.MethodGet && t.Name == "" {
		return t.listed(t.Namespace, s.version), nil
	}
	if r.Method == http.MethodPost {
		o := &object{}
		if err := utiljson.Unmarshal(body, &o.Object); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		o, err := s.create(t.store, t.Namespace, o)
		return content(o, err)
	}
	was, err := t.get(t.NamespacedName)
	if err != nil || r.Method == http.MethodGet {
		return content(was, err)
	}
	if r.Method == http.MethodDelete {
		if err := precondition(t, was, body); err != nil {
			return nil, err
		}
		return content(s.remove(t.store, was), nil)
	}
	o, err := change(r, was, body)
	if err != nil {
		return nil, err
	}
	return content(s.update(t.store, was, o, t.sub == "status"))
}

func content(o *object, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return o.Object, nil
}

// change is an object as a PUT has it, or as a merge patch makes it of the one that is there.
func change(r *http.Request, was *object, body []byte) (*object, error) {
	o := &object{}
	if r.Method == http.MethodPatch {
		if kind := r.Header.Get("Content-Type"); kind != string(types.MergePatchType) {
			return nil, apierrors.NewGenericServerResponse(http.StatusUnsupportedMediaType, "patch", schema.GroupResource{}, "", kind, 0, false)
		}
		old, err := json.Marshal(was.Object)
		if err == nil {
			body, err = jsonpatch.MergePatch(old, body)
		}
		if err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
	}
	if err := utiljson.Unmarshal(body, &o.Object); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return o, nil
}

func precondition(t target, was *object, body []byte) error {
	var o metav1.DeleteOptions
	if len(body) > 0 {
		if err := json.Unmarshal(body, &o); err != nil {
			return apierrors.NewBadRequest(err.Error())
		}
	}
	if p := o.Preconditions; p != nil && p.UID != nil && *p.UID != was.GetUID() {
		return apierrors.NewConflict(t.gr(), t.Name, errors.New("the UID is another"))
	}
	return nil
}

func (st *store) listed(namespace string, version int64) map[string]any {
	items := []any{}
	for _, o := range st.list(namespace) {
		items = append(items, o.Object)
	}
	return map[string]any{
		"apiVersion": st.GroupVersion().String(), "kind": st.Kind + "List", "items": items,
		"metadata": map[string]any{"resourceVersion": strconv.FormatInt(version, 10)},
	}
}

// open answers with a body that goes on until the request's context ends.
func (s *Server) open(r *http.Request, t target) (*http.Response, error) {
	q := r.URL.Query()
	s.mu.Lock()
	w, err := s.watch(t.store, t.Namespace, q.Get("resourceVersion"), q.Get("sendInitialEvents") == "true")
	s.mu.Unlock()
	if err != nil {
		return Refuse(r, err)
	}
	body, to := io.Pipe()
	go s.stream(t.store, w, to, r.Context().Done())
	return response(r, http.StatusOK, body), nil
}

// Refuse answers a request with an error.
func Refuse(r *http.Request, err error) (*http.Response, error) {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		status = apierrors.NewInternalError(err)
	}
	said := status.Status()
	return answer(r, int(said.Code), said)
}

func answer(r *http.Request, code int, content any) (*http.Response, error) {
	data, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	return response(r, code, io.NopCloser(bytes.NewReader(data))), nil
}

func response(r *http.Request, code int, body io.ReadCloser) *http.Response {
	return &http.Response{
		StatusCode: code, Status: http.StatusText(code), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: body, Request: r, ContentLength: -1,
	}
}
