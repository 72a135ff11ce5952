package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
)

// maxParts is how many files a spreadsheet may consist of; those of one sheet have a dozen.
const maxParts = 1000

// checkParts refuses what would be too large when unpacked, by what the archive says of its parts, and then what is not whole: the
// library takes a part that ends early, or is larger than it says, for one that ends there.
func checkParts(data []byte, limits Limits) error {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return ErrForm
	}
	if len(archive.File) > maxParts {
		return fmt.Errorf("%w: it has more than %d parts", ErrLimit, maxParts)
	}
	left := limits.Unpacked
	for _, part := range archive.File {
		size := part.FileInfo().Size()
		if size < 0 || size > left {
			return fmt.Errorf("%w: unpacked it has more than %d bytes", ErrLimit, limits.Unpacked)
		}
		left -= size
	}
	for _, part := range archive.File {
		if err := checkPart(part); err != nil {
			return ErrForm
		}
	}
	return nil
}

// checkPart unpacks a part to nowhere. That it has the length and the sum that it says is checked by archive/zip.
func checkPart(part *zip.File) error {
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(r, part.FileInfo().Size()+1)) // beyond what the part says there is its end
	return err
}
