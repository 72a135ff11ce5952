package gotoclient

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQueryEncoding(t *testing.T) {
	if got := (ListOptions{PageSize: 25}).query(50); got != "offset=50&pageSize=25" {
		t.Errorf("asked for %q", got)
	}
	if got := (ListOptions{}).query(0); got != "" {
		t.Errorf("the zero options ask for %q", got)
	}
	if diff := cmp.Diff("q=a%2Bb%20c%40x.test", encodeQuery(url.Values{"q": {"a+b c@x.test"}})); diff != "" {
		t.Errorf("a space must be %%20 and a plus sign %%2B: %s", diff)
	}
}
