package integration_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// A promise holds for every kind. The objects are those of config/samples, and every kind of the scheme has to be among
// them: one that joins later is in every row here without being named.

// sampleObjects are the objects of all kinds that the samples have, as a person would write them.
func sampleObjects() []engine.Object {
	GinkgoHelper()
	files, err := filepath.Glob(filepath.Join("..", "..", "config", "samples", "*.yaml"))
	Expect(err).NotTo(HaveOccurred())
	var out []engine.Object
	for _, file := range files {
		if filepath.Base(file) != "team.yaml" { // thirty users more
			out = append(out, objectsIn(file)...)
		}
	}
	for _, kind := range engine.Kinds(scheme) {
		Expect(slices.ContainsFunc(out, func(o engine.Object) bool { return kindOf(o) == kindOf(kind) })).To(BeTrue(), "no sample of "+kindOf(kind))
	}
	return out
}

func kindOf(o engine.Object) string { return fmt.Sprintf("%T", o) }

// objectsIn are the managed objects of a file that do something: one that observes has nothing to lose.
func objectsIn(file string) []engine.Object {
	GinkgoHelper()
	f, err := os.Open(file)
	Expect(err).NotTo(HaveOccurred())
	defer func() { Expect(f.Close()).To(Succeed()) }()
	decoder, codec := yaml.NewYAMLOrJSONDecoder(f, 4096), serializer.NewCodecFactory(scheme).UniversalDeserializer()
	var out []engine.Object
	for {
		var raw runtime.RawExtension
		err := decoder.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return out
		}
		Expect(err).NotTo(HaveOccurred())
		o, _, err := codec.Decode(raw.Raw, nil, nil)
		if runtime.IsNotRegisteredError(err) {
			continue
		}
		Expect(err).NotTo(HaveOccurred())
		if obj, managed := o.(engine.Object); managed {
			if spec, _ := obj.Managed(); spec.ManagementPolicy != v1alpha1.Observe {
				out = append(out, obj)
			}
		}
	}
}

func copyOf(o engine.Object) engine.Object {
	c, _ := o.DeepCopyObject().(engine.Object)
	return c
}

// promised is a world with the samples in it, all Ready, and how they are.
type promised struct {
	*world

	objects []engine.Object
	remote  []string          // what GoTo holds
	stand   map[string]string // what each object stands for, by kind and name
}

func newPromised() *promised {
	p := &promised{world: newWorld()}
	p.start()
	p.account(unbraked)
	p.objects = sampleObjects()
	for _, o := range p.objects {
		o.SetNamespace(p.namespace)
		Expect(k8s.Create(context.Background(), o)).To(Succeed())
	}
	p.ready()
	p.settled()
	p.remote, p.stand = p.inGoTo(), p.standing()
	return p
}

func id(o engine.Object) string { return kindOf(o) + " " + o.GetName() }

// ready waits until every object is Ready.
func (p *promised) ready() {
	GinkgoHelper()
	for _, o := range p.objects {
		Eventually(status(o)).Should(HavePrefix("True/"), id(o))
	}
}

// standing is what each object stands for, how it came by it, and what it gave.
func (p *promised) standing() map[string]string {
	GinkgoHelper()
	out := map[string]string{}
	for _, o := range p.objects {
		_, s := refreshed(o).Managed()
		out[id(o)] = fmt.Sprintf("%s %s", *o.RemoteKey(), s.Origin)
		if u, ok := o.(*v1alpha1.GoToUser); ok {
			for _, given := range u.Status.GivenLicenses {
				out[id(o)] += fmt.Sprint(" given ", given.Key)
			}
			out[id(o)] += fmt.Sprint(" placed ", u.Status.PlacedGroupKeys)
		}
	}
	return out
}

// inGoTo is what the account holds, in words that can be compared.
func (p *promised) inGoTo() []string {
	var out []string
	for _, a := range p.sim.State().Accounts {
		if a.Key != acct {
			continue
		}
		for _, u := range a.Users {
			out = append(out, fmt.Sprint("user ", u.Key, " ", u.Email, u.LicenseKeys, u.GroupKey, u.AdminRoles))
		}
		for _, g := range a.Groups {
			out = append(out, fmt.Sprint("group ", g.Key, " ", g.Name))
		}
		for _, m := range a.Meetings {
			out = append(out, fmt.Sprint("meeting ", m.ID, " ", m.Subject, m.Start))
		}
	}
	slices.Sort(out)
	return out
}

// same expects every object to be Ready, and nothing to be another than it was.
func (p *promised) same() {
	GinkgoHelper()
	p.ready()
	p.settled()
	Expect(p.inGoTo()).To(Equal(p.remote))
	Expect(p.standing()).To(Equal(p.stand))
}

// vanish takes the objects away as the loss of a cluster does: GoTo is not told. It returns them as they were.
func (p *promised) vanish() []engine.Object {
	GinkgoHelper()
	var saved []engine.Object
	for _, o := range p.objects {
		saved = append(saved, copyOf(refreshed(o)))
		o.SetFinalizers(nil)
		Expect(k8s.Update(context.Background(), o)).To(Succeed())
		Expect(k8s.Delete(context.Background(), o)).To(Succeed())
	}
	return saved
}

// restore applies objects again, as a backup has them.
func (p *promised) restore(saved []engine.Object, change func(engine.Object)) {
	GinkgoHelper()
	p.objects = nil
	for _, o := range saved {
		kept := copyOf(o)
		o.SetUID("")
		o.SetResourceVersion("")
		o.SetManagedFields(nil)
		change(o)
		Expect(k8s.Create(context.Background(), o)).To(Succeed())
		if o.GetLabels()["with"] == "status" {
			kept.SetResourceVersion(o.GetResourceVersion())
			kept.SetUID(o.GetUID())
			Expect(k8s.Status().Update(context.Background(), kept)).To(Succeed())
		}
		p.objects = append(p.objects, o)
	}
}

func (p *promised) deleteSecrets() {
	GinkgoHelper()
	var secrets corev1.SecretList
	Expect(k8s.List(context.Background(), &secrets, client.InNamespace(p.namespace))).To(Succeed())
	for i := range secrets.Items {
		if secrets.Items[i].Name != "goto" {
			Expect(k8s.Delete(context.Background(), &secrets.Items[i])).To(Succeed())
		}
	}
}

var _ = Describe("A promise for every kind", func() {
	ctx := context.Background()

	// The objects come back as a backup, kubectl get | kubectl apply, or Git has them, always with another UID.
	DescribeTable("what was made stays its own when it is restored", func(secrets bool, change func(engine.Object)) {
		p := newPromised()
		p.stop()
		saved := p.vanish()
		if !secrets {
			p.deleteSecrets()
		}
		p.restore(saved, change)
		p.start()
		p.same()
	},
		Entry("without status", true, func(engine.Object) {}),
		Entry("without status and Secrets", false, func(engine.Object) {}),
		Entry("with status", true, func(o engine.Object) { o.SetLabels(withLabel(o, "with", "status")) }),
		Entry("with status alone", true, func(o engine.Object) {
			o.SetLabels(withLabel(o, "with", "status"))
			o.SetAnnotations(nil)
		}),
	)

	It("what was made is adopted when nothing but Git is left, and nothing is made twice", func() {
		p := newPromised()
		p.stop()
		p.restore(p.vanish(), func(o engine.Object) {
			o.SetAnnotations(nil)
			o.SetFinalizers(nil)
		})
		p.start()
		p.ready()
		p.settled()
		Expect(p.inGoTo()).To(Equal(p.remote))
		for _, o := range p.objects {
			if _, s := refreshed(o).Managed(); p.counterpart(o) {
				Expect(s.Origin).To(Equal(v1alpha1.Adopted), id(o))
			}
			if _, report := o.(*v1alpha1.GoToReport); !report { // of which nothing is left: it is made anew
				Expect(p.stand[id(o)]).To(HavePrefix(string(*o.RemoteKey())), id(o))
			}
		}
	})

	// A copy takes the annotations with it. It may have something of its own in GoTo, where that can be, and nothing of the
	// original's.
	DescribeTable("a copy under another name claims nothing", func(change func(from, to engine.Object)) {
		p := newPromised()
		var copies []engine.Object
		for _, o := range p.objects {
			c := copyOf(refreshed(o))
			c.SetUID("")
			c.SetResourceVersion("")
			c.SetFinalizers(nil)
			c.SetName(o.GetName() + "-copy")
			change(o, c)
			if err := k8s.Create(ctx, c); !apierrors.IsInvalid(err) {
				Expect(err).NotTo(HaveOccurred())
				copies = append(copies, c)
			}
		}
		for _, c := range copies {
			Eventually(status(c)).ShouldNot(Equal("absent"), id(c))
		}
		p.settled()
		Expect(p.standing()).To(Equal(p.stand))
		held := map[v1alpha1.Key]string{}
		for _, o := range p.objects {
			if p.counterpart(o) {
				held[*o.RemoteKey()] = id(o)
			}
		}
		for _, c := range copies {
			if _, s := refreshed(c).Managed(); s.Origin != "" {
				Expect(held).NotTo(HaveKey(*c.RemoteKey()), "%s has what %s has", id(c), held[*c.RemoteKey()])
			}
			Expect(k8s.Delete(ctx, c)).To(Succeed())
		}
		for _, c := range copies {
			Eventually(gone(c)).Should(BeTrue(), id(c))
		}
		Expect(p.inGoTo()).To(Equal(p.remote))
		p.same()
	},
		Entry("with its annotations", func(_, _ engine.Object) {}),
		Entry("with an identity forged to be its own", func(from, to engine.Object) {
			_, s := from.Managed()
			kindtest.SetIdentity(to, kindtest.Identity{Account: simulator.DefaultAccountKey, Key: string(*from.RemoteKey()), Origin: v1alpha1.Created})
			Expect(s.Origin).NotTo(BeEmpty())
		}),
		Entry("with a forged intent", func(from, to engine.Object) {
			intent := kindtest.GetIdentity(from)
			kindtest.SetIdentity(to, kindtest.Identity{Account: simulator.DefaultAccountKey, Intent: intent.Intent, At: time.Unix(1, 0)})
		}),
		Entry("that only observes", func(_, to engine.Object) {
			spec, _ := to.Managed()
			spec.ManagementPolicy = v1alpha1.Observe
		}),
	)

	It("an older object that only names it, or observes, takes nothing over", func() {
		p := &promised{world: newWorld()}
		p.start()
		p.account(unbraked)
		var rivals []engine.Object
		for _, o := range sampleObjects() {
			r := copyOf(o)
			r.SetNamespace(p.namespace)
			r.SetName(o.GetName() + "-older")
			spec, _ := r.Managed()
			spec.Suspend = true
			if u, is := r.(*v1alpha1.GoToUser); is { // no binding is to wait for a user that is suspended
				u.Labels, u.Spec.GroupRef = nil, v1alpha1.GroupReference{}
			}
			Expect(k8s.Create(ctx, r)).To(Succeed())
			rivals = append(rivals, r)
		}
		time.Sleep(1100 * time.Millisecond) // a creation is dated to the second, and these are to be older
		p.objects = sampleObjects()
		for _, o := range p.objects {
			o.SetNamespace(p.namespace)
			Expect(k8s.Create(ctx, o)).To(Succeed())
		}
		p.ready()
		p.settled()
		p.stand = p.standing()
		for _, r := range rivals {
			patch := client.MergeFrom(copyOf(refreshed(r)))
			spec, _ := r.Managed()
			spec.Suspend = false
			Expect(k8s.Patch(ctx, r, patch)).To(Succeed())
		}
		for _, r := range rivals {
			Eventually(status(r)).ShouldNot(BeElementOf("absent", "False/Suspended"), id(r))
		}
		p.settled()
		p.ready()
		Expect(p.standing()).To(Equal(p.stand))
		for _, r := range rivals {
			Expect(k8s.Delete(ctx, r)).To(Succeed())
		}
		for _, r := range rivals {
			Eventually(gone(r)).Should(BeTrue(), id(r))
		}
		p.settled()
		p.ready()
		Expect(p.standing()).To(Equal(p.stand))
	})

	It("finalizer and identity come back when a PUT takes them away", func() {
		p := newPromised()
		for _, o := range p.objects {
			before := refreshed(o).GetAnnotations()[v1alpha1.IdentityAnnotation]
			Expect(before).NotTo(BeEmpty(), id(o))
			manifest := copyOf(o)
			manifest.SetFinalizers(nil)
			manifest.SetAnnotations(nil)
			Expect(k8s.Update(ctx, manifest)).To(Succeed())
		}
		for _, o := range p.objects {
			Eventually(func() bool {
				return controllerutil.ContainsFinalizer(refreshed(o), v1alpha1.Finalizer) && o.GetAnnotations()[v1alpha1.IdentityAnnotation] != ""
			}).Should(BeTrue(), id(o))
		}
		p.same()
		for _, o := range p.objects {
			Expect(k8s.Delete(ctx, o)).To(Succeed())
		}
		for _, o := range p.objects {
			Eventually(gone(o)).Should(BeTrue(), id(o))
		}
		Expect(p.inGoTo()).To(HaveLen(1), "the founder of the account")
	})

	It("nothing is concluded in another account", func() {
		p := newPromised()
		other := func() (n int) {
			for _, a := range p.sim.State().Accounts {
				if a.Key == simulator.OtherAccountKey {
					n = len(a.Users) + len(a.Groups) + len(a.Meetings)
				}
			}
			return n
		}
		before := other()
		var ga v1alpha1.GoToAccount
		Expect(k8s.Get(ctx, client.ObjectKey{Namespace: p.namespace, Name: "example"}, &ga)).To(Succeed())
		patch := client.MergeFrom(ga.DeepCopy())
		ga.Spec.Credentials.Grant = v1alpha1.GrantPersonalAccessToken
		p.setSecret(v1alpha1.SecretKeyPersonalAccessToken, simulator.OtherAccountPersonalAccessToken)
		Expect(k8s.Patch(ctx, &ga, patch)).To(Succeed())
		Eventually(func() string { return condition(refreshed(&ga).Status.Conditions, v1alpha1.ConditionStalled) }).
			Should(Equal("True/" + v1alpha1.ReasonAccountKeyMismatch))
		p.settled()
		Expect(other()).To(Equal(before))
		Expect(p.inGoTo()).To(Equal(p.remote))
		Expect(p.standing()).To(Equal(p.stand))
	})

	It("all goes when all is deleted at once, and what was there before stays", func() {
		p := newPromised()
		var ga v1alpha1.GoToAccount
		Expect(k8s.Get(ctx, client.ObjectKey{Namespace: p.namespace, Name: "example"}, &ga)).To(Succeed())
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: "goto"}}
		Expect(k8s.Delete(ctx, secret)).To(Succeed())
		Expect(k8s.Delete(ctx, &ga)).To(Succeed())
		for _, o := range p.objects {
			Expect(k8s.Delete(ctx, o)).To(Succeed())
		}
		for _, o := range p.objects {
			Eventually(gone(o)).Should(BeTrue(), id(o))
		}
		Eventually(gone(&ga)).Should(BeTrue())
		Eventually(gone(secret)).Should(BeTrue())
		Expect(p.inGoTo()).To(HaveLen(1), "the founder of the account")
	})
})

// counterpart is true for an object that stands for something that the operator made in GoTo: a binding names a licence that
// is shared.
func (p *promised) counterpart(o engine.Object) bool {
	_, s := o.Managed()
	return s.Origin != "" && slices.ContainsFunc(p.inGoTo(), func(line string) bool {
		return strings.Contains(line, " "+string(*o.RemoteKey())+" ")
	})
}

func withLabel(o client.Object, key, value string) map[string]string {
	labels := o.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[key] = value
	return labels
}
