package gotoclient

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
)

// Logo is the picture that GoToMeeting shows for an account. The console takes GIF and
// JPG of at most 400 by 200 pixels and 100 KB (D, of the console).
type Logo struct {
	// MediaType is image/gif or image/jpeg.
	MediaType string
	Data      []byte
}

// logoField is the name of the form's field. UNVERIFIED.
const logoField = "file"

// UploadLogo puts a logo in the place of what an account has. That it can be done is
// documented (D); path, verb and form of the body are UNVERIFIED, so it is an
// *[UnverifiedError] unless Config.Unverified or an override allows it. It is sent as a
// form with a file, and where the service does not take that, as the picture by
// itself: 400, 415 and 422 say so, or that the picture is refused, and then the second
// answer is the error. Nothing reads a logo back: the same one may be sent
// again without harm.
func (s *AccountsService) UploadLogo(ctx context.Context, key Key, logo Logo) error {
	form, err := logo.form()
	if err != nil {
		return err
	}
	_, err = s.client.do(ctx, request{operation: OpUploadLogo, account: key, body: form})
	if e, is := asAPIError(err); is && slices.Contains(otherForm, e.Status) {
		_, err = s.client.do(ctx, request{operation: OpUploadLogo, account: key, body: content{logo.MediaType, logo.Data}})
	}
	return err
}

// otherForm are the statuses that may mean that a body of another form would be taken.
var otherForm = []int{http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}

// form is the logo as a file of a form, the same for the same logo.
func (l Logo) form() (content, error) {
	var body bytes.Buffer
	form, sum := multipart.NewWriter(&body), sha256.Sum256(l.Data)
	if err := form.SetBoundary(hex.EncodeToString(sum[:])); err != nil {
		return content{}, err
	}
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="` + logoField + `"; filename="logo"`}, "Content-Type": {l.MediaType},
	})
	if err != nil {
		return content{}, err
	}
	if _, err := part.Write(l.Data); err != nil {
		return content{}, err
	}
	if err := form.Close(); err != nil {
		return content{}, err
	}
	return content{form.FormDataContentType(), body.Bytes()}, nil
}
