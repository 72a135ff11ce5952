package report

import (
	"context"
	"fmt"
)

// Order is a report as somebody wants it.
type Order struct {
	Query

	// Formats in which it is written, one at least.
	Formats []Format
	// BOM as in Encoding.
	BOM bool
}

// File is a report in one format.
type File struct {
	Format Format
	Data   []byte
}

// Made is a report that was made.
type Made struct {
	Files []File
	// Rows are how many it has; nil of one that is written only as it came.
	Rows *int64
}

// emptyPage is the HTML of a report that came without a body, since it has no rows.
const emptyPage = "<!DOCTYPE html>\n<title>Report</title>\n<p>There is nothing to report.</p>\n"

// Make reads a report and writes it in each format: as it came, if it came in that one. MaxBytes holds for each file as well. The errors
// are those of Source and Encode.
func (o *Order) Make(ctx context.Context, from Source) (*Made, error) {
	doc, err := from.Fetch(ctx, o.Query)
	if err != nil {
		return nil, err
	}
	out := &Made{}
	for _, f := range o.Formats {
		data, err := o.write(doc, f)
		if err != nil {
			return nil, err
		}
		out.Files = append(out.Files, File{f, data})
	}
	if doc.Table != nil {
		out.Rows = new(int64(len(doc.Table.Rows)))
	}
	return out, nil
}

func (o *Order) write(doc *Document, f Format) (data []byte, err error) {
	switch {
	case doc.Original != nil && doc.OriginalFormat == f:
		data = doc.Original
	case doc.Table == nil:
		err = fmt.Errorf("%w: it came without rows", ErrUnsupported)
	case f == HTML && doc.Original == nil && len(doc.Table.Rows) == 0:
		data = []byte(emptyPage)
	default:
		data, err = Encode(doc.Table, f, Encoding{Zone: o.Zone, BOM: o.BOM})
	}
	if err == nil && o.MaxBytes > 0 && int64(len(data)) > o.MaxBytes {
		err = fmt.Errorf("%w: %d bytes as %s", ErrTooLarge, len(data), f)
	}
	return data, err
}
