package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// What is logged is the same, whenever the values are encoded.
func TestALazyLogSaysTheSame(t *testing.T) {
	t.Parallel()
	var said [2][]map[string]any
	for i := range said {
		var out bytes.Buffer
		log := zap.New(zap.WriteTo(&out))
		if i == 1 {
			log = lazily(log)
		}
		one := log.WithName("engine").WithValues("kind", "GoToUser")
		two, three := one.WithValues("name", "ada"), one.WithName("life").WithValues("name", "zoe")
		one.Info("one", "more", 1)
		two.Error(errors.New("refused"), "two")
		three.V(0).Info("three")
		three.V(1).Info("not said")
		for _, line := range bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")) {
			entry := map[string]any{}
			if err := json.Unmarshal(line, &entry); err != nil {
				t.Fatal(err)
			}
			delete(entry, "ts")
			delete(entry, "stacktrace")
			said[i] = append(said[i], entry)
		}
	}
	if diff := cmp.Diff(said[0], said[1]); diff != "" || len(said[1]) != 3 {
		t.Errorf("%d: %s", len(said[1]), diff)
	}
}
