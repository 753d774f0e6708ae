// Package s3store keeps what a store shares with other machines in a bucket of Amazon S3, or of a server that speaks its
// protocol.
//
// A bucket has no locks, and needs none: every write says what it expects to replace, and the server refuses it when
// somebody was faster (conditional writes, If-None-Match and If-Match). So the first to make a thing is the one whom all
// others follow, and a file that is damaged is replaced once.
//
// Where the bucket is, and who asks, is for the AWS SDK to find out, as for every other program of the cloud's: profiles,
// roles, variables, AWS_ENDPOINT_URL and AWS_CA_BUNDLE. Nothing removes files here: that is what a bucket's lifecycle rules
// are for.
package s3store

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

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/monoplan/monoplan/packager/store"
)

// Bucket is a place in a bucket.
type Bucket struct {
	client         *s3.Client
	bucket, prefix string
}

var _ store.Remote = (*Bucket)(nil)

// Open makes a remote store of a URL such as s3://bucket/prefix. It sends nothing. Its error is a URL that is none, or a
// configuration that the SDK refuses.
func Open(ctx context.Context, address string) (*Bucket, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the URL of the shared store has to be like s3://bucket/prefix")
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
	object, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.bucket, Key: b.key(name)})
	switch {
	case isCode(err, "NoSuchKey"):
		return "", nil
	case err != nil:
		return "", b.wrong(err)
	}
	defer object.Body.Close()
	n, err := io.Copy(w, object.Body)
	if err == nil && object.ContentLength != nil && n != *object.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", b.wrong(err)
	}
	return cmp.Or(aws.ToString(object.ETag), "*"), nil // If-Match: * is whatever is there
}

// Put keeps a content under a name, if what is there has the entity tag replaces, or if nothing is and it is empty.
func (b *Bucket) Put(ctx context.Context, name, replaces string, content io.ReadSeeker) (taken bool, err error) {
	put := &s3.PutObjectInput{Bucket: &b.bucket, Key: b.key(name), Body: content}
	if replaces == "" {
		put.IfNoneMatch = aws.String("*")
	} else {
		put.IfMatch = &replaces
	}
	_, err = b.client.PutObject(ctx, put)
	switch status := statusOf(err); {
	case err == nil:
		return true, nil
	case status == http.StatusPreconditionFailed, status == http.StatusConflict,
		replaces != "" && isCode(err, "NoSuchKey"):
		return false, nil // somebody was faster, or is at it
	default:
		return false, b.wrong(err)
	}
}

// wrong says which bucket an error is about, in fewer words than the SDK.
func (b *Bucket) wrong(err error) error {
	var answer smithy.APIError
	if errors.As(err, &answer) {
		return &AnswerError{Bucket: b.String(), Code: answer.ErrorCode(), Message: answer.ErrorMessage(), Err: err}
	}
	return fmt.Errorf("%s: %w", b.String(), err)
}

// AnswerError is a server that refuses a request.
type AnswerError struct {
	// Bucket is the store's URL.
	Bucket string
	// Code and Message are the server's, such as AccessDenied.
	Code, Message string
	Err           error
}

func (e *AnswerError) Error() string { return fmt.Sprintf("%s: %s: %s", e.Bucket, e.Code, e.Message) }
func (e *AnswerError) Unwrap() error { return e.Err }

func isCode(err error, code string) bool {
	var answer smithy.APIError
	return errors.As(err, &answer) && answer.ErrorCode() == code
}

func statusOf(err error) int {
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}
