package gotomeeting

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// secretSize bounds the list of attendees in both its forms together: a Secret holds 1 MiB, its metadata included.
const secretSize = 900 << 10

// summary adds up what the history has of a meeting, and says when it was last held.
func summary(held []gotoclient.PastMeeting, id gotoclient.Key) (v1alpha1.MeetingAttendance, time.Time) {
	var last time.Time
	sessions, attendees, minutes := 0, 0, 0
	for i := range held {
		if h := &held[i]; h.ID == id {
			sessions, attendees, minutes = sessions+1, attendees+h.Attendees, minutes+int(h.Duration/time.Minute)
			last = later(last, h.Start)
		}
	}
	return v1alpha1.MeetingAttendance{Sessions: count(sessions), Attendees: count(attendees), Minutes: count(minutes)}, last
}

func count(n int) int32 { return int32(min(max(n, 0), math.MaxInt32)) }

// stay is one stay of one person, as the Secret has it.
type stay struct {
	Name    string `json:"name"`
	Email   string `json:"email"`
	Join    string `json:"join"`
	Leave   string `json:"leave"`
	Minutes int    `json:"minutes"`
	Session string `json:"sessionStart"`
}

var header = []string{"name", "email", "join", "leave", "minutes", "session start"}

// encode writes the stays in the order in which people joined, as CSV and as JSON, as many as fit into the limit in both
// forms together.
func encode(stays []gotoclient.Attendance, limit int) (table, list string, listed int) {
	stays = slices.Clone(stays)
	slices.SortStableFunc(stays, func(a, b gotoclient.Attendance) int { return a.Join.Compare(b.Join) })
	var rows, entries bytes.Buffer
	rows.Write(row(header))
	for _, s := range stays {
		one := stay{s.Name, s.Email, moment(s.Join), moment(s.Leave), int(max(0, s.Leave.Sub(s.Join)) / time.Minute), moment(s.Start)}
		if s.Join.IsZero() || s.Leave.IsZero() {
			one.Minutes = 0
		}
		line := row([]string{plain(one.Name), plain(one.Email), one.Join, one.Leave, strconv.Itoa(one.Minutes), one.Session})
		entry, _ := json.Marshal(one) //nolint:errchkjson // plain strings and a number
		if rows.Len()+len(line)+entries.Len()+len(entry)+len(",\n")+len("[\n]\n") > limit {
			break
		}
		if listed > 0 {
			entries.WriteString(",\n")
		}
		rows.Write(line)
		entries.Write(entry)
		listed++
	}
	return rows.String(), "[" + entries.String() + "]\n", listed
}

// row is one line of a table (RFC 4180).
func row(cells []string) []byte {
	var line bytes.Buffer
	w := csv.NewWriter(&line)
	_ = w.Write(cells) // a buffer takes everything
	w.Flush()
	return line.Bytes()
}

// plain keeps a spreadsheet from taking a name for a formula: people choose their names when they join. A quote in front
// makes it text. Control characters become spaces.
func plain(cell string) string {
	cell = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, cell)
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " \u00a0"))
	if strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}
