package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

const account = "GoToAccount"

// release takes the operator's finalizers off, so that everything can be deleted. Each object says Orphan from the same
// moment on: an operator that is at work somewhere all the same deletes nothing in GoTo either.
func (k kubectl) release(ctx context.Context, all []object, out io.Writer) error {
	secrets, err := k.secrets(ctx, all)
	if err != nil {
		return err
	}
	held := managed(slices.Concat(all, secrets))
	if len(held) == 0 {
		return nil
	}
	fmt.Fprintf(out, "%s\n%s\nTheir counterparts stay in GoTo as they are.\n", headline(held), table(held))
	patches, err := patches(held)
	if err != nil {
		return err
	}
	for _, patch := range slices.Sorted(maps.Keys(patches)) {
		if err := k.patch(ctx, patches[patch], patch); err != nil {
			return err
		}
	}
	return nil
}

// patches are the objects by the merge patch that lets them go: the finalizers of others stay.
func patches(held []object) (map[string][]object, error) {
	out := map[string][]object{}
	for _, o := range held {
		patch := map[string]any{"metadata": map[string]any{"finalizers": slices.DeleteFunc(slices.Clone(o.Metadata.Finalizers), ours)}}
		if o.GroupVersionKind().Group == v1alpha1.GroupVersion.Group && o.Kind != account {
			patch["spec"] = map[string]any{"deletionPolicy": v1alpha1.DeletionPolicyOrphan}
		}
		text, err := json.Marshal(patch)
		if err != nil {
			return nil, err
		}
		out[string(text)] = append(out[string(text)], o.named())
	}
	return out, nil
}

// named is an object of which nothing is left but what it is called.
func (o object) named() object {
	return object{TypeMeta: o.TypeMeta, Metadata: metav1.ObjectMeta{Namespace: o.Metadata.Namespace, Name: o.Metadata.Name}}
}

// secrets are those of the accounts, which the operator keeps as long as the account. What is in them is not kept here.
func (k kubectl) secrets(ctx context.Context, all []object) ([]object, error) {
	var out []object
	for _, o := range all {
		name := o.Spec.Credentials.SecretRef.Name
		if o.Kind != account || name == "" {
			continue
		}
		found, err := k.list(ctx, "get", "secrets", "--namespace", o.Metadata.Namespace, "--field-selector", "metadata.name="+name)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}
