package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

var (
	// ErrLimit is the error of a spreadsheet above one of the limits.
	ErrLimit = errors.New("the spreadsheet is too large")
	// ErrForm is the error of what is no spreadsheet.
	ErrForm = errors.New("this is no spreadsheet")
)

// Limits bound what is read. Each must be above 0.
type Limits struct {
	Unpacked      int64 // bytes of all parts, unpacked
	Rows, Columns int   // of the first sheet, the empty ones not counted
	Bytes         int64 // of the texts in the cells
}

// nowhere is the folder for the library's temporary files. There is none, so it keeps all in memory.
const nowhere = os.DevNull

// packed is how a spreadsheet begins. One that is encrypted begins otherwise, and is none here.
var packed = []byte("PK")

// Read returns the rows of the first sheet that are not empty, without the empty cells at their ends. Cells are the texts that a
// spreadsheet program would show; what is text in the sheet, such as a date in somebody's language, stays as it is.
func Read(data []byte, limits Limits) (title string, rows [][]string, err error) {
	defer func() { // the library reads what comes from outside
		if recover() != nil {
			title, rows, err = "", nil, ErrForm
		}
	}()
	if !bytes.HasPrefix(data, packed) {
		return "", nil, ErrForm
	}
	if err := checkParts(data, limits); err != nil {
		return "", nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: limits.Unpacked, UnzipXMLSizeLimit: limits.Unpacked, TmpDir: nowhere, // equal limits, so nothing is put elsewhere either
	})
	if err != nil {
		return "", nil, ErrForm // the library's text may quote the file
	}
	defer f.Close()
	names := f.GetSheetList()
	if len(names) == 0 {
		return "", nil, ErrForm
	}
	rows, err = readRows(f, names[0], limits)
	return names[0], rows, err
}

func readRows(f *excelize.File, name string, limits Limits) ([][]string, error) {
	in, err := f.Rows(name)
	if err != nil {
		return nil, ErrForm
	}
	defer in.Close()
	var (
		rows [][]string
		seen tally
	)
	for in.Next() {
		row, err := in.Columns()
		if err != nil {
			return nil, ErrForm
		}
		if seen.passed(row); seen.rows > MaxRows || seen.cells > limits.Rows*limits.Columns {
			return nil, fmt.Errorf("%w: it is mostly empty", ErrLimit)
		}
		if row = trimmed(row); len(row) == 0 {
			continue
		}
		if len(rows) >= limits.Rows || len(row) > limits.Columns || seen.bytes > limits.Bytes {
			return nil, fmt.Errorf("%w: above %d rows, %d columns or %d bytes", ErrLimit, limits.Rows, limits.Columns, limits.Bytes)
		}
		rows = append(rows, slices.Clone(row))
	}
	if in.Error() != nil {
		return nil, ErrForm
	}
	return rows, nil
}

// tally counts what was looked at, empty or not: a sheet of few bytes can name its last row and column again and again.
type tally struct {
	rows, cells int
	bytes       int64
}

func (t *tally) passed(row []string) {
	t.rows, t.cells = t.rows+1, t.cells+len(row)
	for _, text := range row {
		t.bytes += int64(len(text))
	}
}

// trimmed leaves out the empty cells at the end.
func trimmed(row []string) []string {
	for len(row) > 0 && strings.TrimSpace(row[len(row)-1]) == "" {
		row = row[:len(row)-1]
	}
	return row
}
