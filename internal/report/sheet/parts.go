package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
)

// maxParts is how many files a spreadsheet may consist of; those of one sheet have a dozen.
const maxParts = 1000

// checkParts refuses what would be too large when unpacked, by what the archive says of its parts. A part that is larger than it says is
// an error when it is unpacked (archive/zip).
func checkParts(data []byte, limits Limits) error {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return ErrForm
	}
	if len(archive.File) > maxParts {
		return fmt.Errorf("%w: it has more than %d parts", ErrLimit, maxParts)
	}
	var sum uint64
	for _, part := range archive.File {
		if part.UncompressedSize64 > uint64(limits.Unpacked) {
			sum = part.UncompressedSize64
			break
		}
		sum += part.UncompressedSize64
	}
	if sum > uint64(limits.Unpacked) {
		return fmt.Errorf("%w: unpacked it has more than %d bytes", ErrLimit, limits.Unpacked)
	}
	return nil
}
