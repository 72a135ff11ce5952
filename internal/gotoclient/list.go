package gotoclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strconv"
	"strings"
)

// ListOptions selects what a list returns. The zero value asks for everything,
// in the service's order and page size.
type ListOptions struct {
	// PageSize is the number of records to ask for per page; 0 leaves it to the
	// service, whose default is UNVERIFIED. 1000 is known to work (C). The service
	// may give fewer.
	PageSize int
}

// Page is one page of a list.
type Page[T any] struct {
	Results []T
	// FromIndex and ToIndex are what the service said. ToIndex is informative
	// only: it is exclusive (L), but other clients read it as inclusive (C).
	FromIndex, ToIndex int
	// Total is the number of records of the whole list as of this page, or -1 if
	// the service did not say.
	Total int
}

// pager reads the pages of one kind of list.
type pager[T any] struct {
	client    *Client
	operation string
	account   Key
	of        Key // the group whose list it is; empty for lists of the account
	opts      ListOptions
	filter    string // an encoded parameter of the query, or empty
	key       func(*T) Key
	loose     bool     // keys may be other than digits
	each      func(*T) // is given each record before the next one is decoded; nil for nothing
}

// pages returns the pages in order. Nothing is remembered between two rangings:
// each starts at the first page. An error ends the sequence.
func (p pager[T]) pages(ctx context.Context) iter.Seq2[*Page[T], error] {
	return func(yield func(*Page[T], error) bool) {
		offset, longest, body := 0, 0, p.client.room(p.operation) // a page is megabytes, and a hundred of them follow each other
		defer func() { p.client.note(p.operation, longest) }()
		for range p.client.cfg.MaxPages {
			page, err := p.page(ctx, offset, body)
			if err != nil {
				yield(nil, err)
				return
			}
			longest = max(longest, body.Len())
			// Never by ToIndex or by the size asked for: only what has arrived counts.
			offset += len(page.Results)
			if !yield(page, nil) {
				return
			}
			switch {
			case page.Total >= 0 && offset >= page.Total:
				return
			case len(page.Results) > 0: // more to come
			case page.Total < 0:
				return // the total is unknown
			default:
				yield(nil, fmt.Errorf("gotoclient: %s: %w", p.operation, ErrIncompleteList))
				return
			}
		}
		yield(nil, fmt.Errorf("gotoclient: %s: %w", p.operation, ErrTooManyPages))
	}
}

// room is a buffer for the pages of a list, with some more than those of the last time took: one that grows by itself is copied, and is up to
// twice as long as a page.
func (c *Client) room(operation string) *bytes.Buffer {
	longest, _ := c.longest.Load(operation)
	n, _ := longest.(int)
	return bytes.NewBuffer(make([]byte, 0, n+n/16+bytes.MinRead))
}

func (c *Client) note(operation string, longest int) {
	if longest > 0 {
		c.longest.Store(operation, longest)
	}
}

// items returns the records of all pages one by one.
func (p pager[T]) items(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for page, err := range p.pages(ctx) {
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, item := range page.Results {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// page reads the page that starts at offset, by way of a buffer; nil for one of its own.
func (p pager[T]) page(ctx context.Context, offset int, by *bytes.Buffer) (*Page[T], error) {
	query := strings.Trim(p.filter+"&"+p.opts.query(offset), "&")
	body, err := p.client.do(ctx, request{operation: p.operation, account: p.account, of: p.of, query: query, into: by})
	if err != nil {
		return nil, err
	}
	page, err := decodePage(body, p.each)
	if err != nil {
		return nil, newDecodeError(p.operation, err)
	}
	for i := range page.Results {
		if key := p.key(&page.Results[i]); !key.Valid() && (!p.loose || !key.isSegment()) {
			return nil, newDecodeError(p.operation, unreadable("a record has no key"))
		}
	}
	return page, nil
}

// decodePage reads the envelope of a list, or a bare array, which one client
// expects of /accounts (C). The records are decoded one by one, each given to a
// function (nil for none) before the next: a page of large records is never held whole.
func decodePage[T any](body []byte, each func(*T)) (*Page[T], error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	page := &Page[T]{Total: -1}
	var err error
	switch begin, _ := dec.Token(); begin {
	case json.Delim('['):
		page.Results, err = decodeRecords(dec, each)
		page.ToIndex, page.Total = len(page.Results), len(page.Results)
	case json.Delim('{'):
		err = page.decodeEnvelope(dec, each)
	default:
		err = unreadable("a list is an object or an array, not " + jsonKind(bytes.TrimSpace(body)))
	}
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, unreadable("there is something behind the list")
	}
	return page, nil
}

// decodeEnvelope reads the members of an object, whatever their order.
func (p *Page[T]) decodeEnvelope(dec *json.Decoder, each func(*T)) error {
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		if err := p.decodeMember(dec, fmt.Sprint(name), each); err != nil {
			return err
		}
	}
	if p.Results == nil && p.Total < 0 {
		return unreadable("the object has neither results nor total")
	}
	_, err := dec.Token() // the end
	return err
}

func (p *Page[T]) decodeMember(dec *json.Decoder, name string, each func(*T)) error {
	switch {
	case strings.EqualFold(name, "results"):
		begin, err := dec.Token()
		if err != nil || begin == nil { // null is none
			return err
		}
		if begin != json.Delim('[') {
			return unreadable("the results are no array")
		}
		p.Results, err = decodeRecords(dec, each)
		return err
	case strings.EqualFold(name, "fromIndex"):
		return dec.Decode(&p.FromIndex)
	case strings.EqualFold(name, "toIndex"):
		return dec.Decode(&p.ToIndex)
	case strings.EqualFold(name, "total"):
		return dec.Decode(&p.Total)
	}
	return dec.Decode(new(json.RawMessage))
}

// decodeRecords reads the records of an array whose beginning was read, and its end.
func decodeRecords[T any](dec *json.Decoder, each func(*T)) ([]T, error) {
	records := []T{}
	for dec.More() {
		var record T
		if err := dec.Decode(&record); err != nil {
			return nil, err
		}
		if each != nil {
			each(&record)
		}
		records = append(records, record)
	}
	_, err := dec.Token()
	return records, err
}

// query encodes the options.
func (o ListOptions) query(offset int) string {
	v := url.Values{}
	if offset > 0 {
		v.Set("offset", strconv.Itoa(offset))
	}
	if o.PageSize > 0 {
		v.Set("pageSize", strconv.Itoa(o.PageSize))
	}
	return encodeQuery(v)
}

// encodeQuery writes spaces as %20: the service does not take "+" for one (C, of
// filters). A plus sign itself is already %2B.
func encodeQuery(v url.Values) string {
	return strings.ReplaceAll(v.Encode(), "+", "%20")
}
