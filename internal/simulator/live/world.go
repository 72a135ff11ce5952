// Package live is the state of a running simulator under one lock, with its clock, its switches and its file. Everything that reads
// or changes the state while requests come in does so through it. It knows no API.
package live

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
)

// World is a state that lives. Its exported methods take the lock, so nobody who holds it calls them.
type World struct {
	clock  func() time.Time
	file   string
	logger *slog.Logger

	mu       sync.Mutex
	offset   time.Duration
	switches switches.Switches
	store    *state.Store
}

// View is what there is while the lock is held. Nothing of it is to be kept beyond that.
type View struct {
	Now      time.Time
	Switches *switches.Switches
	Store    *state.Store
}

// New returns a world that holds the default state. The state is written to the file, if one is named, after every change. It panics
// when a switch is in no position that it has.
func New(clock func() time.Time, file string, logger *slog.Logger, positions switches.Switches) *World {
	w := &World{clock: clock, file: file, logger: logger}
	defaults := state.DefaultState()
	store, err := state.NewStore(&defaults, w.time())
	must(err) // the default state contradicts itself
	w.store = store
	w.SetSwitches(func(s *switches.Switches) { *s = positions })
	return w
}

func must(err error) {
	if err != nil {
		panic("simulator: " + err.Error())
	}
}

// See runs f with the lock held. f changes nothing of the state.
func (w *World) See(f func(View)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(View{w.time(), &w.switches, w.store})
}

// Change runs f with the lock held, and keeps the state that results unless f fails. It returns f's error.
func (w *World) Change(f func(View) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := f(View{w.time(), &w.switches, w.store})
	if err == nil {
		w.persist()
	}
	return err
}

// ErrUnchanged is what f of Change fails with when there is nothing to keep.
var ErrUnchanged = errors.New("nothing has changed")

// time is Now for those who hold the lock.
func (w *World) time() time.Time { return w.clock().Add(w.offset) }

// Now returns the simulator's time: that of its clock plus what it was advanced by.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time()
}

// Advance shifts the simulator's clock forward: tokens age, the rate limit refills, lagging users become visible.
func (w *World) Advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.offset += d
}

// AdvanceTo sets the simulator's clock to a later time; see Advance. It panics when that would turn it back.
func (w *World) AdvanceTo(t time.Time) { must(w.TryAdvanceTo(t)) }

// TryAdvanceTo is AdvanceTo with an error in the place of the panic.
func (w *World) TryAdvanceTo(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := t.Sub(w.time())
	if d < 0 {
		return fmt.Errorf("the clock stands at %s and is not turned back", w.time().UTC().Format(time.RFC3339))
	}
	w.offset += d
	return nil
}

// Switches returns the present positions.
func (w *World) Switches() switches.Switches {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.switches
}

// SetSwitches lets change edit the switches. It panics when one ends up in no position that it has, so that a misspelt position in
// a test does not pass for the default; TrySwitches reports an error instead.
func (w *World) SetSwitches(change func(*switches.Switches)) {
	must(w.TrySwitches(func(s *switches.Switches) error { change(s); return nil }))
}

// TrySwitches is SetSwitches with an error in the place of the panic. Nothing changes where there is one.
func (w *World) TrySwitches(change func(*switches.Switches) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := w.switches
	if err := change(&next); err != nil {
		return err
	}
	next, err := next.Normalized()
	if err == nil {
		w.switches = next
	}
	return err
}

// Outbox returns the e-mails that would have been sent, oldest first.
func (w *World) Outbox() []state.Mail { return w.State().Outbox }

// Load replaces the whole state. It fails, and changes nothing, when the state contradicts itself, such as by two users of one
// key. Switches, faults, clock and log stay as they are.
func (w *World) Load(in state.State) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	store, err := state.NewStore(&in, w.time())
	if err != nil {
		return err
	}
	w.store = store
	w.persist()
	return nil
}

// State returns a copy of the whole state.
func (w *World) State() state.State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.store.State()
}
