package gotoclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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
	loose     bool // keys may be other than digits
}

// pages returns the pages in order. Nothing is remembered between two rangings:
// each starts at the first page. An error ends the sequence.
func (p pager[T]) pages(ctx context.Context) iter.Seq2[*Page[T], error] {
	return func(yield func(*Page[T], error) bool) {
		offset := 0
		for range p.client.cfg.MaxPages {
			page, err := p.page(ctx, offset)
			if err != nil {
				yield(nil, err)
				return
			}
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

// page reads the page that starts at offset.
func (p pager[T]) page(ctx context.Context, offset int) (*Page[T], error) {
	query := strings.Trim(p.filter+"&"+p.opts.query(offset), "&")
	body, err := p.client.do(ctx, request{operation: p.operation, account: p.account, of: p.of, query: query})
	if err != nil {
		return nil, err
	}
	page, err := decodePage[T](body)
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
// expects of /accounts (C).
func decodePage[T any](body []byte) (*Page[T], error) {
	var envelope struct {
		Results            []T
		FromIndex, ToIndex int
		Total              *int
	}
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) > 0 && trimmed[0] == '[' {
		if err := json.Unmarshal(trimmed, &envelope.Results); err != nil {
			return nil, err
		}
		n := len(envelope.Results)
		return &Page[T]{Results: envelope.Results, ToIndex: n, Total: n}, nil
	}
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return nil, unreadable("a list is an object or an array, not " + jsonKind(trimmed))
	}
	if err := json.Unmarshal(trimmed, &envelope); err != nil {
		return nil, err
	}
	if envelope.Results == nil && envelope.Total == nil {
		return nil, unreadable("the object has neither results nor total")
	}
	page := &Page[T]{Results: envelope.Results, FromIndex: envelope.FromIndex, ToIndex: envelope.ToIndex, Total: -1}
	if envelope.Total != nil {
		page.Total = *envelope.Total
	}
	return page, nil
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
