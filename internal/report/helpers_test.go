package report_test

import (
	"regexp"
	"strings"
)

// meetingID is what differs from run to run.
var meetingID = regexp.MustCompile(`,\d{9},`)

func linesOf(text string) []string {
	return strings.Split(strings.TrimRight(meetingID.ReplaceAllString(text, ",ID,"), "\r\n"), "\r\n")
}

// reportPath returns what is below the reports in a path.
func reportPath(path string) (rest string, is bool) {
	return strings.CutPrefix(path, "/admin/rest/v1/accounts/{accountKey}/reports/")
}

func asSet(texts []string) map[string]bool {
	set := map[string]bool{}
	for _, text := range texts {
		set[text] = true
	}
	return set
}
