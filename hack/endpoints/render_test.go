package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func TestThePageIsCurrent(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "goto-api", "endpoints.md"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(page), render()); diff != "" {
		t.Errorf("docs/goto-api/endpoints.md is not current, run make endpoints (-page +made):\n%s", diff)
	}
}

func TestEveryOperationIsOnThePage(t *testing.T) {
	page := render()
	for _, o := range gotoclient.Operations() {
		if strings.Count(page, "| `"+o.ID+"` |") != 1 {
			t.Errorf("%s is not on the page, or more than once", o.ID)
		}
	}
	for _, row := range []string{
		"| `addSeat` | PUT | `/admin/rest/v1/accounts/{accountKey}/licenses/{licenseKey}/users/{userKey}` | U | not sent unless it is allowed |",
		"| `listSubgroups` | GET | `/admin/rest/v1/accounts/{accountKey}/groups/{groupKey}/groups` | U | a 404 or 405 says nothing |",
		"| `getMeeting` | GET | `/G2M/rest/meetings/{meetingId}` | D |  |",
	} {
		if !strings.Contains(page, row+"\n") {
			t.Errorf("no row %s", row)
		}
	}
}

func TestRun(t *testing.T) {
	if err := run(nil); err == nil {
		t.Error("no file is no error")
	}
	file := filepath.Join(t.TempDir(), "page.md")
	if err := run([]string{file}); err != nil {
		t.Fatal(err)
	}
	if page, err := os.ReadFile(file); err != nil || string(page) != render() {
		t.Errorf("%v", err)
	}
}
