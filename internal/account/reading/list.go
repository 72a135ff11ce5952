// Package reading reads a list whole, or says that it could not: pages of a size that works, and nothing that contradicts itself.
//
// It keeps no records. Of the other rooms of an account it knows what the service was found to do.
package reading

import (
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// ErrInconsistent says that a list contradicted itself several times over: a page missing, a record twice, or an empty
// list of an account that has users. Nothing may be concluded from it.
var ErrInconsistent = errors.New("GoTo's list is not consistent")

const attempts = 3

// List is a list of records T of the service, how it is read, and what is kept of each: a K.
type List[T, K any] struct {
	// Pages reads it, anew each time.
	Pages func(gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[T], error]
	// Key of a record. Whether it may be one says Valid.
	Key   func(*T) gotoclient.Key
	Valid func(gotoclient.Key) bool
	// Keep returns what is kept of a record, before the next page is read: a large account's records do not fit into memory as they come.
	// It may change what it is given, but not keep it, which is a part of the page.
	Keep func(*T) *K
	// Known tells what was known before; nil for everything, as before the first reading.
	Known func(gotoclient.Key) bool
	// Size of the pages to ask for.
	Size *knowledge.PageSize
	// Now is the clock.
	Now func() time.Time
}

// Whole reads the list until it agrees with itself. It returns ErrInconsistent or gotoclient.ErrIncompleteList if it does not. Where one
// comes and another leaves between two pages, a record is passed over that agrees with every total; so a list of several pages that shows
// somebody new is read once more.
func (l List[T, K]) Whole() (map[gotoclient.Key]*K, error) {
	size := l.Size.At(l.Now())
	records, pages, err := l.agreeing()
	if err == nil && pages > 1 && l.showsNew(records) {
		records, _, err = l.agreeing()
	}
	if err == nil {
		l.Size.Fits(size, l.Now())
	}
	return records, err
}

func (l List[T, K]) showsNew(records map[gotoclient.Key]*K) bool {
	if l.Known == nil {
		return false
	}
	for key := range records {
		if !l.Known(key) {
			return true
		}
	}
	return false
}

func (l List[T, K]) agreeing() (records map[gotoclient.Key]*K, pages int, err error) {
	for range attempts {
		records, pages, err = l.fitting()
		if !errors.Is(err, ErrInconsistent) && !errors.Is(err, gotoclient.ErrIncompleteList) {
			return records, pages, err
		}
	}
	return nil, 0, err
}

// fitting reads the list once, with smaller pages where it fails for their size. It does not if the smallest fails too: then the size stays.
func (l List[T, K]) fitting() (records map[gotoclient.Key]*K, pages int, err error) {
	first := l.Size.At(l.Now())
	size, smaller := 0, first
	for smaller != size {
		size = smaller
		records, pages, err = l.once(size)
		smaller = l.smaller(size, err)
	}
	if size < first && !seemsTooLarge(err) {
		l.Size.Found(size, l.Now())
	}
	return records, pages, err
}

// smaller is the size to try after a failure; the same where it is not about that.
func (l List[T, K]) smaller(size int, err error) int {
	if size <= knowledge.SmallestPage || !seemsTooLarge(err) {
		return size
	}
	total, answers := l.probe()
	if !answers {
		return size
	}
	return l.Size.Smaller(size, total/gotoclient.DefaultMaxPages+1)
}

// seemsTooLarge tells a failure that may be about the size of a page: it is if a small one works. A refusal is not if it says that there is no
// such list.
func seemsTooLarge(err error) bool {
	var api *gotoclient.APIError
	if errors.As(err, &api) && gotoclient.IsRefused(err) {
		return !gotoclient.IsForbidden(err) && api.Status != http.StatusNotFound && api.Status != http.StatusGone
	}
	return gotoclient.IsTooLarge(err) || isOverload(err)
}

func isOverload(err error) bool {
	var api *gotoclient.APIError
	var timeout net.Error
	switch {
	case gotoclient.IsIllegalAccount(err):
		return false
	case errors.As(err, &api):
		return api.Status == http.StatusBadGateway || api.Status == http.StatusServiceUnavailable || api.Status == http.StatusGatewayTimeout
	case errors.As(err, &timeout):
		return timeout.Timeout()
	}
	return false
}

// probe asks for the first few records, and tells whether GoTo gives them and how many there are of all; -1 where it does not say.
func (l List[T, K]) probe() (total int, answers bool) {
	for page, err := range l.Pages(gotoclient.ListOptions{PageSize: knowledge.SmallestPage}) {
		if err != nil {
			return 0, false
		}
		return page.Total, true
	}
	return 0, true
}

// once reads the pages of the list, and counts them. The total has to be the same on the first and the last page, and the number of
// records that differ.
func (l List[T, K]) once(size int) (records map[gotoclient.Key]*K, pages int, err error) {
	records = map[gotoclient.Key]*K{}
	first, last, largest := -1, -1, 0
	for page, err := range l.Pages(gotoclient.ListOptions{PageSize: size}) {
		if err != nil {
			return nil, pages, err
		}
		if pages == 0 {
			first = page.Total
		}
		last = page.Total
		largest = max(largest, len(page.Results))
		pages++
		if err := l.keep(records, page.Results); err != nil {
			return nil, pages, err
		}
	}
	if first != last || (last >= 0 && last != len(records)) {
		return nil, pages, fmt.Errorf("%w: total %d, then %d, and %d records", ErrInconsistent, first, last, len(records))
	}
	l.Size.Gave(pages, largest)
	return records, pages, nil
}

func (l List[T, K]) keep(records map[gotoclient.Key]*K, page []T) error {
	for i := range page {
		key := l.Key(&page[i])
		if !l.Valid(key) {
			return fmt.Errorf("%w: a record without key", ErrInconsistent)
		}
		records[key] = l.Keep(&page[i])
	}
	return nil
}
