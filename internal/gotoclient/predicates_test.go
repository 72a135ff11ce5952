package gotoclient

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPredicates(t *testing.T) {
	api := func(op string, status int, codes ...string) *APIError {
		e := &APIError{Operation: op, Status: status}
		for _, c := range codes {
			e.Errors = append(e.Errors, ErrorDetail{Code: c})
		}
		return e
	}
	illegal := func(e *APIError) *APIError {
		e.Illegal = true
		return e
	}
	html := api(OpGetUser, 404)
	html.foreign = true
	for name, c := range map[string]struct {
		err  error
		want string // letters of those that hold, in the order below
	}{
		"nil":                        {nil, ""},
		"other":                      {errors.New("x"), ""},
		"user not found":             {api(OpGetUser, 404, CodeUserNotFound), "NPMR"},
		"not found without a word":   {api(OpGetUser, 404), "MR"},
		"account not found":          {api(OpGetUser, 404, CodeAccountNotFound), "R"},
		"the account itself":         {api(OpGetAccount, 404, CodeAccountNotFound), "NPMR"},
		"wrong path":                 {api(OpGetUser, 404, CodeNotFound), "R"},
		"wrong path, list":           {api(OpListUsers, 404, CodeNotFound), "R"},
		"gateway's page":             {html, "MR"},
		"account of a list":          {api(OpListUsers, 404, CodeAccountNotFound), "R"},
		"list, without a word":       {api(OpListUsers, 404), "R"},
		"group":                      {api(OpGetGroup, 404, CodeGroupNotFound), "NPMR"},
		"group of an updated user":   {api(OpUpdateUsers, 404, CodeGroupNotFound), "R"},
		"conflict":                   {api(OpCreateUsers, 409, CodeUserConflict), "CR"},
		"group of that name":         {api(OpCreateGroup, 409, CodeGroupConflict), "CR"},
		"the same with 400":          {api(OpCreateGroup, 400, CodeGroupConflict), "CR"},
		"a user likewise":            {api(OpUpdateUsers, 400, CodeUserConflict), "MCR"},
		"parent of a new group":      {api(OpCreateGroup, 404, CodeGroupNotFound), "R"},
		"deleted group":              {api(OpDeleteGroup, 404, CodeGroupNotFound), "NPMR"},
		"move, user or group":        {api(OpMoveUsers, 404), "R"},
		"seat, user or licence":      {api(OpRemoveSeat, 404, CodeUserNotFound), "R"},
		"group failing to be made":   {api(OpCreateGroup, 503), "AT"},
		"meeting":                    {api(OpGetMeeting, 404, "Whatever"), "NMR"},
		"meeting without a word":     {api(OpDeleteMeeting, 404), "NMR"},
		"wrong path to a meeting":    {api(OpGetMeeting, 404, CodeNotFound), "R"},
		"group of meetings":          {api(OpListGroupMeetings, 404, "Whatever"), "R"},
		"no such list of meetings":   {api(OpListUpcomingMeetings, 404), "R"},
		"organizer who exists":       {api(OpCreateOrganizer, 409), "CR"},
		"meeting failing to be made": {api(OpCreateMeeting, 502), "AT"},
		"free account":               {api(OpCreateMeeting, 412), "RE"},
		"illegal account":            {illegal(api(OpCreateMeeting, 502)), "AI"},
		"illegal account, read":      {illegal(api(OpListUsers, 502)), "I"},
		"401":                        {api(OpGetMe, 401, CodeNotAuthenticated), "U"},
		"401 empty":                  {api(OpGetMe, 401), "U"},
		"403 token":                  {api(OpGetMe, 403, CodeInvalidToken), "U"},
		"403":                        {api(OpGetMe, 403), "FR"},
		"400":                        {api(OpUpdateUsers, 400), "MR"},
		"400 of a read":              {api(OpGetUser, 400, "invalid.request"), "MR"},
		"403 of a read":              {api(OpGetUser, 403), "MFR"},
		"410 of a gateway":           {api(OpGetGroup, 410), "MR"},
		"410 of a list":              {api(OpListGroups, 410), "R"},
		"422 of a read":              {api(OpGetUser, 422), "MR"},
		"redirect":                   {api(OpGetMe, 302), "R"},
		"408":                        {api(OpUpdateUsers, 408), "T"},
		"429":                        {api(OpCreateUsers, 429), "HT"},
		"500 read":                   {api(OpGetUser, 500), "T"},
		"500 write":                  {api(OpCreateUsers, 500), "AT"},
		"503 delete":                 {api(OpDeleteUsers, 503), "AT"},
		"not sent":                   {&TransportError{Operation: OpCreateUsers}, "T"},
		"lost":                       {&TransportError{Operation: OpCreateUsers, Sent: true}, "AT"},
		"lost read":                  {&TransportError{Operation: OpGetUser, Sent: true}, "T"},
		"unreadable":                 {&DecodeError{Operation: OpCreateUsers}, "AT"},
		"unreadable read":            {&DecodeError{Operation: OpListUsers}, "T"},
		"no token":                   {&AuthError{Reason: AuthInvalidGrant}, ""},
		"token endpoint away":        {&AuthError{Reason: AuthUnreachable, cause: &TransportError{Operation: OpToken, Sent: true}}, "T"},
		"not saved":                  {&AuthError{Reason: AuthNotSaved}, "T"},
		"throttled after a lost one": {&ambiguousError{api(OpUpdateUsers, 429)}, "HAT"},
		"wrapped":                    {fmt.Errorf("a: %w", fmt.Errorf("b: %w", api(OpGetUser, 404, CodeUserNotFound))), "NPMR"},
		"wrapped mark":               {fmt.Errorf("a: %w", &ambiguousError{context.Canceled}), "A"},
		"marked keeps what it is":    {&ambiguousError{api(OpDeleteUsers, 404, CodeUserNotFound)}, "NPMRA"},
	} {
		got := ""
		for _, p := range []struct {
			letter string
			is     func(error) bool
		}{
			{"N", IsNotFound}, {"P", IsAbsent}, {"M", MayBeAbsent}, {"C", IsConflict}, {"U", IsUnauthenticated}, {"F", IsForbidden}, {"H", IsThrottled},
			{"R", IsRefused}, {"A", IsAmbiguous}, {"T", IsTemporary}, {"E", IsNotEntitled}, {"I", IsIllegalAccount},
		} {
			if p.is(c.err) {
				got += p.letter
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if !HasCode(api(OpGetUser, 404, "a", "b"), "b") || HasCode(api(OpGetUser, 404, "a"), "b") || HasCode(nil, "b") {
		t.Error("HasCode")
	}
}

// A 404 to several keys proves that all are gone only if it names each.
func TestAllAbsent(t *testing.T) {
	e := &APIError{Operation: OpDeleteUsers, Status: 404, Errors: []ErrorDetail{{CodeUserNotFound, "1"}, {CodeUserNotFound, "2"}}}
	got := []bool{
		allAbsent(e, []Key{"1"}), allAbsent(e, []Key{"1", "2"}), allAbsent(e, []Key{"1", "2", "3"}),
		allAbsent(&APIError{Operation: OpDeleteUsers, Status: 404}, []Key{"1", "2"}),
		allAbsent(&APIError{Operation: OpDeleteUsers, Status: 503}, []Key{"1"}),
		allAbsent(nil, []Key{"1"}),
	}
	if diff := cmp.Diff([]bool{true, true, false, false, false, false}, got); diff != "" {
		t.Error(diff)
	}
}
