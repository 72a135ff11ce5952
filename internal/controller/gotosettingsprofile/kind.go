// Package gotosettingsprofile reconciles GoToSettingsProfile objects. Which user gets which settings is worked out by
// internal/settings, and written by the GoToUsers themselves: here they are counted. The settings of new users and of the account,
// which are always there and of which nothing is ever created or deleted, a profile writes itself.
//
// controller.go says what starts a reconcile, plan.go keeps the plan of each account current, kind.go is what the engine asks; judge.go is
// pure and says how far the settings are where they are to be. It may not import another kind's package.
package gotosettingsprofile

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/settings"
)

// Kind is the engine's view of a GoToSettingsProfile.
type Kind struct {
	planner *settings.Planner
	now     func() time.Time
}

type wants struct{}

// seen is what the plan says of a profile, and what GoTo shows at the levels that the profile writes.
type seen struct {
	settings.Own

	at      time.Time                        // what is due then is written
	denied  map[v1alpha1.SettingsLevel]error // why nothing may be sent to a level
	unread  error                            // why a level could not be read
	nowhere settings.Nowhere
}

// writes is true of what Update and Delete are about to send. It goes by nothing that changes meanwhile, so that what is noted before a write
// is noted of that write.
func (s *seen) writes(p *v1alpha1.GoToSettingsProfile, level v1alpha1.SettingsLevel, set gotoclient.Settings) bool {
	return len(set) > 0 && s.denied[level] == nil && (level != v1alpha1.LevelAccount || settings.Due(p, set, s.at))
}

type profiles = engine.Kind[*v1alpha1.GoToSettingsProfile, wants, seen]

var (
	_ profiles                                                    = Kind{}
	_ engine.Writer[*v1alpha1.GoToSettingsProfile, wants, seen]   = Kind{}
	_ engine.Deleter[*v1alpha1.GoToSettingsProfile, seen]         = Kind{}
	_ engine.Recorder[*v1alpha1.GoToSettingsProfile, wants, seen] = Kind{}
	_ engine.Unrecorder[*v1alpha1.GoToSettingsProfile, seen]      = Kind{}
	_ engine.DeletionJudge[*v1alpha1.GoToSettingsProfile, seen]   = Kind{}
	_ engine.Rememberer[*v1alpha1.GoToSettingsProfile]            = Kind{}
	_ engine.Judge[*v1alpha1.GoToSettingsProfile, wants, seen]    = Kind{}
	_ engine.Pauser[*v1alpha1.GoToSettingsProfile]                = Kind{}
)

// New returns an empty GoToSettingsProfile.
func (Kind) New() *v1alpha1.GoToSettingsProfile { return &v1alpha1.GoToSettingsProfile{} }

// NewList returns an empty list of them.
func (Kind) NewList() client.ObjectList { return &v1alpha1.GoToSettingsProfileList{} }

// Resolve has nothing to look up: the plan has. Organizers have no settings.
func (Kind) Resolve(_ context.Context, acct *account.Account, _ *v1alpha1.GoToSettingsProfile) (wants, error) { //nolint:revive // nobody but the engine, by its type parameter, has to name the type
	if acct.Organizers() != nil {
		return wants{}, &engine.StalledError{Reason: v1alpha1.ReasonUnsupported,
			Message: "the GoToMeeting API, through which this account is provisioned, has no settings"}
	}
	return wants{}, nil
}

// Observe asks the plan, and reads the levels that the profile writes itself. What cannot be read there holds nothing else up.
func (k Kind) Observe(ctx context.Context, acct *account.Account, p *v1alpha1.GoToSettingsProfile, _ wants) (*engine.Seen[seen], error) {
	var nowhere settings.Nowhere
	var unread error
	if p.DeletionTimestamp.IsZero() {
		nowhere, unread = settings.LookAtCountries(ctx, acct.Settings(), &p.Spec)
	}
	plan, err := k.planner.Profile(ctx, acct, p, nowhere)
	if err != nil {
		return nil, err
	}
	out := seen{Own: settings.Own{Profile: plan}, at: k.now(), nowhere: nowhere}.again(ctx, acct, p)
	return &engine.Seen[seen]{Remote: out, Origin: v1alpha1.Created}, unread
}

// again is what is seen once the levels are read.
func (s seen) again(ctx context.Context, acct *account.Account, p *v1alpha1.GoToSettingsProfile) seen {
	s.Own, s.unread = settings.ReadOwn(ctx, acct.Settings(), string(p.Spec.Product), s.Profile)
	s.denied = map[v1alpha1.SettingsLevel]error{}
	for _, level := range settings.Levels {
		s.denied[level] = acct.Settings().MayUpdate(settings.RefOf(level, string(p.Spec.Product)).Level)
	}
	return s
}

// Diff lists what differs at the levels that the profile writes itself.
func (Kind) Diff(_ *v1alpha1.GoToSettingsProfile, _ wants, s seen) []engine.Change {
	return s.Changes()
}

// Update writes the settings that differ. Those of the account, by which GoTo may overwrite those of its users, are announced first.
func (k Kind) Update(ctx context.Context, acct *account.Account, p *v1alpha1.GoToSettingsProfile, _ wants, s seen, changes []engine.Change) (seen, error) { //nolint:revive // as Resolve
	var failed error
	for _, level := range settings.Levels {
		if set := s.Among(level, changes); len(set) > 0 {
			failed = errors.Join(failed, k.write(ctx, acct, p, s, level, set))
		}
	}
	return s.again(ctx, acct, p), failed
}

func (k Kind) write(
	ctx context.Context, acct *account.Account, p *v1alpha1.GoToSettingsProfile, s seen, level v1alpha1.SettingsLevel, set gotoclient.Settings,
) error {
	product := string(p.Spec.Product)
	if err := s.denied[level]; err != nil {
		if level == v1alpha1.LevelAccount {
			settings.ForgetAnnounced(p)
		}
		return err
	}
	switch {
	case !s.writes(p, level, set):
		return settings.Announce(p, set, k.now())
	case level == v1alpha1.LevelNewUsers:
		return acct.Settings().UpdateNewUsers(ctx, product, set)
	}
	if err := acct.Settings().UpdateAccount(ctx, product, set); err != nil {
		return err
	}
	settings.ForgetAnnounced(p)
	return acct.Refresh(ctx) // what it has overwritten of users is theirs to put back
}

// ReadBack reads the levels as GoTo shows them: each write has read them already.
func (Kind) ReadBack(ctx context.Context, acct *account.Account, p *v1alpha1.GoToSettingsProfile, s seen) (seen, error) { //nolint:revive // as Resolve
	s = s.again(ctx, acct, p)
	return s, s.unread
}

// Record notes what is there before the profile writes it, and nothing of what Update only announces or may not send: somebody else may
// change that before it is written, if it ever is.
func (Kind) Record(p *v1alpha1.GoToSettingsProfile, _ wants, s seen, changes []engine.Change) {
	for _, level := range settings.Levels {
		if set := s.Among(level, changes); s.writes(p, level, set) {
			s.RecordFound(p, level, set)
		}
	}
}

// Unrecord takes back what was noted of a write that GoTo has refused.
func (Kind) Unrecord(p, before *v1alpha1.GoToSettingsProfile, s seen) { s.UnrecordFound(p, before) }

// RecordCreate has nothing to note: nothing is created.
func (Kind) RecordCreate(*v1alpha1.GoToSettingsProfile, wants) {}

// Remembers is true once something was found that may have to be put back.
func (Kind) Remembers(p *v1alpha1.GoToSettingsProfile) bool { return len(p.Status.Found) > 0 }

// Delete puts back what was found, but for what another profile decides. What cannot be is left, and said.
func (k Kind) Delete(ctx context.Context, acct *account.Account, p *v1alpha1.GoToSettingsProfile, s seen) error {
	failed := s.unread
	for _, level := range settings.Levels {
		if set := s.ToRestore(p, level); len(set) > 0 {
			failed = errors.Join(failed, k.write(ctx, acct, p, s, level, set))
		}
	}
	if left := s.Left(p); failed == nil && len(left) > 0 {
		return &engine.LeftError{Message: engine.Bounded(cannotPutBack+strings.Join(left, ", "), longestNote)}
	}
	return failed
}

const (
	cannotPutBack = "these settings stay as the profile wrote them, since GoTo did not show what they were before, or the account does not let " +
		"the profile's namespace be about all of it: "
	longestNote = 1000 // of an event
)

// memory is what of the status has to survive its loss.
type memory struct {
	Found []v1alpha1.FoundSetting `json:"found,omitempty"`
}

// Memory is what was there before the profile.
func (Kind) Memory(p *v1alpha1.GoToSettingsProfile) any { return memory{p.Status.Found} }

// Recall adds what the status lacks.
func (Kind) Recall(p *v1alpha1.GoToSettingsProfile, data json.RawMessage) {
	var m memory
	if json.Unmarshal(data, &m) != nil {
		return
	}
	for _, f := range m.Found {
		settings.AddFound(p, f)
	}
}

// Report copies the counts.
func (Kind) Report(p *v1alpha1.GoToSettingsProfile, s seen) {
	st, n := &p.Status, s.Users
	st.Selected, st.Applied, st.Pending = new(int64(n.Selected)), new(int64(n.Applied)), new(int64(n.Pending))
	st.Refused, st.NotEntitled, st.Overridden = new(int64(n.Refused)), new(int64(n.NotEntitled)), new(int64(n.Overridden))
	st.Conflicts = s.Conflicts
}

// Pause announces nothing any more: who lets a profile go on that was kept from writing is told anew what it is about to do.
func (Kind) Pause(p *v1alpha1.GoToSettingsProfile) []metav1.Condition {
	return []metav1.Condition{settings.Announced(p, nil)}
}

// JudgeDeletion announces what is about to be put back to the account.
func (Kind) JudgeDeletion(p *v1alpha1.GoToSettingsProfile, s seen) []metav1.Condition {
	return []metav1.Condition{settings.Announced(p, s.ToRestore(p, v1alpha1.LevelAccount))}
}
