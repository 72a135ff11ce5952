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

// List is a list of the service, and how it is read.
type List[T any] struct {
	// Pages reads it, anew each time.
	Pages func(gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[T], error]
	// Key of a record. Whether it may be one says Valid.
	Key   func(*T) gotoclient.Key
	Valid func(gotoclient.Key) bool
	// Keep returns what is kept of a record, before the next page is read: a large account's records do not fit into memory as they come.
	// It may change what it is given, but not keep it, which is a part of the page.
	Keep func(*T) *T
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
func (l List[T]) Whole() (map[gotoclient.Key]*T, error) {
	records, pages, err := l.agreeing()
	if err == nil && pages > 1 && l.showsNew(records) {
		records, _, err = l.agreeing()
	}
	return records, err
}

func (l List[T]) showsNew(records map[gotoclient.Key]*T) bool {
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

func (l List[T]) agreeing() (records map[gotoclient.Key]*T, pages int, err error) {
	for range attempts {
		records, pages, err = l.fitting()
		if !errors.Is(err, ErrInconsistent) && !errors.Is(err, gotoclient.ErrIncompleteList) {
			return records, pages, err
		}
	}
	return nil, 0, err
}

// fitting reads the list once, with smaller pages where it seems to fail for their size.
func (l List[T]) fitting() (records map[gotoclient.Key]*T, pages int, err error) {
	size := l.Size.At(l.Now())
	records, pages, err = l.once(size)
	for size > knowledge.SmallestPage && l.isTooLarge(err) {
		l.Size.Halve(size, l.Now())
		size = l.Size.At(l.Now())
		records, pages, err = l.once(size)
	}
	return records, pages, err
}

// isTooLarge tells a failure that is about the size of a page. Of a refusal it is assumed, unless it says that there is no such list. An
// overload or a time-out may be about anything: it is if a small page works.
func (l List[T]) isTooLarge(err error) bool {
	var api *gotoclient.APIError
	if errors.As(err, &api) && gotoclient.IsRefused(err) {
		return !gotoclient.IsForbidden(err) && api.Status != http.StatusNotFound && api.Status != http.StatusGone
	}
	return isOverload(err) && l.answers()
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

// answers is true if the service gives the first few records.
func (l List[T]) answers() bool {
	for _, err := range l.Pages(gotoclient.ListOptions{PageSize: knowledge.SmallestPage}) {
		return err == nil
	}
	return true
}

// once reads the pages of the list, and counts them. The total has to be the same on the first and the last page, and the number of
// records that differ.
func (l List[T]) once(size int) (records map[gotoclient.Key]*T, pages int, err error) {
	records = map[gotoclient.Key]*T{}
	first, last := -1, -1
	for page, err := range l.Pages(gotoclient.ListOptions{PageSize: size}) {
		if err != nil {
			return nil, pages, err
		}
		if pages == 0 {
			first = page.Total
		}
		last = page.Total
		pages++
		if err := l.keep(records, page.Results); err != nil {
			return nil, pages, err
		}
	}
	if first != last || (last >= 0 && last != len(records)) {
		return nil, pages, fmt.Errorf("%w: total %d, then %d, and %d records", ErrInconsistent, first, last, len(records))
	}
	return records, pages, nil
}

func (l List[T]) keep(records map[gotoclient.Key]*T, page []T) error {
	for i := range page {
		key := l.Key(&page[i])
		if !l.Valid(key) {
			return fmt.Errorf("%w: a record without key", ErrInconsistent)
		}
		records[key] = l.Keep(&page[i])
	}
	return nil
}
