package main

import (
	"encoding/json"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Heights of a graph and of a number, in Grafana's grid.
const height, numberHeight = 8, 4

// source is the Prometheus that the reader chooses.
var source = common.DataSourceRef{Type: new("prometheus"), Uid: new("${datasource}")}

// render is the dashboard as Grafana takes it: the same bytes for the same sections.
func render(sections []section) ([]byte, error) {
	built, err := assemble(sections).Build()
	if err != nil {
		return nil, err
	}
	content, err := json.MarshalIndent(built, "", "  ")
	return append(content, '\n'), err
}

func assemble(sections []section) *dashboard.DashboardBuilder { //nolint:staticcheck // Grafana 12 and before do not read the newer form
	board := dashboard.NewDashboardBuilder("goto-operator"). //nolint:staticcheck // see above
									Uid("goto-operator").
									Description("Accounts of GoTo and the operator that manages them.").
									Tags([]string{"goto-operator"}).
									Time("now-6h", "now").
									Refresh("1m").
									Tooltip(dashboard.DashboardCursorSyncCrosshair).
									WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Prometheus").Type("prometheus")).
									WithVariable(labels("namespace", `label_values(goto_operator_users, namespace)`)).
									WithVariable(labels("account", `label_values(goto_operator_users{namespace=~"$namespace"}, account)`))
	id := uint32(0)
	for _, s := range sections {
		id++
		board.WithRow(dashboard.NewRowBuilder(s.title).Id(id))
		for _, p := range s.panels {
			id++
			board.WithPanel(p.build(id))
		}
	}
	return board
}

// labels is a choice among the values of a label, all of them at first.
func labels(name, values string) *dashboard.QueryVariableBuilder {
	all := dashboard.VariableOption{
		Selected: new(true),
		Text:     dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
		Value:    dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
	}
	return dashboard.NewQueryVariableBuilder(name).
		Label(name).
		Datasource(source).
		Query(dashboard.StringOrMap{String: &values}).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
		Sort(dashboard.VariableSortAlphabeticalAsc).
		Multi(true).
		IncludeAll(true).
		AllValue(".*").
		Current(all)
}

func (p panel) build(id uint32) cog.Builder[dashboard.Panel] {
	if p.number {
		return p.stat(id)
	}
	return p.graph(id)
}

func (p panel) stat(id uint32) *stat.PanelBuilder {
	return stat.NewPanelBuilder().
		Id(id).Title(p.title).Description(p.says).Unit(p.unit).
		Datasource(source).Height(numberHeight).Span(p.width).
		Orientation(common.VizOrientationAuto).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		Targets(p.targets())
}

func (p panel) graph(id uint32) *timeseries.PanelBuilder {
	out := timeseries.NewPanelBuilder().
		Id(id).Title(p.title).Description(p.says).Unit(p.unit).Min(0).
		Datasource(source).Height(height).Span(p.width).
		FillOpacity(10).
		ShowPoints(common.VisibilityModeNever).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti)).
		Targets(p.targets())
	if p.stacked {
		out.Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal))
	}
	return out
}

func (p panel) targets() []cog.Builder[variants.Dataquery] {
	var out []cog.Builder[variants.Dataquery]
	for i, q := range p.queries {
		target := prometheus.NewDataqueryBuilder().
			Expr(q.expr).LegendFormat(q.legend).
			RefId(string(rune('A' + i))).Datasource(source)
		if p.number {
			target.Instant()
		} else {
			target.Range()
		}
		out = append(out, target)
	}
	return out
}
