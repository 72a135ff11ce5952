package reportstore

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/published"
)

// secretSize is how much a Secret of reports holds: less than the API server's megabyte, which counts metadata too.
const secretSize = 900 << 10

// mostSecrets is the largest spec.keep.
const mostSecrets = 30

// Secrets stores reports in Secrets beside their object, NAME-0 up to NAME-(keep-1), in turn. So the operator needs no right to delete
// Secrets: the oldest report is written over, and with the object all go.
type Secrets struct {
	Secrets published.Secrets
	Owner   client.Object
	Keep    int
}

// Put writes a Secret with a key for each file: the one that has the report of that time already, else a free one, else the oldest.
func (s Secrets) Put(ctx context.Context, due time.Time, files []File) ([]string, error) {
	size := 0
	for _, f := range files {
		size += len(f.Data)
	}
	if size >= secretSize {
		return nil, fmt.Errorf("%w; it has %d KiB", ErrTooLarge, size>>10)
	}
	secret, err := s.place(ctx, due.UTC().Format(time.RFC3339))
	if err != nil {
		return nil, err
	}
	label(secret, s.Owner.GetName())
	values, where := map[string][]byte{}, make([]string, len(files))
	for key := range secret.Data {
		values[key] = nil
	}
	values[v1alpha1.SecretKeyReportDue] = []byte(due.UTC().Format(time.RFC3339))
	for i, f := range files {
		values["report."+f.Format] = f.Data
		where[i] = secret.Name + "/report." + f.Format
	}
	return where, s.Secrets.Write(ctx, secret, values)
}

// label lets people find the Secrets of a report. A label is shorter than a name may be.
func label(secret *corev1.Secret, name string) {
	if secret.Labels == nil {
		secret.Labels = map[string]string{}
	}
	secret.Labels["app.kubernetes.io/managed-by"] = "goto-operator"
	secret.Labels["app.kubernetes.io/component"] = "report"
	if len(name) <= 63 {
		secret.Labels["app.kubernetes.io/instance"] = name
	}
}

// place is the Secret for the report of a time.
func (s Secrets) place(ctx context.Context, due string) (*corev1.Secret, error) {
	var oldest *corev1.Secret
	for i := range s.Keep {
		secret, err := s.get(ctx, i)
		if err != nil {
			return nil, err
		}
		has := dueOf(secret)
		if has == due || secret.ResourceVersion == "" || len(secret.Data) == 0 {
			return secret, nil
		}
		if oldest == nil || has < dueOf(oldest) {
			oldest = secret
		}
	}
	return oldest, nil
}

// dueOf is the time of the report in a Secret, in a form in which the order of texts is that of times.
func dueOf(secret *corev1.Secret) string { return string(secret.Data[v1alpha1.SecretKeyReportDue]) }

func (s Secrets) get(ctx context.Context, i int) (*corev1.Secret, error) {
	return s.Secrets.Get(ctx, s.Owner, fmt.Sprintf("%s-%d", s.Owner.GetName(), i))
}

// Prune empties the Secrets beyond the last that may be used, of a time when more were kept. With the object they go by themselves.
func (s Secrets) Prune(ctx context.Context, keep int) error {
	if keep == 0 {
		return nil
	}
	for i := keep; i < mostSecrets; i++ {
		secret, err := s.get(ctx, i)
		if err != nil || secret.ResourceVersion == "" {
			return client.IgnoreNotFound(err)
		}
		values := map[string][]byte{}
		for key := range secret.Data {
			values[key] = nil
		}
		if err := s.Secrets.Write(ctx, secret, values); err != nil {
			return err
		}
	}
	return nil
}
