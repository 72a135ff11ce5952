package entitlement

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/test/heap"
)

// company is an account of so many users in 500 groups, with 20 bindings of the groups and all below them, and a licence that
// a tenth of the users has no seat for.
func company(users int) Input {
	s := &scene{}
	for i := range 500 {
		g := &v1alpha1.GoToGroup{}
		g.Namespace, g.Name, g.Status.GroupKey = "team", fmt.Sprint("g", i), v1alpha1.Key(fmt.Sprint(1000+i))
		if i >= 20 {
			g.Spec.ParentRef.Name = fmt.Sprint("g", i%20)
		}
		s.groups = append(s.groups, g)
	}
	for i := range 20 {
		s.binding(fmt.Sprint("b", i), ofGroup(fmt.Sprint("g", i)), func(b *v1alpha1.GoToLicenseBinding) {
			b.Spec.Subjects[0].Subgroups = v1alpha1.IncludeSubgroups
			b.Spec.Subjects = append(b.Spec.Subjects, v1alpha1.LicenseSubject{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": fmt.Sprint("t", i)}}})
		})
	}
	remote := make(map[string]gotoclient.User, users)
	for i := range users {
		name := fmt.Sprint("user-", i)
		s.user(name, given(fmt.Sprint("b", i%20)), func(u *v1alpha1.GoToUser) {
			u.Spec.GroupRef.Name = fmt.Sprint("g", i%500)
			u.Labels = map[string]string{"team": fmt.Sprint("t", i%40), "region": "emea", "app.kubernetes.io/managed-by": "Helm"}
			u.Status.UserKey = v1alpha1.Key(fmt.Sprint(1_000_000 + i))
		})
		if remote[name] = (gotoclient.User{Key: gotoclient.Key(fmt.Sprint(1_000_000 + i)), LicenseKeys: []gotoclient.Key{"1"}}); i%10 == 0 {
			remote[name] = gotoclient.User{Key: remote[name].Key}
		}
	}
	in := s.input(0)
	in.Seats = map[gotoclient.Key]account.Seats{"1": {License: gotoclient.License{Key: "1", Enabled: true}}}
	byKey := make(map[gotoclient.Key]*gotoclient.User, users)
	for _, u := range remote {
		byKey[u.Key] = &u
	}
	in.Remote = func(key gotoclient.Key, _ string) (gotoclient.User, bool) { return *byKey[key], true }
	return in
}

func sizes(b *testing.B, run func(b *testing.B, in Input)) {
	b.Helper()
	for _, users := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			in := company(users)
			b.ReportAllocs()
			run(b, in)
		})
	}
}

// cpu is the time of processors that the process has used: on a machine with other work, the clock says little.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func measure(b *testing.B, once func()) {
	b.Helper()
	runtime.GC()
	before := cpu(b)
	for b.Loop() {
		once()
	}
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N)/1000, "cpu-ms/op")
}

// BenchmarkPlan is what a whole plan costs: once for every start of the process.
func BenchmarkPlan(b *testing.B) {
	sizes(b, func(b *testing.B, in Input) {
		b.Helper()
		measure(b, func() { Make(in) })
	})
}

// update measures a change of an account that is planned already.
func update(b *testing.B, change func(i int, in *Input)) {
	b.Helper()
	sizes(b, func(b *testing.B, in Input) {
		b.Helper()
		p, i := Make(in), 0
		for p.nextNews() != nil {
		}
		in.Users = nil
		measure(b, func() {
			change(i, &in)
			p.Update(in)
			i++
		})
	})
}

// BenchmarkNothing is an update that finds nothing different.
func BenchmarkNothing(b *testing.B) { update(b, func(int, *Input) {}) }

// BenchmarkOneUser moves one user to another group, and back.
func BenchmarkOneUser(b *testing.B) {
	u := &v1alpha1.GoToUser{}
	u.Namespace, u.Name, u.UID, u.Spec.Email, u.Status.UserKey = "team", "user-7", "user-7", "user-7", "1000007"
	update(b, func(i int, in *Input) {
		u.Spec.GroupRef.Name = fmt.Sprint("g", i%2)
		in.Users = []*v1alpha1.GoToUser{u}
	})
}

// BenchmarkOneSubject names one user in a binding, and leaves it out again.
func BenchmarkOneSubject(b *testing.B) {
	update(b, func(i int, in *Input) {
		spec := &in.Bindings[3].Spec
		in.Bindings[3].Generation++
		if spec.Subjects = spec.Subjects[:2:2]; i%2 == 0 {
			spec.Subjects = append(spec.Subjects, v1alpha1.LicenseSubject{UserRef: v1alpha1.UserReference{Name: "user-7"}})
		}
	})
}

// BenchmarkSeats frees three seats of a licence for which a tenth of the users waits, and takes them back.
func BenchmarkSeats(b *testing.B) {
	update(b, func(i int, in *Input) {
		l := in.Seats["1"]
		l.Free = 3 * (i % 2)
		in.Seats = map[gotoclient.Key]account.Seats{"1": l}
	})
}

// BenchmarkMemory is what a plan keeps of a user, of whom a tenth waits for a licence.
func BenchmarkMemory(b *testing.B) {
	sizes(b, func(b *testing.B, in Input) {
		b.Helper()
		for b.Loop() {
			before := heap.InUse()
			p := Make(in)
			for p.nextNews() != nil {
			}
			b.ReportMetric(float64(heap.InUse()-before)/float64(len(in.Users)), "B/user")
			runtime.KeepAlive(p)
		}
		runtime.KeepAlive(in)
	})
}
