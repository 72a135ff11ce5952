package meetings

import (
	"sync"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// shown is what GoTo was seen to show of meetings.
type shown struct {
	mu      sync.Mutex
	refused error                           // the list, for a cause that no retry cures
	types   map[gotoclient.MeetingType]bool // in the list
	helpers bool                            // co-organizers, in a meeting read by itself (D, as optional)
}

// note keeps what a reading says of the list itself.
func (s *shown) note(listed []gotoclient.Meeting, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = nil
	if gotoclient.IsRefused(err) || gotoclient.IsUnauthenticated(err) {
		s.refused = err
	}
	for i := range listed {
		s.types[listed[i].Type] = true
	}
}

// refusal is why the list was not read, if trying again is of no use.
func (s *shown) refusal() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

// lists tells whether meetings of a type were seen in the list.
func (s *shown) lists(kind gotoclient.MeetingType) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.types[kind]
}

// complete says that there are no co-organizers where the service, which was seen to show them, says nothing of any.
func (s *shown) complete(read *gotoclient.Meeting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.helpers = s.helpers || len(read.CoorganizerKeys) > 0
	if s.helpers && read.CoorganizerKeys == nil {
		read.CoorganizerKeys = []gotoclient.Key{}
	}
}
