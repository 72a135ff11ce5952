package whole

import (
	"net/http"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/goto-operator/goto-operator/test/memkube"
)

// refusals are writes of the operator that Kubernetes does not take.
type refusals struct {
	mu     sync.Mutex
	status int
	left   int
}

// set has the next ones refused.
func (f *refusals) set(status, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status, f.left = status, times
}

func (f *refusals) next() (status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left == 0 {
		return 0
	}
	f.left--
	return f.status
}

// through sends what is not refused.
func (f *refusals) through(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if !writes(r) {
			return next.RoundTrip(r)
		}
		if status := f.next(); status != 0 {
			return memkube.Refuse(r, apierrors.NewGenericServerResponse(status, r.Method, schema.GroupResource{}, "", "not now", 0, true))
		}
		return next.RoundTrip(r)
	})
}
