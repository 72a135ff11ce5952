// Package browser is the headless Chromium that pages are tested with. It imports nothing of the operator.
package browser

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Complaints are what the browser finds wrong, and requests that leave the site. Its methods may be called from any goroutine.
type Complaints struct {
	// Site is the address that everything is asked for from, such as http://127.0.0.1:8080.
	Site string

	mu  sync.Mutex
	all []string
}

func (c *Complaints) say(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, fmt.Sprintf(format, args...))
}

// Take returns the complaints so far and forgets them.
func (c *Complaints) Take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.all
	c.all = nil
	return all
}

func (c *Complaints) hear(event any) {
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
		if to := e.Request.URL; !strings.HasPrefix(to, c.Site) && !strings.HasPrefix(to, "data:") && !strings.HasPrefix(to, "blob:") {
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

// Open starts headless Chromium with one tab, which ends with the test, and has the complaints heard. Actions run on the context.
func Open(t *testing.T, c *Complaints) context.Context {
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
