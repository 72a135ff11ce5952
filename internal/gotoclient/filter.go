package gotoclient

import (
	"errors"
	"slices"
	"strings"
)

// Field names a field that a filter may compare.
type Field string

// Fields known from filters of other clients (C). The full list, and which
// operators a field supports, is UNVERIFIED.
const (
	FieldKey       Field = "key"
	FieldEmail     Field = "email"
	FieldFirstName Field = "firstName"
	FieldLastName  Field = "lastName"
	FieldName      Field = "name" // of a group
)

// Dialect is one of the two filter languages of the service.
type Dialect int

const (
	// SCIM is the newer one: email eq "fay@example.test" (C). How it joins
	// comparisons ("and", "or") is UNVERIFIED; so is the escape of a quote (\").
	SCIM Dialect = iota
	// Regex is the older one: (email="fay@example[.]test"), joined by & and |
	// (D). The value is a regular expression that must match the whole field.
	Regex
)

// Filter restricts a list; the zero value does not. Make one with the methods
// of a [Dialect].
//
// Because a service that ignores a filter answers with records that were not
// asked for, the client compares every record with the filter again and ends
// the list with [ErrFilterIgnored] on the first that does not fit. It cannot
// notice a filter that wrongly matches nothing: an empty answer is only as good
// as the dialect.
type Filter struct {
	text  string
	fits  func(value func(Field) (string, bool)) bool // nil admits everything
	needs []Field
	lang  Dialect
	joins bool // text is a join, and needs parentheses within another
	err   error
}

var (
	errMixedDialects = errors.New("a filter cannot join comparisons of both dialects")
	errNothingToJoin = errors.New("a filter cannot join no comparisons at all")
)

// Equal returns the filter that a field has a value. Case does not matter to
// the check of the answers, as e-mail addresses and names are compared so.
func (d Dialect) Equal(field Field, value string) Filter {
	f := Filter{lang: d, needs: []Field{field}}
	f.fits = func(get func(Field) (string, bool)) bool {
		got, known := get(field)
		return !known || strings.EqualFold(got, value)
	}
	switch {
	case d == SCIM:
		f.text = string(field) + " eq " + quote(value)
	case field == FieldKey:
		f.text = `(key="` + literal(value) + `")` // as other clients send it (C)
	default:
		f.text = "(" + string(field) + `="(?i)` + literal(value) + `")`
	}
	return f
}

// Any returns the filter that fits where one of the given filters does; to join
// none, or those of the other dialect, makes the list fail.
func (d Dialect) Any(filters ...Filter) Filter {
	if d == Regex {
		return d.join(" | ", slices.ContainsFunc, filters)
	}
	return d.join(" or ", slices.ContainsFunc, filters)
}

// All returns the filter that fits where all of the given filters do; to join
// none, or those of the other dialect, makes the list fail.
func (d Dialect) All(filters ...Filter) Filter {
	every := func(fs []Filter, fits func(Filter) bool) bool {
		return !slices.ContainsFunc(fs, func(f Filter) bool { return !fits(f) })
	}
	if d == Regex {
		return d.join(" & ", every, filters)
	}
	return d.join(" and ", every, filters)
}

func (d Dialect) join(separator string, combine func([]Filter, func(Filter) bool) bool, filters []Filter) Filter {
	if len(filters) == 0 {
		return Filter{err: errNothingToJoin}
	}
	if len(filters) == 1 && filters[0].lang == d {
		return filters[0]
	}
	out := Filter{lang: d, joins: true}
	texts := make([]string, 0, len(filters))
	for _, f := range filters {
		if f.err != nil {
			return f
		}
		if f.lang != d || f.empty() {
			return Filter{err: errMixedDialects}
		}
		if f.joins {
			f.text = "(" + f.text + ")"
		}
		texts = append(texts, f.text)
		out.needs = append(out.needs, f.needs...)
	}
	out.text = strings.Join(texts, separator)
	out.fits = func(get func(Field) (string, bool)) bool {
		return combine(filters, func(f Filter) bool { return f.fits(get) })
	}
	return out
}

// String returns the filter as it is sent, before encoding. It may hold e-mail
// addresses.
func (f Filter) String() string { return f.text }

func (f Filter) empty() bool { return f.text == "" && f.err == nil }

// admits reports whether a record fits; get returns the value of a field and
// whether the record's kind has the field at all.
func (f Filter) admits(get func(Field) (string, bool)) bool {
	return f.fits == nil || f.fits(get)
}

// withFields returns the attributes with the key and those added that the check
// needs.
func (f Filter) withFields(attributes []string) []string {
	out := slices.Clone(attributes)
	for _, field := range append([]Field{FieldKey}, f.needs...) {
		if !slices.Contains(out, string(field)) {
			out = append(out, string(field))
		}
	}
	return out
}

// quote puts a value into double quotes for the SCIM dialect.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// literal makes a regular expression that matches s. It holds neither quotes nor
// backslashes, since how the service reads those within quotes is UNVERIFIED:
// special characters stand in brackets, and the few for which that does not do
// are replaced by the dot, which matches a little too much.
func literal(s string) string {
	return strings.NewReplacer(
		".", "[.]", "+", "[+]", "*", "[*]", "?", "[?]", "|", "[|]", "$", "[$]",
		"(", "[(]", ")", "[)]", "{", "[{]", "}", "[}]",
		`\`, ".", `"`, ".", "^", ".", "[", ".", "]", ".",
	).Replace(s)
}
