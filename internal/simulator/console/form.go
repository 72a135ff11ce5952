package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxForm is the largest form that is read, in bytes.
const maxForm = 1 << 20

// timeLayout is the form of times in fields, in UTC; a browser leaves the seconds out where they are zero.
const timeLayout = "2006-01-02T15:04:05"

// form is a form that is sent by a POST to Action.
type form struct {
	Title, Action, Submit string
	Fields                []field
}

// field is one field. Type is that of an input, or select, or checks for boxes of which several may be ticked.
type field struct {
	Name, Label, Type string
	Value             string
	Chosen            []string // of checks
	Options           []option
	Hint              string
	Required          bool
}

// option is a value that a field offers.
type option struct{ Value, Text string }

// ID names the field in its page.
func (f field) ID() string { return "field-" + f.Name }

// Has says whether the field has the value now.
func (f field) Has(value string) bool { return f.Value == value || slices.Contains(f.Chosen, value) }

func check(name, label string, on bool) field {
	f := field{Name: name, Label: label, Type: "checkbox"}
	if on {
		f.Value = "on"
	}
	return f
}

// options offers values that are their own texts.
func options(values []string) []option {
	list := make([]option, 0, len(values))
	for _, value := range values {
		list = append(list, option{value, value})
	}
	return list
}

// filled returns the form with what somebody has typed into it.
func (f form) filled(in input) form {
	f.Fields = slices.Clone(f.Fields)
	for i := range f.Fields {
		f.Fields[i].Value, f.Fields[i].Chosen = in.Get(f.Fields[i].Name), nil
		if f.Fields[i].Type == "checks" {
			f.Fields[i].Value, f.Fields[i].Chosen = "", in.list(f.Fields[i].Name)
		}
	}
	return f
}

// input is what somebody has sent.
type input struct{ url.Values }

func read(w http.ResponseWriter, r *http.Request) (input, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return input{}, fmt.Errorf("the form cannot be read: %w", err)
	}
	return input{r.PostForm}, nil
}

func (in input) text(name string) string { return strings.TrimSpace(in.Get(name)) }

func (in input) list(name string) []string { return in.Values[name] }

func (in input) flag(name string) bool { return in.Get(name) != "" }

// number reads a whole number, 0 where nothing is typed.
func (in input) number(name string) (int, error) {
	text := in.text(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s is a whole number from 0, not %q", name, text)
	}
	return n, nil
}

// duration reads a duration, 0 where nothing is typed.
func (in input) duration(name string) (time.Duration, error) {
	text := in.text(name)
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%s is a duration such as 1.5s, not %q", name, text)
	}
	return d, nil
}

// moment reads a time in UTC.
func (in input) moment(name string) (time.Time, error) {
	text := in.text(name)
	for _, layout := range []string{timeLayout, "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is a time such as 2030-01-07T09:00, not %q", name, text)
}
