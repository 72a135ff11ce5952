package memkube

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// event is one change of an object.
type event struct {
	kind    string
	object  *object
	version int64
	at      time.Time
}

// remembered is how many events of a resource a watch can begin in the past by.
const remembered = 5000

// watcher is a watch that is open. Its events wait until it takes them.
type watcher struct {
	namespace string

	mu    sync.Mutex
	queue []event
	more  chan struct{}
}

func (w *watcher) add(events ...event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range events {
		if w.namespace == "" || e.object == nil || e.object.GetNamespace() == w.namespace {
			w.queue = append(w.queue, e)
		}
	}
	select {
	case w.more <- struct{}{}:
	default:
	}
}

func (w *watcher) take() []event {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.queue
	w.queue = nil
	return out
}

// publish tells the watchers of an event.
func (s *Server) publish(st *store, e event) {
	st.history = append(st.history, e)
	if len(st.history) > 2*remembered {
		st.forgot = st.history[remembered-1].version
		st.history = append([]event(nil), st.history[remembered:]...)
	}
	for w := range st.watchers {
		w.add(e)
	}
}

// bookmark says how far a watch is, and that its beginning is complete.
const bookmark = "BOOKMARK"

// watch opens a watch of what happens after a version, or with all there is first. The lock of the server is held.
func (s *Server) watch(st *store, namespace, since string, initial bool) (*watcher, error) {
	w := &watcher{namespace: namespace, more: make(chan struct{}, 1)}
	switch from, err := strconv.ParseInt(since, 10, 64); {
	case initial:
		for _, o := range st.list(namespace) {
			w.add(event{kind: "ADDED", object: o})
		}
		w.add(event{kind: bookmark, version: s.version})
	case err != nil:
		return nil, apierrors.NewBadRequest("a watch begins at a version")
	case from < st.forgot:
		return nil, apierrors.NewResourceExpired("too old resource version")
	default:
		for _, e := range st.history {
			if e.version > from {
				w.add(e)
			}
		}
	}
	st.watchers[w] = true
	return w, nil
}

var errEnded = errors.New("the watch has ended")

// stream writes the events of a watch, each as long after it happened as the server's lag, until done is closed.
func (s *Server) stream(st *store, w *watcher, to *io.PipeWriter, done <-chan struct{}) {
	defer func() {
		s.mu.Lock()
		delete(st.watchers, w)
		s.mu.Unlock()
		_ = to.CloseWithError(io.EOF)
	}()
	for {
		for _, e := range w.take() {
			if err := s.send(st, to, e, done); err != nil {
				return
			}
		}
		select {
		case <-w.more:
		case <-done:
			return
		}
	}
}

func (s *Server) send(st *store, to io.Writer, e event, done <-chan struct{}) error {
	if wait := time.Until(e.at.Add(s.lag())); !e.at.IsZero() && wait > 0 {
		select {
		case <-time.After(wait):
		case <-done:
			return errEnded
		}
	}
	var content any
	if e.kind == bookmark {
		content = st.bookmark(e.version)
	} else {
		content = e.object.Object
	}
	return json.NewEncoder(to).Encode(map[string]any{"type": e.kind, "object": content})
}

func (st *store) bookmark(version int64) map[string]any {
	return map[string]any{
		"apiVersion": st.GroupVersion().String(), "kind": st.Kind,
		"metadata": map[string]any{
			"resourceVersion": strconv.FormatInt(version, 10), "annotations": map[string]any{"k8s.io/initial-events-end": "true"},
		},
	}
}
