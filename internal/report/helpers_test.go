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
