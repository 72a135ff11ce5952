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

func (s *service) list(size *knowledge.PageSize, now *time.Time) reading.List[gotoclient.Group] {
	return reading.List[gotoclient.Group]{
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
