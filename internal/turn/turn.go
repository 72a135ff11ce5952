// Package turn lets one goroutine at a time do what takes long, such as requests. Unlike those who wait for a mutex, those who wait
// for their turn can give up with their context, and fake time passes while they do.
//
// It imports nothing of the project.
package turn

import (
	"context"
	"sync"
)

// Turn is had by one at a time. The zero value is free.
type Turn struct {
	once sync.Once
	held chan struct{}
}

// Take waits until the turn is free and has it, or returns the error of a context that ends first.
func (t *Turn) Take(ctx context.Context) error {
	select {
	case t.channel() <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Leave ends the turn of who has it.
func (t *Turn) Leave() { <-t.channel() }

func (t *Turn) channel() chan struct{} {
	t.once.Do(func() { t.held = make(chan struct{}, 1) })
	return t.held
}
