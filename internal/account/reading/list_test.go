package reading_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// service lists so many records, and fails as it is told to.
type service struct {
	records int
	fail    func(size int) error
	asked   []int // sizes of the pages that were asked for
}

func (s *service) pages(o gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[gotoclient.Group], error] {
	return func(yield func(*gotoclient.Page[gotoclient.Group], error) bool) {
		for from := 0; from < s.records; from += o.PageSize {
			s.asked = append(s.asked, o.PageSize)
			if s.fail != nil {
				if err := s.fail(o.PageSize); err != nil {
					yield(nil, err)
					return
				}
			}
			page := &gotoclient.Page[gotoclient.Group]{Total: s.records}
			for i := from; i < min(s.records, from+o.PageSize); i++ {
				page.Results = append(page.Results, gotoclient.Group{Key: gotoclient.Key(strconv.Itoa(i + 1)), Name: "large"})
			}
			if !yield(page, nil) {
				return
			}
		}
	}
}

func (s *service) list(size *knowledge.PageSize, now *time.Time) reading.List[gotoclient.Group, gotoclient.Group] {
	return reading.List[gotoclient.Group, gotoclient.Group]{
		Pages: s.pages, Key: func(g *gotoclient.Group) gotoclient.Key { return g.Key }, Valid: gotoclient.Key.Valid,
		Keep: func(g *gotoclient.Group) *gotoclient.Group { return &gotoclient.Group{Key: g.Key} }, Size: size, Now: func() time.Time { return *now },
	}
}

func status(code int) error {
	return &gotoclient.APIError{Operation: gotoclient.OpListGroups, Status: code}
}

// A page fails for its size where GoTo refuses it, or where a gateway's time limit ends it and a small one works.
func TestPagesThatAreTooLargeAreHalved(t *testing.T) {
	for name, err := range map[string]error{"refused": status(400), "502": status(502), "503": status(503), "504": status(504), "time-out": context.DeadlineExceeded} {
		now := time.Now()
		s := &service{records: 1000, fail: func(size int) error {
			if size > 300 {
				return err
			}
			return nil
		}}
		size := knowledge.NewPageSize(1000)
		got, failed := s.list(size, &now).Whole()
		if failed != nil || len(got) != 1000 {
			t.Errorf("%s: %d records, %v", name, len(got), failed)
		}
		s.asked, s.fail = nil, nil
		_, _ = s.list(size, &now).Whole()
		if !slices.Equal(s.asked, []int{250, 250, 250, 250}) {
			t.Errorf("%s: asked again for pages of %v", name, s.asked)
		}
		now, s.asked = now.Add(2*time.Hour), nil
		_, _ = s.list(size, &now).Whole()
		if !slices.Equal(s.asked, []int{1000}) {
			t.Errorf("%s: two hours later for pages of %v", name, s.asked)
		}
	}
}

// That GoTo is down, or that there is no such list, says nothing of the size of a page.
func TestAnOutageMakesNoPageSmaller(t *testing.T) {
	for name, row := range map[string]struct {
		err   error
		asked []int
	}{
		"404": {status(404), []int{1000}}, "403": {status(403), []int{1000}}, "500": {status(500), []int{1000}},
		"400": {status(400), []int{1000, knowledge.SmallestPage}},
		"503": {status(503), []int{1000, knowledge.SmallestPage}}, "time-out": {context.DeadlineExceeded, []int{1000, knowledge.SmallestPage}},
	} {
		now := time.Now()
		s := &service{records: 1000, fail: func(int) error { return row.err }}
		size := knowledge.NewPageSize(1000)
		if _, err := s.list(size, &now).Whole(); !errors.Is(err, row.err) || !slices.Equal(s.asked, row.asked) {
			t.Errorf("%s: %v after pages of %v, want %v", name, err, s.asked, row.asked)
		}
		if got := size.At(now); got != 1000 {
			t.Errorf("%s: pages of %d from then on", name, got)
		}
	}
}

// wants are the sizes of the pages that are asked for by one reading after the other, ten minutes apart.
func (s *service) wants(t *testing.T, size *knowledge.PageSize, sizes ...[]int) {
	t.Helper()
	now := time.Now()
	list := s.list(size, &now)
	for i, want := range sizes {
		s.asked = nil
		if _, err := list.Whole(); err != nil {
			t.Errorf("reading %d: %v", i, err)
		}
		if !slices.Equal(s.asked, want) {
			t.Errorf("reading %d asks for pages of %v, want %v", i, s.asked, want)
		}
		now = now.Add(10 * time.Minute)
	}
}

func above(most int) func(int) error {
	return func(size int) error {
		if size > most {
			return status(504)
		}
		return nil
	}
}

// A size that works grows again, as what was too large for a larger one may have passed; what is too large still is tried once an hour.
func TestPagesGrowAgain(t *testing.T) {
	const small = knowledge.SmallestPage
	t.Run("it has passed", func(t *testing.T) {
		s := &service{records: 1000, fail: above(300)}
		size := knowledge.NewPageSize(1000)
		s.wants(t, size, []int{1000, small, 500, small, 250, 250, 250, 250})
		s.fail = nil
		s.wants(t, size, []int{250, 250, 250, 250}, []int{500, 500}, []int{1000}, []int{1000})
	})
	t.Run("it has not", func(t *testing.T) {
		s := &service{records: 1000, fail: above(300)}
		works := []int{250, 250, 250, 250}
		found, tried := append([]int{1000, small, 500, small}, works...), append([]int{500, small}, works...)
		s.wants(t, knowledge.NewPageSize(1000), found, works, tried, works, works, works, works, works, works, found)
	})
}

// Refusals that have to do with anything else pass, and a large account is not read in a thousand small pages after them.
func TestRefusalsThatPassLeaveLargePages(t *testing.T) {
	now, size, refusals := time.Now(), knowledge.NewPageSize(1000), 7
	s := &service{records: 26_000, fail: func(int) error {
		if refusals--; refusals >= 0 {
			return status(400)
		}
		return nil
	}}
	list := s.list(size, &now)
	for failed := 0; ; failed++ {
		s.asked = nil
		got, err := list.Whole()
		if err == nil {
			if len(got) != s.records || len(s.asked) > 60 {
				t.Errorf("%d records by %d requests", len(got), len(s.asked))
			}
			return
		}
		if failed == 7 || len(s.asked) > 2 {
			t.Fatalf("%d requests in vain: %v", len(s.asked), err)
		}
	}
}

// Where small pages fail as well, and one of them has worked by chance, the size stays as it was.
func TestALateFailureMakesNoPageSmaller(t *testing.T) {
	now, size := time.Now(), knowledge.NewPageSize(1000)
	s := &service{records: 1000}
	s.fail = func(int) error { // the first records come, in small pages
		if last := s.asked[len(s.asked)-1]; last != knowledge.SmallestPage || s.asked[max(0, len(s.asked)-2)] == last {
			return status(504)
		}
		return nil
	}
	if _, err := s.list(size, &now).Whole(); err == nil || size.At(now) != 1000 {
		t.Errorf("%v, and pages of %d from then on", err, size.At(now))
	}
}

// However small a page has to be, there are no more of them than the client reads.
func TestPagesAreNotTooMany(t *testing.T) {
	for records, want := range map[int]int{26_000: 27, 20_000: knowledge.SmallestPage, 60_000: 61} {
		now := time.Now()
		s := &service{records: records}
		s.fail = func(size int) error {
			if size > want {
				return status(400)
			}
			return nil
		}
		got, err := s.list(knowledge.NewPageSize(1000), &now).Whole()
		if pages := (records + want - 1) / want; err != nil || len(got) != records || pages > gotoclient.DefaultMaxPages {
			t.Errorf("%d records: %d in %d pages, %v", records, len(got), pages, err)
		}
		if last := s.asked[len(s.asked)-1]; last != want {
			t.Errorf("%d records: pages of %d", records, last)
		}
	}
}

// What is not kept of a record is dropped page by page.
func TestRecordsAreReduced(t *testing.T) {
	now := time.Now()
	got, err := (&service{records: 30}).list(knowledge.NewPageSize(25), &now).Whole()
	if err != nil || len(got) != 30 {
		t.Fatalf("%d records, %v", len(got), err)
	}
	for _, g := range got {
		if g.Name != "" {
			t.Fatal("a record is kept as it came")
		}
	}
}
