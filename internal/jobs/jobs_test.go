package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/jobs"
)

var errBroken = errors.New("broken")

func sleeps(d time.Duration, with error) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		select {
		case <-time.After(d):
			return 7, with
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func work(of string, do func(context.Context) (int, error)) jobs.Work[int] {
	return jobs.Work[int]{Of: of, Lane: "lane", Limit: time.Hour, Do: do}
}

// In a lane one is done at a time, in another at once; the limit counts from when a job has its turn.
func TestLanes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := jobs.New[int](t.Context())
		began := time.Now()
		for _, id := range []string{"a", "b"} {
			w := work("x", sleeps(50*time.Minute, nil))
			j.Start(id, w)
			j.Start(id, w) // the same again changes nothing
		}
		other := work("x", sleeps(50*time.Minute, nil))
		other.Lane = "other"
		j.Start("c", other)
		for id, after := range map[string]time.Duration{"a": 50 * time.Minute, "c": 50 * time.Minute, "b": 100 * time.Minute} {
			j.Await(t.Context(), id, 24*time.Hour)
			if got, _ := j.Get(id); !got.Done || got.Err != nil || got.Result != 7 || id == "b" && time.Since(began) < after {
				t.Errorf("%s after %s: %+v", id, time.Since(began), got)
			}
		}
		if time.Since(began) != 100*time.Minute {
			t.Errorf("took %s", time.Since(began))
		}
	})
}

// What takes too long is ended, and what failed is tried again later and later.
func TestLimitAndRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := jobs.New[int](t.Context())
		j.Start("a", work("x", sleeps(2*time.Hour, nil)))
		j.Await(t.Context(), "a", 24*time.Hour)
		if got, _ := j.Get("a"); !errors.Is(got.Err, jobs.ErrLimit) {
			t.Errorf("%+v", got)
		}
		began, last := time.Now(), time.Duration(0)
		for range 40 {
			j.Start("a", work("y", sleeps(0, errBroken)))
			j.Await(t.Context(), "a", time.Minute)
			got, _ := j.Get("a")
			last = time.Until(got.Retry)
			time.Sleep(last)
		}
		if last < time.Minute || last > 2*time.Hour {
			t.Errorf("after %s the distance is %s", time.Since(began), last)
		}
	})
}

// What failed is left alone until it is time, unless somebody asks for it or it is about something else.
func TestAFailureIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := jobs.New[int](t.Context())
		runs := 0
		fails := func(context.Context) (int, error) { runs++; return 0, errBroken }
		for step, row := range []struct {
			of    string
			asked bool
			sleep bool // until it is time
			want  int
		}{{"x", false, false, 1}, {"x", false, false, 1}, {"x", true, false, 2}, {"x", false, true, 3}, {"y", false, false, 4}, {"y", false, false, 4}} {
			if got, _ := j.Get("a"); row.sleep {
				time.Sleep(time.Until(got.Retry))
			}
			w := work(row.of, fails)
			w.Asked = row.asked
			j.Start("a", w)
			synctest.Wait()
			if runs != row.want {
				t.Errorf("step %d: done %d times, want %d", step, runs, row.want)
			}
		}
	})
}

// What is not asked for any more is ended: forgotten, about something else, in a lane that is abandoned, when the process stops.
func TestGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		j := jobs.New[int](ctx)
		var ended atomic.Int64
		long := func(ctx context.Context) (int, error) {
			defer ended.Add(1)
			return sleeps(time.Hour, nil)(ctx)
		}
		for step, giveUp := range []func(){
			func() { j.Forget("a") }, func() { j.Start("a", work("z", long)) }, func() { j.Abandon("lane") }, stop,
		} {
			j.Start("a", work("y", long))
			synctest.Wait()
			giveUp()
			synctest.Wait()
			if ended.Load() != int64(step+1) {
				t.Errorf("step %d: %d ended", step, ended.Load())
			}
			if step == 1 {
				j.Forget("a")
				synctest.Wait()
				ended.Store(2)
			}
		}
		j.Wait()
		j.Start("a", work("y", long))
		if got, _ := j.Get("a"); got.Of == "y" && !got.Done {
			t.Error("one begins while the process stops")
		}
	})
}
