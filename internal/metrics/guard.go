package metrics

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/cache"
	authenticationclient "k8s.io/client-go/kubernetes/typed/authentication/v1"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const (
	// Prometheus asks every few seconds: its token is reviewed once a minute. Who is refused is soon told of a right that was given since.
	allowedFor = time.Minute
	deniedFor  = 10 * time.Second
	// reviewed is of how many callers it is remembered what they may.
	reviewed = 64
	// reviewTimeout is how long one caller waits for the API server.
	reviewTimeout = 10 * time.Second
)

// guard lets callers through whom the Kubernetes API knows by their bearer token and allows the path.
type guard struct {
	tokens authenticationclient.TokenReviewInterface
	access authorizationclient.SubjectAccessReviewInterface
	known  *cache.LRUExpireCache // status by question
}

// question is one that a review answers: what somebody asks for, and the hash of the token, which itself is not kept.
type question struct {
	token      [sha256.Size]byte
	verb, path string
}

// Guard returns a filter that answers 401 to who has no token that the Kubernetes API knows, 403 to who has no right to get the path as a
// non-resource URL, and 500 where the API cannot tell: nobody gets through in doubt. It needs the rights to create TokenReviews and
// SubjectAccessReviews.
//
// The filter of controller-runtime does the same by way of k8s.io/apiserver, which is a sixth of the pages of the whole program.
func Guard(config *rest.Config, httpClient *http.Client) (metricsserver.Filter, error) {
	tokens, err := authenticationclient.NewForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, err
	}
	access, err := authorizationclient.NewForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, err
	}
	g := &guard{tokens.TokenReviews(), access.SubjectAccessReviews(), cache.NewLRUExpireCache(reviewed)}
	return g.filter, nil
}

func (g *guard) filter(log logr.Logger, next http.Handler) (http.Handler, error) {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, err := g.status(r)
		if err != nil {
			log.Error(err, "It is not known who may read the metrics.")
		}
		if status != http.StatusOK {
			http.Error(w, http.StatusText(status), status)
			return
		}
		next.ServeHTTP(w, r)
	}), nil
}

// status is what a request is answered with.
func (g *guard) status(r *http.Request) (int, error) {
	token := bearer(r)
	if token == "" {
		return http.StatusUnauthorized, nil
	}
	q := question{sha256.Sum256([]byte(token)), strings.ToLower(r.Method), r.URL.Path}
	if status, is := g.known.Get(q); is {
		return status.(int), nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), reviewTimeout)
	defer cancel()
	status, err := g.review(ctx, token, q)
	if err != nil {
		return http.StatusInternalServerError, err
	}
	g.known.Add(q, status, remembered(status))
	return status, nil
}

func remembered(status int) time.Duration {
	if status == http.StatusOK {
		return allowedFor
	}
	return deniedFor
}

// bearer is the token of a request, "" if there is none.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func (g *guard) review(ctx context.Context, token string, q question) (int, error) {
	who, err := g.tokens.Create(ctx, &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}, metav1.CreateOptions{})
	switch {
	case err != nil:
		return 0, err
	case !who.Status.Authenticated:
		return http.StatusUnauthorized, nil
	}
	may, err := g.access.Create(ctx, accessReview(who.Status.User, q), metav1.CreateOptions{})
	switch {
	case err != nil:
		return 0, err
	case !may.Status.Allowed || may.Status.Denied:
		return http.StatusForbidden, nil
	}
	return http.StatusOK, nil
}

func accessReview(user authenticationv1.UserInfo, q question) *authorizationv1.SubjectAccessReview {
	extra := make(map[string]authorizationv1.ExtraValue, len(user.Extra))
	for key, value := range user.Extra {
		extra[key] = authorizationv1.ExtraValue(value)
	}
	return &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra,
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Verb: q.verb, Path: q.path},
	}}
}
