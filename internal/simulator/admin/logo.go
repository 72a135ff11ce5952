package admin

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// What the console takes for a logo (D, of the console); that the API takes no more is assumed.
const (
	logoBytes, logoWidth, logoHeight = 100_000, 400, 200
	logoField                        = "file"
)

// uploadLogo serves the assumed PUT /accounts/{a}/logo (U).
func uploadLogo(c *call.Call) wire.Response {
	kind, params, err := mime.ParseMediaType(c.Request.Header.Get("Content-Type"))
	data := c.Body
	switch {
	case !served(c, c.Switches.LogoUpload):
		return wire.NotRouted()
	case !strings.EqualFold(c.Request.Method, c.Switches.LogoVerb):
		return wire.Bare(http.StatusMethodNotAllowed)
	case err != nil || (kind == "multipart/form-data") == (c.Switches.LogoUpload == "raw"):
		return answer(c, wire.Refuse(http.StatusUnsupportedMediaType, wire.CodeInvalidRequest, "Content-Type"))
	case c.Switches.LogoUpload != "raw":
		kind, data = fileOf(data, params["boundary"])
	}
	if !isLogo(kind, data) {
		return answer(c, c.Invalid(wire.CodeLogoInvalid, ""))
	}
	c.Account.Logo = bytes.Clone(data)
	c.Changed = true
	return writeDone(c.Switches.UpdateStatus, c.Switches)
}

// fileOf returns the media type and the content of the file in a form; nothing where there is none.
func fileOf(body []byte, boundary string) (kind string, data []byte) {
	for form := multipart.NewReader(bytes.NewReader(body), boundary); ; {
		part, err := form.NextPart()
		if err != nil {
			return "", nil
		}
		if part.FormName() == logoField {
			data, err = io.ReadAll(part)
			if err != nil {
				return "", nil
			}
			return part.Header.Get("Content-Type"), data
		}
	}
}

// isLogo tells whether a file is a picture of the named type that may be a logo.
func isLogo(kind string, data []byte) bool {
	read := map[string]func(io.Reader) (image.Config, error){"image/gif": gif.DecodeConfig, "image/jpeg": jpeg.DecodeConfig}[kind]
	if read == nil || len(data) > logoBytes {
		return false
	}
	size, err := read(bytes.NewReader(data))
	return err == nil && size.Width <= logoWidth && size.Height <= logoHeight
}
