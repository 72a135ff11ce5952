package controller

import (
	"maps"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"
	fcache "k8s.io/client-go/tools/cache/testing"
)

// counted is an informer that counts who hears from it.
type counted struct {
	toolscache.SharedIndexInformer

	handlers int
}

func (c *counted) AddEventHandler(h toolscache.ResourceEventHandler) (toolscache.ResourceEventHandlerRegistration, error) {
	c.handlers++
	return c.SharedIndexInformer.AddEventHandler(h)
}

// view is what a handler has been told: the label of each object.
type view struct {
	mu  sync.Mutex
	has map[string]string
}

func (v *view) set(o any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	m, _ := o.(*corev1.ConfigMap)
	v.has[m.Name] = m.Labels["version"]
}

func (v *view) OnAdd(o any, _ bool) { v.set(o) }
func (v *view) OnUpdate(_, now any) { v.set(now) }
func (v *view) OnDelete(o any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	m, _ := o.(*corev1.ConfigMap)
	delete(v.has, m.Name)
}

func (v *view) now() map[string]string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return maps.Clone(v.has)
}

func object(name, version string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: name, Labels: map[string]string{"version": version}}}
}

// fanned is a fan-out over what a source has.
type fanned struct {
	*testing.T
	*fanOut

	source *fcache.FakeControllerSource
	inner  *counted
}

func newFanned(t *testing.T) *fanned {
	t.Helper()
	source := fcache.NewFakeControllerSource()
	t.Cleanup(source.Shutdown)
	inner := &counted{SharedIndexInformer: toolscache.NewSharedIndexInformer(source, &corev1.ConfigMap{}, 0, toolscache.Indexers{})}
	return &fanned{t, newFanOut(inner), source, inner}
}

func (f *fanned) listen() (*view, toolscache.ResourceEventHandlerRegistration) {
	f.Helper()
	v := &view{has: map[string]string{}}
	r, err := f.AddEventHandler(v)
	if err != nil {
		f.Fatal(err)
	}
	return v, r
}

func (f *fanned) sees(v *view, want map[string]string) {
	f.Helper()
	if diff := cmp.Diff(want, v.now()); diff != "" {
		f.Errorf("a handler was told something else than there is (-want +got):\n%s", diff)
	}
}

func TestEveryHandlerIsToldOfEverythingByOneQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFanned(t)
		f.source.Add(object("a", "1"))
		early, synced := f.listen()
		if synced.HasSynced() {
			t.Error("a handler has heard of all before there was a list")
		}
		go f.RunWithContext(t.Context())
		synctest.Wait()
		if !synced.HasSynced() {
			t.Error("a handler never hears of all")
		}
		f.source.Add(object("b", "1"))
		f.source.Modify(object("a", "2"))
		synctest.Wait()
		late, _ := f.listen()
		f.sees(late, map[string]string{"a": "2", "b": "1"})
		f.source.Delete(object("b", "1"))
		f.source.Modify(object("a", "3"))
		synctest.Wait()
		for _, v := range []*view{early, late} {
			f.sees(v, map[string]string{"a": "3"})
		}
		if f.inner.handlers != 1 {
			t.Errorf("%d queues of events for two handlers", f.inner.handlers)
		}
	})
}

func TestWhoIsRemovedHearsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFanned(t)
		go f.RunWithContext(t.Context())
		stays, _ := f.listen()
		leaves, registration := f.listen()
		if err := f.RemoveEventHandler(registration); err != nil {
			t.Fatal(err)
		}
		f.source.Add(object("a", "1"))
		synctest.Wait()
		f.sees(stays, map[string]string{"a": "1"})
		f.sees(leaves, map[string]string{})
	})
}

// Handlers come while objects do, as at every start.
func TestAHandlerThatComesInBetweenMissesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFanned(t)
		go f.RunWithContext(t.Context())
		want, views := map[string]string{}, []*view{}
		for i := range 200 {
			name := strconv.Itoa(i)
			want[name] = "2"
			f.source.Add(object(name, "1"))
			if i%20 == 0 {
				v, _ := f.listen()
				views = append(views, v)
			}
			f.source.Modify(object(name, "2"))
		}
		synctest.Wait()
		for _, v := range views {
			f.sees(v, want)
		}
	})
}

// An index of controller-runtime's has each entry for all namespaces and for the object's own. What is not kept is not found empty: that would
// be a watch that starts nothing, and nobody would know.
func TestIndexesAreOfAllNamespacesOrAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFanned(t)
		f.source.Add(object("a", "1"))
		err := f.AddIndexers(toolscache.Indexers{"field:version": func(o any) ([]string, error) {
			m, _ := o.(*corev1.ConfigMap)
			version := m.Labels["version"]
			return []string{m.Namespace + "/" + version, "__all_namespaces/" + version}, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		go f.RunWithContext(t.Context())
		synctest.Wait()
		index := f.GetIndexer()
		if found, err := index.ByIndex("field:version", "__all_namespaces/1"); len(found) != 1 || err != nil {
			t.Errorf("%v, %v in all namespaces", found, err)
		}
		if found, err := index.ByIndex("field:version", "n/1"); err == nil {
			t.Errorf("%v, and no error, in one namespace", found)
		}
		if kept := index.ListIndexFuncValues("field:version"); len(kept) != 1 {
			t.Errorf("%q are kept", kept)
		}
	})
}
