package site

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// complaints are what the browser finds wrong, and requests that leave the site.
type complaints struct {
	mu   sync.Mutex
	site string
	all  []string
}

func (c *complaints) say(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, fmt.Sprintf(format, args...))
}

// take returns the complaints so far and forgets them.
func (c *complaints) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.all
	c.all = nil
	return all
}

func (c *complaints) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		c.say("exception: %s %s", e.ExceptionDetails.Text, e.ExceptionDetails.URL)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			c.say("console: %s in %s", e.Type, e.Context)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			c.say("log: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if to := e.Request.URL; !strings.HasPrefix(to, c.site) && !strings.HasPrefix(to, "data:") && !strings.HasPrefix(to, "blob:") {
			c.say("asks elsewhere: %s", to)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= http.StatusBadRequest {
			c.say("%d for %s", e.Response.Status, e.Response.URL)
		}
	}
}

// chromium is the browser of the machine, under either of its names.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no chromium here: make test-docs installs it on Debian")
	return ""
}

// browser starts headless Chromium with one tab.
func browser(t *testing.T, c *complaints) context.Context {
	t.Helper()
	binary := chromium(t)
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(binary),
		chromedp.WindowSize(1280, 900))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocated, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	if err := chromedp.Listen(ctx, c.hear); err != nil {
		t.Fatal(err)
	}
	return ctx
}

func serve(t *testing.T) (context.Context, *complaints) {
	t.Helper()
	server := httptest.NewServer(http.FileServer(http.Dir(built)))
	t.Cleanup(server.Close)
	c := &complaints{site: server.URL}
	return browser(t, c), c
}

func TestABrowserShowsEveryPage(t *testing.T) {
	ctx, c := serve(t)
	pages := slices.Sorted(maps.Keys(read(t)))
	for _, name := range pages {
		err := chromedp.Do(ctx, chromedp.Navigate(c.site+"/"+name))
		title, missing := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("article h1")))
		if all := c.take(); err != nil || missing != nil || title == "" || len(all) > 0 {
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
	err := chromedp.Do(ctx, chromedp.Navigate(c.site+"/index.html"), chromedp.Click(input), chromedp.SendKeys(input, "deletion brake"))
	first, missing := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(".md-search-result__item .md-search-result__title")))
	if all := c.take(); err != nil || missing != nil || first == "" || len(all) > 0 {
		t.Errorf("found %q: %v, %v\n%s", first, err, missing, strings.Join(all, "\n"))
	}
	t.Logf("first found: %s", first)
}
