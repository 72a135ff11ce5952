package gotoclient

import (
	"slices"
	"strings"
)

var (
	subjectEscaper   = strings.NewReplacer("<", "&lt;", ">", "&gt;")
	subjectUnescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">")
)

// SameSubject reports whether the subject that was read can be the one that was
// sent. On the wire < and > must be written as &lt; and &gt; (D), and whether a
// read shows the one or the other is UNVERIFIED; so a subject that holds "&lt;"
// itself cannot be told from one that holds "<", and the two count as the same. What
// else is no difference SameText says.
func SameSubject(sent, read string) bool { return SameText(sent, read) }

// The kinds of audio that have a name (D). Every other text stands for numbers to
// call; it may have 255 characters (D, old).
const (
	CallPSTN    = "PSTN"
	CallFree    = "Free"
	CallHybrid  = "Hybrid"
	CallPrivate = "Private"
	CallVoIP    = "VoIP"
)

// namedCall returns the lower-case name of a kind of audio, or "" for a text.
// PTSN is how one document spells PSTN (D).
func namedCall(info string) string {
	name := strings.ToLower(strings.TrimSpace(info))
	if name == "ptsn" {
		name = "pstn"
	}
	if slices.Contains([]string{"pstn", "free", "hybrid", "private", "voip"}, name) {
		return name
	}
	return ""
}

// SameConferenceCall reports whether the audio that was read can be what was
// sent. A read may show the kind that was sent in another case or spelling (C), or
// in its place the text that invitations have (L, old); which of them is
// UNVERIFIED. So a text read where a kind was sent is no difference, but another
// kind is. A text that was sent has to be found again, whatever its white space.
// Where one of the two says nothing, they do not differ.
func SameConferenceCall(sent, read string) bool {
	want, got := namedCall(sent), namedCall(read)
	switch {
	case tidy(sent) == "" || tidy(read) == "":
		return true
	case want != "":
		return got == "" || got == want
	default:
		return got == "" && strings.Contains(tidy(read), tidy(sent))
	}
}
