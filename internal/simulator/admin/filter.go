package admin

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// predicate decides over a record, whose fields it asks for by name.
type predicate func(field func(string) []string) bool

func everything(func(string) []string) bool { return true }

// parseFilter reads the parameter "filter" in the dialects that the switch allows.
func parseFilter(c *call.Call, fields []string) (predicate, *wire.Refusal) {
	text := c.Params.Get("filter")
	if text == "" || c.Switches.FilterDialect == "ignored" {
		return everything, nil
	}
	p := &filterParser{rest: text, fields: fields, dialect: c.Switches.FilterDialect}
	keep, err := p.or()
	if err == nil && p.peek() != "" {
		err = fmt.Errorf("unexpected %q", p.peek())
	}
	if err != nil {
		return nil, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidFilter, err.Error())
	}
	return keep, nil
}

// filterParser reads both filter languages, which are told apart by their operators:
//
//	regex:  (email="(?i).*smith.*") | (lastName="Smith") & (key="7")   a regular expression for the whole value
//	scim:   email eq "a@b.test" and (firstName sw "A" or lastName co "b")  compared without case
type filterParser struct {
	rest    string
	fields  []string
	dialect string
}

// token matches one token: a text in quotes, a sign, or a word.
var filterToken = regexp.MustCompile(`^(?:"(?:[^"\\]|\\.)*"|[()&|=]|[A-Za-z]+)`)

// peek returns the next token, "" at the end. What is no token is returned whole.
func (p *filterParser) peek() string {
	p.rest = strings.TrimLeft(p.rest, " ")
	if token := filterToken.FindString(p.rest); token != "" {
		return token
	}
	return p.rest
}

func (p *filterParser) next() string {
	token := p.peek()
	p.rest = p.rest[len(token):]
	return token
}

func (p *filterParser) or() (predicate, error) {
	return p.chain(p.and, "|", "or", func(x, y bool) bool { return x || y })
}

func (p *filterParser) and() (predicate, error) {
	return p.chain(p.term, "&", "and", func(x, y bool) bool { return x && y })
}

// chain reads operands that are joined by the sign of the one dialect or the word of the other.
func (p *filterParser) chain(operand func() (predicate, error), sign, word string, join func(x, y bool) bool) (predicate, error) {
	left, err := operand()
	for err == nil && (p.peek() == sign || p.peek() == word) {
		if err = p.speaks(map[bool]string{true: "regex", false: "scim"}[p.next() == sign]); err != nil {
			break
		}
		before := left
		var right predicate
		right, err = operand()
		left = func(field func(string) []string) bool { return join(before(field), right(field)) }
	}
	return left, err
}

func (p *filterParser) term() (predicate, error) {
	if p.peek() == "(" {
		p.next()
		inner, err := p.or()
		if err == nil && p.next() != ")" {
			err = errors.New("a parenthesis is not closed")
		}
		return inner, err
	}
	field := p.next()
	if !slices.Contains(p.fields, field) {
		return nil, fmt.Errorf("no field is called %q", field)
	}
	operator := p.next()
	value := p.next()
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return nil, fmt.Errorf("a text in quotes is expected after %s %s", field, operator)
	}
	value = value[1 : len(value)-1]
	matches, err := p.comparison(operator, value)
	if err != nil {
		return nil, err
	}
	return func(values func(string) []string) bool { return slices.ContainsFunc(values(field), matches) }, nil
}

// comparison returns what an operator does. In a regular expression a backslash is its own, save before a quote.
func (p *filterParser) comparison(operator, value string) (func(string) bool, error) {
	if operator == "=" {
		if err := p.speaks("regex"); err != nil {
			return nil, err
		}
		expression, err := regexp.Compile(`^(?:` + strings.ReplaceAll(value, `\"`, `"`) + `)$`)
		if err != nil {
			return nil, err
		}
		return expression.MatchString, nil
	}
	if err := p.speaks("scim"); err != nil {
		return nil, err
	}
	want := strings.ToLower(strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(value))
	var compare func(have, want string) bool
	switch operator {
	case "eq":
		compare = func(have, want string) bool { return have == want }
	case "sw":
		compare = strings.HasPrefix
	case "co":
		compare = strings.Contains
	default:
		return nil, fmt.Errorf("no operator is called %q", operator)
	}
	return func(have string) bool { return compare(strings.ToLower(have), want) }, nil
}

// speaks refuses a dialect that the switch excludes.
func (p *filterParser) speaks(dialect string) error {
	if p.dialect != "both" && p.dialect != dialect {
		return fmt.Errorf("the filter is not written in the dialect %q", p.dialect)
	}
	return nil
}
