package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// kubectl is the command and its options: whatever deletes afterwards deletes in the cluster that was asked.
type kubectl []string

// run returns what the command prints.
func (k kubectl) run(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	if len(k) == 0 {
		return nil, errors.New("--kubectl names no command")
	}
	command := exec.CommandContext(ctx, k[0], append(k[1:len(k):len(k)], args...)...)
	var said bytes.Buffer
	command.Stdin, command.Stderr = bytes.NewReader(stdin), &said
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", k[0], args[0], err, strings.TrimSpace(said.String()))
	}
	return out, nil
}

// objects are all objects of the operator's kinds that the cluster knows.
func (k kubectl) objects(ctx context.Context) ([]object, error) {
	kinds, err := k.run(ctx, nil, "api-resources", "--api-group="+v1alpha1.GroupVersion.Group, "--verbs=list", "--output=name")
	if err != nil {
		return nil, err
	}
	names := strings.Fields(string(kinds))
	if len(names) == 0 {
		return nil, nil
	}
	return k.list(ctx, "get", strings.Join(names, ","), "--all-namespaces")
}

// list runs a command that prints objects.
func (k kubectl) list(ctx context.Context, args ...string) ([]object, error) {
	out, err := k.run(ctx, nil, append(args, "--output=json")...)
	if err != nil {
		return nil, err
	}
	var found struct {
		Items []object `json:"items"`
	}
	return found.Items, json.Unmarshal(out, &found)
}

// patch makes one change to many objects.
func (k kubectl) patch(ctx context.Context, objects []object, patch string) error {
	list, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": objects})
	if err != nil {
		return err
	}
	_, err = k.run(ctx, list, "patch", "--filename=-", "--type=merge", "--patch="+patch)
	return err
}
