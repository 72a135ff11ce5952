package state

import (
	"cmp"
	"strconv"
)

// KeyKind separates the number ranges of generated keys, so that a key in a log tells what it belongs to.
type KeyKind uint64

// The generated keys of a kind count upwards from here; DefaultState uses the first ones.
const (
	UserKeys    KeyKind = 7_100_000_000_000_000_000
	LicenseKeys KeyKind = 7_300_000_000_000_000_000
	GroupKeys   KeyKind = 7_400_000_000_000_000_000
	// MeetingIDs have nine digits, since people type them in (D).
	MeetingIDs     KeyKind = 600_000_000
	DefinitionKeys KeyKind = 7_500_000_000_000_000_000
	SessionKeys    KeyKind = 7_600_000_000_000_000_000
	RecordingKeys  KeyKind = 7_700_000_000_000_000_000
)

// CompareKeys orders keys as the numbers they are.
func CompareKeys(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// IsKey reports whether text is a key: a positive number that fits a signed 64-bit integer, without sign or leading zero.
func IsKey(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n > 0 && strconv.FormatInt(n, 10) == text
}

// keyring gives out keys that were never used.
type keyring map[KeyKind]uint64

// note remembers the highest key of a range, so that generated keys never meet it.
func (k keyring) note(kind KeyKind, key string) {
	const rangeSize = 100_000_000_000_000_000
	n, err := strconv.ParseUint(key, 10, 64)
	if err == nil && n > uint64(kind) && n < uint64(kind)+rangeSize {
		k[kind] = max(k[kind], n)
	}
}

// next returns a key that was never used.
func (k keyring) next(kind KeyKind) string {
	k[kind] = max(k[kind], uint64(kind)) + 1
	return strconv.FormatUint(k[kind], 10)
}

// noteAll remembers the keys and ids of an account.
func (k keyring) noteAll(in *Account) {
	for i := range in.Users {
		k.note(UserKeys, in.Users[i].Key)
	}
	for i := range in.Deleted {
		k.note(UserKeys, in.Deleted[i].Key)
	}
	for _, l := range in.Licenses {
		k.note(LicenseKeys, l.Key)
	}
	for _, g := range in.Groups {
		k.note(GroupKeys, g.Key)
	}
	for _, d := range in.all() {
		k.note(DefinitionKeys, d.Key)
	}
	k.noteMeetings(in)
}

func (k keyring) noteMeetings(in *Account) {
	for i := range in.Meetings {
		k.note(MeetingIDs, in.Meetings[i].ID)
	}
	for i := range in.Sessions {
		h := &in.Sessions[i]
		k.note(MeetingIDs, h.MeetingID)
		k.note(SessionKeys, h.ID)
		if h.Recording != nil {
			k.note(RecordingKeys, h.Recording.ID)
		}
	}
}
