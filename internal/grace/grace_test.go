package grace

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestWorkUnderWayOutlivesTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopping, stop := context.WithCancel(t.Context())
		g := New(stopping)
		caller, cancel := context.WithCancel(stopping)
		defer cancel()
		first, firstDone, _ := g.Begin(caller)
		second, secondDone, _ := g.Begin(caller)
		stop()
		synctest.Wait()
		if first.Err() != nil || second.Err() != nil || g.Context().Err() != nil {
			t.Error("what was under way is cut off")
		}
		if _, _, may := g.Begin(t.Context()); may {
			t.Error("something begins while the operator stops")
		}
		firstDone()
		if g.Context().Err() != nil {
			t.Error("the second is cut off by the end of the first")
		}
		secondDone()
		if g.Context().Err() == nil {
			t.Error("it goes on though nothing is under way")
		}
	})
}

func TestWorkIsGivenUpInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopping, stop := context.WithCancel(t.Context())
		g := New(stopping)
		work, done, _ := g.Begin(stopping)
		defer done()
		stop()
		time.Sleep(Longest - time.Second)
		if work.Err() != nil {
			t.Error("given up too early")
		}
		time.Sleep(2 * time.Second)
		if work.Err() == nil {
			t.Error("it goes on for ever")
		}
	})
}

// Another replica may be at work already.
func TestWorkEndsAtOnceWithoutTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(t.Context())
		lease, lose := context.WithCancel(t.Context())
		work, done, _ := g.Begin(lease)
		defer done()
		lose()
		synctest.Wait()
		if work.Err() == nil {
			t.Error("it goes on")
		}
		if _, _, may := g.Begin(lease); may {
			t.Error("something begins")
		}
	})
}

func TestNothingUnderWayEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopping, stop := context.WithCancel(t.Context())
		g := New(stopping)
		stop()
		synctest.Wait()
		if g.Context().Err() == nil {
			t.Error("it goes on")
		}
	})
}

func TestNoGrace(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var g *Grace
	work, done, may := g.Begin(ctx)
	done()
	if work != ctx || !may {
		t.Error("the context is another, or nothing may begin")
	}
	cancel()
	if _, _, may := g.Begin(ctx); may {
		t.Error("something begins in a context that has ended")
	}
}

// A manager that stops waits for what is under way, and for nothing that was cut off with the lease.
func TestAManagerWaitsForTheLastWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopping, stop := context.WithCancel(t.Context())
		g := New(stopping)
		_, done, _ := g.Begin(stopping)
		lease, lose := context.WithCancel(t.Context())
		lost, ended := make(chan error, 1), make(chan error, 1)
		go func() { lost <- g.Start(lease) }()
		go func() { ended <- g.Start(stopping) }()
		lose()
		if err := <-lost; err != nil {
			t.Error(err)
		}
		stop()
		synctest.Wait()
		if len(ended) > 0 {
			t.Error("it does not wait for what is under way")
		}
		done()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
