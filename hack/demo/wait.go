package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	"github.com/goto-operator/goto-operator/hack/rig"
)

// groupVersion is the API whose objects the demo waits for, of whatever kinds there are.
var groupVersion = schema.GroupVersion{Group: "goto-operator.dev", Version: "v1alpha1"}

// quiet is how long nothing has to change before what there is counts as final: counts of members and seats follow the
// users by a moment.
const quiet = 3 * time.Second

// waitReady prints how many objects are Ready, whenever that changes, until all are and nothing changes any more. The error
// of a time-out tells each object's conditions and the end of the operator's log.
func waitReady(ctx context.Context, plane *rig.ControlPlane, operator *rig.Process) error {
	kinds, err := servedKinds(plane)
	if err != nil {
		return err
	}
	step("Waiting until everything is Ready")
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(readyTimeout)
	last, state, since := "", "", time.Now()
	for {
		objects, err := listAll(ctx, plane, kinds)
		if err != nil && ctx.Err() == nil {
			return err
		}
		waiting := notReady(objects)
		if line := progress(len(objects), waiting); err == nil && line != last {
			detail("%s", line)
			last = line
		}
		if now := versions(objects); now != state {
			state, since = now, time.Now()
		}
		if err == nil && len(objects) > 0 && len(waiting) == 0 && time.Since(since) > quiet {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return rig.ErrInterrupted
		case <-operator.Done():
			return operator.Ended()
		case <-timeout:
			return errors.New(report(waiting))
		}
	}
}

// servedKinds asks the API server for the kinds of the group.
func servedKinds(plane *rig.ControlPlane) ([]string, error) {
	client, err := discovery.NewDiscoveryClientForConfig(plane.Config)
	if err != nil {
		return nil, err
	}
	resources, err := client.ServerResourcesForGroupVersion(groupVersion.String())
	if err != nil {
		return nil, err
	}
	var kinds []string
	for _, resource := range resources.APIResources {
		if !strings.Contains(resource.Name, "/") { // not a subresource
			kinds = append(kinds, resource.Kind)
		}
	}
	return kinds, nil
}

func listAll(ctx context.Context, plane *rig.ControlPlane, kinds []string) ([]unstructured.Unstructured, error) {
	var all []unstructured.Unstructured
	for _, kind := range kinds {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(groupVersion.WithKind(kind + "List"))
		if err := plane.Client.List(ctx, list); err != nil {
			return nil, err
		}
		all = append(all, list.Items...)
	}
	return all, nil
}

// versions differ when any object does.
func versions(objects []unstructured.Unstructured) string {
	var b strings.Builder
	for _, object := range objects {
		b.WriteString(string(object.GetUID()) + "/" + object.GetResourceVersion() + " ")
	}
	return b.String()
}

func notReady(objects []unstructured.Unstructured) []unstructured.Unstructured {
	var waiting []unstructured.Unstructured
	for _, object := range objects {
		if !isReady(object) {
			waiting = append(waiting, object)
		}
	}
	return waiting
}

// isReady says whether the object's Ready condition is true of its present generation.
func isReady(object unstructured.Unstructured) bool {
	for _, condition := range conditions(object) {
		if condition["type"] == "Ready" {
			return condition["status"] == string(metav1.ConditionTrue) && condition["observedGeneration"] == object.GetGeneration()
		}
	}
	return false
}

func conditions(object unstructured.Unstructured) []map[string]any {
	list, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions") // absent before the operator has seen it
	var found []map[string]any
	for _, item := range list {
		if condition, ok := item.(map[string]any); ok {
			found = append(found, condition)
		}
	}
	return found
}

// progress is a line such as "3/5 Ready (waiting for: GoToUser/ada)".
func progress(total int, waiting []unstructured.Unstructured) string {
	const shown = 4
	line := fmt.Sprintf("%d/%d Ready", total-len(waiting), total)
	if len(waiting) == 0 {
		return line
	}
	var names []string
	for _, object := range waiting[:min(shown, len(waiting))] {
		names = append(names, object.GetKind()+"/"+object.GetName())
	}
	if more := len(waiting) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return line + " (waiting for: " + strings.Join(names, ", ") + ")"
}

// report tells what the objects' conditions are, and how the operator's log ends.
func report(waiting []unstructured.Unstructured) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d objects are not Ready after %s:\n", len(waiting), readyTimeout)
	for _, object := range waiting {
		fmt.Fprintf(&b, "%s %s/%s\n", object.GetKind(), object.GetNamespace(), object.GetName())
		all := conditions(object)
		if len(all) == 0 {
			fmt.Fprintln(&b, "  no conditions: the operator has not seen it")
		}
		for _, condition := range all {
			fmt.Fprintf(&b, "  %v=%v %v: %v\n", condition["type"], condition["status"], condition["reason"], condition["message"])
		}
	}
	fmt.Fprintf(&b, "The operator's log %s ends with:\n%s", operatorLog, rig.Tail(operatorLog, 40))
	return b.String()
}
