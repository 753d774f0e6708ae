package index

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"
)

// mostRedirects is how many redirects a request may have.
const mostRedirects = 10

// answer is a response, and where it came from after all redirects.
type answer struct {
	*http.Response
	url *url.URL
	// given says that credentials were sent.
	given bool
}

// send sends a request and follows redirects. Each request has the credentials that are set for its own URL, and no
// others. The body must be closed: until then the answer counts as one of those that are under way at once, and it fails
// when nothing comes for too long.
func (c *Client) send(ctx context.Context, u *url.URL, header http.Header) (*answer, error) {
	select {
	case c.network.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	a, err := c.follow(ctx, u, header)
	if err != nil {
		<-c.network.slots
		return nil, err
	}
	a.Body = &slotBody{ReadCloser: a.Body, slots: c.network.slots}
	return a, nil
}

func (c *Client) follow(ctx context.Context, u *url.URL, header http.Header) (*answer, error) {
	for range mostRedirects + 1 {
		a, err := c.once(ctx, u, header)
		if err != nil {
			return nil, err
		}
		next, err := a.redirect()
		if next == nil && err == nil {
			return a, nil
		}
		_ = a.Body.Close()
		if err != nil {
			return nil, err
		}
		u = next
	}
	return nil, &ConnectError{URL: redactURL(u), Err: errors.New("there are too many redirects")}
}

// once sends one request.
func (c *Client) once(ctx context.Context, u *url.URL, header http.Header) (*answer, error) {
	transport, err := c.network.open()
	if err != nil {
		return nil, err
	}
	target := *u
	target.User, target.Fragment, target.RawFragment = nil, "", ""
	ctx, cancel := context.WithCancelCause(ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		cancel(nil)
		return nil, &ConnectError{URL: redactURL(u), Err: errors.New("no request can be made for the URL")}
	}
	r.Header = header.Clone()
	r.Header.Set("User-Agent", c.userAgent)
	user, password, given := c.credentials.find(u)
	if u.User != nil {
		user, given = u.User.Username(), true
		password, _ = u.User.Password()
	}
	if given {
		r.SetBasicAuth(user, password)
	}
	watch := &stallBody{stall: c.patience.Stall, cancel: cancel}
	watch.timer = time.AfterFunc(watch.stall, watch.expire)
	// The transport and not a client: its errors do not have the URL in them, and redirects are followed here.
	response, err := transport.RoundTrip(r)
	if err != nil {
		watch.timer.Stop()
		cause := context.Cause(ctx)
		cancel(nil)
		if errors.Is(cause, errStalled) {
			err = errStalled
		}
		return nil, connectError(u, err)
	}
	watch.ReadCloser, watch.ctx, watch.url = response.Body, ctx, u
	response.Body = watch
	return &answer{Response: response, url: u, given: given}, nil
}

func connectError(u *url.URL, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &ConnectError{URL: redactURL(u), Err: err}
}

// redirect gives where the answer leads to, nil where it is one itself.
func (a *answer) redirect() (*url.URL, error) {
	switch a.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	next, err := a.url.Parse(a.Header.Get("Location"))
	if err != nil || a.Header.Get("Location") == "" || next.Scheme != "https" && next.Scheme != "http" || next.Host == "" {
		return nil, &ConnectError{URL: redactURL(a.url), Err: errors.New("it redirects to what is no URL")}
	}
	next.User = nil
	if origin(next) == origin(a.url) {
		next.User = a.url.User
	}
	return next, nil
}

// refused makes an error of an answer that is none of the statuses a caller knows how to take.
func (a *answer) refused() error {
	switch a.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return &AuthError{URL: redactURL(a.url), Status: a.StatusCode, Given: a.given}
	default:
		return &StatusError{URL: redactURL(a.url), Status: a.StatusCode}
	}
}

// errStalled is a server that sends nothing for too long.
var errStalled = errors.New("nothing came for too long")

// stallBody is a body that fails when nothing comes for too long.
type stallBody struct {
	io.ReadCloser
	ctx    context.Context
	url    *url.URL
	stall  time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

func (b *stallBody) expire() { b.cancel(errStalled) }

func (b *stallBody) Read(p []byte) (int, error) {
	b.timer.Reset(b.stall)
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop()
	if err == nil || err == io.EOF {
		return n, err
	}
	if errors.Is(context.Cause(b.ctx), errStalled) {
		err = errStalled
	}
	return n, connectError(b.url, err)
}

func (b *stallBody) Close() error {
	b.timer.Stop()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}

// slotBody is a body that makes room for another request when it is closed.
type slotBody struct {
	io.ReadCloser
	slots chan struct{}
}

func (b *slotBody) Close() error {
	err := b.ReadCloser.Close()
	if b.slots != nil {
		<-b.slots
		b.slots = nil
	}
	return err
}
