package memkube

import (
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// open returns a client of a new server that holds GoToUsers.
func open(t *testing.T) (client.WithWatch, *Server) {
	t.Helper()
	users, err := FromCRD(filepath.Join("..", "..", "config", "crd", "bases", "goto-operator.dev_gotousers.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s, scheme, mapper := New(users), runtime.NewScheme(), meta.NewDefaultRESTMapper(nil)
	if err := corev1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	mapper.Add(corev1.SchemeGroupVersion.WithKind("Namespace"), meta.RESTScopeRoot)
	mapper.Add(users.GroupVersion().WithKind(users.Kind), meta.RESTScopeNamespace)
	config := &rest.Config{Host: "http://kubernetes.test", Transport: http.RoundTripper(s), QPS: -1, ContentConfig: rest.ContentConfig{ContentType: "application/json"}}
	c, err := client.NewWithWatch(config, client.Options{Scheme: scheme, Mapper: mapper})
	if err != nil {
		t.Fatal(err)
	}
	check(t, c.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team"}}))
	return c, s
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func user(name string, finalizers ...string) *v1alpha1.GoToUser {
	return &v1alpha1.GoToUser{
		ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: name, Finalizers: finalizers}, Spec: v1alpha1.GoToUserSpec{Email: name + "@example.test"},
	}
}

func TestWrites(t *testing.T) {
	c, _ := open(t)
	u := user("fay")
	u.Status.State = "ACTIVE"
	check(t, c.Create(t.Context(), u))
	if u.Generation != 1 || u.UID == "" || u.Status.State != "" || u.Spec.ManagementPolicy != v1alpha1.Manage {
		t.Errorf("created: %+v", u)
	}
	if err := c.Create(t.Context(), user("fay")); !apierrors.IsAlreadyExists(err) {
		t.Errorf("created twice: %v", err)
	}
	old := u.DeepCopy()
	u.Labels = map[string]string{"a": "b"}
	check(t, c.Update(t.Context(), u))
	if u.Generation != 1 {
		t.Error("a label makes a generation")
	}
	u.Spec.LastName = "Field"
	check(t, c.Update(t.Context(), u))
	if u.Generation != 2 {
		t.Error("a new spec makes no generation")
	}
	if err := c.Update(t.Context(), old); !apierrors.IsConflict(err) {
		t.Errorf("an old copy is written: %v", err)
	}
	base := u.DeepCopy()
	u.Status.State, u.Spec.LastName = "ACTIVE", "Other"
	check(t, c.Status().Patch(t.Context(), u, client.MergeFrom(base)))
	if u.Status.State != "ACTIVE" || u.Spec.LastName != "Field" || u.Generation != 2 {
		t.Errorf("a status changes: %+v", u)
	}
	version := u.ResourceVersion
	check(t, c.Status().Patch(t.Context(), u, client.MergeFrom(u.DeepCopy())))
	if u.ResourceVersion != version {
		t.Error("nothing new makes a version")
	}
}

func TestFinalizersAndNamespaces(t *testing.T) {
	c, _ := open(t)
	held := user("held", "example.test/hold")
	check(t, c.Create(t.Context(), held))
	check(t, c.Create(t.Context(), user("free")))
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team"}}
	check(t, c.Delete(t.Context(), ns))
	if err := c.Get(t.Context(), client.ObjectKeyFromObject(user("free")), user("free")); !apierrors.IsNotFound(err) {
		t.Errorf("what nothing holds is there: %v", err)
	}
	if err := c.Create(t.Context(), user("late")); !apierrors.IsForbidden(err) {
		t.Errorf("created in a namespace that ends: %v", err)
	}
	check(t, c.Get(t.Context(), client.ObjectKeyFromObject(held), held))
	if held.DeletionTimestamp == nil {
		t.Error("not marked")
	}
	held.Finalizers = nil
	check(t, c.Update(t.Context(), held))
	if err := c.Get(t.Context(), client.ObjectKeyFromObject(ns), ns); !apierrors.IsNotFound(err) {
		t.Errorf("the empty namespace is there: %v", err)
	}
}

func TestAWatchIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := open(t)
		w, err := c.Watch(t.Context(), &v1alpha1.GoToUserList{}, &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: "0"}})
		check(t, err)
		defer w.Stop()
		s.Lag(time.Second)
		u := user("fay")
		check(t, c.Create(t.Context(), u))
		check(t, c.Delete(t.Context(), u))
		began := time.Now()
		for _, want := range []watch.EventType{watch.Added, watch.Deleted} {
			if e := <-w.ResultChan(); e.Type != want {
				t.Errorf("%s instead of %s", e.Type, want)
			}
		}
		if time.Since(began) != time.Second {
			t.Errorf("after %s", time.Since(began))
		}
	})
}
