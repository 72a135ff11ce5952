// Package inflight bounds how many changes of the operator's own objects are on their way to the API server at once. A thousand
// objects are worked on together, since they wait for one batch, and all have something to write when it comes back: sent together
// they would fill the API server's queues, be refused there with 429, and cost the operator a buffer each. What a person has just
// edited has a lane of its own, so that it does not wait behind them; and so has what is written at the end of the work on an object,
// since whoever begins takes up a worker, and whoever ends leaves one for the next.
//
// It imports nothing of the project.
package inflight

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Width is the number of requests that one lane has under way at most. A dozen keep an API server busy, and more only make a person's own
// request wait there: see ADR 60.
const Width = 12

type laneKey struct{}

// Edit marks what follows from an edit of an object that is there already: it goes before objects that are new or are started by
// something else.
func Edit(ctx context.Context) context.Context { return context.WithValue(ctx, laneKey{}, true) }

type lane chan struct{}

// through waits for room, or returns the error of the context, and writes. Who waits has made no request yet, which would be memory for
// each of a thousand.
func (l lane) through(ctx context.Context, write func() error) error {
	select {
	case l <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l }()
	return write()
}

// bounded is a client whose changes of objects of one API group wait for room.
type bounded struct {
	client.Client

	group               string
	edits, begins, ends lane
}

// Client returns a client that bounds the changes of objects of an API group, such as "goto-operator.dev": what it patches, updates,
// creates and deletes. Everything else passes: reads, other objects, and what the operator has no use for (Apply, DeleteAllOf).
func Client(next client.Client, group string) client.Client {
	return &bounded{Client: next, group: group, edits: make(lane, Width), begins: make(lane, Width), ends: make(lane, Width)}
}

// write changes an object in the lane that it belongs in. The status is what is written last.
func (b *bounded) write(ctx context.Context, obj client.Object, usual lane, write func() error) error {
	if gvk, err := b.GroupVersionKindFor(obj); err != nil || gvk.Group != b.group {
		return write()
	}
	if edit, _ := ctx.Value(laneKey{}).(bool); edit {
		usual = b.edits
	}
	return usual.through(ctx, write)
}

// Create implements client.Writer.
func (b *bounded) Create(ctx context.Context, obj client.Object, opts ...client.CreateOption) error {
	return b.write(ctx, obj, b.begins, func() error { return b.Client.Create(ctx, obj, opts...) })
}

// Update implements client.Writer.
func (b *bounded) Update(ctx context.Context, obj client.Object, opts ...client.UpdateOption) error {
	return b.write(ctx, obj, b.begins, func() error { return b.Client.Update(ctx, obj, opts...) })
}

// Patch implements client.Writer.
func (b *bounded) Patch(ctx context.Context, obj client.Object, patch client.Patch, opts ...client.PatchOption) error {
	return b.write(ctx, obj, b.begins, func() error { return b.Client.Patch(ctx, obj, patch, opts...) })
}

// Delete implements client.Writer.
func (b *bounded) Delete(ctx context.Context, obj client.Object, opts ...client.DeleteOption) error {
	return b.write(ctx, obj, b.begins, func() error { return b.Client.Delete(ctx, obj, opts...) })
}

// Status implements client.StatusClient.
func (b *bounded) Status() client.SubResourceWriter { return &status{b.Client.Status(), b} }

// status writes the status of objects.
type status struct {
	client.SubResourceWriter

	of *bounded
}

// Update implements client.SubResourceWriter.
func (s *status) Update(ctx context.Context, obj client.Object, opts ...client.SubResourceUpdateOption) error {
	return s.of.write(ctx, obj, s.of.ends, func() error { return s.SubResourceWriter.Update(ctx, obj, opts...) })
}

// Patch implements client.SubResourceWriter.
func (s *status) Patch(ctx context.Context, obj client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
	return s.of.write(ctx, obj, s.of.ends, func() error { return s.SubResourceWriter.Patch(ctx, obj, patch, opts...) })
}
