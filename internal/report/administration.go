package report

import (
	"context"
	"fmt"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// FromAdministration gets every kind from the Administration API, whose paths are guesses (U): where one is wrong, the error is one
// of gotoclient.IsNoSuchPath, and an override of the operation cures it. The document has the answer as it came, and its rows. The
// columns are the service's own, and every cell is a text.
func FromAdministration(svc *gotoclient.ReportsService) Source { return &administration{svc} }

type administration struct{ reports *gotoclient.ReportsService }

// Fetch makes one request, or two; see gotoclient.ReportsService.
func (s *administration) Fetch(ctx context.Context, q Query) (*Document, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	if q.From.IsZero() {
		return nil, fmt.Errorf("%w: the Administration API asks for the beginning and the end", ErrRange)
	}
	scope, keys, err := q.scope()
	if err != nil {
		return nil, err
	}
	zone := q.zone()
	file, err := s.reports.Get(ctx, gotoclient.ReportRequest{
		Kind: gotoclient.ReportKind(q.Kind), Scope: scope, Keys: keys, Product: q.Product,
		From: q.From.In(zone), To: q.To.In(zone), HTML: q.HTML, MaxBytes: q.MaxBytes,
	})
	if gotoclient.IsTooLarge(err) {
		return nil, fmt.Errorf("%w: %w", ErrTooLarge, err)
	}
	if err != nil {
		return nil, err
	}
	return documentOf(file, &q)
}

// scope returns whom to ask for: that API makes a report of users, of groups or of licences.
func (q *Query) scope() (gotoclient.ReportScope, []gotoclient.Key, error) {
	scope, keys, named := gotoclient.ReportOfAll, []gotoclient.Key(nil), 0
	for _, s := range []struct {
		scope gotoclient.ReportScope
		keys  []gotoclient.Key
	}{{gotoclient.ReportOfUsers, q.Users}, {gotoclient.ReportOfGroups, q.Groups}, {gotoclient.ReportOfLicenses, q.Licenses}} {
		if len(s.keys) > 0 {
			scope, keys, named = s.scope, s.keys, named+1
		}
	}
	switch {
	case named > 1:
		return "", nil, fmt.Errorf("%w: the Administration API reports on users, on groups or on licences", ErrSelection)
	case len(keys) > gotoclient.MaxReportKeys:
		return "", nil, fmt.Errorf("%w: at most %d users, groups or licences: select groups, or all", ErrSelection, gotoclient.MaxReportKeys)
	}
	return scope, keys, nil
}

// documentOf reads the rows of a spreadsheet. No body is no rows.
func documentOf(file *gotoclient.ReportFile, q *Query) (*Document, error) {
	switch {
	case len(file.Data) == 0:
		return &Document{Table: &Table{Title: titles[q.Kind]}}, nil
	case file.HTML:
		return &Document{Original: file.Data, OriginalFormat: HTML}, nil
	}
	table, err := ReadXLSX(file.Data, Limits{Rows: q.MaxRows})
	if err != nil {
		return nil, err
	}
	return &Document{Table: table, Original: file.Data, OriginalFormat: XLSX}, nil
}
