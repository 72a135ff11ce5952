package report

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/goto-operator/goto-operator/internal/report/sheet"
)

// Encode writes a table as XLSX, CSV or JSON. Equal tables and encodings give equal bytes. HTML is an error of ErrUnsupported, and
// so is what no sheet has room for of ErrTooLarge.
func Encode(t *Table, f Format, e Encoding) ([]byte, error) {
	switch f {
	case XLSX:
		return encodeXLSX(t, e)
	case CSV:
		return encodeCSV(t, e)
	case JSON:
		return encodeJSON(t, e)
	case HTML: // only as it came
	}
	return nil, fmt.Errorf("%w: rows are written as %s, %s or %s", ErrUnsupported, XLSX, CSV, JSON)
}

func encodeXLSX(t *Table, e Encoding) ([]byte, error) {
	if len(t.Rows) >= sheet.MaxRows {
		return nil, fmt.Errorf("%w: a sheet has %d rows", ErrTooLarge, sheet.MaxRows)
	}
	rows := t.cells(e.zone())
	for _, row := range rows {
		for i := range row {
			row[i] = sheetCell(row[i])
		}
	}
	data, err := sheet.Write(t.Title, t.Columns, rows)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", XLSX, err)
	}
	return data, nil
}

// cells returns the rows as they are written: times in the zone, durations in whole minutes, nil for what is not there.
func (t *Table) cells(zone *time.Location) [][]any {
	rows := make([][]any, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = make([]any, len(row))
		for j, v := range row {
			rows[i][j] = plainCell(v, zone)
		}
	}
	return rows
}

func plainCell(v any, zone *time.Location) any {
	switch v := v.(type) {
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return v.In(zone)
	case time.Duration:
		return int64(v / time.Minute)
	}
	return v
}

// exact is up to where a spreadsheet program, which calculates with floating point, keeps every digit.
const exact = 1 << 53

// sheetCell returns a cell as a sheet can hold it.
func sheetCell(v any) any {
	switch v := v.(type) {
	case int64:
		if v > exact || v < -exact {
			return strconv.FormatInt(v, 10)
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	}
	return v
}
