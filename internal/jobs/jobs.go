// Package jobs does what takes minutes beside the workers of a controller: one at a time in each lane, with a time limit, and until it is
// not asked for any more. What came of it is kept until it is written down; what failed is not done again at once.
//
// It imports internal/backoff and internal/turn, and nothing else of the project.
package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/backoff"
	"github.com/goto-operator/goto-operator/internal/turn"
)

// longestRetry is the longest time between two tries of what fails.
const longestRetry = time.Hour

// Job is what is, or was, done for one object.
type Job[R any] struct {
	// Of says what it is about: a job about something else takes its place.
	Of string
	// Done is true once it has ended, with Result or Err.
	Done   bool
	Result R
	Err    error
	// Retry is when it may be done again after an Err.
	Retry time.Time
}

// Work is a job to be done.
type Work[R any] struct {
	// Of as in Job, and Lane, in which one is done at a time.
	Of, Lane string
	// Limit of the time that it takes, from when it has its turn. Beyond it, its context ends with ErrLimit as the cause.
	Limit time.Duration
	// Asked is true if somebody asks for it: it is done though it has failed just before.
	Asked bool
	Do    func(context.Context) (R, error)
}

// ErrLimit is the error of a job that took too long.
var ErrLimit = errors.New("it took too long")

// Jobs of many objects, by the UID of each. New makes them.
type Jobs[R any] struct {
	background context.Context //nolint:containedctx // a job outlives who asks for it
	mu         sync.Mutex
	jobs       map[string]*job[R]
	ending     map[string]chan struct{} // of jobs that were given up
	lanes      map[string]*lane
	running    sync.WaitGroup
}

type lane struct {
	turn.Turn

	users int
}

type job[R any] struct {
	Job[R]

	id    string
	lane  string
	stop  context.CancelFunc
	ended chan struct{}
	last  backoff.Setback[string]
}

// New returns none yet. All end with the context.
func New[R any](background context.Context) *Jobs[R] {
	return &Jobs[R]{background: background, jobs: map[string]*job[R]{}, ending: map[string]chan struct{}{}, lanes: map[string]*lane{}}
}

// Get returns the job of an object.
func (j *Jobs[R]) Get(id string) (Job[R], bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if b := j.jobs[id]; b != nil {
		return b.Job, true
	}
	return Job[R]{}, false
}

// Start begins a job, unless one about the same is under way, has succeeded, or has failed and is not to be done again yet. One about
// something else is given up.
func (j *Jobs[R]) Start(id string, w Work[R]) {
	j.mu.Lock()
	defer j.mu.Unlock()
	old := j.jobs[id]
	if old != nil && old.rests(w) || j.background.Err() != nil {
		return
	}
	b := &job[R]{Job: Job[R]{Of: w.Of}, id: id, lane: w.Lane, ended: make(chan struct{})}
	if old != nil {
		j.giveUp(old)
		b.last = old.last
	}
	var ctx context.Context
	ctx, b.stop = context.WithCancel(j.background)
	j.jobs[id] = b
	l := j.enter(w.Lane)
	j.running.Go(func() {
		defer b.stop()
		result, err := inTurn(ctx, &l.Turn, w)
		j.end(b, result, err)
		j.leave(w.Lane)
	})
}

// rests is true of a job in whose place the same is not begun now.
func (b *job[R]) rests(w Work[R]) bool {
	return b.Of == w.Of && (!b.Done || b.Err == nil || !w.Asked && b.last.Holds(w.Of) != nil)
}

// inTurn does the work when it is its turn.
func inTurn[R any](ctx context.Context, t *turn.Turn, w Work[R]) (result R, err error) {
	if err := t.Take(ctx); err != nil {
		return result, err
	}
	defer t.Leave()
	ctx, cancel := context.WithTimeoutCause(ctx, w.Limit, ErrLimit)
	defer cancel()
	result, err = w.Do(ctx)
	if err != nil && errors.Is(context.Cause(ctx), ErrLimit) {
		err = ErrLimit
	}
	return result, err
}

func (j *Jobs[R]) end(b *job[R], result R, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	b.Done, b.Result, b.Err = true, result, err
	if err != nil {
		b.last = b.last.Again(b.Of, err, func(lasted time.Duration) time.Duration { return backoff.Next(lasted, longestRetry) })
		b.Retry = b.last.Next
	}
	if j.ending[b.id] == b.ended {
		delete(j.ending, b.id)
	}
	close(b.ended)
}

func (j *Jobs[R]) enter(name string) *lane {
	l := j.lanes[name]
	if l == nil {
		l = &lane{}
		j.lanes[name] = l
	}
	l.users++
	return l
}

func (j *Jobs[R]) leave(name string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if l := j.lanes[name]; l != nil {
		if l.users--; l.users == 0 {
			delete(j.lanes, name)
		}
	}
}

// Await waits for the job of an object to end, but not for longer than patience.
func (j *Jobs[R]) Await(ctx context.Context, id string, patience time.Duration) {
	j.mu.Lock()
	b := j.jobs[id]
	j.mu.Unlock()
	if b == nil {
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-b.ended:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Forget gives up the job of an object, and forgets what came of it. Once the channel is closed nothing is done for it any more.
func (j *Jobs[R]) Forget(id string) (ended <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if b := j.jobs[id]; b != nil {
		j.giveUp(b)
	}
	if last := j.ending[id]; last != nil {
		return last
	}
	none := make(chan struct{})
	close(none)
	return none
}

// giveUp ends a job and forgets it. The caller holds the mutex.
func (j *Jobs[R]) giveUp(b *job[R]) {
	b.stop()
	delete(j.jobs, b.id)
	if !b.Done {
		j.ending[b.id] = b.ended
	}
}

// Abandon gives up the jobs of a lane that are under way.
func (j *Jobs[R]) Abandon(lane string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, b := range j.jobs {
		if b.lane == lane && !b.Done {
			j.giveUp(b)
		}
	}
}

// Wait waits for all goroutines to end, once the context of the jobs has.
func (j *Jobs[R]) Wait() { j.running.Wait() }
