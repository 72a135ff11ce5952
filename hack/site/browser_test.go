package site

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/goto-operator/goto-operator/hack/site/browser"
)

func serve(t *testing.T) (context.Context, *browser.Complaints) {
	t.Helper()
	server := httptest.NewServer(http.FileServer(http.Dir(built)))
	t.Cleanup(server.Close)
	c := &browser.Complaints{Site: server.URL}
	return browser.Open(t, c), c
}

func TestABrowserShowsEveryPage(t *testing.T) {
	ctx, c := serve(t)
	pages := slices.Sorted(maps.Keys(read(t)))
	for _, name := range pages {
		err := chromedp.Do(ctx, chromedp.Navigate(c.Site+"/"+name))
		title, missing := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("article h1")))
		if all := c.Take(); err != nil || missing != nil || title == "" || len(all) > 0 {
			t.Errorf("%s, titled %q: %v, %v\n%s", name, title, err, missing, strings.Join(all, "\n"))
		}
	}
	t.Logf("%d pages", len(pages))
}

// The index is fetched and asked in a worker: the part of the theme that a build cannot vouch for.
func TestASearchFinds(t *testing.T) {
	ctx, c := serve(t)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	input := chromedp.CSS(".md-search__input")
	err := chromedp.Do(ctx, chromedp.Navigate(c.Site+"/index.html"), chromedp.Click(input), chromedp.SendKeys(input, "deletion brake"))
	first, missing := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(".md-search-result__item .md-search-result__title")))
	if all := c.Take(); err != nil || missing != nil || first == "" || len(all) > 0 {
		t.Errorf("found %q: %v, %v\n%s", first, err, missing, strings.Join(all, "\n"))
	}
	t.Logf("first found: %s", first)
}
