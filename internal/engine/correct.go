package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// correction has, in the life of an object, the counterpart be as the object says.
type correction[O Object, W, S any] struct{ *life[O, W, S] }

func (l *life[O, W, S]) correction() correction[O, W, S] { return correction[O, W, S]{l} }

// correct writes what differs and may be written, and then says how things stand.
func (l correction[O, W, S]) correct(ctx context.Context, seen *Seen[S]) outcome {
	t, err := l.write(ctx, seen)
	if p, ok := l.Kind.(Publisher[O, W, S]); ok && (err == nil || isUnverified(err)) {
		err = errors.Join(p.Publish(ctx, l.acct, l.obj, l.want, seen.Remote), err)
	}
	out := standing(t.held)
	if err != nil {
		out = outcomeOf(err)
	}
	out = l.judge(seen.Remote, out)
	if l.untold(out) && l.awaits(seen.Remote) {
		return outcome{silent: true}
	}
	out.after = sooner(out.after, t.after)
	l.identify(&out, seen)
	return out
}

// untold is true of an outcome that can wait to be written until there is more to write, since the next reconcile comes to it again: the object
// had its counterpart before, and all is well.
func (l correction[O, W, S]) untold(out outcome) bool {
	_, was := l.before.Managed()
	_, is := l.obj.Managed()
	same := *l.before.RemoteKey() == *l.obj.RemoteKey() && equality.Semantic.DeepEqual(was.Drift, is.Drift) &&
		equality.Semantic.DeepEqual(was.Contested, is.Contested)
	return l.work.way == nil && was.Origin != "" && same && out.err == nil && !out.expired && out.ready == metav1.ConditionTrue
}

// awaits tells whether what is known of the counterpart is what was written, and not what GoTo makes of it, and ends the reconcile until it is.
func (l correction[O, W, S]) awaits(seen S) bool {
	shower, shows := l.Kind.(Shower[S])
	if !shows {
		return false
	}
	then := shower.Shows(l.acct, seen)
	if then != nil {
		l.work.way, l.work.postponed = &UnderWay[O, S]{Then: then}, true
	}
	return then != nil
}

// standing is the outcome of an object for which nothing is left to write.
func standing(held []v1alpha1.FieldDrift) outcome {
	for _, row := range []struct {
		reason, message string
		stalled         bool
	}{
		{v1alpha1.ReasonReadOnly, "GoTo does not allow these fields to be changed: ", true},
		{v1alpha1.ReasonNotKept, "GoTo keeps something else than what was written; status.drift says what. Change the spec to a value that GoTo keeps: ", true},
		{v1alpha1.ReasonContested, "somebody else changes these fields back in GoTo: ", false},
	} {
		if fields := fieldsWith(held, row.reason); len(fields) > 0 {
			return outcome{ready: metav1.ConditionFalse, reason: row.reason, stalled: row.stalled, reconciling: !row.stalled,
				message: row.message + strings.Join(fields, ", ")}
		}
	}
	return outcome{ready: metav1.ConditionTrue, reason: v1alpha1.ReasonSynced, message: "GoTo holds what the spec says"}
}

// write corrects what can be corrected, and notes the rest in status.drift.
func (l correction[O, W, S]) write(ctx context.Context, seen *Seen[S]) (triage, error) {
	w, ok := l.Kind.(Writer[O, W, S])
	if !ok {
		return triage{}, nil
	}
	t, err := l.round(ctx, w, seen)
	for range mostRounds - 1 {
		if err != nil || !t.fresh {
			return t, err
		}
		t, err = l.round(ctx, w, seen)
	}
	if t.fresh {
		t.look(conflictRetry)
	}
	return t, err
}

// mostRounds is how often differences that come to light by a correction are corrected at once.
const mostRounds = 3

// round corrects the differences that are known now.
func (l correction[O, W, S]) round(ctx context.Context, w Writer[O, W, S], seen *Seen[S]) (triage, error) {
	_, status := l.obj.Managed()
	changes, past := w.Diff(l.obj, l.want, seen.Remote), l.past()
	past.endContests(changes)
	t := past.sortOut(changes)
	var err error
	if len(t.write) > 0 {
		err = l.update(ctx, w, seen, &t)
	}
	t.look(past.contestsEnd())
	l.tell(status.Drift, t.held)
	status.Drift = t.held[:min(len(t.held), mostListed)]
	return t, err
}

func (l correction[O, W, S]) past() past {
	_, status := l.obj.Managed()
	return past{
		status: status, streaks: l.corrections.of(l.obj.GetUID()), generation: l.obj.GetGeneration(), resync: l.acct.ResyncInterval(), now: l.now(),
		asked: Asked(l.obj),
	}
}

// update writes the differences that can be corrected. What was corrected to the same value just before is read back.
func (l correction[O, W, S]) update(ctx context.Context, w Writer[O, W, S], seen *Seen[S], t *triage) error {
	if g, ok := l.Kind.(Guard[O, W, S]); ok {
		if err := g.Guard(l.acct, l.obj, l.want, seen.Remote, t.write); err != nil {
			return err
		}
	}
	var unrecorded O
	if r, ok := l.Kind.(Recorder[O, W, S]); ok {
		unrecorded, _ = l.obj.DeepCopyObject().(O)
		r.Record(l.obj, l.want, seen.Remote, t.write)
	}
	if err := l.remember(ctx, seen); err != nil {
		return err
	}
	if c := l.claimer(); c != nil {
		l.corrections.changes(client.ObjectKeyFromObject(l.obj), c.Key(seen.Remote))
	}
	before := l.rivals().namesOf(seen.Remote)
	remote, err := w.Update(ctx, l.acct, l.obj, l.want, seen.Remote, t.write)
	l.see(seen, remote)
	l.rivals().freed(ctx, l.obj, before, l.rivals().namesOf(remote))
	if err != nil {
		return l.unrecord(ctx, unrecorded, seen, err)
	}
	if t.repeat {
		if remote, err = w.ReadBack(ctx, l.acct, l.obj, seen.Remote); err != nil {
			return err
		}
		l.see(seen, remote)
	}
	left := w.Diff(l.obj, l.want, remote)
	t.fresh = t.brings(left)
	return l.settle(t, left)
}

// unrecord takes back what was noted of a write that an error stands against, and returns that error. It costs two writes of the object for
// each attempt, as a create that is refused does.
func (l correction[O, W, S]) unrecord(ctx context.Context, before O, seen *Seen[S], err error) error {
	r, ok := l.Kind.(Unrecorder[O, S])
	if !ok || !stands(err) {
		return err
	}
	r.Unrecord(l.obj, before, seen.Remote)
	return errors.Join(err, l.remember(ctx, seen))
}

// remember writes down what the object stands for before that is changed. What was found by its intent might not be
// recognised by it any more once it is changed; and status, which is believed first, must not name an earlier counterpart.
func (l correction[O, W, S]) remember(ctx context.Context, seen *Seen[S]) error {
	was, is := *l.before.RemoteKey(), *l.obj.RemoteKey()
	if was != is && (was != "" || l.found && identityOf(l.obj).open()) {
		if err := l.objects().patchStatus(ctx, l.work, l.before, l.obj); err != nil {
			return err
		}
	}
	return l.objects().claim(ctx, l.obj, l.memories().remembered(l.obj, l.proves(seen) && !l.renames(seen)))
}

// renames is true for an object that asks for a name that its counterpart does not have yet.
func (l correction[O, W, S]) renames(seen *Seen[S]) bool {
	c := l.claimer()
	if c == nil {
		return false
	}
	has := c.NamesOf(seen.Remote)
	return slices.ContainsFunc(c.Names(l.obj), func(name string) bool { return !slices.Contains(has, name) })
}

func (l correction[O, W, S]) see(seen *Seen[S], remote S) {
	seen.Remote = remote
	l.Kind.Report(l.obj, remote)
}

// settle remembers what became of corrections, and tells of them. Its error is about those that GoTo does not show yet and that
// are to be made once more.
func (l correction[O, W, S]) settle(t *triage, left []Change) error {
	_, status := l.obj.Managed()
	contests := len(status.Contested)
	notKept, streaks := l.past().settle(*t, left)
	l.corrections.set(l.obj.GetUID(), streaks, l.now())
	t.held = append(t.held, notKept...)
	if len(notKept) < len(t.write) {
		l.normal(l.obj, v1alpha1.EventUpdated, "corrected in GoTo: "+fields(t.write))
	}
	if len(status.Contested) > contests {
		l.event(l.obj, corev1.EventTypeWarning, v1alpha1.ReasonContested,
			"somebody else keeps changing back what the operator corrects in GoTo; it corrects more and more rarely: "+fields(t.write))
	}
	return l.past().unsettled(t.write, left, notKept)
}

// tell makes an event of fields that GoTo does not keep, once.
func (l correction[O, W, S]) tell(before, now []v1alpha1.FieldDrift) {
	known, fresh := fieldsWith(before, v1alpha1.ReasonNotKept), fieldsWith(now, v1alpha1.ReasonNotKept)
	if len(fresh) > len(known) {
		l.event(l.obj, corev1.EventTypeWarning, v1alpha1.ReasonNotKept, "GoTo keeps something else than what was written: "+strings.Join(fresh, ", "))
	}
}

// judge lets the kind add to an outcome, and say when time alone makes a difference. What the kind finds wrong counts only
// where nothing else is.
func (l correction[O, W, S]) judge(seen S, out outcome) outcome {
	if judge, ok := l.Kind.(Judge[O, W, S]); ok {
		conditions, err := judge.Judge(l.obj, l.want, seen)
		if err != nil && out.ready == metav1.ConditionTrue {
			out = outcomeOf(err)
		}
		out.conditions = conditions
	}
	if s, ok := l.Kind.(Scheduler[O, W, S]); ok {
		after, expired := s.Next(l.obj, l.want, seen)
		out.after, out.expired = sooner(out.after, after), expired
	}
	return out
}
