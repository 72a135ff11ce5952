package admin

import (
	"encoding/json"
	"net/http"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// createRequest is the body of POST users; what stands beside users applies to all of them (D).
type createRequest struct {
	newUser // the one user of a flat request

	Users            []newUser  `json:"users"`
	LicenseKeys      []wire.Key `json:"licenseKeys"`
	GroupKey         wire.Key   `json:"groupKey"`
	AdminRoles       []string   `json:"adminRoles"`
	ManagedGroupKeys []wire.Key `json:"managedGroupKeys"`
	SuppressEmail    wire.Flag  `json:"suppressEmail"`
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

// person is a user of the request with what applies to all of them.
func (b *createRequest) person(n newUser) *users.New {
	return &users.New{
		Email: n.Email, FirstName: n.FirstName, LastName: n.LastName, Locale: n.Locale, TimeZone: n.TimeZone,
		LicenseKeys: wire.PlainKeys(b.LicenseKeys), AdminRoles: b.AdminRoles,
		ManagedGroupKeys: wire.PlainKeys(b.ManagedGroupKeys), GroupKey: string(b.GroupKey),
		Mail: users.Mail{Suppressed: b.SuppressEmail.Set, Subject: b.EmailContent.Subject, Text: b.EmailContent.Text},
	}
}

// outcome is what becomes of one user of a POST.
type outcome int

const (
	created outcome = iota
	conflicting
	invalid
)

// createUsers serves POST /accounts/{a}/users.
func createUsers(c *call.Call) wire.Response {
	var body createRequest
	err := json.Unmarshal(c.Body, &body)
	flat := len(body.Users) == 0 && body.Email != "" && c.Switches.FlatCreate == "accepted"
	if flat {
		body.Users = []newUser{body.newUser}
	}
	if err != nil || len(body.Users) == 0 || !c.Accepts(body.SuppressEmail) {
		return answer(c, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "users"))
	}
	if failure := checkCreate(c, &body); failure != nil {
		return answer(c, failure)
	}
	outcomes, failure := planCreate(c, &body)
	if failure != nil {
		return answer(c, failure)
	}
	entries := make([]wire.Object, 0, len(body.Users))
	for i, n := range body.Users {
		key := ""
		switch outcomes[i] {
		case created:
			key = users.Create(c, body.person(n))
		case conflicting:
			if u := c.Account.ByEmail(n.Email); u != nil && c.Switches.ConflictEntry == "withKey" {
				key = u.Key
			}
		case invalid:
			// The entry has no key.
		}
		entries = append(entries, createdJSON(c, key, n.Email))
	}
	if flat {
		return wire.JSON(switches.Status(c.Switches.CreateStatus), entries[0])
	}
	return createAnswer(c, entries)
}

// checkCreate looks at what applies to all users of the request.
func checkCreate(c *call.Call, body *createRequest) *wire.Refusal {
	if failure := checkBatch(c, len(body.Users)); failure != nil {
		return failure
	}
	if failure := checkRoles(c, body.AdminRoles); failure != nil {
		return failure
	}
	groups := wire.PlainKeys(body.ManagedGroupKeys)
	if body.GroupKey != "" {
		groups = append(groups, string(body.GroupKey))
	}
	if failure := checkReferences(c, wire.PlainKeys(body.LicenseKeys), groups); failure != nil {
		return failure
	}
	if c.Switches.LicenseRequired == "yes" && len(body.LicenseKeys) == 0 && len(body.AdminRoles) == 0 {
		return c.Invalid(wire.CodeLicenseRequired, "")
	}
	return nil
}

// planCreate decides over every user before the first is created. With allOrNothing, which is the default (D), one that cannot be
// created refuses the request.
func planCreate(c *call.Call, body *createRequest) ([]outcome, *wire.Refusal) {
	all := c.Flag("allOrNothing", true)
	outcomes := make([]outcome, len(body.Users))
	inRequest := map[string]bool{}
	count := 0
	for i, n := range body.Users {
		email := state.FoldEmail(n.Email)
		if failure := n.check(c); failure != nil {
			if all || c.Switches.InvalidEntry == "refused" {
				return nil, failure
			}
			outcomes[i] = invalid
			continue
		}
		if c.Account.ByEmail(email) != nil || inRequest[email] {
			if all {
				return nil, wire.Refuse(switches.Status(c.Switches.ConflictStatus), wire.CodeUserConflict, n.Email)
			}
			outcomes[i] = conflicting
			continue
		}
		inRequest[email] = true
		count++
	}
	change := map[string]int{}
	for _, key := range wire.PlainKeys(body.LicenseKeys) {
		change[key] = count
	}
	return outcomes, users.CheckSeats(c, change)
}

func (n newUser) check(c *call.Call) *wire.Refusal {
	if failure := users.CheckEmail(c, n.Email); failure != nil {
		return failure
	}
	if failure := checkName(c, n.FirstName); failure != nil {
		return failure
	}
	return checkName(c, n.LastName)
}

// createdJSON is one entry of the answer; without a key it means that the user was not created (D).
func createdJSON(c *call.Call, key, email string) wire.Object {
	if key == "" {
		return wire.Object{wire.M("email", email)}
	}
	return wire.Object{wire.M("key", keyJSON(c.Switches, key)), wire.M("email", email)}
}

func createAnswer(c *call.Call, entries []wire.Object) wire.Response {
	status := switches.Status(c.Switches.CreateStatus)
	if len(entries) == 1 {
		switch only := entries[0]; c.Switches.CreateBody {
		case "object":
			return wire.JSON(status, only)
		case "scalar":
			if only[0].Name == "key" {
				return wire.JSON(status, only[0].Value)
			}
			return wire.JSON(status, only)
		}
	}
	return wire.JSON(status, entries)
}
