package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"time"
	"unique"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// A field is corrected only as long as correcting helps. The first correction of a field is taken for done; a second one to
// the same value, soon after, is read back. A value that GoTo then shows otherwise is NotKept: it is listed, and written
// again only when the spec or GoTo's value changes. One that GoTo kept, and that somebody changes back at each reading, is
// Contested: it is corrected more and more rarely.
//
// What is in status survives a restart: the fields that are not kept, and those that are contested. The rest is a short
// memory of this process, so that a correction that helps costs no write of status.

const (
	// contestedAfter corrections in a row of one field to one value, it is contested.
	contestedAfter = 3
	// sweepEach is how often streaks that are over are forgotten.
	sweepEach = 10 * time.Minute
	// longestPause between two corrections of a contested field.
	longestPause = 24 * time.Hour
)

// streak is a row of corrections of one field to one value.
type streak struct {
	field      string
	desired    unique.Handle[string] // which many objects have alike
	generation int64                 // of the spec that asked for it
	ends       int64                 // in seconds since 1970, unless another follows: what was kept over a whole reading was kept
	count      int32
}

func (s *streak) over(now time.Time) bool { return now.Unix() >= s.ends }

// corrections remembers the streaks of the objects of a kind.
type corrections struct {
	mu      sync.Mutex
	by      map[types.UID][]streak
	latest  []streak                                  // of those who were changed together many have the same, and one copy
	swept   time.Time                                 // when the streaks were last looked through for those that are over
	wrote   map[types.NamespacedName]gotoclient.Key   // the counterpart that an object of that name has changed last, until its status says so
	writers map[gotoclient.Key][]types.NamespacedName // the same, by the counterpart
}

// changes notes that an object is about to change a counterpart, or has come by it. It returns those that did before.
func (c *corrections) changes(name types.NamespacedName, key gotoclient.Key) []types.NamespacedName {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wrote == nil {
		c.wrote, c.writers = map[types.NamespacedName]gotoclient.Key{}, map[gotoclient.Key][]types.NamespacedName{}
	}
	c.forget(name)
	before := slices.Clone(c.writers[key])
	c.wrote[name] = key
	c.writers[key] = append(c.writers[key], name)
	return before
}

func (c *corrections) forget(name types.NamespacedName) {
	key := c.wrote[name]
	delete(c.wrote, name)
	left := slices.DeleteFunc(c.writers[key], func(by types.NamespacedName) bool { return by == name })
	if c.writers[key] = left; len(left) == 0 {
		delete(c.writers, key)
	}
}

// leaves returns the counterpart that an object has changed last, once; "" if that is the one that it has now ("" if it is gone).
func (c *corrections) leaves(name types.NamespacedName, has gotoclient.Key) gotoclient.Key {
	c.mu.Lock()
	defer c.mu.Unlock()
	key, changed := c.wrote[name]
	if !changed || key == has {
		return ""
	}
	c.forget(name)
	return key
}

// shows forgets what an object has changed where its status says the same: that is in the cache, for whoever asks who has a counterpart.
func (c *corrections) shows(name types.NamespacedName, key gotoclient.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if wrote, noted := c.wrote[name]; noted && wrote == key {
		c.forget(name)
	}
}

// writersBut are the objects by which a counterpart was changed last, but for one. Nothing in them need say so.
func (c *corrections) writersBut(name types.NamespacedName, key gotoclient.Key) []types.NamespacedName {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.writers[key]), func(by types.NamespacedName) bool { return by == name })
}

func (c *corrections) of(uid types.UID) []streak {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[uid]
}

func (c *corrections) set(uid types.UID, streaks []streak, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sweep(now)
	if len(streaks) == 0 {
		delete(c.by, uid)
		return
	}
	if !slices.Equal(streaks, c.latest) {
		c.latest = streaks
	}
	c.by[uid] = c.latest
}

// sweep forgets the streaks that are over, of objects that nobody has looked at since.
func (c *corrections) sweep(now time.Time) {
	if now.Sub(c.swept) < sweepEach {
		return
	}
	c.swept = now
	left := map[types.UID][]streak{}
	for uid, streaks := range c.by {
		if slices.ContainsFunc(streaks, func(s streak) bool { return !s.over(now) }) {
			left[uid] = streaks
		}
	}
	c.by = left
}

// triage is what is to be done about the differences of an object.
type triage struct {
	write  []Change              // are corrected now
	held   []v1alpha1.FieldDrift // are not, and why
	repeat bool                  // one that is corrected was corrected to the same value just before
	after  time.Duration         // when to look again for the sake of a contested field; 0 for not
	fresh  bool                  // the correction has shown a difference that was not there before
}

// past is what is known of earlier corrections of an object, and by which clock.
type past struct {
	status     *v1alpha1.ManagedStatus
	streaks    []streak
	generation int64
	resync     time.Duration
	now        time.Time
	asked      bool // a person asks for another try
}

// sortOut decides, for each difference, whether correcting it can help. It is pure.
func (p past) sortOut(changes []Change) triage {
	var out triage
	for _, c := range changes {
		switch wait := p.contestedFor(c); {
		case c.Locked:
			out.held = append(out.held, drifted(c, v1alpha1.ReasonReadOnly))
		case !p.asked && slices.Contains(p.status.Drift, drifted(c, v1alpha1.ReasonNotKept)):
			out.held = append(out.held, drifted(c, v1alpha1.ReasonNotKept))
		case !p.asked && wait > 0:
			out.held = append(out.held, drifted(c, v1alpha1.ReasonContested))
			out.look(wait)
		default:
			out.write = append(out.write, c)
			out.repeat = out.repeat || p.corrected(c) > 0
		}
	}
	return out
}

// brings tells whether something differs after a correction that did not before. Whoever reads a counterpart back is the only one
// to learn of what somebody has changed meanwhile: to later readings it is nothing new.
func (t *triage) brings(left []Change) bool {
	return slices.ContainsFunc(left, func(c Change) bool {
		held := func(d v1alpha1.FieldDrift) bool { return d.Field == fitField(c.Field) }
		return !slices.ContainsFunc(t.write, c.same) && !slices.ContainsFunc(t.held, held)
	})
}

// look asks for another look, unless there is one sooner.
func (t *triage) look(after time.Duration) {
	if after > 0 && (t.after == 0 || after < t.after) {
		t.after = after
	}
}

// corrected is how often in a row a field was corrected to the value that it is to have.
func (p past) corrected(c Change) int32 {
	if f := contested(p.status, c.Field); f != nil && f.Desired == fit(c.Desired) {
		return f.Corrections
	}
	i := slices.IndexFunc(p.streaks, func(s streak) bool {
		return s.field == c.Field && s.generation == p.generation && s.desired.Value() == fit(c.Desired) && !s.over(p.now)
	})
	if i < 0 {
		return 0
	}
	return p.streaks[i].count
}

// inARow is the longest time between two corrections that follow each other.
func inARow(resync time.Duration) time.Duration { return resync * 5 / 2 }

func contested(status *v1alpha1.ManagedStatus, field string) *v1alpha1.ContestedField {
	i := slices.IndexFunc(status.Contested, func(f v1alpha1.ContestedField) bool { return f.Field == fitField(field) })
	if i < 0 {
		return nil
	}
	return &status.Contested[i]
}

// pause is the time between a correction of a contested field and the next.
func pause(corrections int32, resync time.Duration) time.Duration {
	wait := resync
	for range corrections - contestedAfter + 1 {
		if wait *= 2; wait >= longestPause {
			return longestPause
		}
	}
	return wait
}

// contestedFor is how long a contested field has to wait for its next correction.
func (p past) contestedFor(c Change) time.Duration {
	f := contested(p.status, c.Field)
	if f == nil || f.Desired != fit(c.Desired) {
		return 0
	}
	return f.LastCorrected.Add(pause(f.Corrections, p.resync)).Sub(p.now)
}

// settle notes what became of corrections: left are the differences that GoTo shows after them. It returns those that GoTo
// did not keep, and brings status.contested and the streaks up to date.
func (p past) settle(t triage, left []Change) (notKept []v1alpha1.FieldDrift, after []streak) {
	after = slices.DeleteFunc(slices.Clone(p.streaks), func(s streak) bool {
		return s.over(p.now) || slices.ContainsFunc(t.write, func(c Change) bool { return c.Field == s.field })
	})
	for _, c := range t.write {
		n := p.corrected(c)
		if i := slices.IndexFunc(left, c.same); i >= 0 && n > 0 {
			notKept = append(notKept, drifted(left[i], v1alpha1.ReasonNotKept))
			continue
		}
		if n+1 >= contestedAfter {
			contest(p.status, v1alpha1.ContestedField{
				Field: fitField(c.Field), Desired: fit(c.Desired), Corrections: n + 1, LastCorrected: metav1.NewTime(p.now.Truncate(time.Second)),
			})
		}
		after = append(after, streak{c.Field, unique.Make(fit(c.Desired)), p.generation, p.now.Add(inARow(p.resync)).Unix(), n + 1})
	}
	return notKept, after
}

// secondLook is how long a first correction that GoTo does not show is left to come about before it is made again, or a
// resync interval where that is less.
const secondLook = 2 * time.Minute

// unsettled is the error about fields that were written, that GoTo shows otherwise all the same, and that are written once more
// before they count as not kept.
func (p past) unsettled(written, left []Change, notKept []v1alpha1.FieldDrift) error {
	var open []Change
	for _, c := range left {
		if slices.ContainsFunc(written, c.same) && !slices.Contains(notKept, drifted(c, v1alpha1.ReasonNotKept)) {
			open = append(open, c)
		}
	}
	if len(open) == 0 {
		return nil
	}
	return &WaitingError{Reason: v1alpha1.ReasonRetrying, After: min(secondLook, p.resync),
		Message: "GoTo shows something else than what was just written, and is looked at once more: " + fields(open)}
}

// same is true for two differences about one field and one value that it is to have.
func (c Change) same(o Change) bool { return c.Field == o.Field && c.Desired == o.Desired }

func contest(status *v1alpha1.ManagedStatus, f v1alpha1.ContestedField) {
	if known := contested(status, f.Field); known != nil {
		*known = f
		return
	}
	if len(status.Contested) < mostListed {
		status.Contested = append(status.Contested, f)
	}
}

// endContests takes fields off the list that have not been changed back for twice their pause, or that are to have another
// value.
func (p past) endContests(changes []Change) {
	p.status.Contested = slices.DeleteFunc(p.status.Contested, func(f v1alpha1.ContestedField) bool {
		i := slices.IndexFunc(changes, func(c Change) bool { return fitField(c.Field) == f.Field })
		if i >= 0 {
			return fit(changes[i].Desired) != f.Desired
		}
		return p.restOf(f) <= 0
	})
	if len(p.status.Contested) == 0 {
		p.status.Contested = nil
	}
}

// restOf is how long nobody may change a contested field back for the contest to be over.
func (p past) restOf(f v1alpha1.ContestedField) time.Duration {
	return f.LastCorrected.Add(2 * pause(f.Corrections, p.resync)).Sub(p.now)
}

// contestsEnd is when the first contest is over if nobody changes anything back, 0 for no contest. No reading may start the
// object until then: what it shows is what was written.
func (p past) contestsEnd() time.Duration {
	var t triage
	for _, f := range p.status.Contested {
		t.look(p.restOf(f))
	}
	return t.after
}

// mostListed are the entries that the lists of a status have room for.
const mostListed = 64

func drifted(c Change, reason string) v1alpha1.FieldDrift {
	return v1alpha1.FieldDrift{Field: fitField(c.Field), Current: fit(c.Current), Desired: fit(c.Desired), Reason: reason}
}

func drift(changes []Change, reason string) []v1alpha1.FieldDrift {
	var out []v1alpha1.FieldDrift
	for _, c := range changes {
		out = append(out, drifted(c, reason))
	}
	return out[:min(len(out), mostListed)]
}

func fitField(field string) string { return Bounded(field, 128) }

// fit cuts a value to the size that status has room for. What is cut is told apart by a digest: values are compared as they
// stand in status.
func fit(value string) string {
	const room, digest = 1024, 16
	short := Bounded(value, room)
	if short == value {
		return value
	}
	sum := sha256.Sum256([]byte(value))
	return Bounded(value, room-digest-1) + " " + hex.EncodeToString(sum[:digest/2])
}

// fieldsWith are the names of the fields that drift for a reason.
func fieldsWith(held []v1alpha1.FieldDrift, reason string) []string {
	var out []string
	for _, d := range held {
		if d.Reason == reason {
			out = append(out, d.Field)
		}
	}
	return out
}
