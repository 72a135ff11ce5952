package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// encodeJSON writes an array with an object for each row, whose members are the columns in their order. Times have their offset
// (RFC 3339), so that the hour that a change of the clocks repeats is told apart here; empty cells are null.
func encodeJSON(t *Table, e Encoding) ([]byte, error) {
	names, err := jsonNames(t.Columns)
	if err != nil {
		return nil, err
	}
	out := bytes.NewBufferString("[")
	for i, row := range t.cells(e.zone()) {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n{")
		for j, v := range row[:min(len(row), len(names))] {
			if j > 0 {
				out.WriteByte(',')
			}
			out.Write(names[j])
			out.WriteByte(':')
			value, err := json.Marshal(jsonCell(v))
			if err != nil {
				return nil, fmt.Errorf("encode %s: %w", JSON, err)
			}
			out.Write(value)
		}
		out.WriteByte('}')
	}
	out.WriteString("\n]\n")
	return out.Bytes(), nil
}

// jsonNames encodes the columns. Of two that are called the same the second gets a number.
func jsonNames(columns []string) ([][]byte, error) {
	seen, names := map[string]int{}, make([][]byte, len(columns))
	for i, column := range columns {
		seen[column]++
		if n := seen[column]; n > 1 {
			column = fmt.Sprintf("%s (%d)", column, n)
		}
		var err error
		if names[i], err = json.Marshal(column); err != nil {
			return nil, fmt.Errorf("encode %s: %w", JSON, err)
		}
	}
	return names, nil
}

func jsonCell(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.Format(time.RFC3339)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	}
	return v
}
