package simulator

import (
	"net/http"
	"net/mail"
	"slices"
	"unicode/utf8"
)

// Longest texts of a user, in characters (D).
const (
	maxEmail = 128
	maxName  = 32
)

// checkEmail refuses what is no e-mail address.
func checkEmail(email string) *apiError {
	address, err := mail.ParseAddress(email)
	if err != nil || address.Address != email || utf8.RuneCountInString(email) > maxEmail {
		return refuse(http.StatusBadRequest, codeEmailInvalid, email)
	}
	return nil
}

// checkName refuses a first or last name that is empty or too long.
func checkName(name string) *apiError {
	if name == "" || utf8.RuneCountInString(name) > maxName {
		return refuse(http.StatusBadRequest, codeNameInvalid, name)
	}
	return nil
}

// checkRoles refuses unknown roles, roles in an account without admin access, and roles given by someone who is no SUPER_USER (D).
func (s *Simulator) checkRoles(c *call, roles []string) *apiError {
	for _, role := range roles {
		if !slices.Contains(allRoles, role) {
			return refuse(http.StatusBadRequest, codeRoleInvalid, role)
		}
	}
	if len(roles) > 0 && c.account.noAdminAccess {
		return refuse(http.StatusForbidden, codeRoleNotAllowed, roles[0])
	}
	if len(roles) > 0 && !c.mayAct(RoleSuperUser) {
		return s.missingRole()
	}
	return nil
}

// checkReferences refuses licences and groups that the account does not have.
func (s *Simulator) checkReferences(a *account, licenses, groups []string) *apiError {
	for _, key := range licenses {
		if a.license(key) == nil {
			return refuse(statusOf(s.switches.UnknownReferenceStatus), codeLicenseNotFound, key)
		}
	}
	for _, key := range groups {
		if a.group(key) == nil {
			return refuse(statusOf(s.switches.UnknownReferenceStatus), codeGroupNotFound, key)
		}
	}
	return nil
}

// checkSeats refuses a change of the seats in use, by licence, that would take more than there are. Giving back is always allowed.
func (s *Simulator) checkSeats(a *account, change map[string]int) *apiError {
	for _, l := range a.licenses {
		if by := change[l.Key]; by > 0 && a.taken[l.Key]+by > l.Seats {
			return refuse(statusOf(s.switches.SeatsExhausted), s.switches.SeatsExhaustedCode, l.Key)
		}
	}
	return nil
}

// checkBatch refuses more users in one request than the switch allows.
func (s *Simulator) checkBatch(n int) *apiError {
	if limit := s.switches.MaxBatch; limit > 0 && n > limit {
		return refuse(http.StatusBadRequest, codeTooMany, "")
	}
	return nil
}
