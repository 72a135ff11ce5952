// Package knowledge is what GoTo was found to do where nobody has verified it: whether one request changes several users, what the change
// of a user brings about, and how large a page may be.
//
// It knows neither requests nor records, and imports nothing of this module.
package knowledge

import (
	"sync"
	"time"
)

// Answer to a question about the service.
type Answer int8

// The answers.
const (
	No      Answer = -1
	Unknown Answer = 0
	Yes     Answer = 1
)

const (
	// noLasts and yesLasts are how long an answer counts before it is asked for again.
	noLasts  = time.Hour
	yesLasts = 24 * time.Hour
	// firstNo is how long the first no counts: what contradicted may have come from a read that was behind. Each that follows counts twice
	// as long as the one before it.
	firstNo = 2 * time.Minute
)

// Fact is one thing that the service does or does not. Only a read that contradicts says no: a failed one says nothing, and neither does
// one that may show what was there before.
type Fact struct {
	mu     sync.Mutex
	answer Answer
	at     time.Time
	lasts  time.Duration
}

// Note keeps what a read has shown. One no more while no counts is no news.
func (f *Fact) Note(yes bool, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case yes:
		f.answer, f.lasts = Yes, yesLasts
	case f.answer != No:
		f.answer, f.lasts = No, firstNo
	case now.Sub(f.at) > f.lasts:
		f.lasts = min(2*f.lasts, noLasts)
	default:
		return
	}
	f.at = now
}

// Answer is what is known now.
func (f *Fact) Answer(now time.Time) Answer {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.at) > f.lasts {
		return Unknown
	}
	return f.answer
}

// SmallestPage is not halved: a request for so few records does not fail for its size.
const SmallestPage = 25

// PageSize is how many records of a list to ask for in one request. The largest that GoTo allows is not known (UNVERIFIED; at least 1000
// works for users, C), nor what a gateway's time limit allows of a large account.
type PageSize struct {
	mu     sync.Mutex
	most   int
	now    int
	failed time.Time // when a larger one was found too large
	tried  int       // the size that was asked for since, as the one before it had worked
	held   bool      // it was too large
	given  int       // the largest page of the last reading; 0 if it had one alone
}

// NewPageSize returns one of which most is what is asked for at first.
func NewPageSize(most int) *PageSize { return &PageSize{most: most, now: most} }

// At is the number of records to ask for. An hour after it was found too large, the first size is tried again.
func (p *PageSize) At(now time.Time) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at(now)
}

func (p *PageSize) at(now time.Time) int {
	if now.Sub(p.failed) > noLasts {
		p.now, p.tried, p.held = p.most, 0, false
	}
	return p.now
}

// Smaller is the size to try after one that was too large; the same size where there is none. Pages of less than least would be too many.
func (p *PageSize) Smaller(size, least int) int {
	return min(size, max(min(max(SmallestPage, least), p.most), size/2))
}

// Found notes the size that works where larger ones were too large.
func (p *PageSize) Found(size int, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = p.tried > size
	p.now, p.failed = size, now
}

// Fits notes that the list was read whole with pages of a size. What was too large for a larger one may have passed: one of double the size
// is tried next, but not a second time within the hour if it is too large still.
func (p *PageSize) Fits(size int, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at(now) == size && size < p.most && !p.held {
		p.now = min(2*size, p.most)
		p.tried = p.now
	}
}

// Gave notes how many pages a list had, and the number of records in the largest.
func (p *PageSize) Gave(pages, largest int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.given = 0
	if pages > 1 {
		p.given = largest
	}
}

// Given is the number of records to expect of one request: GoTo may give fewer than it is asked for.
func (p *PageSize) Given(now time.Time) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if size := p.at(now); p.given == 0 || p.given > size {
		return size
	}
	return p.given
}

// Service is all that is known of it.
type Service struct {
	// ManyPerChange and ManyPerMove: one request changes several users, or moves them into a group.
	ManyPerChange, ManyPerMove Fact
	// ManyPerValues: one request gives several users values of custom attributes. ShowsValues: reads of users show them.
	ManyPerValues, ShowsValues Fact
	// ChangeMoves, ChangeGives and ChangeTakes: the change of a user moves it into a group, gives licences, and takes them.
	ChangeMoves, ChangeGives, ChangeTakes Fact
	// ManyPerSettings: one request changes the settings of several users. SettingsWrapped: they stand in it as a member named by their
	// product. SettingsReplace: a write has those begin anew that it does not name.
	ManyPerSettings, SettingsWrapped, SettingsReplace Fact
	// FilterHeeded: the filter of an address chooses one user alone. RoleSetsByKey: there is a call that gives custom roles to a user by its
	// key. AssignReplaces: a custom role that is given takes the place of the others.
	FilterHeeded, RoleSetsByKey, AssignReplaces Fact
	// The sizes of pages of these lists.
	Users, Groups, Licenses, Attributes, Templates, RoleSets *PageSize
}

// New returns the knowledge of a service of which nothing is known.
func New(pageSize int) *Service {
	size := func() *PageSize { return NewPageSize(pageSize) }
	return &Service{Users: size(), Groups: size(), Licenses: size(), Attributes: size(), Templates: size(), RoleSets: size()}
}

// Summary is what is known of a service at a time, by the names of facts and lists.
type Summary struct {
	Facts map[string]Answer
	Pages map[string]int
}

// Summary of what is known now.
func (s *Service) Summary(now time.Time) Summary {
	out := Summary{Facts: map[string]Answer{}, Pages: map[string]int{}}
	for name, f := range map[string]*Fact{
		"many_per_values": &s.ManyPerValues, "shows_values": &s.ShowsValues,
		"many_per_change": &s.ManyPerChange, "many_per_move": &s.ManyPerMove,
		"change_moves": &s.ChangeMoves, "change_gives": &s.ChangeGives, "change_takes": &s.ChangeTakes,
		"many_per_settings": &s.ManyPerSettings, "settings_wrapped": &s.SettingsWrapped, "settings_replace": &s.SettingsReplace,
		"filter_heeded": &s.FilterHeeded, "role_sets_by_key": &s.RoleSetsByKey, "assign_replaces": &s.AssignReplaces,
	} {
		out.Facts[name] = f.Answer(now)
	}
	for name, p := range map[string]*PageSize{
		"users": s.Users, "groups": s.Groups, "licenses": s.Licenses, "attributes": s.Attributes, "templates": s.Templates, "roleSets": s.RoleSets,
	} {
		out.Pages[name] = p.At(now)
	}
	return out
}
