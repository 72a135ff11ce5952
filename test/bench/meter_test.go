package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The log is read while it is written: half a line counts when it is whole, and nothing counts twice.
func TestAuditCountsWhatWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit")
	a := audit{path: path}
	for _, step := range []struct {
		text string
		want audit
	}{
		{`{"objectRef":{"resource":"gotousers"},"responseStatus":{"code":200}}` + "\n" + `{"objectRef":{"resource":"gotousers"},"resp`, audit{writes: 1}},
		{`onseStatus":{"code":409}}` + "\n", audit{writes: 1, conflicts: 1}},
		{`{"objectRef":{"resource":"gotousers"},"responseStatus":{"code":429}}` + "\n", audit{writes: 1, conflicts: 1, throttled: 1}},
		{`{"objectRef":{"resource":"events"},"responseStatus":{"code":201}}` + "\n", audit{writes: 1, conflicts: 1, throttled: 1, events: 1}},
		{`{"objectRef":{"resource":"leases"},"responseStatus":{"code":200}}` + "\n", audit{writes: 1, conflicts: 1, throttled: 1, events: 1}},
		{`{"objectRef":{"resource":"gotousers"},"responseStatus":{"code":404}}` + "\n", audit{writes: 1, conflicts: 1, throttled: 1, events: 1}},
	} {
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(step.text); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		if err := a.read(); err != nil {
			t.Fatal(err)
		}
		step.want.path, step.want.offset = a.path, a.offset
		if a != step.want {
			t.Errorf("after %q: %+v, want %+v", step.text, a, step.want)
		}
	}
}

func TestSumOfAMetric(t *testing.T) {
	text := `# TYPE x_total counter
x_total{controller="gotouser",result="success"} 1200
x_total{controller="gotouser",result="error"} 3
x_total{controller="gotoaccount",result="success"} 50
x_total_other{controller="gotouser"} 7
y{controller="gotouser"} 1
x_total{controller="plan",result="success"} 1e+03
`
	got, err := sumOf([]byte(text), "x_total{", `controller="gotoaccount"`)
	if err != nil || got != 2203 {
		t.Errorf("%d, %v", got, err)
	}
}

func TestThisProcessIsMeasured(t *testing.T) {
	pid := os.Getpid()
	used, err := cpu(pid)
	if err != nil || used < 0 {
		t.Errorf("processor: %v, %v", used, err)
	}
	if most, err := peak(pid); err != nil || most < 1<<20 {
		t.Errorf("memory: %d, %v", most, err)
	}
}
