package gotoclient

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFilterText(t *testing.T) {
	fay := func(d Dialect) Filter { return d.Equal(FieldEmail, "fay@example.test") }
	for name, c := range map[string]struct {
		filter Filter
		want   string
	}{
		"scim":           {fay(SCIM), `email eq "fay@example.test"`},
		"scim quotes":    {SCIM.Equal(FieldName, `a"b\c`), `name eq "a\"b\\c"`},
		"scim any":       {SCIM.Any(fay(SCIM), SCIM.Equal(FieldKey, "7")), `email eq "fay@example.test" or key eq "7"`},
		"scim nested":    {SCIM.All(fay(SCIM), SCIM.Any(fay(SCIM), fay(SCIM))), `email eq "fay@example.test" and (email eq "fay@example.test" or email eq "fay@example.test")`},
		"regex":          {fay(Regex), `(email="(?i)fay@example[.]test")`},
		"regex plus":     {Regex.Equal(FieldEmail, "a+b|c@x.test"), `(email="(?i)a[+]b[|]c@x[.]test")`},
		"regex brackets": {Regex.Equal(FieldName, `[^"\x`), `(name="(?i)....x")`},
		"regex key":      {Regex.Equal(FieldKey, "7100000000000000001"), `(key="7100000000000000001")`},
		"regex any":      {Regex.Any(fay(Regex), Regex.Equal(FieldKey, "7")), `(email="(?i)fay@example[.]test") | (key="7")`},
		"any of one":     {SCIM.Any(fay(SCIM)), `email eq "fay@example.test"`},
		"none":           {Filter{}, ""},
	} {
		if c.filter.err != nil {
			t.Errorf("%s: %v", name, c.filter.err)
		}
		if diff := cmp.Diff(c.want, c.filter.String()); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// To join nothing must not mean "everything".
func TestFilterJoinErrors(t *testing.T) {
	for name, f := range map[string]Filter{
		"none":    SCIM.Any(),
		"mixed":   SCIM.Any(SCIM.Equal(FieldKey, "1"), Regex.Equal(FieldKey, "1")),
		"foreign": SCIM.All(Regex.Equal(FieldKey, "1")),
		"nested":  SCIM.All(SCIM.Equal(FieldKey, "1"), SCIM.Any()),
		"zero":    Regex.All(Filter{}),
	} {
		if _, err := (ListOptions{Filter: f}).query(0); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestFilterAdmits(t *testing.T) {
	user := User{Key: "7", Email: "Fay@Example.test", LastName: "Field"}
	email, other := SCIM.Equal(FieldEmail, "fay@example.TEST"), SCIM.Equal(FieldEmail, "gil@example.test")
	for name, c := range map[string]struct {
		filter Filter
		want   bool
	}{
		"zero":          {Filter{}, true},
		"case":          {email, true},
		"other":         {other, false},
		"any":           {SCIM.Any(other, email), true},
		"all":           {SCIM.All(other, email), false},
		"unknown field": {SCIM.Equal(FieldName, "x"), true},
	} {
		if got := c.filter.admits(user.filterValue); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestQueryEncoding(t *testing.T) {
	o := ListOptions{
		PageSize: 25, Filter: SCIM.Equal(FieldEmail, "a+b c@x.test"),
		Attributes: []string{"status"}, Ascending: "firstName=true",
	}
	q, err := o.query(50)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(q, "+") || !strings.Contains(q, "email%20eq%20%22a%2Bb%20c%40x.test%22") {
		t.Errorf("a space must be %%20 and a plus sign %%2B: %s", q)
	}
	got, err := url.ParseQuery(q)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"offset": {"50"}, "pageSize": {"25"}, "filter": {`email eq "a+b c@x.test"`},
		"attributes": {"status,key,email"}, "ascending": {"firstName=true"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if q, _ := (ListOptions{}).query(0); q != "" {
		t.Errorf("the zero options ask for %q", q)
	}
}
