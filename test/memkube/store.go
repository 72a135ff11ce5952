package memkube

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// object is one stored state of an object. It is never changed: a write stores another.
type object = unstructured.Unstructured

// Resource is a kind of objects that the server holds.
type Resource struct {
	schema.GroupVersionResource

	Kind       string
	Namespaced bool
	Status     bool   // has the status subresource
	Schema     Schema // of the CRD; the zero value has no defaults
}

// store holds the objects of one resource.
type store struct {
	Resource

	objects  map[types.NamespacedName]*object
	history  []event
	forgot   int64 // the version of the last event that history no longer has
	watchers map[*watcher]bool
}

func (st *store) gr() schema.GroupResource { return st.GroupResource() }

func (st *store) get(name types.NamespacedName) (*object, error) {
	if o := st.objects[name]; o != nil {
		return o, nil
	}
	return nil, apierrors.NewNotFound(st.gr(), name.Name)
}

// list returns the objects of a namespace, or of all for "", by name.
func (st *store) list(namespace string) []*object {
	out := make([]*object, 0, len(st.objects))
	for name, o := range st.objects {
		if namespace == "" || name.Namespace == namespace {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b *object) int {
		return compareNames(nameOf(a), nameOf(b))
	})
	return out
}

func nameOf(o *object) types.NamespacedName {
	return types.NamespacedName{Namespace: o.GetNamespace(), Name: o.GetName()}
}

func compareNames(a, b types.NamespacedName) int {
	switch x, y := a.String(), b.String(); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// create stores a new object.
func (s *Server) create(st *store, namespace string, o *object) (*object, error) {
	if o.GetName() == "" {
		o.SetName(o.GetGenerateName() + strconv.FormatInt(s.version+1, 36))
	}
	o.SetNamespace(namespace)
	if st.objects[nameOf(o)] != nil {
		return nil, apierrors.NewAlreadyExists(st.gr(), o.GetName())
	}
	if namespace != "" && s.ending(namespace) {
		return nil, apierrors.NewForbidden(st.gr(), o.GetName(), fmt.Errorf("the namespace %s is being terminated", namespace))
	}
	if st.Status {
		delete(o.Object, "status")
	}
	s.uids++
	o.SetUID(types.UID(fmt.Sprintf("%s-%d", o.GetName(), s.uids)))
	o.SetCreationTimestamp(now())
	o.SetGeneration(1)
	o.SetDeletionTimestamp(nil)
	st.Schema.fill(o.Object)
	s.put(st, "ADDED", o)
	return o, nil
}

// update puts an object in the place of the one that is there, as far as a request to the resource, or to its status, may.
func (s *Server) update(st *store, was, o *object, status bool) (*object, error) {
	if v := o.GetResourceVersion(); v != "" && v != was.GetResourceVersion() {
		return nil, apierrors.NewConflict(st.gr(), was.GetName(), fmt.Errorf("the object has been modified"))
	}
	if uid := o.GetUID(); uid != "" && uid != was.GetUID() {
		return nil, apierrors.NewConflict(st.gr(), was.GetName(), fmt.Errorf("the UID is %s and not %s", was.GetUID(), uid))
	}
	next := merged(st, was, o, status)
	st.Schema.fill(next.Object)
	if !sameSpec(was, next) {
		next.SetGeneration(was.GetGeneration() + 1)
	}
	next.SetResourceVersion(was.GetResourceVersion())
	if reflect.DeepEqual(next.Object, was.Object) {
		return was, nil
	}
	if next.GetDeletionTimestamp() != nil && len(next.GetFinalizers()) == 0 {
		s.drop(st, next)
		return next, nil
	}
	s.put(st, "MODIFIED", next)
	return next, nil
}

// merged takes from a request what it may change.
func merged(st *store, was, o *object, status bool) *object {
	if status {
		next := was.DeepCopy()
		next.Object["status"] = o.Object["status"]
		return next
	}
	next := o.DeepCopy()
	if st.Status {
		delete(next.Object, "status")
		if there, has := was.Object["status"]; has {
			next.Object["status"] = there
		}
	}
	next.SetUID(was.GetUID())
	next.SetNamespace(was.GetNamespace())
	next.SetGeneration(was.GetGeneration())
	next.SetCreationTimestamp(was.GetCreationTimestamp())
	next.SetDeletionTimestamp(was.GetDeletionTimestamp())
	return next
}

// sameSpec compares all but metadata and status.
func sameSpec(a, b *object) bool {
	rest := func(o *object) map[string]any {
		out := maps.Clone(o.Object)
		delete(out, "metadata")
		delete(out, "status")
		return out
	}
	return reflect.DeepEqual(rest(a), rest(b))
}

// remove deletes an object, or marks it where finalizers hold it.
func (s *Server) remove(st *store, was *object) *object {
	if len(was.GetFinalizers()) == 0 && st.Kind != "Namespace" {
		s.drop(st, was)
		return was
	}
	if was.GetDeletionTimestamp() != nil {
		return was
	}
	next, at := was.DeepCopy(), now()
	next.SetDeletionTimestamp(&at)
	next.SetGeneration(was.GetGeneration() + 1)
	s.put(st, "MODIFIED", next)
	if st.Kind == "Namespace" {
		s.empty(next.GetName())
	}
	return next
}

// empty deletes all objects of a namespace, as the namespace controller does.
func (s *Server) empty(namespace string) {
	for _, st := range s.stores {
		if !st.Namespaced {
			continue
		}
		for _, o := range st.list(namespace) {
			s.remove(st, o)
		}
	}
	s.endIfEmpty(namespace)
}

func (s *Server) ending(namespace string) bool {
	ns := s.namespaces().objects[types.NamespacedName{Name: namespace}]
	return ns != nil && ns.GetDeletionTimestamp() != nil
}

// endIfEmpty lets a namespace go that is being deleted and holds nothing more.
func (s *Server) endIfEmpty(namespace string) {
	if namespace == "" || !s.ending(namespace) {
		return
	}
	for _, st := range s.stores {
		if st.Namespaced && len(st.list(namespace)) > 0 {
			return
		}
	}
	s.drop(s.namespaces(), s.namespaces().objects[types.NamespacedName{Name: namespace}])
}

func (s *Server) put(st *store, kind string, o *object) {
	s.version++
	o.SetResourceVersion(strconv.FormatInt(s.version, 10))
	st.objects[nameOf(o)] = o
	s.publish(st, event{kind: kind, object: o, version: s.version, at: time.Now()})
}

func (s *Server) drop(st *store, o *object) {
	s.version++
	gone := o.DeepCopy()
	gone.SetResourceVersion(strconv.FormatInt(s.version, 10))
	delete(st.objects, nameOf(o))
	s.publish(st, event{kind: "DELETED", object: gone, version: s.version, at: time.Now()})
	s.endIfEmpty(o.GetNamespace())
}
