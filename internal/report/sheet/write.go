package sheet

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

const (
	timeFormat = "yyyy-mm-dd hh:mm:ss"
	// nowhere is the folder for the library's temporary files. There is none, so it keeps all in memory.
	nowhere = os.DevNull
	// MaxRows is how many rows a sheet has, the header included.
	MaxRows = excelize.TotalRows
)

// Write returns a spreadsheet with one sheet: the header and the rows under it. Cells are nil, string, int64, float64, bool, or
// time.Time, which is shown as the clock of its location. A text is never a formula.
func Write(title string, columns []string, rows [][]any) ([]byte, error) {
	f := excelize.NewFile(excelize.Options{TmpDir: nowhere})
	defer f.Close()
	name := sheetName(title)
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return nil, fmt.Errorf("name the sheet: %w", err)
	}
	if err := f.SetDocProps(&excelize.DocProperties{Title: title, Creator: "goto-operator"}); err != nil {
		return nil, fmt.Errorf("write the properties: %w", err)
	}
	if err := fill(f, name, columns, rows); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, fmt.Errorf("write the spreadsheet: %w", err)
	}
	return out.Bytes(), nil
}

// fill writes the cells, row by row.
func fill(f *excelize.File, name string, columns []string, rows [][]any) error {
	clock := timeFormat
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &clock})
	if err != nil {
		return fmt.Errorf("make the style of times: %w", err)
	}
	w, err := f.NewStreamWriter(name)
	if err != nil {
		return fmt.Errorf("begin the sheet: %w", err)
	}
	header := make([]any, len(columns))
	for i, column := range columns {
		header[i] = column
	}
	for i, row := range append([][]any{header}, rows...) {
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), cells(row, style)); err != nil {
			return fmt.Errorf("write row %d: %w", i+1, err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("end the sheet: %w", err)
	}
	return nil
}

// cells gives times their style, and leaves out nothing else.
func cells(row []any, style int) []any {
	out := make([]any, len(row))
	for i, v := range row {
		out[i] = v
		if t, is := v.(time.Time); is {
			out[i] = excelize.Cell{StyleID: style, Value: t}
		}
	}
	return out
}

// sheetName makes a name that a sheet may have: 31 characters, some of them not.
func sheetName(title string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, title)
	if letters := []rune(name); len(letters) > excelize.MaxSheetNameLength {
		name = string(letters[:excelize.MaxSheetNameLength])
	}
	if name = strings.TrimSpace(name); name == "" {
		return "Report"
	}
	return name
}
