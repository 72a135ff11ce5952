// Package s3 tests the store of reports in a bucket against S3 servers: gofakes3 and versitygw, which have a module of their own so that the operator's does
// not need them.
package s3

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/goto-operator/goto-operator/internal/reportstore"
)

const (
	bucket = "reports"
	key    = "AKIDEXAMPLE"
)

var monday = time.Date(2030, 1, 7, 2, 30, 0, 0, time.UTC)

// server is an S3 service that lets in who signs with the key, and what it was asked.
type server struct {
	*httptest.Server

	backend *s3mem.Backend
	asked   []string
	refuse  http.HandlerFunc // answers in its place; nil for nobody
	only    string           // the method that it answers; any if empty
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{backend: s3mem.New()}
	if err := s.backend.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	fake := gofakes3.New(s.backend).Server()
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked = append(s.asked, r.Method+" "+r.URL.Path)
		switch {
		case s.refuse != nil && (s.only == "" || s.only == r.Method):
			s.refuse(w, r)
		case !strings.Contains(r.Header.Get("Authorization"), "Credential="+key+"/") || !strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/s3/aws4_request"):
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `<Error><Code>InvalidAccessKeyId</Code><Message>no such key: `+key+`</Message></Error>`)
		default:
			fake.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) store(uid string) reportstore.Bucket {
	return reportstore.Bucket{
		Endpoint: s.URL, Region: "eu-central-1", Name: bucket, Prefix: "goto/eu", AccessKeyID: key, SecretAccessKey: secret,
		Owner: reportstore.Owner{Namespace: "team", Name: "usage", UID: uid},
	}
}

func (s *server) keys(t *testing.T) []string {
	t.Helper()
	return stored(t, s.backend)
}

// stored are the keys of what is in the bucket.
func stored(t *testing.T, backend gofakes3.Backend) (out []string) {
	t.Helper()
	list, err := backend.ListBucket(bucket, nil, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list.Contents {
		out = append(out, o.Key)
	}
	return out
}

// A report of 3 MiB arrives whole, by the path of the bucket; made again it takes the place of the first.
func TestLargeReport(t *testing.T) {
	s := newServer(t)
	data := bytes.Repeat([]byte("0123456789abcdef"), 3<<16)
	for range 2 {
		where, err := s.store("uid").Put(t.Context(), monday, []reportstore.File{{Format: "xlsx", ContentType: "application/x", Data: data}, {Format: "csv", ContentType: "text/csv", Data: []byte("a,b")}})
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"s3://reports/goto/eu/team/usage/uid-20300107T023000Z.xlsx", "s3://reports/goto/eu/team/usage/uid-20300107T023000Z.csv"}; !slices.Equal(where, want) {
			t.Error(where)
		}
	}
	if got := s.keys(t); len(got) != 2 {
		t.Error(got)
	}
	o, err := s.backend.GetObject(bucket, "goto/eu/team/usage/uid-20300107T023000Z.xlsx", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Contents.Close()
	got, err := io.ReadAll(o.Contents)
	if err != nil || sha256.Sum256(got) != sha256.Sum256(data) || o.Metadata["Content-Type"] != "application/x" {
		t.Errorf("%d bytes, %v, %v", len(got), o.Metadata, err)
	}
}

// Only what the object wrote is deleted, and of that what is beyond the newest.
func TestPrune(t *testing.T) {
	s := newServer(t)
	for uid, days := range map[string]int{"uid-1": 4, "uid-10": 2} {
		for day := range days {
			if _, err := s.store(uid).Put(t.Context(), monday.AddDate(0, 0, day), []reportstore.File{{Format: "csv", Data: []byte(uid)}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for keep, want := range map[int]int{2: 2 + 2} {
		if err := s.store("uid-1").Prune(t.Context(), keep); err != nil || len(s.keys(t)) != want {
			t.Errorf("keep %d: %v, %v", keep, err, s.keys(t))
		}
	}
	if err := s.store("uid-1").Prune(t.Context(), 0); err != nil || len(s.keys(t)) != 2 || !strings.Contains(s.keys(t)[0], "uid-10-") {
		t.Errorf("%v, %v", err, s.keys(t))
	}
}

// What a service refuses is said by its code alone, and a redirection is not followed: its host may not be one that is allowed.
func TestRefused(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something was sent elsewhere") }))
	t.Cleanup(elsewhere.Close)
	s := newServer(t)
	wrong := s.store("uid")
	wrong.AccessKeyID = "other"
	for name, row := range map[string]struct {
		store  reportstore.Bucket
		refuse http.HandlerFunc
		want   string
	}{
		"key":         {wrong, nil, "InvalidAccessKeyId"},
		"redirection": {s.store("uid"), http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect).ServeHTTP, "PutObject"},
	} {
		t.Run(name, func(t *testing.T) {
			s.refuse = row.refuse
			_, err := row.store.Put(t.Context(), monday, []reportstore.File{{Format: "csv", Data: []byte("a")}})
			if !errors.Is(err, reportstore.ErrUnavailable) || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), key) || strings.Contains(err.Error(), s.URL) {
				t.Error(err)
			}
		})
	}
}

// A page that somebody else, such as a proxy, answers with is no word of the service: nothing is believed stored, gone or not there.
func TestAPageIsNoAnswer(t *testing.T) {
	page := func(contentType string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			_, _ = io.WriteString(w, "<!DOCTYPE html><title>Please log in</title>")
		}
	}
	files := []reportstore.File{{Format: "csv", Data: []byte("a")}}
	for method, pages := range map[string][]http.HandlerFunc{
		http.MethodPut: {page("text/html")}, http.MethodGet: {page("text/html"), page("application/xml")}, http.MethodDelete: {page("text/html; charset=utf-8")},
	} {
		for i, answer := range pages {
			s := newServer(t)
			if _, err := s.store("uid").Put(t.Context(), monday, files); err != nil {
				t.Fatal(err)
			}
			s.only = method
			s.refuse = answer
			_, err := s.store("uid").Put(t.Context(), monday.AddDate(0, 0, 1), files)
			if err == nil {
				err = s.store("uid").Prune(t.Context(), 0)
			}
			if !errors.Is(err, reportstore.ErrUnavailable) {
				t.Errorf("%s %d: %v", method, i, err)
			}
		}
	}
}
