package index

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Patience says how failed requests are repeated.
type Patience struct {
	// Retries is how often a request is repeated in a row without having brought anything; 0 is 5, negative is never.
	Retries int
	// Pause is how long it is to the first repetition, twice that to the next, and so on, a random part of each taken
	// off; 0 is half a second. Longest is the longest that it gets, or that a server may ask for; 0 is a minute.
	Pause, Longest time.Duration
	// Stall is how long a server may say nothing; 0 is a minute.
	Stall time.Duration
}

// mostTries is how often a download is taken up again, even if each time brings something.
const mostTries = 100

func (p Patience) withDefaults(e Environment) Patience {
	if p.Retries == 0 && e.Retries >= 0 && e.Lookup != nil {
		p.Retries = cmp.Or(e.Retries, -1)
	}
	p.Retries = cmp.Or(p.Retries, 5)
	p.Pause = cmp.Or(p.Pause, 500*time.Millisecond)
	p.Longest = cmp.Or(p.Longest, time.Minute)
	p.Stall = cmp.Or(p.Stall, e.Stall, time.Minute)
	return p
}

// busy is an answer that may be another one later.
type busy struct {
	error
	// after is how long the server asks to wait; 0 where it does not say.
	after time.Duration
}

func (b *busy) Unwrap() error { return b.error }

// busyStatus makes a busy of a status that may be another one later, nil of others.
func (a *answer) busyStatus() error {
	switch a.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return &busy{a.refused(), retryAfter(a.Header.Get("Retry-After"), time.Now())}
	default:
		return nil
	}
}

// retryAfter reads a number of seconds or a date (RFC 9110, 10.2.3).
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// repeat calls try until it succeeds, fails for good, or has failed too often. try reports whether it brought something
// that the next try begins with.
func (c *Client) repeat(ctx context.Context, wanted string, try func() (progress bool, err error)) error {
	failed := 0
	for tries := 1; ; tries++ {
		progress, err := try()
		if err == nil || ctx.Err() != nil || !worthRepeating(err) {
			return err
		}
		if progress {
			failed = 0
		}
		failed++
		if failed > c.patience.Retries || tries >= mostTries {
			return unwrapBusy(err)
		}
		pause, ok := c.pause(err, failed)
		if !ok {
			return tooLong(err, pause)
		}
		c.report(Event{Kind: Retrying, Wanted: wanted, Err: unwrapBusy(err), After: pause})
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// pause gives how long it is to the next try, and whether that is bearable.
func (c *Client) pause(err error, failed int) (time.Duration, bool) {
	var b *busy
	if errors.As(err, &b) && b.after > 0 {
		return b.after, b.after <= c.patience.Longest
	}
	pause := c.patience.Pause << min(failed-1, 16)
	pause = min(pause, c.patience.Longest)
	return pause/2 + rand.N(pause/2+1), true
}

// tooLong is the error for a server that asks for a longer wait than is bearable.
func tooLong(err error, wait time.Duration) error {
	err = unwrapBusy(err)
	var status *StatusError
	if errors.As(err, &status) {
		return &StatusError{URL: status.URL, Status: status.Status, Wait: wait.Round(time.Second).String()}
	}
	return err
}

func unwrapBusy(err error) error {
	var b *busy
	if errors.As(err, &b) {
		return b.error
	}
	return err
}

// worthRepeating reports whether a failure may pass by itself: a busy server or a broken connection, but no certificate
// that is not trusted, and no host that there is not.
func worthRepeating(err error) bool {
	var b *busy
	if errors.As(err, &b) {
		return true
	}
	var connect *ConnectError
	if !errors.As(err, &connect) {
		return false
	}
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name *net.DNSError
	switch {
	case errors.As(err, &certificate), errors.As(err, &authority):
		return false
	case errors.As(err, &name):
		return !name.IsNotFound
	default:
		return true
	}
}
