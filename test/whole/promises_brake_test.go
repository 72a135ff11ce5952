package whole

import (
	"path"
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// The brake's defaults: of few things of a kind three may be deleted in an hour.
const (
	brakeWindow = time.Hour
	mostDeleted = 3
)

// brakeWatch is what was deleted, and how much may be.
type brakeWatch struct {
	limits  []atTime
	bare    bool                   // the record of them was lost with the account
	deleted map[string][]time.Time // by the operator, under no approval, by kind
}

// braked are the kinds that the brake counts, by the operations that delete one.
var braked = map[string]string{
	simulator.OpDeleteUsers: "users", simulator.OpDeleteGroup: "groups", simulator.OpDeleteMeeting: "meetings",
	simulator.OpDeleteAttribute: "definitions", simulator.OpDeleteTemplate: "definitions",
}

// brakesAt notes another limit. Definitions keep the one that they have.
func (s *story) brakesAt(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.brake.limits = append(s.brake.limits, atTime{time.Now(), n})
}

// noteEnd is told of each operator that is killed. What it alone knew of an account that was put back is lost, and the next one counts anew.
func (s *story) noteEnd() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isBare() {
		s.brake.deleted = nil
	}
}

// isBare tells whether the account was put back, and nothing has been recorded in it since.
func (s *story) isBare() bool {
	ga := newAccount()
	s.brake.bare = s.brake.bare && (!s.there(ga) || len(ga.Status.Deletions.Recent) == 0)
	return s.brake.bare
}

func (s *story) noteDeletion(r simulator.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kind := braked[r.Operation]; kind != "" && r.Status/100 == 2 {
		for range strings.Split(path.Base(r.Path), ",") {
			s.charge(kind)
		}
	}
}

// noticed is how long it may take until a limit that was lowered is gone by.
const noticed = time.Minute

// charge counts a deletion, unless it was approved.
func (s *story) charge(kind string) {
	b := &s.brake
	if !time.Now().After(s.approved) {
		return
	}
	if b.deleted == nil {
		b.deleted = map[string][]time.Time{}
	}
	all := append(b.deleted[kind], time.Now())
	b.deleted[kind] = all
	limit := mostDeleted
	if kind != "definitions" {
		limit = most(b.limits, noticed)
	}
	if i := len(all) - 1 - limit; i >= 0 && time.Since(all[i]) < brakeWindow {
		s.wrong("%s: %d within %s, and %d may be", kind, limit+1, time.Since(all[i]), limit)
	}
}
