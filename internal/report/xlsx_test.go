package report_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/goto-operator/goto-operator/internal/report"
)

// aSheet writes rows of texts with the library alone.
func aSheet(tb testing.TB, rows ...[]string) []byte {
	tb.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		for j, text := range row {
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err == nil && text != "" {
				err = f.SetCellValue("Sheet1", cell, text)
			}
			if err != nil {
				tb.Fatal(err)
			}
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestWhereTheHeaderIs(t *testing.T) {
	for name, c := range map[string]struct {
		rows [][]string
		want report.Table
	}{
		"at the top": {
			[][]string{{"A", "B"}, {"1", "2"}, {"", "", "3"}},
			report.Table{Title: "Sheet1", Columns: []string{"A", "B", "Column 3"}, Rows: [][]any{{"1", "2", ""}, {"", "", "3"}}},
		},
		"below a title": {
			[][]string{{"Meetings"}, {"January"}, nil, {"A", "B"}, {"1"}, nil, {"2", "3"}},
			report.Table{Title: "Sheet1, Meetings, January", Columns: []string{"A", "B"}, Rows: [][]any{{"1", ""}, {"2", "3"}}},
		},
		"of one column": {
			[][]string{{"A"}, {"1"}},
			report.Table{Title: "Sheet1", Columns: []string{"A"}, Rows: [][]any{{"1"}}},
		},
		"nowhere": {nil, report.Table{Title: "Sheet1"}},
	} {
		got, err := report.ReadXLSX(aSheet(t, c.rows...), report.Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(&c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestLimitsOfASheet(t *testing.T) {
	rows := make([][]string, 101)
	for i := range rows {
		rows[i] = []string{"A", "B", "C"}
	}
	data := aSheet(t, rows...)
	for name, limits := range map[string]report.Limits{
		"rows": {Rows: 99}, "columns": {Columns: 2}, "bytes": {Bytes: 302}, "unpacked": {Unpacked: 4000},
	} {
		if _, err := report.ReadXLSX(data, limits); !errors.Is(err, report.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := report.ReadXLSX(data, report.Limits{Rows: 100, Columns: 3, Bytes: 303, Unpacked: 1 << 20}); err != nil || len(got.Rows) != 100 {
		t.Errorf("at the limits: %v", err)
	}
}

// A sheet of few bytes can name its last column in every row.
func TestASheetThatIsMostlyEmpty(t *testing.T) {
	data := repacked(t, aSheet(t, []string{"A", "B"}), func(name string, part []byte) []byte {
		if name == "xl/worksheets/sheet1.xml" {
			return []byte("<worksheet><sheetData>" + strings.Repeat(`<row><c r="XFD1" t="str"><v> </v></c></row>`, 5000) + "</sheetData></worksheet>")
		}
		return part
	})
	if _, err := report.ReadXLSX(data, report.Limits{Rows: 1000, Columns: 100}); !errors.Is(err, report.ErrTooLarge) {
		t.Error(err)
	}
}

// repacked changes the parts of a spreadsheet.
func repacked(tb testing.TB, data []byte, change func(name string, part []byte) []byte) []byte {
	tb.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range in.File {
		r, err := part.Open()
		if err != nil {
			tb.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(r); err != nil {
			tb.Fatal(err)
		}
		to, err := w.Create(part.Name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := to.Write(change(part.Name, b.Bytes())); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// bomb is a spreadsheet that is a thousand times as large when it is unpacked.
func bomb(tb testing.TB) []byte {
	tb.Helper()
	return repacked(tb, aSheet(tb, []string{"A", "B"}), func(name string, part []byte) []byte {
		if name == "xl/worksheets/sheet1.xml" {
			return append(part, bytes.Repeat([]byte(" "), 65<<20)...)
		}
		return part
	})
}

// liar says that its sheet is small.
func liar(data []byte) []byte {
	// The size of a part when unpacked is the four bytes at 24 in its entry of the directory at the end (APPNOTE 4.3.12).
	data = bytes.Clone(data)
	for rest, at := data, 0; ; {
		i := bytes.Index(rest, []byte("PK\x01\x02"))
		if i < 0 {
			return data
		}
		at += i
		if entry := data[at:]; bytes.HasPrefix(entry[46:], []byte("xl/worksheets/sheet1.xml")) {
			copy(entry[24:28], []byte{100, 0, 0, 0})
		}
		at += 4
		rest = data[at:]
	}
}

func TestBombsAreNotUnpacked(t *testing.T) {
	before := tempFiles(t)
	data := bomb(t)
	if len(data) > 1<<20 {
		t.Fatalf("the bomb has %d bytes", len(data))
	}
	if _, err := report.ReadXLSX(data, report.Limits{}); !errors.Is(err, report.ErrTooLarge) {
		t.Errorf("a bomb: %v", err)
	}
	if _, err := report.ReadXLSX(liar(data), report.Limits{}); !errors.Is(err, report.ErrUnreadable) {
		t.Errorf("a bomb that says it is none: %v", err)
	}
	crowd := aSheet(t, []string{"A"})
	if i := bytes.Index(crowd, []byte("xl/worksheets/sheet1.xml")); i > 0 { // its first byte after the name
		crowd[i+40] ^= 0xff
	}
	if _, err := report.ReadXLSX(crowd, report.Limits{}); !errors.Is(err, report.ErrUnreadable) {
		t.Errorf("a part that is damaged: %v", err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for range 2000 {
		if _, err := w.Create("part"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := report.ReadXLSX(out.Bytes(), report.Limits{}); !errors.Is(err, report.ErrTooLarge) {
		t.Errorf("a crowd of parts: %v", err)
	}
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "a page": []byte("<html>"), "half": crowd[:len(crowd)/2], "PK": []byte("PK"),
		"encrypted": {0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0},
	} {
		if _, err := report.ReadXLSX(data, report.Limits{}); !errors.Is(err, report.ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := tempFiles(t); after != before {
		t.Errorf("%d temporary files, before %d", after, before)
	}
}

func tempFiles(t *testing.T) (n int) {
	t.Helper()
	entries, err := os.ReadDir(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "excelize-") {
			n++
		}
	}
	return n
}

// FuzzReadXLSX changes the sheet of a spreadsheet, and its bytes: whatever comes is read within the limits, or refused by an error
// of the package.
func FuzzReadXLSX(f *testing.F) {
	whole := aSheet(f, []string{"A", "B"}, []string{"1", "2"})
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>x</v></c></row></sheetData></worksheet>`), 0, byte(0))
	f.Add([]byte(`<worksheet><sheetData><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>=x</t></is></c></row></sheetData></worksheet>`), 0, byte(0))
	f.Add([]byte(`<worksheet><sheetData><row r="2"><c r="A99999999999" t="s"><v>-1</v></c></row>`), 100, byte(255))
	f.Add([]byte("<worksheet><sheetData><row><c r=\"\"><v>\x00</v></c></row></sheetData>"), 7, byte(1))
	limits := report.Limits{Rows: 50, Columns: 20, Bytes: 1000, Unpacked: 1 << 20}
	f.Fuzz(func(t *testing.T, sheet []byte, at int, flip byte) {
		data := repacked(t, whole, func(name string, part []byte) []byte {
			if name == "xl/worksheets/sheet1.xml" {
				return sheet
			}
			return part
		})
		if at >= 0 {
			data[at%len(data)] ^= flip
		}
		got, err := report.ReadXLSX(data, limits)
		if err != nil {
			if !errors.Is(err, report.ErrTooLarge) && !errors.Is(err, report.ErrUnreadable) {
				t.Fatal(err)
			}
			return
		}
		if len(got.Rows) > limits.Rows || len(got.Columns) > limits.Columns {
			t.Errorf("%d rows, %d columns", len(got.Rows), len(got.Columns))
		}
		for _, row := range got.Rows {
			if len(row) != len(got.Columns) {
				t.Errorf("a row of %d cells under %d columns", len(row), len(got.Columns))
			}
		}
	})
}
