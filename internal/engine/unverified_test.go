package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// nowhere gives tokens and answers everything else with a status.
type nowhere int

func (n nowhere) RoundTrip(req *http.Request) (*http.Response, error) {
	status, body := int(n), `{}`
	if req.URL.Path == "/oauth/token" {
		status, body = http.StatusOK, `{"access_token":"t0k3n","token_type":"Bearer"}`
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

// aClient is one of a service that is nowhere.
func aClient(t *testing.T, status int, policy gotoclient.UnverifiedPolicy) *gotoclient.Client {
	t.Helper()
	c, err := gotoclient.New(gotoclient.Config{
		Base: nowhere(status), Unverified: policy, MaxAttempts: 1,
		Credentials: gotoclient.Credentials{Grant: gotoclient.GrantPersonalAccessToken, ClientID: "id", ClientSecret: "s3cr3t", PersonalAccessToken: "p"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// addSeat is the error of a write to a path that nobody has verified.
func addSeat(t *testing.T, status int, policy gotoclient.UnverifiedPolicy) error {
	t.Helper()
	return aClient(t, status, policy).Licenses("1").AddSeat(t.Context(), "2", "3")
}

// What was denied stays denied until the account says otherwise. A path that is not there may be a gateway's doing, so it is looked for at
// the next resync.
func TestWhatNobodyHasVerifiedIsNotTriedAgain(t *testing.T) {
	for name, row := range map[string]struct {
		err    error
		again  bool
		reason string
		text   string
	}{
		"denied":       {addSeat(t, 200, gotoclient.DenyUnverified), false, v1alpha1.ReasonEndpointUnverified, "spec.endpoints.unverified: Allow"},
		"no such path": {addSeat(t, 404, gotoclient.AllowUnverified), true, v1alpha1.ReasonEndpointUnverified, "nothing follows from it"},
		"no method":    {addSeat(t, 405, gotoclient.AllowUnverified), true, v1alpha1.ReasonEndpointUnverified, "a path that does not exist"},
		"refused":      {addSeat(t, 400, gotoclient.AllowUnverified), true, v1alpha1.ReasonRefused, "status 400"},
	} {
		out := outcomeOf(fmt.Errorf("while working: %w", row.err))
		if out.reason != row.reason || out.flags() != stalls || out.again != row.again || !strings.Contains(out.message, row.text) {
			t.Errorf("%s: %+v", name, out)
		}
		if row.reason == v1alpha1.ReasonEndpointUnverified && (!strings.Contains(out.message, "addSeat") || !strings.Contains(out.message, "spec.endpoints.operations")) {
			t.Errorf("%s: the message names neither the operation nor the way out: %s", name, out.message)
		}
	}
}

// What failed beside it in a manner that may pass is tried again.
func TestADenialHoldsNothingElseUp(t *testing.T) {
	denied := addSeat(t, 200, gotoclient.DenyUnverified)
	for _, failure := range []error{answer(gotoclient.OpUpdateUsers, 502), answer(gotoclient.OpUpdateUsers, 429)} {
		for _, err := range []error{errors.Join(denied, failure), errors.Join(failure, denied)} {
			if out := outcomeOf(err); out.err == nil || out.stalled {
				t.Errorf("%v: %+v", err, out)
			}
		}
	}
}

// deniedKind has a field that nobody has verified how to write, and something to publish.
type deniedKind struct {
	err       error
	published bool
}

func (*deniedKind) New() *v1alpha1.GoToGroup           { return &v1alpha1.GoToGroup{} }
func (*deniedKind) NewList() client.ObjectList         { return &v1alpha1.GoToGroupList{} }
func (*deniedKind) Report(*v1alpha1.GoToGroup, string) {}

func (*deniedKind) Resolve(context.Context, *account.Account, *v1alpha1.GoToGroup) (struct{}, error) {
	return struct{}{}, nil
}

func (*deniedKind) Observe(context.Context, *account.Account, *v1alpha1.GoToGroup, struct{}) (*Seen[string], error) {
	return &Seen[string]{}, nil
}

func (*deniedKind) Diff(*v1alpha1.GoToGroup, struct{}, string) []Change {
	return []Change{{Field: "settings", Current: "a", Desired: "b"}}
}

func (k *deniedKind) Update(context.Context, *account.Account, *v1alpha1.GoToGroup, struct{}, string, []Change) (string, error) {
	return "", k.err
}

func (*deniedKind) ReadBack(context.Context, *account.Account, *v1alpha1.GoToGroup, string) (string, error) {
	return "", nil
}

func (k *deniedKind) Publish(context.Context, *account.Account, *v1alpha1.GoToGroup, struct{}, string) error {
	k.published = true
	return nil
}

// A denial, unlike another failure, keeps nothing from being published, and is what the object says all the same.
func TestADenialLeavesTheRestOfThePass(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		err       error
		reason    string
		published bool
	}{
		{addSeat(t, 200, gotoclient.DenyUnverified), v1alpha1.ReasonEndpointUnverified, true},
		{answer(gotoclient.OpUpdateGroup, 403), v1alpha1.ReasonForbidden, false},
	} {
		group := &v1alpha1.GoToGroup{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "blue"}}
		kube := fake.NewClientBuilder().WithScheme(scheme).WithObjects(group).Build()
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(group), group); err != nil {
			t.Fatal(err)
		}
		kind := &deniedKind{err: row.err}
		r := &Reconciler[*v1alpha1.GoToGroup, struct{}, string]{Client: kube, Events: events.NewFakeRecorder(9), Kind: kind}
		l := life[*v1alpha1.GoToGroup, struct{}, string]{
			Reconciler: r, work: &work[*v1alpha1.GoToGroup, string]{}, before: group.DeepCopy(), obj: group,
			acct: account.New(t.Context(), account.Options{Client: aClient(t, 200, ""), Me: &gotoclient.Me{}, Key: "1"}),
		}
		if out := l.correction().correct(t.Context(), &Seen[string]{}); out.reason != row.reason || kind.published != row.published {
			t.Errorf("%v: %s, published %v", row.err, out.reason, kind.published)
		}
	}
}
