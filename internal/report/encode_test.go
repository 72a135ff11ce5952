package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/goto-operator/goto-operator/internal/report"
)

// The clocks go back in Berlin between the two times of this table, which show the same.
var october = time.Date(2030, 10, 27, 0, 30, 0, 0, time.UTC)

func everyCell() *report.Table {
	return &report.Table{
		Title: "All sorts", Columns: []string{"Text", "Number", "Fraction", "Flag", "Time (Europe/Berlin)", "Minutes", "Text"},
		Rows: [][]any{
			{"=SUM(A1)", int64(-1), 1.5, true, october, 90*time.Minute + time.Second, "a,\"b\"\nc"},
			{"-2", int64(7_100_000_000_000_000_001), math.NaN(), false, october.Add(time.Hour), time.Duration(0), "+1"},
			{"@x", int64(0), 0.0, false, time.Time{}, time.Minute, "Zoë 🎉"},
		},
	}
}

func TestCSV(t *testing.T) {
	got, err := report.Encode(everyCell(), report.CSV, report.Encoding{Zone: berlin, BOM: true})
	want := "\ufeffText,Number,Fraction,Flag,Time (Europe/Berlin),Minutes,Text\r\n" +
		"'=SUM(A1),-1,1.5,true,2030-10-27 02:30:00,90,\"a,\"\"b\"\"\r\nc\"\r\n" +
		"'-2,7100000000000000001,NaN,false,2030-10-27 02:30:00,0,'+1\r\n" +
		"'@x,0,0,false,,1,Zoë 🎉\r\n"
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, cmp.Diff(want, string(got)))
	}
	for _, cell := range []string{"=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1"} {
		got, err := report.Encode(&report.Table{Columns: []string{cell}, Rows: [][]any{{cell}}}, report.CSV, report.Encoding{})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(bytes.NewReader(got)).ReadAll()
		if err != nil || len(lines) != 2 || lines[0][0][0] != '\'' || lines[1][0][0] != '\'' {
			t.Errorf("%q is written as %q, %v", cell, got, err)
		}
	}
}

func TestJSONTellsTheRepeatedHourApart(t *testing.T) {
	got, err := report.Encode(everyCell(), report.JSON, report.Encoding{Zone: berlin})
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	d := json.NewDecoder(bytes.NewReader(got))
	d.UseNumber()
	if err := d.Decode(&rows); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	want := []map[string]any{
		{"Text": "=SUM(A1)", "Number": json.Number("-1"), "Fraction": json.Number("1.5"), "Flag": true, "Time (Europe/Berlin)": "2030-10-27T02:30:00+02:00",
			"Minutes": json.Number("90"), "Text (2)": "a,\"b\"\nc"},
		{"Text": "-2", "Number": json.Number("7100000000000000001"), "Fraction": nil, "Flag": false, "Time (Europe/Berlin)": "2030-10-27T02:30:00+01:00",
			"Minutes": json.Number("0"), "Text (2)": "+1"},
		{"Text": "@x", "Number": json.Number("0"), "Fraction": json.Number("0"), "Flag": false, "Time (Europe/Berlin)": nil,
			"Minutes": json.Number("1"), "Text (2)": "Zoë 🎉"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	if !bytes.HasPrefix(got, []byte("[\n{\"Text\":\"=SUM(A1)\",\"Number\":-1,")) {
		t.Errorf("the columns are not in order: %s", got)
	}
	if empty, err := report.Encode(&report.Table{}, report.JSON, report.Encoding{}); err != nil || json.Unmarshal(empty, &rows) != nil || len(rows) != 0 {
		t.Errorf("no rows: %s, %v", empty, err)
	}
}

// TestXLSX opens what is written with the library, as a spreadsheet program would.
func TestXLSX(t *testing.T) {
	data, err := report.Encode(everyCell(), report.XLSX, report.Encoding{Zone: berlin})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := f.GetRows("All sorts")
	want := [][]string{
		{"Text", "Number", "Fraction", "Flag", "Time (Europe/Berlin)", "Minutes", "Text"},
		{"=SUM(A1)", "-1", "1.5", "TRUE", "2030-10-27 02:30:00", "90", "a,\"b\"\nc"},
		{"-2", "7100000000000000001", "", "FALSE", "2030-10-27 02:30:00", "0", "+1"},
		{"@x", "0", "0", "FALSE", "", "1", "Zoë 🎉"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if formula, err := f.GetCellFormula("All sorts", "A2"); err != nil || formula != "" {
		t.Errorf("a text became the formula %q, %v", formula, err)
	}
	if kind, err := f.GetCellType("All sorts", "E2"); err != nil || kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString {
		t.Errorf("a time is a text: %v, %v", kind, err)
	}
}

// The kind compares checksums, so equal tables must be equal bytes, whenever they are written.
func TestEqualTablesAreEqualBytes(t *testing.T) {
	for _, format := range []report.Format{report.XLSX, report.CSV, report.JSON} {
		first, err := report.Encode(everyCell(), format, report.Encoding{Zone: berlin})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if again, err := report.Encode(everyCell(), format, report.Encoding{Zone: berlin}); err != nil || !bytes.Equal(first, again) {
				t.Errorf("%s: the bytes differ, %v", format, err)
			}
		}
		changed := everyCell()
		changed.Rows[0][0] = "other"
		if other, err := report.Encode(changed, format, report.Encoding{Zone: berlin}); err != nil || bytes.Equal(first, other) {
			t.Errorf("%s: another table has the same bytes, %v", format, err)
		}
	}
}

func TestFormatsThatAreNotWritten(t *testing.T) {
	for _, format := range []report.Format{report.HTML, "pdf", ""} {
		if _, err := report.Encode(everyCell(), format, report.Encoding{}); !errors.Is(err, report.ErrUnsupported) {
			t.Errorf("%q: %v", format, err)
		}
	}
}

// A sheet of more than 16 MiB is where the library would write to disk.
func TestALargeTableIsWrittenAndRead(t *testing.T) {
	before := tempFiles(t)
	large := &report.Table{Title: "Large", Columns: []string{"Number", "Text", "More"}}
	random, noise := rand.NewChaCha8([32]byte{1}), make([]byte, 1024)
	for i := range 3500 {
		_, _ = random.Read(noise) // it never fails
		large.Rows = append(large.Rows, []any{int64(i), hex.EncodeToString(noise), strings.Repeat("x", 3000)})
	}
	data, err := report.Encode(large, report.XLSX, report.Encoding{})
	if err != nil || len(data) < 3<<20 {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	got, err := report.ReadXLSX(data, report.Limits{})
	if err != nil || len(got.Rows) != len(large.Rows) || got.Rows[3499][1] != large.Rows[3499][1] {
		t.Fatalf("read back: %v", err)
	}
	if after := tempFiles(t); after != before {
		t.Errorf("%d temporary files, before %d", after, before)
	}
}
