package gotoclient

import (
	"errors"
	"net/http"
	"strings"
)

func asAPIError(err error) (*APIError, bool) {
	var e *APIError
	ok := errors.As(err, &e) // not in the return: the order there is unspecified
	return e, ok
}

// HasCode reports whether err is an answer of the API with the given code.
func HasCode(err error, code string) bool {
	e, ok := asAPIError(err)
	return ok && e.hasCode(code)
}

// IsNotFound reports whether the service said that the very thing the operation
// addressed does not exist. Of the Admin API that is a 404 with the code for that
// thing: it is proof, see IsAbsent. Of the GoToMeeting API, of whose codes none is
// known, it is any 404 that does not look like a gateway's, and no more than a sign.
// A list of the Admin API is never "not found", nor a create. The lists of the
// GoToMeeting API that declare a 404 (D) are, without telling whether what they are
// about does not exist or has nothing (UNVERIFIED).
func IsNotFound(err error) bool {
	e, ok := asAPIError(err)
	if !ok || e.Status != http.StatusNotFound || e.foreign || e.noPath {
		return false
	}
	absent := endpoints[e.Operation].absent
	if absent == anyCode {
		return !e.hasCode(CodeNotFound)
	}
	return absent != "" && e.hasCode(absent)
}

// IsAbsent reports whether the answer by itself proves that the very thing the
// operation addressed does not exist: IsNotFound of the Admin API.
func IsAbsent(err error) bool {
	e, ok := asAPIError(err)
	return ok && IsNotFound(err) && endpoints[e.Operation].absent != anyCode
}

// MayBeAbsent reports whether what the operation addressed may not exist any more,
// by an answer that does not prove it: a 404 without a code, or 400, 403, 410 or 422,
// as other clients report them (D-t says 400 for "data not found" and 403 for "wrong
// key"; 422 is UNVERIFIED). It may as well be a gateway's, or about the request: a second sign is
// needed, such as a list. A code that names something else speaks of that.
func MayBeAbsent(err error) bool {
	e, ok := asAPIError(err)
	if !ok || endpoints[e.Operation].absent == "" || e.badToken() || e.noPath {
		return false
	}
	switch e.Status {
	case http.StatusNotFound:
		return IsNotFound(err) || len(e.Errors) == 0
	case http.StatusBadRequest, http.StatusForbidden, http.StatusGone, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// IsNoSuchPath reports whether the service may not know the path or method at all: 404
// or 405 to an operation of GradeUnverified that no override vouches for, whatever
// the codes in the answer. It never says anything about the thing addressed, so
// IsNotFound, IsAbsent and MayBeAbsent do not hold. It is one of IsRefused.
func IsNoSuchPath(err error) bool {
	e, ok := asAPIError(err)
	return ok && e.noPath
}

// IsNotEntitled reports whether the account may not use the GoToMeeting API: 412,
// which a free account was seen to get (L). It is one of IsRefused.
func IsNotEntitled(err error) bool {
	e, ok := asAPIError(err)
	return ok && e.Status == http.StatusPreconditionFailed
}

// IsIllegalAccount reports whether the service refuses all work on the account: 502
// with the words "Illegal Account", which an account gets that is provisioned for
// toll-free calls and has no billing id; only the vendor's support can mend it (D, as
// transcribed elsewhere; where the words stand is UNVERIFIED). No repetition helps,
// so it is not IsTemporary and is not tried again. It is not about the request, so it
// is not IsRefused; whether a write took effect all the same nobody has
// verified, so a write is IsAmbiguous.
func IsIllegalAccount(err error) bool {
	e, ok := asAPIError(err)
	return ok && e.Illegal
}

// IsConflict reports whether the service said that such a thing exists already:
// 409, or one of the codes for a name that is taken, whose status is not known
// for groups. A 409 can mean something else to a call that makes or names
// nothing, such as the deletion of a group.
func IsConflict(err error) bool {
	e, ok := asAPIError(err)
	return ok && (e.Status == http.StatusConflict ||
		e.Status/100 == 4 && (e.hasCode(CodeUserConflict) || e.hasCode(CodeGroupConflict)))
}

// IsUnauthenticated reports whether the service refused the access token, again
// after it was renewed: 401, or 403 with InvalidToken. A token without the
// Admin scope is refused so too (L).
func IsUnauthenticated(err error) bool {
	e, ok := asAPIError(err)
	return ok && e.badToken()
}

// IsForbidden reports whether the caller may not do this: 403 other than for
// the token's sake.
func IsForbidden(err error) bool {
	e, ok := asAPIError(err)
	return ok && e.Status == http.StatusForbidden && !e.badToken()
}

// IsThrottled reports whether the last attempt was answered with 429.
func IsThrottled(err error) bool {
	e, ok := asAPIError(err)
	return ok && e.Status == http.StatusTooManyRequests
}

// IsRefused reports whether the service rejected the request such that sending
// it again cannot help: any 3xx or 4xx but those of IsUnauthenticated, 408, 425
// and 429.
func IsRefused(err error) bool {
	e, ok := asAPIError(err)
	if !ok || e.Status >= 500 || e.badToken() {
		return false
	}
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return true
}

// IsAmbiguous reports whether err comes from a write that may have taken effect
// all the same: an attempt ended in 5xx, or without an answer after the request
// may have been sent, or a create was answered unreadably. The only way on is
// to look.
func IsAmbiguous(err error) bool {
	var marked *ambiguousError
	return errors.As(err, &marked) || leavesDoubt(err)
}

// leavesDoubt is IsAmbiguous for the error of a single attempt.
func leavesDoubt(err error) bool {
	if e, ok := asAPIError(err); ok {
		return e.Status >= 500 && endpoints[e.Operation].write()
	}
	var auth *AuthError
	if errors.As(err, &auth) {
		return false // may wrap a *TransportError, but of the token request
	}
	var transport *TransportError
	if errors.As(err, &transport) {
		return transport.Sent && endpoints[transport.Operation].write()
	}
	var decode *DecodeError
	return errors.As(err, &decode) && endpoints[decode.Operation].write()
}

// IsTemporary reports whether the same call may succeed later without anybody
// changing anything: no answer, an unreadable one, 408, 425, 429, 5xx other than
// IsIllegalAccount, and the like from the token endpoint. For a write see IsAmbiguous
// first.
func IsTemporary(err error) bool {
	if e, ok := asAPIError(err); ok {
		switch e.Status {
		case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
			return true
		}
		return e.Status >= 500 && !e.Illegal
	}
	var auth *AuthError
	if errors.As(err, &auth) {
		return auth.Reason == AuthUnreachable || auth.Reason == AuthNotSaved
	}
	var transport *TransportError
	var decode *DecodeError
	return errors.As(err, &transport) || errors.As(err, &decode)
}

// allAbsent reports whether err says of every one of the keys that it does not
// exist.
func allAbsent(err error, keys []Key) bool {
	if !IsNotFound(err) {
		return false
	}
	if len(keys) == 1 {
		return true
	}
	e, _ := asAPIError(err)
	absent := make(map[Key]bool, len(e.Errors))
	for _, d := range e.Errors {
		if d.Code == endpoints[e.Operation].absent {
			absent[Key(strings.TrimSpace(d.Value))] = true
		}
	}
	for _, k := range keys {
		if !absent[k] {
			return false
		}
	}
	return true
}
