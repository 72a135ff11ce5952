package reports

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"strings"

	"github.com/xuri/excelize/v2"
)

const sheet = "Report"

// XLSX writes a report as a spreadsheet; titled puts its title above the columns.
func (t Table) XLSX(titled bool) []byte {
	f := excelize.NewFile(excelize.Options{TmpDir: os.DevNull}) // in memory
	defer f.Close()
	must(f.SetSheetName("Sheet1", sheet))
	w, err := f.NewStreamWriter(sheet)
	must(err)
	n := 0
	row := func(cells []any) {
		n++
		must(w.SetRow(fmt.Sprintf("A%d", n), cells))
	}
	if titled {
		row([]any{t.Title})
		row(nil)
	}
	header := make([]any, len(t.Columns))
	for i, column := range t.Columns {
		header[i] = column
	}
	row(header)
	for _, cells := range t.Rows {
		row(cells)
	}
	must(w.Flush())
	var out bytes.Buffer
	must(f.Write(&out))
	return out.Bytes()
}

// HTML writes a report as a page.
func (t Table) HTML() []byte {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<title>" + html.EscapeString(t.Title) + "</title>\n<table>\n<tr>")
	for _, column := range t.Columns {
		b.WriteString("<th>" + html.EscapeString(column) + "</th>")
	}
	for _, row := range t.Rows {
		b.WriteString("</tr>\n<tr>")
		for _, cell := range row {
			b.WriteString("<td>" + html.EscapeString(text(cell)) + "</td>")
		}
	}
	b.WriteString("</tr>\n</table>\n")
	return []byte(b.String())
}

// must panics where a spreadsheet of texts and numbers cannot be written to memory.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
