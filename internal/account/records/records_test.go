package records_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/account/records"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// thing is a record: an address, two fields that are written, and one that only reads show.
type thing struct{ name, a, b, seen string }

const lag = 2 * time.Minute

func options() records.Options[thing] {
	return records.Options[thing]{
		Name: func(t *thing) string { return t.name },
		Same: func(x, y *thing) bool { return *x == *y },
		Merge: records.Fields[thing]{
			{Same: func(x, y *thing) bool { return x.name == y.name }, Set: func(to, from *thing) { to.name = from.name }},
			{Same: func(x, y *thing) bool { return x.a == y.a }, Set: func(to, from *thing) { to.a = from.a }},
			{Same: func(x, y *thing) bool { return x.b == y.b }, Set: func(to, from *thing) { to.b = from.b }},
		}.Merge,
		Lag:    lag,
		Yields: func(k gotoclient.Key) bool { return strings.HasPrefix(string(k), "invited:") },
	}
}

// story is what happens to records, minute by minute; zero is when the first reading began.
type story struct {
	*records.Records[thing]
	zero time.Time
}

func tell(things ...thing) story {
	s := story{records.New(options()), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	s.list(0, things...)
	return s
}

func (s story) at(seconds int) time.Time { return s.zero.Add(time.Duration(seconds) * time.Second) }

// list is a reading that began then. The key of a thing is its name when it was made, before the first space.
func (s story) list(seconds int, things ...thing) []string {
	list := map[gotoclient.Key]*thing{}
	for _, t := range things {
		k := gotoclient.Key(t.seen)
		list[k] = s.Keep(k, &t)
	}
	var keys []string
	for _, d := range s.Read(s.at(seconds), list) {
		keys = append(keys, string(d.Key))
	}
	slices.Sort(keys)
	return keys
}

func (s story) write(seconds int, change func(*thing)) {
	now := thing{seen: "1"}
	if was := s.Get("1"); was != nil {
		now = *was
	}
	change(&now)
	s.Write("1", &now, s.at(seconds))
}

var ann = thing{name: "ann", a: "old", b: "old", seen: "1"}

func with(change func(*thing)) thing {
	t := ann
	change(&t)
	return t
}

// What a reading shows after something was written, or read by itself: our own write where the list lags, and what others have done.
func TestReadingAfterWriting(t *testing.T) {
	newA := func(t *thing) { t.a = "new" }
	newerA := func(t *thing) { t.a = "newer" }
	newB := func(t *thing) { t.b = "new" }
	foreignA := func(t *thing) { t.a = "foreign" }
	for row, c := range map[string]struct {
		happens func(s story)
		began   int
		shows   []thing
		want    *thing
	}{
		"the list has caught up":                  {func(s story) { s.write(10, newA) }, 20, []thing{with(newA)}, new(with(newA))},
		"the list lags":                           {func(s story) { s.write(10, newA) }, 20, []thing{ann}, new(with(newA))},
		"it has lagged for too long":              {func(s story) { s.write(10, newA) }, 131, []thing{ann}, &ann},
		"somebody has changed it since":           {func(s story) { s.write(10, newA) }, 20, []thing{with(foreignA)}, new(with(foreignA))},
		"somebody has changed another field":      {func(s story) { s.write(10, newA) }, 20, []thing{with(newB)}, new(with(func(t *thing) { newA(t); newB(t) }))},
		"written twice, the list shows the first": {func(s story) { s.write(10, newA); s.write(11, newerA) }, 20, []thing{with(newA)}, new(with(newerA))},
		"written twice, the list shows neither":   {func(s story) { s.write(10, newA); s.write(11, newerA) }, 20, []thing{ann}, new(with(newerA))},
		"written while it was read":               {func(s story) { s.write(10, newA) }, 9, []thing{with(foreignA)}, new(with(newA))},
		"another field while it was read":         {func(s story) { s.write(10, newA) }, 9, []thing{with(newB)}, new(with(func(t *thing) { newA(t); newB(t) }))},
		"the list lacks it":                       {func(s story) { s.write(10, newA) }, 20, nil, new(with(newA))},
		"the list has lacked it for too long":     {func(s story) { s.write(10, newA) }, 131, nil, nil},
		"the write did not come about":            {func(s story) { s.write(10, newA); s.Correct("1", &thing{"ann", "old", "old", "1"}, s.at(12)) }, 20, []thing{ann}, &ann},
		"the read before that lagged":             {func(s story) { s.write(10, newA); s.Correct("1", &thing{"ann", "old", "old", "1"}, s.at(12)) }, 20, []thing{with(newA)}, new(with(newA))},
		"a read of one that lags":                 {func(s story) { s.write(10, newA); s.Show("1", &thing{"ann", "old", "old", "1"}, s.at(12)) }, 20, []thing{ann}, new(with(newA))},
		"a read of one that shows another change": {func(s story) { s.write(10, newA); s.Show("1", &thing{"ann", "old", "new", "1"}, s.at(12)) }, 20, []thing{ann}, new(with(func(t *thing) { newA(t); newB(t) }))},
		"a list after a read of one":              {func(s story) { s.Show("1", new(with(newA)), s.at(12)) }, 20, []thing{ann}, &ann},
		"a list before a read of one":             {func(s story) { s.Show("1", new(with(newA)), s.at(12)) }, 11, []thing{ann}, new(with(newA))},
		"taken back after a read has shown it":    {func(s story) { s.write(10, newA); s.Show("1", new(with(newA)), s.at(12)) }, 20, []thing{ann}, &ann},
		"read again":                              {func(s story) { s.Show("1", new(with(newA)), s.at(12)); s.Show("1", new(with(foreignA)), s.at(13)) }, 11, []thing{ann}, new(with(foreignA))},
		"deleted":                                 {func(s story) { s.Write("1", nil, s.at(10)) }, 20, nil, nil},
		"deleted, and the list lags":              {func(s story) { s.Write("1", nil, s.at(10)) }, 20, []thing{ann}, nil},
		"deleted, and there again":                {func(s story) { s.Write("1", nil, s.at(10)) }, 131, []thing{ann}, &ann},
		"made again":                              {func(s story) { s.Write("1", nil, s.at(10)); s.write(11, newA) }, 20, nil, &thing{a: "new", seen: "1"}},
		"gone":                                    {func(s story) { s.Correct("1", nil, s.at(10)) }, 20, nil, nil},
		"gone, and there again":                   {func(s story) { s.Correct("1", nil, s.at(10)) }, 20, []thing{ann}, &ann},
		"gone, and an older list":                 {func(s story) { s.Correct("1", nil, s.at(10)) }, 9, []thing{ann}, nil},
	} {
		t.Run(row, func(t *testing.T) {
			s := tell(ann)
			c.happens(s)
			was := s.Get("1")
			told := len(s.list(c.began, c.shows...)) > 0
			now := s.Get("1")
			if d := cmp.Diff(c.want, now, cmp.AllowUnexported(thing{})); d != "" {
				t.Error(d)
			}
			if different := !cmp.Equal(was, now, cmp.AllowUnexported(thing{})); told != different {
				t.Errorf("reported %t, different %t", told, different)
			}
			s.consistent(t)
		})
	}
}

// consistent compares the number and the names with the records themselves.
func (s story) consistent(t *testing.T) {
	t.Helper()
	n := 0
	for key, record := range s.All() {
		n++
		if found := s.ByName(record.name); record.name != "" && (found == nil || found.name != record.name) {
			t.Errorf("%s is not found as %s", key, record.name)
		}
		if s.Get(key) != record {
			t.Errorf("%s is two things", key)
		}
	}
	if n != s.Len() {
		t.Errorf("%d records, and %d are counted", n, s.Len())
	}
}

// What is new appears at once, stays while the list may lack it, and is gone when it still does.
func TestWhatTheListDoesNotShowYet(t *testing.T) {
	s := tell()
	s.write(10, func(t *thing) { t.name = "new" })
	if s.ByName("new") == nil || s.Len() != 1 || s.Listed("1") {
		t.Error("a new record is not found, or as if the list had shown it")
	}
	s.list(20)
	if s.ByName("new") == nil {
		t.Error("a list that lags takes it away")
	}
	if told := s.list(131); s.ByName("new") != nil || s.Len() != 0 || len(told) != 1 {
		t.Error("it is never gone")
	}
}

// Two that exchange their names are both found, whatever the order; and a third of the same name spoils neither.
func TestNamesThatAreExchanged(t *testing.T) {
	ben := thing{name: "ben", seen: "2"}
	s := tell(ann, ben)
	rename := func(key gotoclient.Key, name string) {
		now := *s.Get(key)
		now.name = name
		s.Write(key, &now, s.at(10))
	}
	rename("1", "ben")
	rename("2", "ann")
	for range 2 {
		if s.ByName("ann") != s.Get("2") || s.ByName("ben") != s.Get("1") {
			t.Error("not found under the new name")
		}
		s.consistent(t)
		s.list(20, ann, ben) // lags
	}
	s.Write("3", &thing{name: "ann", seen: "3"}, s.at(21))
	if s.ByName("ann") != s.Get("2") {
		t.Error("of two, it is not the one of the lowest key")
	}
	s.Write("3", nil, s.at(22))
	if s.ByName("ann") != s.Get("2") {
		t.Error("who leaves takes the name along")
	}
	s.consistent(t)
}

// What stands for another gives way to it, and to nobody else.
func TestOneThatStandsForAnother(t *testing.T) {
	s := tell()
	s.Write("invited:ann", &thing{name: "ann"}, s.at(10))
	s.list(20, thing{name: "ben", seen: "2"})
	if s.ByName("ann") == nil {
		t.Error("gave way to another name")
	}
	s.list(21, thing{name: "ann", seen: "1"})
	if s.Get("invited:ann") != nil || s.ByName("ann") != s.Get("1") || s.Len() != 1 {
		t.Error("does not give way")
	}
}

// A record that a reading shows as it was stays the same one, so that two readings of many cost the memory of one.
func TestWhatIsUnchangedIsShared(t *testing.T) {
	s := tell(ann)
	was := s.Get("1")
	if told := s.list(600, ann); s.Get("1") != was || told != nil {
		t.Errorf("another record, reported %v", told)
	}
	if told := s.list(1200, with(func(t *thing) { t.b = "other" })); s.Get("1") == was || was.b != "old" || len(told) != 1 {
		t.Error("a change is not seen, or has changed a record that somebody holds")
	}
}

// BenchmarkRead is a reading of an account in which nothing has changed, from the decoded pages on.
func BenchmarkRead(b *testing.B) {
	page := make([]thing, 100_000)
	for i := range page {
		page[i] = thing{name: fmt.Sprintf("user-%d@example.test", i), a: "a", b: "b", seen: fmt.Sprint(i)}
	}
	r := records.New(options())
	read := func(at time.Time) int {
		list := make(map[gotoclient.Key]*thing, len(page))
		for i := range page {
			list[gotoclient.Key(page[i].seen)] = r.Keep(gotoclient.Key(page[i].seen), &page[i])
		}
		return len(r.Read(at, list))
	}
	at := time.Now()
	read(at)
	b.ReportAllocs()
	for b.Loop() {
		if at = at.Add(time.Minute); read(at) != 0 {
			b.Fatal("something is different")
		}
	}
}

// However often a record is written, a list that still shows what was there before undoes nothing.
func TestManyWritesWithinTheLag(t *testing.T) {
	for _, n := range []int{8, 9} {
		s := tell(ann)
		for i := range n {
			s.write(1+i, func(t *thing) { t.a = fmt.Sprint("new", i) })
		}
		s.list(30, ann) // stale: it shows what the last reading had
		if got := s.Get("1").a; got != fmt.Sprint("new", n-1) {
			t.Errorf("after %d writes a stale list undoes them: %q", n, got)
		}
	}
}
