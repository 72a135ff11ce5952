package sheet_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/goto-operator/goto-operator/internal/report/sheet"
)

// written is what a reader shows of one row under a header of as many columns, and the file itself.
func written(t *testing.T, row ...any) ([]string, *excelize.File) {
	t.Helper()
	data, err := sheet.Write("Sheet", make([]string, len(row)), [][]any{row})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	rows, err := f.GetRows("Sheet")
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	return rows[1], f
}

func TestTextsComeBack(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`<b a="1">&amp;'</b>`:              `<b a="1">&amp;'</b>`,
		"  spaces \n and lines\t":          "  spaces \n and lines\t",
		"_x0041_ and _xZZZZ_":              "_x0041_ and _xZZZZ_",
		"no character: \x00\ufffe":         "no character: \ufffd\ufffd",
		strings.Repeat("é", 40_000):        strings.Repeat("é", 32_767),
		strings.Repeat("🎉", 20_000):        strings.Repeat("🎉", 16_383),
		`{title} {sheet} %s %[1]s ${1} $0`: `{title} {sheet} %s %[1]s ${1} $0`,
	} {
		if got, _ := written(t, text); len(got) != 1 || got[0] != want {
			t.Errorf("%.40q comes back as %.40q", text, got)
		}
	}
}

func TestTimesAreShownAsTheirClock(t *testing.T) {
	t.Parallel()
	for _, want := range []string{
		"1899-12-31 10:00:00", "1900-02-28 23:59:59", "1900-03-01 00:00:00", "1970-01-01 00:00:01", "2030-10-27 02:30:00", "2192-12-31 23:59:59", "9999-12-31 23:59:59",
	} {
		at, err := time.ParseInLocation(time.DateTime, want, time.FixedZone("", 5*3600+1800))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := written(t, at); len(got) != 1 || got[0] != want {
			t.Errorf("%s is shown as %q", want, got)
		}
	}
}

func TestCellsStandInTheirColumn(t *testing.T) {
	t.Parallel()
	row := make([]any, 16384)
	for at, v := range map[int]any{1: "B", 26: true, 701: int64(-7), 702: 1e21, 16383: "last"} {
		row[at] = v
	}
	_, f := written(t, row...)
	got := map[string]string{}
	for _, at := range []string{"A2", "B2", "AA2", "ZZ2", "AAA2", "XFD2"} {
		value, err := f.GetCellValue("Sheet", at, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		got[at] = value
	}
	want := map[string]string{"A2": "", "B2": "B", "AA2": "1", "ZZ2": "-7", "AAA2": "1e+21", "XFD2": "last"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryTitleMakesAName(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"": "Report", "a/b: <c> & [d]?*": "a b  <c> &  d", strings.Repeat("é🎉", 20): strings.Repeat("é🎉", 10) + "é", "'": "Report", "{sheet}": "{sheet}",
	} {
		data, err := sheet.Write(title, []string{"x"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		props, err := f.GetDocProps()
		if got := f.GetSheetList(); err != nil || len(got) != 1 || got[0] != want || props.Title != title || props.Creator != "goto-operator" {
			t.Errorf("%q: %q, %+v, %v", title, got, props, err)
		}
		_ = f.Close()
	}
}
