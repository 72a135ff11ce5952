package main

import (
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/cache/informertest"

	"github.com/goto-operator/goto-operator/internal/controller"
)

func TestReadyOnceTheCachesAreFilled(t *testing.T) {
	for _, filled := range []bool{true, false} {
		check := synced(&informertest.FakeInformers{Synced: &filled})
		err := check(httptest.NewRequest(http.MethodGet, "/readyz", http.NoBody))
		if (err == nil) != filled {
			t.Errorf("caches filled %t: %v", filled, err)
		}
	}
}

func TestConcurrencyOfOneKindLeavesThatOfOthers(t *testing.T) {
	o := options{concurrency: controller.DefaultConcurrency()}
	flags := flag.NewFlagSet("goto-operator", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	o.bind(flags)
	if err := flags.Parse([]string{"--concurrency=GoToUser=9"}); err != nil {
		t.Fatal(err)
	}
	if o.concurrency["GoToUser"] != 9 || o.concurrency["GoToMeeting"] != 20 {
		t.Error(o.concurrency)
	}
}
