package contract_test

import (
	"io"
	"net/http"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// A spreadsheet is bytes to the documents, and a page is a text.
func init() {
	for _, media := range []string{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/html"} {
		openapi3filter.RegisterBodyDecoder(media, func(
			body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn,
		) (any, error) {
			data, err := io.ReadAll(body)
			return string(data), err
		})
	}
	for _, kind := range gotoclient.ReportKinds() {
		for _, scope := range kind.Scopes() {
			outcomes[gotoclient.ReportOperation(kind, scope)] = "200"
		}
	}
	outcomes["reportActivity"] = "200 400 401 403 429 500 502 503 504"
}

// driveReports asks for a report that has rows, for one that has none, for one that is a page, and for one that nobody makes.
func (w *world) driveReports(client *gotoclient.Client) {
	w.getReport(client, gotoclient.ReportRequest{Kind: gotoclient.ReportActivity})
	w.getReport(client, gotoclient.ReportRequest{Kind: gotoclient.ReportRegistrants})
	w.getReport(client, gotoclient.ReportRequest{Kind: gotoclient.ReportTollFreeUsage, HTML: true})
	w.getReport(client, gotoclient.ReportRequest{Kind: gotoclient.ReportActivity, From: w.sim.Now().AddDate(-2, 0, 0)})
}

// driveOtherReports asks for all that driveReports leaves out: in every position of every switch they would take minutes.
func (w *world) driveOtherReports() {
	client := w.patClient(simulator.DefaultPersonalAccessToken)
	for _, kind := range gotoclient.ReportKinds() {
		for _, scope := range kind.Scopes() {
			r := gotoclient.ReportRequest{Kind: kind, Scope: scope, Product: gotoclient.ProductMeeting}
			if scope != gotoclient.ReportOfAll {
				r.Keys = []gotoclient.Key{nobody, account}
			}
			w.getReport(client, r)
		}
	}
}

func (w *world) getReport(client *gotoclient.Client, r gotoclient.ReportRequest) {
	r.To = w.sim.Now()
	if r.From.IsZero() {
		r.From = r.To.Add(-7 * 24 * time.Hour)
	}
	_, _ = client.Reports(account).Get(w.t.Context(), r)
}
