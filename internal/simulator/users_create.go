package simulator

import (
	"encoding/json"
	"net/http"
)

// createRequest is the body of POST users; what stands beside users applies to all of them (D).
type createRequest struct {
	Users            []newUser `json:"users"`
	LicenseKeys      []wireKey `json:"licenseKeys"`
	GroupKey         wireKey   `json:"groupKey"`
	AdminRoles       []string  `json:"adminRoles"`
	ManagedGroupKeys []wireKey `json:"managedGroupKeys"`
	SuppressEmail    bool      `json:"suppressEmail"`
	EmailContent     struct {
		Subject string `json:"subject"`
		Text    string `json:"text"`
	} `json:"emailContent"`
}

type newUser struct {
	Email     string `json:"email"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Locale    string `json:"locale"`
	TimeZone  string `json:"timeZone"`
}

// outcome is what becomes of one user of a POST.
type outcome int

const (
	created outcome = iota
	conflicting
	invalid
)

// createUsers serves POST /accounts/{a}/users.
func (s *Simulator) createUsers(c *call) response {
	var body createRequest
	if err := json.Unmarshal(c.body, &body); err != nil || len(body.Users) == 0 {
		return s.answer(refuse(http.StatusBadRequest, codeInvalidRequest, "users"))
	}
	if failure := s.checkCreate(c, &body); failure != nil {
		return s.answer(failure)
	}
	outcomes, failure := s.planCreate(c, &body)
	if failure != nil {
		return s.answer(failure)
	}
	entries := make([]object, 0, len(body.Users))
	for i, n := range body.Users {
		key := ""
		switch outcomes[i] {
		case created:
			key = s.create(c, n, &body)
		case conflicting:
			if u := c.account.byEmail[foldEmail(n.Email)]; u != nil && s.switches.ConflictEntry == "withKey" {
				key = u.Key
			}
		case invalid:
			// The entry has no key.
		}
		entries = append(entries, s.createdJSON(key, n.Email))
	}
	return s.createAnswer(entries)
}

// checkCreate looks at what applies to all users of the request.
func (s *Simulator) checkCreate(c *call, body *createRequest) *apiError {
	if failure := s.checkBatch(len(body.Users)); failure != nil {
		return failure
	}
	if failure := s.checkRoles(c, body.AdminRoles); failure != nil {
		return failure
	}
	groups := plainKeys(body.ManagedGroupKeys)
	if body.GroupKey != "" {
		groups = append(groups, string(body.GroupKey))
	}
	if failure := s.checkReferences(c.account, plainKeys(body.LicenseKeys), groups); failure != nil {
		return failure
	}
	if s.switches.LicenseRequired == "yes" && len(body.LicenseKeys) == 0 && len(body.AdminRoles) == 0 {
		return refuse(http.StatusBadRequest, codeLicenseRequired, "")
	}
	return nil
}

// planCreate decides over every user before the first is created. With allOrNothing, which is the default (D), one that cannot be
// created refuses the request.
func (s *Simulator) planCreate(c *call, body *createRequest) ([]outcome, *apiError) {
	all := c.flag("allOrNothing", true)
	outcomes := make([]outcome, len(body.Users))
	inRequest := map[string]bool{}
	count := 0
	for i, n := range body.Users {
		email := foldEmail(n.Email)
		if failure := n.check(); failure != nil {
			if all || s.switches.InvalidEntry == "refused" {
				return nil, failure
			}
			outcomes[i] = invalid
			continue
		}
		if c.account.byEmail[email] != nil || inRequest[email] {
			if all {
				return nil, refuse(statusOf(s.switches.ConflictStatus), codeUserConflict, n.Email)
			}
			outcomes[i] = conflicting
			continue
		}
		inRequest[email] = true
		count++
	}
	change := map[string]int{}
	for _, key := range plainKeys(body.LicenseKeys) {
		change[key] = count
	}
	return outcomes, s.checkSeats(c.account, change)
}

func (n newUser) check() *apiError {
	if failure := checkEmail(n.Email); failure != nil {
		return failure
	}
	if failure := checkName(n.FirstName); failure != nil {
		return failure
	}
	return checkName(n.LastName)
}

// create adds one user, or revives the deleted one who had the e-mail (L), and returns the key.
func (s *Simulator) create(c *call, n newUser, body *createRequest) string {
	a := c.account
	u, revived := a.deleted[foldEmail(n.Email)]
	if revived {
		delete(a.deleted, foldEmail(n.Email))
	} else {
		u = User{Key: s.newKey(userKeys), Locale: defaultLocale, TimeZone: defaultTimeZone}
	}
	u.Email, u.FirstName, u.LastName = n.Email, s.switches.stored(n.FirstName), s.switches.stored(n.LastName)
	if n.Locale != "" {
		u.Locale = n.Locale
	}
	if n.TimeZone != "" {
		u.TimeZone = n.TimeZone
	}
	u.LicenseKeys, u.GroupKey = plainKeys(body.LicenseKeys), string(body.GroupKey)
	u.AdminRoles, u.ManagedGroupKeys = append([]string(nil), body.AdminRoles...), plainKeys(body.ManagedGroupKeys)
	u.VisibleFrom = c.arrive.Add(s.switches.VisibilityLag)
	s.invite(c, &u, body)
	if err := a.add(&u); err != nil {
		panic(err) // planCreate has seen that key and e-mail are free
	}
	c.changed = true
	return u.Key
}

// invite sends the welcome mail, unless it is suppressed.
func (s *Simulator) invite(c *call, u *User, body *createRequest) {
	if !body.SuppressEmail {
		s.outbox = append(s.outbox, Mail{
			Time: c.arrive, AccountKey: c.account.key, To: u.Email,
			Subject: body.EmailContent.Subject, Text: body.EmailContent.Text,
		})
	}
	if !body.SuppressEmail || s.switches.SuppressedInvite == "invited" {
		u.InvitedDate = c.arrive.UnixMilli()
		u.InviteCount++
	}
}

// createdJSON is one entry of the answer; without a key it means that the user was not created (D).
func (s *Simulator) createdJSON(key, email string) object {
	if key == "" {
		return object{{"email", email}}
	}
	return object{{"key", s.switches.keyJSON(key)}, {"email", email}}
}

func (s *Simulator) createAnswer(entries []object) response {
	status := statusOf(s.switches.CreateStatus)
	if len(entries) == 1 {
		switch only := entries[0]; s.switches.CreateBody {
		case "object":
			return jsonResponse(status, only)
		case "scalar":
			if only[0].name == "key" {
				return jsonResponse(status, only[0].value)
			}
			return jsonResponse(status, only)
		}
	}
	return jsonResponse(status, entries)
}
