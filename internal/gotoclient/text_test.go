package gotoclient_test

import (
	"testing"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func TestSameTextAndName(t *testing.T) {
	for row, c := range map[string]struct {
		sent, read string
		text, name bool
	}{
		"as sent":                     {"Team sync", "Team sync", true, true},
		"nothing":                     {"", "", true, true},
		"another":                     {"Team sync", "Team synch", false, false},
		"another case":                {"Team", "team", false, false},
		"escaped by name":             {"R&D sync", "R&amp;D sync", true, true},
		"escaped by number":           {"Bob's review", "Bob&#39;s review", true, true},
		"escaped in hexadecimal":      {"Bob's review", "Bob&#x27;s review", true, true},
		"escaped twice":               {"a < b", "a &amp;lt; b", true, true},
		"escaped three times":         {"a < b", "a &amp;amp;lt; b", false, false},
		"decomposed":                  {"Zoë Müller", "Zoe\u0308 Mu\u0308ller", true, true},
		"escaped and decomposed":      {"é & è", "e\u0301 &amp; e\u0300", true, true},
		"another accent":              {"é", "è", false, false},
		"compatible, but not equal":   {"ﬁn", "fin", false, false},
		"trimmed":                     {" Team ", "Team", true, false},
		"no-break space dropped":      {"Zoe\u00a0", "Zoe", true, false},
		"no-break space as an entity": {"Anna\u00a0Maria", "Anna&nbsp;Maria", true, true},
		"runs folded":                 {"Anna  Maria", "Anna Maria", true, false},
		"space taken out":             {"Anna Maria", "AnnaMaria", false, false},
		"cut":                         {"A long subject", "A long", false, false},
		"replaced beyond the BMP":     {"Party 🎉", "Party ?", false, false},
	} {
		t.Run(row, func(t *testing.T) {
			if got := gotoclient.SameText(c.sent, c.read); got != c.text {
				t.Errorf("SameText: %t", got)
			}
			if got := gotoclient.SameSubject(c.sent, c.read); got != c.text {
				t.Errorf("SameSubject: %t", got)
			}
			if got := gotoclient.SameName(c.sent, c.read); got != c.name {
				t.Errorf("SameName: %t", got)
			}
		})
	}
}

func TestSameEmail(t *testing.T) {
	for row, c := range map[string]struct {
		a, b string
		want bool
	}{
		"same":           {"kate@example.test", "kate@example.test", true},
		"ASCII case":     {"Kate@Example.TEST", "kate@example.test", true},
		"Kelvin sign":    {"\u212Aate@example.test", "kate@example.test", false},
		"long s":         {"\u017Fue@example.test", "sue@example.test", false},
		"dotted I":       {"\u0130da@example.test", "ida@example.test", false},
		"beyond ASCII":   {"ZOË@example.test", "zoë@example.test", false},
		"another letter": {"zoe@example.test", "zoé@example.test", false},
	} {
		if got := gotoclient.SameEmail(c.a, c.b); got != c.want {
			t.Errorf("%s: %t", row, got)
		}
	}
}
