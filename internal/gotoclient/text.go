package gotoclient

import (
	"html"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// What GoTo does to the text that it stores is UNVERIFIED, beyond the escapes of a
// subject (D). The comparisons here let pass what changes nothing that a person
// could see, so that such a service is not corrected for ever.

// SameText reports whether a text that was read can be the one that was sent: HTML
// entities, Unicode composition, and white space at the ends or repeated within are
// no difference. It is for subjects; names of people and groups have SameName.
func SameText(sent, read string) bool {
	return sent == read || tidy(FoldName(sent)) == tidy(FoldName(read))
}

// SameName reports whether a name that was read can be the one that was sent, as
// SameText does, but for white space: that a service tidies it is for a person to
// know, who wrote it and will see another name.
func SameName(sent, read string) bool {
	return sent == read || FoldName(sent) == FoldName(read)
}

// maxEscapes is how often a text is taken out of entities: once for a service that
// escapes what it stores, once more for one that escapes what came escaped.
const maxEscapes = 2

// FoldName returns what is equal for names that are the same as SameName has it: the
// name without entities, in composed form (NFC).
func FoldName(name string) string {
	for range maxEscapes {
		name = html.UnescapeString(name)
	}
	return norm.NFC.String(name)
}

// tidy trims white space, U+00A0 as well, and makes one space of every run of it.
func tidy(text string) string { return strings.Join(strings.Fields(text), " ") }

// FoldEmail returns what is equal for e-mail addresses that are the same: that case
// means nothing is assumed of ASCII alone. Of other letters some fold to ASCII ones
// (U+212A to k), and an address would be taken for somebody else's.
func FoldEmail(email string) string {
	lower := func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}
	return strings.Map(lower, email)
}

// SameEmail reports whether two e-mail addresses are the same, as FoldEmail has it.
func SameEmail(a, b string) bool { return FoldEmail(a) == FoldEmail(b) }
