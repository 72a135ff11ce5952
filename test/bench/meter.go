package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// figures are what a scenario cost.
type figures struct {
	Calls      calls
	Writes     int // accepted by Kubernetes, events and leases aside
	Events     int // accepted by Kubernetes
	Conflicts  int // refused with 409
	Throttled  int // refused with 429, which client-go repeats
	Reconciles int // of all kinds but GoToAccount
	CPU        time.Duration
	Peak       int64 // of resident memory, in bytes
	Took       time.Duration
}

// counted is what has been counted since a process began, or since the simulator's log was emptied.
type counted struct {
	calls      calls
	audit      audit
	reconciles int
	due        int // objects that the operator works on, or has in its queues
	cpu        time.Duration
	peak       int64
}

// since is what was counted between an earlier moment and this one.
func (c counted) since(then counted) figures {
	return figures{
		Calls: c.calls, Writes: c.audit.writes - then.audit.writes, Events: c.audit.events - then.audit.events,
		Conflicts: c.audit.conflicts - then.audit.conflicts, Throttled: c.audit.throttled - then.audit.throttled,
		Reconciles: c.reconciles - then.reconciles, CPU: c.cpu - then.cpu, Peak: c.peak,
	}
}

// audit counts the operator's writes as the API server's audit log tells them.
type audit struct {
	path   string
	offset int64

	writes, events, conflicts, throttled int
}

// auditPolicy makes the API server log what the operator asks to be changed, and nothing else.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- level: Metadata
  users: ["system:serviceaccount:%s:%s"]
  verbs: [create, update, patch, delete]
- level: None
`

// entry is what is read of a line of the audit log.
type entry struct {
	ObjectRef struct {
		Resource string `json:"resource"`
	} `json:"objectRef"`
	ResponseStatus struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
}

// read counts the lines that have come since the last time.
func (a *audit) read() error {
	file, err := os.Open(a.path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if _, err := file.Seek(a.offset, io.SeekStart); err != nil {
		return err
	}
	for reader := bufio.NewReader(file); ; {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // what there is of a line is read again when it is whole
		}
		if err != nil {
			return err
		}
		a.offset += int64(len(line))
		if err := a.count(line); err != nil {
			return err
		}
	}
}

func (a *audit) count(line []byte) error {
	var e entry
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	switch resource, code := e.ObjectRef.Resource, e.ResponseStatus.Code; {
	case resource == "leases" || resource == "tokenreviews" || resource == "subjectaccessreviews" || resource == "selfsubjectaccessreviews":
	case code == http.StatusConflict:
		a.conflicts++
	case code == http.StatusTooManyRequests:
		a.throttled++
	case resource == "events":
		a.events++
	case code/100 == 2:
		a.writes++
	}
	return nil
}

// ofAccounts is the label of what the table leaves out.
const ofAccounts = `controller="gotoaccount"`

// reconciles reads from the operator's metrics how many objects it has worked on, and how many it works on or has in its queues.
func reconciles(ctx context.Context, address string) (done, due int, err error) {
	text, err := request(ctx, http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return 0, 0, err
	}
	done, err1 := sumOf(text, "controller_runtime_reconcile_total{", ofAccounts)
	active, err2 := sumOf(text, "controller_runtime_active_workers{", ofAccounts)
	queued, err3 := sumOf(text, "workqueue_depth{", ofAccounts)
	return done, active + queued, errors.Join(err1, err2, err3)
}

// sumOf adds the values of a metric, but for the lines that have a label which does not count.
func sumOf(text []byte, metric, without string) (int, error) {
	total := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, metric) || strings.Contains(line, without) {
			continue
		}
		fields := strings.Fields(line)
		value, err := strconv.ParseFloat(fields[len(fields)-1], 64)
		if err != nil {
			return 0, err
		}
		total += int(value)
	}
	return total, nil
}

// ticks of the kernel's clock in a second, which Linux promises to programs.
const ticks = 100

// cpu is the processor time that a process has used.
func cpu(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // the name before may have spaces
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / ticks, errors.Join(err1, err2)
}

// peak is the most memory, in bytes, that a process has had resident since resetPeak.
func peak(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if text, found := strings.CutPrefix(line, "VmHWM:"); found {
			kib, err := strconv.ParseInt(strings.Fields(text)[0], 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("the kernel does not tell the peak of resident memory")
}

// resetPeak makes the kernel forget the peak so far.
func resetPeak(pid int) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0o600)
}

// request sends one request, with a body of JSON where there is one, and returns what comes back.
func request(ctx context.Context, method, url string, body any) ([]byte, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %s", method, url, response.Status, answer)
	}
	return answer, err
}
