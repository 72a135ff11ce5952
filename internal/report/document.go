package report

import (
	"context"
	"time"
)

// Table is the rows of a report.
type Table struct {
	Title   string
	Columns []string
	// Rows have a cell for each column: string, int64, float64, bool, time.Time (the zero one is an empty cell) or time.Duration
	// (written in whole minutes, as its column says).
	Rows [][]any
}

// Format is how a report is written.
type Format string

// The formats. HTML is only ever as it came, but of a report that came without a body.
const (
	XLSX Format = "xlsx"
	HTML Format = "html"
	CSV  Format = "csv"
	JSON Format = "json"
)

// ContentType returns the media type of the format, "" for one that is none.
func (f Format) ContentType() string {
	switch f {
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case HTML:
		return "text/html; charset=utf-8"
	case CSV:
		return "text/csv; charset=utf-8"
	case JSON:
		return "application/json"
	}
	return ""
}

// Document is a report that was read.
type Document struct {
	// Table is nil of a report that came as HTML.
	Table *Table
	// Original is the report as it came, nil if it was made of lists, or had no body.
	Original       []byte
	OriginalFormat Format
}

// Source reads reports. It makes its requests one after the other, with the priority of the context. The errors are those of this
// package and of gotoclient; after one there is no document.
type Source interface {
	Fetch(ctx context.Context, q Query) (*Document, error)
}

// Encoding says how a table is written.
type Encoding struct {
	// Zone is that in which times are shown; nil for UTC. It has to be that of the query, which stands in the header.
	Zone *time.Location
	// BOM puts a byte order mark before a CSV, by which spreadsheet programs know that it is UTF-8.
	BOM bool
}

func (e Encoding) zone() *time.Location {
	if e.Zone == nil {
		return time.UTC
	}
	return e.Zone
}
