package account

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Value is what a user is to have in one custom attribute; empty for nothing.
type Value struct {
	Attribute gotoclient.Attribute
	Value     string
}

// ShowsValues is true once a read has shown values of custom attributes: a user that shows none has none then.
func (u *Users) ShowsValues() bool {
	return u.acct.know.knows(&u.acct.know.ShowsValues) == knowledge.Yes
}

// SetValues gives a user values of custom attributes, together with others who get the same. What the user has in others is sent along,
// since whether they would stay is UNVERIFIED. So is the form of values: it is that of reads, or else each in turn until GoTo takes one.
func (u *Users) SetValues(ctx context.Context, key gotoclient.Key, values []Value) error {
	return valueChanges{u}.set(ctx, key, values)
}

// valueChanges writes values of custom attributes.
type valueChanges struct{ *Users }

func (u valueChanges) set(ctx context.Context, key gotoclient.Key, values []Value) error {
	others, err := u.others(ctx, key, values)
	if err != nil {
		return err
	}
	var refusal error
	for _, form := range u.forms() {
		written := together(form, others, values)
		err := u.Update(ctx, key, gotoclient.UserPatch{Attributes: &written})
		status := evidence.Status(err)
		if status != http.StatusBadRequest && status != http.StatusUnprocessableEntity {
			if err == nil {
				u.form.Store(int32(form)) //nolint:gosec // there are three
			}
			return err
		}
		refusal = cmp.Or(refusal, err)
	}
	return refusal
}

// forms are all forms of values, the one that is known to work, or to be shown, first.
func (u valueChanges) forms() []gotoclient.AttributeForm {
	first := gotoclient.AttributeForm(u.form.Load())
	return append([]gotoclient.AttributeForm{first},
		slices.DeleteFunc(gotoclient.AttributeForms(), func(f gotoclient.AttributeForm) bool { return f == first })...)
}

// others are the values that a user has beside those that are to be written. What reads show is shown under the name that an attribute
// had then, so it counts for a minute, and no longer than until an attribute is changed. One whose attribute is not there any more is left
// out: GoTo would refuse all of them.
func (u valueChanges) others(ctx context.Context, key gotoclient.Key, values []Value) ([]Value, error) {
	now, read, changed := u.acct.opts.Now(), u.records.ReadAt(), u.acct.attributes.changedAt()
	stale := read.Before(now.Add(-recently)) || read.Before(changed)
	has, _ := u.Get(key)
	others, nameless := u.beside(has.Attributes, values)
	if u.ShowsValues() && stale && len(others)+nameless > 0 {
		if _, err := u.looks.written(ctx, &has, true); err != nil {
			return nil, err
		}
		has, _ = u.Get(key)
		others, nameless = u.beside(has.Attributes, values)
	}
	if nameless == 0 {
		return others, nil
	}
	if err := u.acct.attributes.reader.After(ctx, now); err != nil {
		return nil, err
	}
	if others, nameless = u.beside(has.Attributes, values); nameless > 0 && now.Sub(changed) < lag {
		return nil, evidence.Unconfirmed(errNotDefined)
	}
	return others, nil
}

var errNotDefined = errors.New("the user shows a value of an attribute that the account does not list")

// beside are the values that a user has beside some, each with its attribute as it is defined now, and the number of those that reads show
// under a name or key that no attribute has.
func (u valueChanges) beside(has gotoclient.AttributeValues, values []Value) (others []Value, nameless int) {
	for _, v := range has.List {
		attribute, defined := u.attributeOf(has.Form, v)
		switch {
		case !defined && v.Of == "":
			nameless++
		case defined && !slices.ContainsFunc(values, func(o Value) bool { return o.Attribute.Key == attribute.Key }):
			others = append(others, Value{attribute, v.Value})
		}
	}
	return others, nameless
}

// attributeOf is the attribute of a value. One that was written is known by its key.
func (u valueChanges) attributeOf(form gotoclient.AttributeForm, v gotoclient.AttributeValue) (gotoclient.Attribute, bool) {
	switch all := u.acct.attributes; {
	case v.Of != "":
		return all.Get(v.Of)
	case form == gotoclient.AttributesByKey:
		return all.Get(gotoclient.Key(v.ID))
	default:
		return all.Named(v.ID)
	}
}

// together are values in a form, and with them the others that a user has.
func together(form gotoclient.AttributeForm, others, values []Value) gotoclient.AttributeValues {
	out := gotoclient.AttributeValues{Known: true, Form: form}
	for _, v := range slices.Concat(others, values) {
		id := v.Attribute.Name
		if form == gotoclient.AttributesByKey {
			id = string(v.Attribute.Key)
		}
		out.List = append(out.List, gotoclient.AttributeValue{ID: id, Value: v.Value, Of: v.Attribute.Key})
	}
	slices.SortFunc(out.List, func(a, b gotoclient.AttributeValue) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// applyValues is what a user has once values are written: an empty one is none.
func applyValues(written gotoclient.AttributeValues) gotoclient.AttributeValues {
	written.List = slices.DeleteFunc(slices.Clone(written.List), func(v gotoclient.AttributeValue) bool { return v.Value == "" })
	return written
}

// many is whether one request changes several users, of the operation that a patch is.
func (c *changes) many(patch gotoclient.UserPatch) *knowledge.Fact {
	if patch.Attributes != nil {
		return &c.acct.know.ManyPerValues
	}
	return &c.acct.know.ManyPerChange
}

// oneByOne is true where several users in one request are known not to work, or nothing would show whether they did.
func (c *changes) oneByOne(patch gotoclient.UserPatch) bool {
	unseen := patch.Attributes != nil && c.acct.know.knows(&c.acct.know.ShowsValues) == knowledge.No
	return unseen || c.acct.know.knows(c.many(patch)) == knowledge.No
}

// fill gives a read what it may lack and is known (UNVERIFIED): the groups that were given to an administrator, and values of custom
// attributes.
func (u *Users) fill(read, known *gotoclient.User) {
	if read.ManagedGroupKeys == nil {
		read.ManagedGroupKeys = known.ManagedGroupKeys
	}
	if !read.Attributes.Known && !u.ShowsValues() {
		read.Attributes = known.Attributes
	}
}

// learnValues learns from a read that values are shown, and in which form.
func (u *Users) learnValues(read *gotoclient.User) {
	if len(read.Attributes.List) > 0 {
		u.form.Store(int32(read.Attributes.Form)) //nolint:gosec // there are three
		if !u.ShowsValues() {
			u.acct.know.learn(&u.acct.know.ShowsValues, true)
		}
	}
}

// operationOf is the operation that a patch is.
func operationOf(patch gotoclient.UserPatch) string {
	if patch.Attributes != nil {
		return gotoclient.OpSetUserAttributes
	}
	return gotoclient.OpUpdateUsers
}
