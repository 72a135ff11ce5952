package whole

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

var ref = v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: "example"}}

func named(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: namespace, Name: name} }

func newAccount() *v1alpha1.GoToAccount {
	return &v1alpha1.GoToAccount{ObjectMeta: named("example"), Spec: v1alpha1.GoToAccountSpec{
		Credentials: v1alpha1.AccountCredentials{Grant: v1alpha1.GrantRefreshToken, SecretRef: v1alpha1.SecretReference{Name: "goto"}},
		Endpoints:   v1alpha1.Endpoints{API: origin, Token: origin + "/oauth/token", Unverified: v1alpha1.AllowUnverified},
	}}
}

func newUser(name string) *v1alpha1.GoToUser {
	return &v1alpha1.GoToUser{ObjectMeta: named(name), Spec: v1alpha1.GoToUserSpec{
		ManagedSpec: ref, Email: name + "@example.test", FirstName: "Fay", LastName: "Field",
	}}
}

func newGroup(name string) *v1alpha1.GoToGroup {
	return &v1alpha1.GoToGroup{ObjectMeta: named(name), Spec: v1alpha1.GoToGroupSpec{ManagedSpec: ref, Name: name}}
}

func newAttribute(name string) *v1alpha1.GoToAttribute {
	return &v1alpha1.GoToAttribute{ObjectMeta: named(name), Spec: v1alpha1.GoToAttributeSpec{ManagedSpec: ref, Name: name}}
}

func newTemplate(name string) *v1alpha1.GoToEmailTemplate {
	return &v1alpha1.GoToEmailTemplate{ObjectMeta: named(name), Spec: v1alpha1.GoToEmailTemplateSpec{
		ManagedSpec: ref, Title: name, Subject: "Hello", Text: "Welcome.",
	}}
}

func newMeeting(name string, start time.Time) *v1alpha1.GoToMeeting {
	return &v1alpha1.GoToMeeting{ObjectMeta: named(name), Spec: v1alpha1.GoToMeetingSpec{
		ManagedSpec: ref, Subject: name, Start: metav1.NewTime(start), End: metav1.NewTime(start.Add(time.Hour)),
	}}
}

// newReport is about what was held, which is nothing: how many meetings are planned depends on who is faster.
func newReport(name string) *v1alpha1.GoToReport {
	return &v1alpha1.GoToReport{ObjectMeta: named(name), Spec: v1alpha1.GoToReportSpec{
		ManagedSpec: ref, Kind: v1alpha1.MeetingHistoryReport, Range: v1alpha1.ReportRange{Last: "30d"},
	}}
}

func newBinding(name, license string, subjects ...v1alpha1.LicenseSubject) *v1alpha1.GoToLicenseBinding {
	return &v1alpha1.GoToLicenseBinding{ObjectMeta: named(name), Spec: v1alpha1.GoToLicenseBindingSpec{
		ManagedSpec: ref, License: v1alpha1.LicenseSelector{Key: v1alpha1.Key(license)}, Subjects: subjects,
	}}
}

var everybody = v1alpha1.LicenseSubject{Selector: &metav1.LabelSelector{}}

// crowd puts so many users into GoTo whom no object is about.
func (w *World) crowd(n int) {
	for i := range n {
		w.Sim.AddUser(acct, simulator.User{Email: fmt.Sprintf("other-%d@example.test", i), FirstName: "Fay", LastName: "Field"})
	}
}

// hire makes objects of users.
func (w *World) hire(names []string) {
	w.Helper()
	for _, name := range names {
		w.create(newUser(name))
	}
}

// userReady is ready of the user of that name.
func (w *World) userReady(name string) string { return w.ready(newUser(name)) }

// there reads an object; false if it is gone.
func (w *World) there(o client.Object) bool {
	w.Helper()
	err := w.Kube.Get(w.Context(), client.ObjectKeyFromObject(o), o)
	if !apierrors.IsNotFound(err) {
		w.must(err)
	}
	return err == nil
}

// edit changes an object as a person does, who tries again where somebody else was faster.
func edit[O client.Object](w *World, o O, change func(O)) {
	w.Helper()
	for {
		if !w.there(o) {
			return
		}
		change(o)
		err := w.Kube.Update(w.Context(), o)
		if !apierrors.IsConflict(err) {
			w.must(client.IgnoreNotFound(err))
			return
		}
	}
}

func (w *World) remove(o client.Object) {
	w.Helper()
	w.must(client.IgnoreNotFound(w.Kube.Delete(w.Context(), o)))
}

// renewLostToken does what a person has to do where GoTo has replaced the refresh token, and the answer, or the process that had it,
// is lost: no program can know the new one.
func (w *World) renewLostToken() {
	w.Helper()
	ga, secret := newAccount(), &corev1.Secret{ObjectMeta: named("goto")}
	if !w.there(ga) || !meta.IsStatusConditionFalse(ga.Status.Conditions, v1alpha1.ConditionCredentialsValid) || !w.there(secret) {
		return
	}
	tokens := w.Sim.State().OAuth.RefreshTokens
	edit(w, secret, func(s *corev1.Secret) { s.Data[v1alpha1.SecretKeyRefreshToken] = []byte(tokens[len(tokens)-1].Token) })
}

// standing says how everything stands, for a test that fails.
func (w *World) standing() string {
	w.Helper()
	var out strings.Builder
	for kind := range w.scheme.KnownTypes(v1alpha1.GroupVersion) {
		if !strings.HasPrefix(kind, "GoTo") || !strings.HasSuffix(kind, "List") {
			continue
		}
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
		w.must(w.Kube.List(w.Context(), list))
		for i := range list.Items {
			o := &list.Items[i]
			fmt.Fprintf(&out, "%s %s, deleted %v, finalizers %v", o.GetKind(), o.GetName(), o.GetDeletionTimestamp(), o.GetFinalizers())
			conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
			for _, c := range conditions {
				fields, _ := c.(map[string]any)
				fmt.Fprintf(&out, "\n    %v %v %v: %v", fields["type"], fields["status"], fields["reason"], fields["message"])
			}
			fmt.Fprintln(&out)
		}
	}
	for _, r := range w.Sim.Requests() {
		if r.Method != http.MethodGet || r.Status/100 != 2 || len(r.Query) == 0 {
			fmt.Fprintf(&out, "%s %s %s %s: %d %v\n", r.Time.Format("15:04:05.000"), r.Operation, r.Path, r.Body, r.Status, r.Faults)
		}
	}
	if w.script != nil {
		fmt.Fprintln(&out, w.script())
	}
	return out.String()
}

// ready is status and reason of Ready.
func (w *World) ready(o client.Object) string {
	w.Helper()
	if !w.there(o) {
		return "gone"
	}
	var conditions []metav1.Condition
	switch o := o.(type) {
	case engine.Object:
		_, s := o.Managed()
		conditions = s.Conditions
	case *v1alpha1.GoToAccount:
		conditions = o.Status.Conditions
	}
	c := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	if c == nil || c.ObservedGeneration != o.GetGeneration() {
		return "unknown"
	}
	return fmt.Sprintf("%s/%s", c.Status, c.Reason)
}
