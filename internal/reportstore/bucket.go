package reportstore

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// Bucket stores reports in a bucket of an S3-compatible service, under prefix/namespace/name. A service shows an object whole or not at all.
type Bucket struct {
	// Endpoint of the service, such as https://s3.example.org, which the caller has checked; nothing is sent anywhere else.
	Endpoint             string
	Region, Name, Prefix string
	// Credentials are read for each use.
	AccessKeyID, SecretAccessKey string
	Owner                        Owner
	// Transport sends the requests; http.DefaultTransport when nil.
	Transport http.RoundTripper
}

// requestTime bounds one request, with the bytes of a report.
const requestTime = 5 * time.Minute

func (b Bucket) client() *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: &b.Endpoint, Region: b.Region, UsePathStyle: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: b.AccessKeyID, SecretAccessKey: b.SecretAccessKey}, nil
		}),
		HTTPClient: &http.Client{Transport: serviceOnly{cmp.Or(b.Transport, http.DefaultTransport)}, Timeout: requestTime, CheckRedirect: stay},
		// Only what each compatible service knows.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	})
}

// stay follows no redirection: it may lead to a host that is not allowed.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// serviceOnly fails where somebody else answers for the service, as a proxy does with a page: no answer of S3 is one, and what it does not
// list, or seems to have stored or deleted, would be believed.
type serviceOnly struct{ next http.RoundTripper }

var errPage = errors.New("a page of HTML in place of an answer")

// RoundTrip sends the request.
func (s serviceOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); kind != "text/html" {
		return answer, nil
	}
	_ = answer.Body.Close()
	return nil, errPage
}

// Put uploads each file.
func (b Bucket) Put(ctx context.Context, due time.Time, files []File) ([]string, error) {
	c := b.client()
	var where []string
	for _, f := range files {
		key := path.Join(b.folder(), b.Owner.fileName(due, f.Format))
		_, err := c.PutObject(ctx, &s3.PutObjectInput{
			Bucket: &b.Name, Key: &key, Body: bytes.NewReader(f.Data), ContentLength: aws.Int64(int64(len(f.Data))), ContentType: &f.ContentType,
		})
		if err != nil {
			return nil, refused("PutObject", err)
		}
		where = append(where, "s3://"+b.Name+"/"+key)
	}
	return where, nil
}

func (b Bucket) folder() string { return path.Join(b.Prefix, b.Owner.Namespace, b.Owner.Name) }

// Prune deletes what is too old.
func (b Bucket) Prune(ctx context.Context, keep int) error {
	c := b.client()
	names, err := b.list(ctx, c)
	if err != nil {
		return err
	}
	for _, name := range b.Owner.tooOld(names, keep) {
		key := path.Join(b.folder(), name)
		if _, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.Name, Key: &key}); err != nil {
			return refused("DeleteObject", err)
		}
	}
	return nil
}

// list are the names of the object's files.
func (b Bucket) list(ctx context.Context, c *s3.Client) (names []string, err error) {
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: &b.Name, Prefix: aws.String(b.folder() + "/" + b.Owner.UID + "-")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, refused("ListObjectsV2", err)
		}
		if aws.ToString(page.Name) == "" { // every list names its bucket
			return nil, refused("ListObjectsV2", errPage)
		}
		for _, o := range page.Contents {
			names = append(names, path.Base(aws.ToString(o.Key)))
		}
	}
	return names, nil
}

// refused is the error of a request, as it may be shown: the service's own text may say anything, and another each time.
func refused(operation string, err error) error {
	var api smithy.APIError
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &api):
		return fmt.Errorf("%w: the bucket's service answers %s to %s", ErrUnavailable, api.ErrorCode(), operation)
	case errors.As(err, &network):
		return fmt.Errorf("%w: the bucket's service does not answer %s", ErrUnavailable, operation)
	}
	return fmt.Errorf("%w: %s at the bucket's service failed", ErrUnavailable, operation)
}
