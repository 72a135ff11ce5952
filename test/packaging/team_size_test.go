package packaging

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"helm.sh/helm/v3/pkg/release"
)

// twoThousand are values of a team with so many users, in a group and with a licence.
func twoThousand() string {
	var with strings.Builder
	with.WriteString("account: {name: example}\ndefaults: {group: sales, locale: en_US, timeZone: Europe/Berlin, licenses: [meetings]}\n" +
		"groups: {sales: {}}\nlicenses: {meetings: {product: G2M}}\nusers:\n")
	for i := range 2000 {
		fmt.Fprintf(&with, "- {email: user.%04d@example.test, firstName: First%d, lastName: \"Last %d\"}\n", i, i*7919%2000, i*104729%2000)
	}
	return with.String()
}

// A team of 2,000 fits into a release: Helm stores it gzipped, in a Secret, of 1 MiB at most.
func TestTwoThousandUsers(t *testing.T) {
	started := time.Now()
	r := team(t, twoThousand())
	took := time.Since(started)
	size := stored(t, r)
	t.Logf("2,000 users: rendered in %s, %d bytes of a release", took, size)
	if took > 20*time.Second || size > 1<<20 {
		t.Errorf("%s, %d bytes", took, size)
	}
	all := parse(t, r.Manifest)
	if len(all) != 2002 {
		t.Errorf("%d objects", len(all))
	}
	if list := len(field(parse(t, hooks(r))["ConfigMap/sales-suspend"], "data", "objects.json").(string)); list > 1<<20 {
		t.Errorf("the list of objects has %d bytes, and a ConfigMap 1 MiB", list)
	}
}

// manyUsers are values of so many users, with addresses that gzip can do little about, and each with whatever further says.
func manyUsers(count int, further func(i int) string) string {
	random := rand.New(rand.NewPCG(1, 2))
	letters := func(n int) string {
		text := make([]byte, n)
		for i := range text {
			text[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[random.IntN(36)]
		}
		return string(text)
	}
	var with strings.Builder
	with.WriteString("account: {name: example}\nusers:\n")
	for i := range count {
		fmt.Fprintf(&with, "- {email: %s@a%s.test, firstName: A%s, lastName: B%s%s}\n", letters(40), letters(11), letters(7), letters(9), further(i))
	}
	return with.String()
}

var thousands = regexp.MustCompile(`Up to ([0-9]+),000 users`)

// So many users as the documents say are always one release: with the longest names that the chart makes, in a namespace with the longest
// one, and with the longest that people give, and with names of which none is like another.
func TestAsManyUsersAsOneReleaseTakes(t *testing.T) {
	most, err := strconv.Atoi(thousands.FindStringSubmatch(read(t, "docs", "install.md"))[1])
	if err != nil {
		t.Fatal(err)
	}
	for what, further := range map[string]func(i int) string{
		"made":  func(int) string { return "" },
		"given": func(i int) string { return fmt.Sprintf(", name: %s", strings.Repeat("a", 249)+strconv.Itoa(1000+i)) },
	} {
		r, err := template(load(t, teamChart), strings.Repeat("r", 53), strings.Repeat("n", 63), values(t, manyUsers(most*1000, further)))
		if err != nil {
			t.Fatal(err)
		}
		list := field(parse(t, hooks(r))["ConfigMap/"+r.Name+"-suspend"], "data", "objects.json").(string)
		t.Logf("%d users, with names %s: a list of %d bytes, %d bytes of a release", most*1000, what, len(list), stored(t, r))
		if len(list) > 1<<20 || stored(t, r) > 1<<20 {
			t.Errorf("%s: more than 1 MiB", what)
		}
	}
}

// What could be installed and not be suspended afterwards is not installed.
func TestMoreThanOneReleaseTakesIsRefused(t *testing.T) {
	refusals(t, teamChart, map[string]string{
		manyUsers(3200, func(i int) string { return fmt.Sprintf(", name: %s", strings.Repeat("a", 249)+strconv.Itoa(1000+i)) }): "make several releases",
	})
}

// stored is the size of a release as Helm's driver for Secrets encodes it, in the Secret's own base64.
func stored(t *testing.T, r *release.Release) int {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodedLen(packed.Len())
}
