package reports

import (
	"strconv"
	"strings"
	"time"
)

// form is how a language writes a date (C): the layout, in which MMM stands for the name of the month, and the names, English where
// there are none.
type form struct{ layout, months string }

var forms = map[string]form{
	"en": {"MMM 02, 2006", ""},
	"de": {"02.01.2006", ""},
	"fr": {"02 MMM 2006", "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."},
	"es": {"02-MMM-2006", "ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic."},
	"it": {"02/MMM/2006", "gen feb mar apr mag giu lug ago set ott nov dic"},
	"ja": {"2006/01/02", ""},
}

// date shows a day as a text in the reader's language, which is how the service was seen to do it (C); "" for the zero time.
func (a *Ask) date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	language, _, _ := strings.Cut(a.Reader.Locale, "_")
	f, known := forms[language]
	if !known {
		f = forms["en"]
	}
	t = t.In(a.zone())
	name := t.Format("Jan")
	if names := strings.Fields(f.months); len(names) == 12 {
		name = names[t.Month()-1]
	}
	// The name is put in last: it may hold what a layout would take for a number.
	return strings.Replace(t.Format(f.layout), "MMM", name, 1)
}

// clock shows a time as a text.
func (a *Ask) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return a.date(t) + " " + t.In(a.zone()).Format("15:04")
}

// zone is the reader's.
func (a *Ask) zone() *time.Location {
	if zone, err := time.LoadLocation(a.Reader.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

// text shows a cell.
func text(cell any) string {
	switch cell := cell.(type) {
	case string:
		return cell
	case int:
		return strconv.Itoa(cell)
	}
	panic("a cell is a text or a number")
}
