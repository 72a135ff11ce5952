package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// The sizes that a spreadsheet program accepts.
const (
	// MaxRows is how many rows a sheet has, the header included.
	MaxRows     = 1 << 20
	maxText     = 32767 // of a cell, in UTF-16 code units
	maxNameSize = 31    // of a sheet, in the same
)

// Write returns a spreadsheet with one sheet: the header and the rows under it. Cells are nil, string, int64, float64, bool, or
// time.Time, which is shown as the clock of its location. A text is never a formula, and one that is longer than a cell may be is cut.
func Write(title string, columns []string, rows [][]any) ([]byte, error) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	fill := strings.NewReplacer("{title}", escaped(title), "{sheet}", escaped(sheetName(title)))
	for _, f := range forms {
		if err := put(archive, f.part, fill.Replace(f.form)); err != nil {
			return nil, err
		}
	}
	if err := putSheet(archive, columns, rows); err != nil {
		return nil, fmt.Errorf("write the sheet: %w", err)
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("write the spreadsheet: %w", err)
	}
	return out.Bytes(), nil
}

func put(archive *zip.Writer, part, text string) error {
	w, err := archive.Create(part)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", part, err)
	}
	return nil
}

// putSheet writes the cells, row by row, so that no more than the packed bytes of them are in memory.
func putSheet(archive *zip.Writer, columns []string, rows [][]any) error {
	w, err := archive.Create(sheetPart)
	if err != nil {
		return err
	}
	header := make([]any, len(columns))
	for i, column := range columns {
		header[i] = column
	}
	if _, err := w.Write(appendRow([]byte(sheetBegin), 1, header)); err != nil {
		return err
	}
	var line []byte
	for i, row := range rows {
		line = appendRow(line[:0], i+2, row) //nolint:mnd // the first after the header
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, sheetEnd)
	return err
}

// appendRow writes a row, counted from 1, and leaves out the cells that are empty.
func appendRow(to []byte, number int, row []any) []byte {
	to = fmt.Appendf(to, `<row r="%d">`, number)
	for i, v := range row {
		if kind, value := cell(v); value != "" {
			to = fmt.Appendf(to, `<c r="%s%d"%s>%s</c>`, columnName(i), number, kind, value)
		}
	}
	return append(to, "</row>"...)
}

// columnName is that of a column, counted from 0: A to Z, AA and so on.
func columnName(i int) string {
	const letters = 26
	name := string(rune('A' + i%letters))
	if i < letters {
		return name
	}
	return columnName(i/letters-1) + name
}

// cell returns the attributes of a cell and what is in it; nothing for nil.
func cell(v any) (kind, value string) {
	switch v := v.(type) {
	case string:
		return text(v)
	case bool:
		if v {
			return ` t="b"`, "<v>1</v>"
		}
		return ` t="b"`, "<v>0</v>"
	case int64, float64:
		return "", fmt.Sprintf("<v>%v</v>", v)
	case time.Time:
		return clock(v)
	}
	return "", ""
}

func text(s string) (kind, value string) {
	safe := escapeLike.ReplaceAllString(cut(s, maxText), "_x005F$0")
	return ` t="inlineStr"`, `<is><t xml:space="preserve">` + escaped(safe) + `</t></is>`
}

// escapeLike is a text that a reader takes for an escaped character, as in _x0041_.
var escapeLike = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// first is the day from which on all spreadsheet programs count alike: some know a 29th of February 1900.
var first = time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)

// clock is a time as the days since the end of 1899, by the clock of its location.
func clock(t time.Time) (kind, value string) {
	_, offset := t.Zone()
	shown := t.UTC().Add(time.Duration(offset) * time.Second)
	if shown.Before(first) {
		return text(shown.Format(time.DateTime))
	}
	days := firstDay + float64(shown.UnixMilli()-first.UnixMilli())/dayParts
	return ` s="1"`, "<v>" + strconv.FormatFloat(days, 'f', -1, 64) + "</v>"
}

const (
	firstDay = 61                // the number of that day
	dayParts = 24 * 3_600 * 1000 // milliseconds of a day
)

// escaped is a text as it stands in XML, where characters that may not stand there become U+FFFD.
func escaped(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a Builder returns no error
	return out.String()
}

// cut is as much of a text as there is room for in so many UTF-16 code units.
func cut(text string, room int) string {
	for i, r := range text {
		if room -= max(1, utf16.RuneLen(r)); room < 0 {
			return text[:i]
		}
	}
	return text
}

// sheetName makes a name that a sheet may have: 31 characters, some of them not.
func sheetName(title string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, title)
	if name = strings.TrimSpace(cut(name, maxNameSize)); name == "" {
		return "Report"
	}
	return name
}
