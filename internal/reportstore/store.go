// Package reportstore is where reports go: a Secret beside their object, a directory of the operator, or a bucket. Each store writes a
// file whole or not at all and names it by the time for which the report was due, so that one that is made again after a crash takes the
// place of the first; and it deletes what is too old, but never what another object wrote.
//
// places.go says where the reports of an object go; store.go what a store is; secrets.go, directory.go and bucket.go are the three. It knows neither GoTo nor what is in a report, and
// may import neither internal/account nor the package of a kind.
package reportstore

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// Owner is the object whose reports are stored.
type Owner struct{ Namespace, Name, UID string }

// File is one form of a report.
type File struct {
	Format      string // its extension too
	ContentType string
	Data        []byte
}

// Store keeps the reports of one object.
type Store interface {
	// Put stores the files of the report that was due at a time, in the place of what was stored for that time, and returns where
	// each is. Its error is of ErrTooLarge, ErrUnavailable, or a *engine.StalledError.
	Put(ctx context.Context, due time.Time, files []File) (where []string, err error)
	// Prune deletes all reports of the object but the newest.
	Prune(ctx context.Context, keep int) error
}

var (
	// ErrTooLarge is the error of a report that does not fit; no retry cures it.
	ErrTooLarge = errors.New("the report does not fit into a Secret, which holds 900 KiB: set output to S3 or Directory, or choose fewer formats, a shorter range or fewer users")
	// ErrUnavailable is the error of a store that cannot be used now. It says more, and no secret.
	ErrUnavailable = errors.New("the place of the reports fails")
)

// stamp is a time as it stands in names; in this form the order of names is that of times.
const stamp = "20060102T150405Z"

// fileName is that of a report of an object, by which it is known to be that object's.
func (o Owner) fileName(due time.Time, format string) string {
	return o.UID + "-" + due.UTC().Format(stamp) + "." + format
}

// dueOf is the time in a name that fileName has made for the object.
func (o Owner) dueOf(name string) (at string, mine bool) {
	rest, mine := strings.CutPrefix(name, o.UID+"-")
	at, _, dotted := strings.Cut(rest, ".")
	_, err := time.Parse(stamp, at)
	return at, mine && dotted && err == nil
}

// tooOld are those of the names of an object's files that are beyond the newest reports. Names that are no such are passed over.
func (o Owner) tooOld(names []string, keep int) (old []string) {
	byTime := map[string][]string{}
	for _, name := range names {
		if at, mine := o.dueOf(name); mine {
			byTime[at] = append(byTime[at], name)
		}
	}
	times := slices.Sorted(maps.Keys(byTime))
	for _, at := range times[:max(0, len(times)-keep)] {
		old = append(old, byTime[at]...)
	}
	return old
}
