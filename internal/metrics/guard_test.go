package metrics

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/client-go/rest"

	"github.com/goto-operator/goto-operator/test/inprocess"
)

// reviews plays the API server: it knows the token of Prometheus and that of a stranger, and lets the first get /metrics.
type reviews struct {
	asked  int
	broken bool
}

func (s *reviews) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked++
	w.Header().Set("Content-Type", "application/json")
	if s.broken {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	var answer any
	switch r.URL.Path {
	case "/apis/authentication.k8s.io/v1/tokenreviews":
		answer = authenticate(r)
	case "/apis/authorization.k8s.io/v1/subjectaccessreviews":
		answer = authorize(r)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func authenticate(r *http.Request) any {
	var review authenticationv1.TokenReview
	_ = json.NewDecoder(r.Body).Decode(&review)
	review.APIVersion, review.Kind = "authentication.k8s.io/v1", "TokenReview"
	review.Status.Authenticated = review.Spec.Token == "of-prometheus" || review.Spec.Token == "of-a-stranger"
	review.Status.User = authenticationv1.UserInfo{
		Username: review.Spec.Token, UID: "7", Groups: []string{"scrapers"}, Extra: map[string]authenticationv1.ExtraValue{"node": {"a"}},
	}
	return review
}

func authorize(r *http.Request) any {
	var review authorizationv1.SubjectAccessReview
	_ = json.NewDecoder(r.Body).Decode(&review)
	review.APIVersion, review.Kind = "authorization.k8s.io/v1", "SubjectAccessReview"
	s := review.Spec
	review.Status.Allowed = s.User == "of-prometheus" && s.UID == "7" && s.Groups[0] == "scrapers" && s.Extra["node"][0] == "a" &&
		s.ResourceAttributes == nil && *s.NonResourceAttributes == authorizationv1.NonResourceAttributes{Verb: "get", Path: "/metrics"}
	return review
}

// guarded returns what a caller with an Authorization header is answered.
func guarded(t *testing.T, api http.Handler) func(method, path, authorization string) int {
	t.Helper()
	config := &rest.Config{Host: "http://api.test", ContentConfig: rest.ContentConfig{ContentType: "application/json"}}
	filter, err := Guard(config, &http.Client{Transport: inprocess.Transport(api)})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := filter(logr.Discard(), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	if err != nil {
		t.Fatal(err)
	}
	return func(method, path, authorization string) int {
		r, w := httptest.NewRequest(method, path, http.NoBody), httptest.NewRecorder()
		r.Header.Set("Authorization", authorization)
		handler.ServeHTTP(w, r)
		return w.Code
	}
}

func TestGuardLetsThroughWhomTheAPIAllows(t *testing.T) {
	ask := guarded(t, &reviews{})
	for _, c := range []struct {
		method, path, authorization string
		status                      int
	}{
		{"GET", "/metrics", "Bearer of-prometheus", 200},
		{"GET", "/metrics", "bearer of-prometheus", 200},
		{"GET", "/metrics", "Bearer of-a-stranger", 403},
		{"POST", "/metrics", "Bearer of-prometheus", 403},
		{"GET", "/metrics/other", "Bearer of-prometheus", 403},
		{"GET", "/metrics", "Bearer invented", 401},
		{"GET", "/metrics", "Basic of-prometheus", 401},
		{"GET", "/metrics", "of-prometheus", 401},
		{"GET", "/metrics", "Bearer ", 401},
		{"GET", "/metrics", "", 401},
	} {
		for range 2 { // remembered, too
			if status := ask(c.method, c.path, c.authorization); status != c.status {
				t.Errorf("%v: %d", c, status)
			}
		}
	}
}

// Nobody gets through in doubt, and a doubt is not remembered.
func TestGuardDoesNotGuess(t *testing.T) {
	api := &reviews{broken: true}
	ask := guarded(t, api)
	if status := ask("GET", "/metrics", "Bearer of-prometheus"); status != 500 {
		t.Errorf("%d where the API server cannot tell", status)
	}
	api.broken = false
	if status := ask("GET", "/metrics", "Bearer of-prometheus"); status != 200 {
		t.Errorf("%d once it can", status)
	}
}

// What is scraped all the time costs a review a minute, and a right that is given counts soon.
func TestGuardAsksOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &reviews{}
		ask := guarded(t, api)
		for range 60 {
			ask("GET", "/metrics", "Bearer of-prometheus")
			time.Sleep(time.Second)
		}
		if api.asked != 2 {
			t.Errorf("%d requests in a minute, not one for the token and one for the right", api.asked)
		}
		time.Sleep(time.Second)
		ask("GET", "/metrics", "Bearer of-prometheus")
		ask("GET", "/metrics", "Bearer of-a-stranger")
		time.Sleep(deniedFor + time.Second)
		ask("GET", "/metrics", "Bearer of-a-stranger")
		if api.asked != 8 {
			t.Errorf("%d requests, of which two more are for each of three callers", api.asked)
		}
	})
}
