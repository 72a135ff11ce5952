package switches

import (
	"html"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// longestStored is the number of characters that are kept of a text where it is truncated.
const longestStored = 24

// Stored is what is kept of a text that was sent; see Switches.StoredText.
func (s *Switches) Stored(text string) string {
	switch s.StoredText {
	case "folded":
		return strings.Join(strings.Fields(text), " ")
	case "truncated":
		if letters := []rune(text); len(letters) > longestStored {
			return string(letters[:longestStored])
		}
	case "basicPlane":
		return strings.Map(func(r rune) rune {
			if r > 0xFFFF {
				return '?'
			}
			return r
		}, text)
	}
	return text
}

// Shown is how reads show a text that is kept.
func (s *Switches) Shown(text string) string {
	switch s.StoredText {
	case "escaped":
		return html.EscapeString(text)
	case "decomposed":
		return norm.NFD.String(text)
	}
	return text
}

// Ignores says whether a PUT leaves the field as it is.
func (s *Switches) Ignores(field string) bool { return s.IgnoredFields == field }
