package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// bom is UTF-8's byte order mark.
	bom = "\ufeff"
	// formula is what the text of a cell begins with that a spreadsheet program may calculate, be it in quotes.
	formula = "=+-@\t\r\n"
)

// encodeCSV writes lines that end in CR and LF, as RFC 4180 has them.
func encodeCSV(t *Table, e Encoding) ([]byte, error) {
	var out bytes.Buffer
	if e.BOM {
		out.WriteString(bom)
	}
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	lines := [][]string{harmlessAll(t.Columns)}
	for _, row := range t.cells(e.zone()) {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = csvCell(v)
		}
		lines = append(lines, line)
	}
	if err := w.WriteAll(lines); err != nil {
		return nil, fmt.Errorf("encode %s: %w", CSV, err)
	}
	return out.Bytes(), nil
}

func harmlessAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = harmless(text)
	}
	return out
}

// harmless marks a text that would be calculated: what a meeting's subject says must not run where the report is opened. The mark
// is what spreadsheet programs have for it.
func harmless(text string) string {
	if text != "" && strings.ContainsRune(formula, rune(text[0])) {
		return "'" + text
	}
	return text
}

func csvCell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return harmless(v)
	case time.Time:
		return v.Format(time.DateTime)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return harmless(fmt.Sprint(v))
}
