package gotomeeting

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	namespace  = "team"
	accountUID = "account-uid"
	acctKey    = simulator.DefaultAccountKey
	patience   = 40 // reconciles, of an object that waits for a lost answer
)

// epoch is when the worlds begin.
var epoch = time.Date(2030, 1, 7, 8, 0, 0, 0, time.UTC)

// mode is what happens at a point where the operator reaches out.
type mode string

const (
	refused    mode = "refused"
	failBefore mode = "failed before effect"
	loseAnswer mode = "answer lost"
	killBefore mode = "killed before effect"
	killAfter  mode = "killed after effect"
)

var modes = []mode{refused, failBefore, loseAnswer, killBefore, killAfter}

var errDead = errors.New("the operator is dead")

// gate is what every request to GoTo and every write to Kubernetes passes. It counts them, and strikes at some.
type gate struct {
	mu     sync.Mutex
	open   bool // counts and strikes nothing
	n      int
	points []string
	strike map[int]mode
	dead   bool
	writes int
}

// pass lets one point happen, or not.
func (g *gate) pass(name string, do func() error, refuse, fail func() error) error {
	g.mu.Lock()
	if g.dead {
		g.mu.Unlock()
		return errDead
	}
	var m mode
	if !g.open {
		g.n++
		g.points = append(g.points, name)
		m = g.strike[g.n]
	}
	if m == killBefore || m == killAfter {
		g.dead = true
	}
	g.mu.Unlock()
	switch m {
	case refused:
		return refuse()
	case failBefore:
		return fail()
	case killBefore:
		return errDead
	case loseAnswer, killAfter:
		if err := do(); err != nil {
			return err
		}
		return io.ErrUnexpectedEOF
	}
	return do()
}

// world is the real engine, kind, account and client between a simulated GoTo and a simulated Kubernetes.
type world struct {
	sim    *simulator.Simulator
	url    string
	kube   client.WithWatch
	gate   *gate
	acct   *account.Account
	kind   Kind
	engine *engine.Reconciler[*v1alpha1.GoToMeeting, Wants, Remote]
	events *events.FakeRecorder
	// objects is how many there were at most, and meetings there may be.
	objects int
}

func newWorld(t *testing.T, switches ...func(*simulator.Switches)) *world {
	t.Helper()
	w := &world{sim: simulator.New(simulator.Options{Rate: simulator.NoRateLimit, Now: func() time.Time { return epoch }}), gate: &gate{strike: map[int]mode{}}}
	for _, set := range switches {
		w.sim.SetSwitches(set)
	}
	server := httptest.NewServer(w.sim.APIHandler())
	t.Cleanup(server.Close)
	t.Cleanup(w.sim.ClearFaults)
	w.url = server.URL
	w.kube = newKube(t)
	w.boot(t)
	return w
}

// indexes gives the fake client the indexes of the manager's cache.
type indexes struct{ *fake.ClientBuilder }

// IndexField adds one.
func (i indexes) IndexField(_ context.Context, o client.Object, field string, extract client.IndexerFunc) error {
	i.WithIndex(o, field, extract)
	return nil
}

func newKube(t *testing.T) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(v1alpha1.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	ga := &v1alpha1.GoToAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "main", UID: accountUID}}
	b := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.GoToMeeting{}, &v1alpha1.GoToUser{}).WithObjects(ga)
	if err := errors.Join(engine.AddIndexes(indexes{b}, NewKind(nil, nil, nil)), addIndexes(indexes{b})); err != nil {
		t.Fatal(err)
	}
	return b.Build()
}

// boot starts the operator anew: nothing that it held in memory is left.
func (w *world) boot(t *testing.T, token ...string) {
	t.Helper()
	pat := simulator.DefaultPersonalAccessToken
	if len(token) > 0 {
		pat = token[0]
	}
	w.gate.mu.Lock()
	w.gate.open, w.gate.dead = true, false
	w.gate.mu.Unlock()
	cl, err := gotoclient.New(gotoclient.Config{
		Endpoints: gotoclient.Endpoints{APIURL: w.url, TokenURL: w.url + "/oauth/token"},
		Credentials: gotoclient.Credentials{
			Grant: gotoclient.GrantPersonalAccessToken, ClientID: simulator.DefaultClientID,
			ClientSecret: simulator.DefaultClientSecret, PersonalAccessToken: pat,
		},
		Base:        gated{w.gate, &http.Transport{DisableKeepAlives: true}}, // net/http repeats a GET on a kept-alive connection by itself
		MaxAttempts: 1,
		Backoff:     func(int) time.Duration { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	me, err := cl.Me(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	unlimited := brake.Same(time.Hour, brake.Limit{Minimum: 100, Maximum: 100})
	record := func(context.Context, []brake.Allotment) error { return nil }
	w.acct = account.New(t.Context(), account.Options{
		Client: cl, Limiter: budget.NewLimiter(1000), Me: me, Key: acctKey, Now: w.sim.Now,
		Brake: brake.New(unlimited, nil, record, time.Now),
	})
	if err := w.acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	registry := account.NewRegistry()
	registry.Put(accountUID, w.acct)
	operator := w.gated()
	w.kind = NewKind(operator, operator, w.sim.Now)
	w.events = events.NewFakeRecorder(1000)
	w.engine = &engine.Reconciler[*v1alpha1.GoToMeeting, Wants, Remote]{Client: operator, Events: w.events, Registry: registry, Kind: w.kind}
	w.gate.mu.Lock()
	w.gate.open = false
	w.gate.mu.Unlock()
}

// gated sends requests through the gate.
type gated struct {
	gate *gate
	next http.RoundTripper
}

// RoundTrip sends one.
func (g gated) RoundTrip(r *http.Request) (*http.Response, error) {
	var answer *http.Response
	status := func(code int) func() error {
		return func() error {
			answer = &http.Response{StatusCode: code, Body: io.NopCloser(strings.NewReader("{}")), Header: http.Header{}, Request: r}
			return nil
		}
	}
	err := g.gate.pass(r.Method+" "+r.URL.Path, func() (err error) {
		answer, err = g.next.RoundTrip(r)
		return err
	}, status(http.StatusTooManyRequests), status(http.StatusServiceUnavailable))
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// gated is the operator's client: its writes pass the gate.
func (w *world) gated() client.Client {
	write := func(name string, do func() error) error {
		w.gate.mu.Lock()
		w.gate.writes++
		w.gate.mu.Unlock()
		return w.gate.pass(name, do,
			func() error {
				return apierrors.NewConflict(v1alpha1.GroupVersion.WithResource("x").GroupResource(), "x", nil)
			},
			func() error { return apierrors.NewInternalError(errors.New("injected")) })
	}
	return interceptor.NewClient(w.kube, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			return write(fmt.Sprintf("create %T", o), func() error { return c.Create(ctx, o, opts...) })
		},
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			return write(fmt.Sprintf("update %T", o), func() error { return c.Update(ctx, o, opts...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			return write(fmt.Sprintf("delete %T", o), func() error { return c.Delete(ctx, o, opts...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			return write(fmt.Sprintf("patch %T", o), func() error { return c.Patch(ctx, o, p, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			return write(fmt.Sprintf("patch %s of %T", sub, o), func() error { return c.SubResource(sub).Patch(ctx, o, p, opts...) })
		},
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if w.gate.isDead() {
				return errDead
			}
			return c.Get(ctx, key, o, opts...)
		},
	})
}

func (g *gate) isDead() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.dead
}

func plan() v1alpha1.GoToMeetingSpec {
	return v1alpha1.GoToMeetingSpec{
		ManagedSpec: v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: "main"}, ManagementPolicy: v1alpha1.Manage},
		Subject:     "Weekly <sync>", Start: metav1.NewTime(epoch.Add(24 * time.Hour)), Duration: metav1.Duration{Duration: 30 * time.Minute},
		Type: v1alpha1.ScheduledMeeting, Audio: v1alpha1.MeetingAudio{Type: "Hybrid"}, Attendance: v1alpha1.NoAttendance, RecreatePolicy: v1alpha1.Recreate,
	}
}

type change = func(*v1alpha1.GoToMeeting)

func asIs(*v1alpha1.GoToMeeting) {}

// apply creates the object, or writes a new spec over the one that exists.
func (w *world) apply(t *testing.T, name string, edit change) {
	t.Helper()
	m := w.object(t, name)
	var err error
	if m != nil {
		m.Generation++ // the API server's part
		edit(m)
		err = w.kube.Update(t.Context(), m)
	} else {
		m = &v1alpha1.GoToMeeting{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID("uid-" + name), Generation: 1}, Spec: plan()}
		edit(m)
		err = w.kube.Create(t.Context(), m)
		w.objects++
	}
	if err != nil {
		t.Fatal(err)
	}
}

// object returns the object, or nil if it is gone.
func (w *world) object(t *testing.T, name string) *v1alpha1.GoToMeeting {
	t.Helper()
	var m v1alpha1.GoToMeeting
	if err := w.kube.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, &m); err != nil {
		if !apierrors.IsNotFound(err) {
			t.Fatal(err)
		}
		return nil
	}
	return &m
}

func (w *world) remove(t *testing.T, name string) {
	t.Helper()
	if err := w.kube.Delete(t.Context(), w.object(t, name)); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
}

func (w *world) reconcile(t *testing.T, name string) (ctrl.Result, error) {
	t.Helper()
	return w.engine.Reconcile(t.Context(), ctrl.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}})
}

// until does what the queue does for some objects, without its waiting: time passes by the simulator's clock. A dead operator is
// started again. At no time may there be more meetings than objects.
func (w *world) until(t *testing.T, done func(*v1alpha1.GoToMeeting) bool, names ...string) {
	t.Helper()
	for range patience {
		wait, all := time.Duration(0), true
		for _, name := range names {
			m := w.object(t, name)
			if m == nil && done(nil) || m != nil && done(m) {
				continue
			}
			result, err := w.reconcile(t, name)
			if n := len(w.sim.Meetings(acctKey)); n > w.objects {
				t.Fatalf("%d meetings of %d objects: %+v", n, w.objects, w.sim.Meetings(acctKey))
			}
			if w.gate.isDead() {
				w.boot(t)
			} else if err == nil {
				wait = max(wait, result.RequeueAfter)
			}
			if m = w.object(t, name); !done(m) {
				all = false
			}
		}
		if all {
			return
		}
		w.sim.Advance(min(max(wait, time.Second), time.Minute))
	}
	for _, name := range names {
		m := w.object(t, name)
		t.Fatalf("not after %d reconciles: %s %+v", patience, readyIs(m), m)
	}
}

func gone(m *v1alpha1.GoToMeeting) bool { return m == nil }

func ready(m *v1alpha1.GoToMeeting) bool {
	if m == nil {
		return false
	}
	c := meta.FindStatusCondition(m.Status.Conditions, v1alpha1.ConditionReady)
	return c != nil && c.Status == metav1.ConditionTrue && c.ObservedGeneration == m.Generation
}

// readyIs is status, reason and message of the condition Ready.
func readyIs(m *v1alpha1.GoToMeeting) string { return conditionOf(m, v1alpha1.ConditionReady) }

func conditionOf(m *v1alpha1.GoToMeeting, kind string) string {
	if m == nil {
		return "gone"
	}
	c := meta.FindStatusCondition(m.Status.Conditions, kind)
	if c == nil {
		return ""
	}
	return string(c.Status) + " " + c.Reason
}

// steady brings an object to Ready and forgets what that cost.
func (w *world) steady(t *testing.T, name string) *v1alpha1.GoToMeeting {
	t.Helper()
	w.until(t, ready, name)
	w.forget()
	return w.object(t, name)
}

func (w *world) forget() {
	w.sim.ResetLog()
	w.gate.writes = 0
}

// resync reads the account again, and returns the ids of the meetings that it found changed.
func (w *world) resync(t *testing.T) {
	t.Helper()
	if err := w.acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.sim.ResetLog()
}

// one is the only meeting.
func (w *world) one(t *testing.T) simulator.Meeting {
	t.Helper()
	all := w.sim.Meetings(acctKey)
	if len(all) != 1 {
		t.Fatalf("%d meetings: %+v", len(all), all)
	}
	return all[0]
}

func (w *world) secret(t *testing.T, name string) *corev1.Secret {
	t.Helper()
	var s corev1.Secret
	if err := w.kube.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, &s); err != nil {
		if !apierrors.IsNotFound(err) {
			t.Fatal(err)
		}
		return nil
	}
	return &s
}

// audio is the audio of a spec for what GoTo is to be told.
func audio(call string) v1alpha1.MeetingAudio {
	for _, kind := range []v1alpha1.AudioType{"PSTN", "Free", "Hybrid", "Private", "VoIP"} {
		if string(kind) == call {
			return v1alpha1.MeetingAudio{Type: kind}
		}
	}
	return v1alpha1.MeetingAudio{Type: v1alpha1.AudioCustom, Text: call}
}
