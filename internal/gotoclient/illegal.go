package gotoclient

import (
	"net/http"
	"strings"
)

// IsIllegalAccount reports whether the service said that the account itself is not in order: 502 with the reason "Illegal
// Account" (D-t). Nothing but the vendor's support can help. Where in the answer the reason stands is UNVERIFIED: it is
// looked for among codes and texts.
func IsIllegalAccount(err error) bool {
	e, ok := asAPIError(err)
	if !ok || e.Status != http.StatusBadGateway {
		return false
	}
	for _, d := range e.Errors {
		if says(d.Code, "illegal account") || says(d.Value, "illegal account") {
			return true
		}
	}
	return false
}

// says compares words, however they are joined.
func says(text, words string) bool {
	spaced := strings.Map(func(r rune) rune {
		if strings.ContainsRune("._-", r) {
			return ' '
		}
		return r
	}, strings.ToLower(text))
	return strings.Contains(spaced, words) || strings.Contains(spaced, strings.ReplaceAll(words, " ", ""))
}
