package whole

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// orderWatch knows what people wanted of each field, one after the other, and how far the operator has come with writing it. What leaves must
// be what was wanted at some time, and not before what has left already: so nothing is sent after what replaced it.
type orderWatch struct {
	said map[field][]string
	at   map[field]int // of said, what was sent last

	// The bindings, and each user, as they are now and were before.
	bindings []version[[]*v1alpha1.GoToLicenseBinding]
	users    map[string][]version[*v1alpha1.GoToUser]
}

// version is what something is like from a time on.
type version[T any] struct {
	since time.Time
	is    T
}

// otherWatch is how much later than of one object the operator may hear of another kind's that was changed before it: their watches do not
// wait for each other.
const otherWatch = time.Second

// recent are the versions that the operator may take for the newest.
func recent[T any](all []version[T]) (out []T) {
	for i, v := range all {
		if i == len(all)-1 || time.Since(all[i+1].since) < otherWatch {
			out = append(out, v.is)
		}
	}
	return out
}

// field is one of an object's.
type field struct{ object, name string }

// unsure stands for a value that the test does not know.
const unsure = "?"

// noteWishes is called whenever people have written something, and before it is judged what leaves.
func (s *story) noteWishes() {
	bindings := &v1alpha1.GoToLicenseBindingList{}
	s.must(s.Kube.List(s.unending(), bindings))
	bound := s.order.bind(bindings.Items)
	for _, u := range s.objects() {
		s.order.wants(field{u.Name, "email"}, u.Spec.Email)
		s.order.wants(field{u.Name, "lastName"}, u.Spec.LastName)
		if s.order.edited(u) || bound {
			s.order.wantsLicence(u)
		}
	}
	s.doubtGifts()
}

// unending is a context for what requests of the operator ask of the test: they may leave when it is over, and end as any other.
func (s *story) unending() context.Context { return context.WithoutCancel(s.Context()) }

// wantsLicence notes what bindings give a user, and before that what those of a moment ago would, or would have given it as it was then.
func (o *orderWatch) wantsLicence(u *v1alpha1.GoToUser) {
	for _, bindings := range recent(o.bindings) {
		for _, was := range recent(o.users[u.Name]) {
			o.wants(field{u.Name, "licence"}, entitled(was, bindings))
		}
	}
}

// bind takes in the bindings as they are, and tells whether that is news.
func (o *orderWatch) bind(now []*v1alpha1.GoToLicenseBinding) bool {
	same := func(a, b *v1alpha1.GoToLicenseBinding) bool {
		return a.UID == b.UID && a.Generation == b.Generation && a.DeletionTimestamp.Equal(b.DeletionTimestamp)
	}
	if n := len(o.bindings); n > 0 && slices.EqualFunc(o.bindings[n-1].is, now, same) {
		return false
	}
	o.bindings = append(o.bindings, version[[]*v1alpha1.GoToLicenseBinding]{time.Now(), now})
	return true
}

// edited takes in a user as it is, and tells whether that is news to bindings.
func (o *orderWatch) edited(u *v1alpha1.GoToUser) bool {
	all := o.users[u.Name]
	if n := len(all); n > 0 && all[n-1].is.UID == u.UID && maps.Equal(all[n-1].is.Labels, u.Labels) {
		return false
	}
	if o.users == nil {
		o.users = map[string][]version[*v1alpha1.GoToUser]{}
	}
	o.users[u.Name] = append(all, version[*v1alpha1.GoToUser]{time.Now(), u})
	return true
}

// objects are the GoToUsers as they are now.
func (s *story) objects() []*v1alpha1.GoToUser {
	users := &v1alpha1.GoToUserList{}
	s.must(s.Kube.List(s.unending(), users))
	return users.Items
}

func (s *story) noteEdit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noteWishes()
}

// last is what is wanted of a field now.
func (o *orderWatch) last(f field) string {
	if all := o.said[f]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

func (o *orderWatch) wants(f field, value string) {
	if o.said == nil {
		o.said, o.at = map[field][]string{}, map[field]int{}
	}
	if all := o.said[f]; len(all) == 0 || all[len(all)-1] != value {
		o.said[f] = append(all, value)
	}
}

// sends tells whether a value may leave, and goes on to where it was wanted.
func (o *orderWatch) sends(f field, value string) bool {
	all := o.said[f]
	for i := o.at[f]; i < len(all); i++ {
		if all[i] == value || all[i] == unsure {
			o.at[f] = i
			return true
		}
	}
	return false
}

// entitled tells whether bindings give a user a licence. Who is in a group is for GoTo to say as well, and a suspended binding keeps what
// it gave.
func entitled(u *v1alpha1.GoToUser, bindings []*v1alpha1.GoToLicenseBinding) string {
	out := "no"
	for _, b := range bindings {
		switch is := selects(b, u); {
		case is == unsure || b.Spec.Suspend:
			out = unsure
		case is == "yes" && b.DeletionTimestamp == nil && out == "no":
			out = "yes"
		}
	}
	return out
}

func selects(b *v1alpha1.GoToLicenseBinding, u *v1alpha1.GoToUser) string {
	switch subject := b.Spec.Subjects[0]; {
	case subject.GroupRef.Name != "":
		return unsure
	case subject.UserRef.Name == u.Name, subject.Selector != nil && matches(subject.Selector.MatchLabels, u.Labels):
		return "yes"
	}
	return "no"
}

func matches(selector, labels map[string]string) bool {
	return len(selector) == 0 || selector["vip"] == labels["vip"]
}

// sent is what a request writes of a user.
type sent struct {
	Email, LastName *string
	LicenseKeys     *[]json.Number
}

// noteOrder looks at a request that leaves, if it changes users.
func (s *story) noteOrder(r *http.Request) {
	if r.Method != http.MethodPut || path.Dir(r.URL.Path) != "/admin/rest/v1/accounts/"+acct+"/users" {
		return
	}
	var patch sent
	s.must(json.Unmarshal(s.body(r), &patch))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noteWishes()
	for key := range strings.SplitSeq(path.Base(r.URL.Path), ",") {
		if name := s.holder(key); name != "" {
			s.inOrder(name, key, patch)
		}
	}
}

// body is that of a request, which is still to be sent.
func (s *story) body(r *http.Request) []byte {
	body, err := r.GetBody()
	s.must(err)
	data, err := io.ReadAll(body)
	s.must(err)
	return data
}

// holder is the object that stands for a user in GoTo; "" for none, or where another one is after the user as well, or made it and has not
// written that down yet, so that nobody can tell whose request it is.
func (s *story) holder(key string) string {
	seen, _ := s.Sim.User(acct, key)
	var all []string
	for _, u := range s.objects() {
		id := kindtest.GetIdentity(u)
		knows := id.Key == key || string(u.Status.UserKey) == key
		if knows || gotoclient.SameEmail(u.Spec.Email, seen.Email) || gotoclient.SameEmail(id.Intent, seen.Email) {
			all = append(all, u.Name)
		}
	}
	if len(all) != 1 {
		return ""
	}
	return all[0]
}

func (s *story) inOrder(name, key string, patch sent) {
	for f, value := range map[string]*string{"email": patch.Email, "lastName": patch.LastName, "licence": s.turned(key, patch)} {
		if f := (field{name, f}); value != nil && !s.order.sends(f, *value) && strict {
			s.wrong("%s %s: %s is sent, and of what was wanted, %v, the operator had come to number %d", name, f.name, *value, s.order.said[f], s.order.at[f])
		}
	}
}

// turned tells whether a request gives a user the licence, or takes it; nil if it leaves that as it is.
func (s *story) turned(key string, patch sent) *string {
	u, there := s.Sim.User(acct, key)
	if patch.LicenseKeys == nil || !there {
		return nil
	}
	has, gets := slices.Contains(u.LicenseKeys, ofWebs), slices.Contains(*patch.LicenseKeys, json.Number(ofWebs))
	switch {
	case gets && !has:
		return new("yes")
	case has && !gets:
		return new("no")
	}
	return nil
}
