package report

import (
	"errors"
	"fmt"

	"github.com/goto-operator/goto-operator/internal/report/sheet"
)

// Limits bound what ReadXLSX reads. A limit of 0 is that of DefaultLimits.
type Limits struct {
	Rows     int   // of the table
	Columns  int   // of each row
	Bytes    int64 // of the texts in the cells
	Unpacked int64 // of the file, unpacked
}

// DefaultLimits are generous for a report and bearable for the operator.
func DefaultLimits() Limits {
	return Limits{Rows: 200_000, Columns: 100, Bytes: 32 << 20, Unpacked: 64 << 20}
}

// withDefaults fills in the limits that are not given.
func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	for _, p := range []struct{ at, to *int }{{&l.Rows, &d.Rows}, {&l.Columns, &d.Columns}} {
		if *p.at <= 0 {
			*p.at = *p.to
		}
	}
	for _, p := range []struct{ at, to *int64 }{{&l.Bytes, &d.Bytes}, {&l.Unpacked, &d.Unpacked}} {
		if *p.at <= 0 {
			*p.at = *p.to
		}
	}
	return l
}

// ReadXLSX reads the first sheet of a spreadsheet. Every cell is a text, as a spreadsheet program would show it: dates in the
// language of whoever asked for the report (C) stay as they are. What stands above the header, which is the first row of more than
// one cell, becomes part of the title. The errors are ErrTooLarge and ErrUnreadable.
func ReadXLSX(data []byte, limits Limits) (*Table, error) {
	limits = limits.withDefaults()
	title, rows, err := sheet.Read(data, sheet.Limits{
		Rows: limits.Rows + maxAbove, Columns: limits.Columns, Bytes: limits.Bytes, Unpacked: limits.Unpacked,
	})
	switch {
	case errors.Is(err, sheet.ErrLimit):
		return nil, fmt.Errorf("%w: %w", ErrTooLarge, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	t := tableOf(title, rows)
	if len(t.Rows) > limits.Rows {
		return nil, fmt.Errorf("%w: more than %d rows", ErrTooLarge, limits.Rows)
	}
	return t, nil
}

// maxAbove is how many rows may stand above the header, and the header itself.
const maxAbove = 10

// tableOf finds the header. A sheet without a row of more than one cell has its first row for one.
func tableOf(title string, rows [][]string) *Table {
	t := &Table{Title: title}
	head := 0
	for i, row := range rows[:min(len(rows), maxAbove)] {
		if len(row) > 1 {
			head = i
			break
		}
	}
	for i, row := range rows {
		switch {
		case i < head:
			t.Title = joined(t.Title, row[0])
		case i == head:
			t.Columns = row
		default:
			t.add(row)
		}
	}
	t.square()
	return t
}

func joined(title, more string) string {
	if title == "" {
		return more
	}
	return title + ", " + more
}

func (t *Table) add(row []string) {
	cells := make([]any, len(row))
	for i, text := range row {
		cells[i] = text
	}
	t.Rows = append(t.Rows, cells)
}

// square gives every row a cell for each column, and columns to cells beyond the header.
func (t *Table) square() {
	width := len(t.Columns)
	for _, row := range t.Rows {
		width = max(width, len(row))
	}
	for len(t.Columns) < width {
		t.Columns = append(t.Columns, fmt.Sprintf("Column %d", len(t.Columns)+1))
	}
	for i := range t.Rows {
		for len(t.Rows[i]) < width {
			t.Rows[i] = append(t.Rows[i], "")
		}
	}
}
