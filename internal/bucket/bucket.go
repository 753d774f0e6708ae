// Package bucket reads and writes objects of Amazon S3, or of a server that speaks its protocol. It is the only package that
// knows the AWS SDK: the store of wheels and the ledger share it.
//
// A bucket has no locks, and needs none: every write says what it expects to replace, and the server refuses it when
// somebody was faster (conditional writes, If-None-Match and If-Match). So the first to make a thing is the one whom all
// others follow, a file that is damaged is replaced once, and no update is lost.
//
// Where the bucket is, and who asks, is for the AWS SDK to find out, as for every other program of the cloud's: profiles,
// roles, variables, AWS_ENDPOINT_URL and AWS_CA_BUNDLE. Nothing removes objects here: that is what a bucket's lifecycle rules
// are for.
package bucket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Bucket is a place in a bucket.
type Bucket struct {
	client         *s3.Client
	bucket, prefix string
}

// Open finds the place of a URL such as s3://bucket/prefix. It sends nothing. Its error is a URL that is none, or a
// configuration that the SDK refuses.
func Open(ctx context.Context, address string) (*Bucket, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the URL of a place in S3 has to be like s3://bucket/prefix")
	}
	// Only what a request cannot do without: servers other than Amazon's do not know the checksums that came later, and
	// the store compares hashes itself.
	settings, err := config.LoadDefaultConfig(ctx,
		config.WithRequestChecksumCalculation(aws.RequestChecksumCalculationWhenRequired),
		config.WithResponseChecksumValidation(aws.ResponseChecksumValidationWhenRequired))
	if err != nil {
		return nil, err
	}
	client := s3.NewFromConfig(settings, func(o *s3.Options) {
		o.DisableLogOutputChecksumValidationSkipped = true
		if o.BaseEndpoint == nil {
			return
		}
		o.UsePathStyle = true // buckets of a server of one's own rarely have host names
		if o.Region == "" {
			o.Region = "us-east-1"
		}
	})
	return &Bucket{client: client, bucket: u.Host, prefix: strings.Trim(u.Path, "/")}, nil
}

// String is the URL.
func (b *Bucket) String() string { return "s3://" + path.Join(b.bucket, b.prefix) }

func (b *Bucket) key(name string) *string { return aws.String(path.Join(b.prefix, name)) }

// Get writes what is kept under a name, and gives its entity tag, * where the server has none for it; empty
// where there is nothing.
func (b *Bucket) Get(ctx context.Context, name string, w io.Writer) (version string, err error) {
	version, _, err = b.GetAt(ctx, name, w)
	return version, err
}

// GetAt is Get, and gives the server's time besides; it is zero where the server does not tell.
func (b *Bucket) GetAt(ctx context.Context, name string, w io.Writer) (version string, now time.Time, err error) {
	object, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.bucket, Key: b.key(name)})
	switch {
	case isCode(err, "NoSuchKey"):
		return "", dateOf(err), nil
	case err != nil:
		return "", now, b.wrong(err)
	}
	now, _ = middleware.GetServerTime(object.ResultMetadata)
	defer object.Body.Close()
	n, err := io.Copy(w, object.Body)
	if err == nil && object.ContentLength != nil && n != *object.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", now, b.wrong(err)
	}
	return cmp.Or(aws.ToString(object.ETag), "*"), now, nil // If-Match: * is whatever is there
}

// Put keeps a content under a name, if what is there has the entity tag replaces, or if nothing is and it is empty.
func (b *Bucket) Put(ctx context.Context, name, replaces string, content io.ReadSeeker) (taken bool, err error) {
	_, taken, err = b.PutVersion(ctx, name, replaces, content)
	return taken, err
}

// PutVersion is Put, and gives the entity tag of what was kept, * where the server gives none.
func (b *Bucket) PutVersion(ctx context.Context, name, replaces string, content io.ReadSeeker) (version string, taken bool, err error) {
	put := &s3.PutObjectInput{Bucket: &b.bucket, Key: b.key(name), Body: content}
	if replaces == "" {
		put.IfNoneMatch = aws.String("*")
	} else {
		put.IfMatch = &replaces
	}
	kept, err := b.client.PutObject(ctx, put)
	switch status := statusOf(err); {
	case err == nil:
		return cmp.Or(aws.ToString(kept.ETag), "*"), true, nil
	case status == http.StatusPreconditionFailed, status == http.StatusConflict,
		replaces != "" && isCode(err, "NoSuchKey"):
		return "", false, nil // somebody was faster, or is at it
	default:
		return "", false, b.wrong(err)
	}
}

// ListDirectory gives the names of what is kept right here, and not below a further "/", in byte order.
func (b *Bucket) ListDirectory(ctx context.Context) ([]string, error) {
	prefix := ""
	if b.prefix != "" {
		prefix = b.prefix + "/"
	}
	var names []string
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.bucket, Prefix: &prefix, Delimiter: aws.String("/")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, b.wrong(err)
		}
		for _, object := range page.Contents {
			names = append(names, strings.TrimPrefix(aws.ToString(object.Key), prefix))
		}
	}
	return names, nil
}

// wrong says which bucket an error is about, in fewer words than the SDK.
func (b *Bucket) wrong(err error) error {
	var answer smithy.APIError
	if errors.As(err, &answer) {
		return &AnswerError{Bucket: b.String(), Status: statusOf(err), Code: answer.ErrorCode(), Message: answer.ErrorMessage(), Err: err}
	}
	return fmt.Errorf("%s: %w", b.String(), err)
}

// AnswerError is a server that refuses a request.
type AnswerError struct {
	// Bucket is the place's URL.
	Bucket string
	// Status is that of HTTP. Code and Message are the server's, such as AccessDenied.
	Status        int
	Code, Message string
	Err           error
}

func (e *AnswerError) Error() string { return fmt.Sprintf("%s: %s: %s", e.Bucket, e.Code, e.Message) }
func (e *AnswerError) Unwrap() error { return e.Err }

func isCode(err error, code string) bool {
	var answer smithy.APIError
	return errors.As(err, &answer) && answer.ErrorCode() == code
}

// dateOf is the time of an answer that is an error.
func dateOf(err error) time.Time {
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &answer) {
		return time.Time{}
	}
	t, err := http.ParseTime(answer.Response.Header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t
}

func statusOf(err error) int {
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}
