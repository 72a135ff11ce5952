package main

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// head is the page above the tables.
//
//go:embed head.md
var head string

// titles are those of the tables, in their order.
var titles = []struct {
	api   gotoclient.API
	title string
}{
	{gotoclient.APIAdministration, "Administration"},
	{gotoclient.APIGoToMeeting, "GoToMeeting"},
	{gotoclient.APIOAuth, "OAuth"},
}

// render returns the page.
func render() string {
	var page strings.Builder
	page.WriteString(head)
	for _, t := range titles {
		fmt.Fprintf(&page, "\n## %s\n\n| id | method | path | grade | |\n|---|---|---|---|---|\n", t.title)
		for _, o := range gotoclient.Operations() {
			if o.API == t.api {
				fmt.Fprintf(&page, "| `%s` | %s | `%s` | %s | %s |\n", o.ID, o.Method, o.Path, o.Grade, remark(o))
			}
		}
	}
	return page.String()
}

// remark says what the operation's grade has for consequences.
func remark(o gotoclient.Operation) string {
	switch {
	case o.Grade != gotoclient.GradeUnverified:
		return ""
	case o.Write():
		return "not sent unless it is allowed"
	}
	return "a 404 or 405 says nothing"
}
