package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/monoplan/monoplan/packager/store"
)

// largestFile is how many bytes a file may have whose size nobody says.
const largestFile int64 = 8 << 30

// download is a file on its way into the store.
type download struct {
	client *Client
	link   Link
	writer *store.Writer
	// sums are computed beside the writer's own sha256.
	sums running
	// validator says which state of the file the server began to send (RFC 9110, 8.8); empty where it does not say.
	validator string
	// resumed says that the file was put together from several answers.
	resumed  bool
	reported time.Time
	total    int64
}

// download fetches a link into the store. The file must have one of the hashes.
func (c *Client) download(ctx context.Context, r Request, hashes hashes, l Link) (Fetched, error) {
	w, path, err := c.store.Create(ctx, hashes.only())
	if err != nil {
		return Fetched{}, err
	}
	if w == nil {
		return Fetched{Path: path, SHA256: hashes.only(), Cached: true}, nil
	}
	defer w.Close()
	d := &download{client: c, link: l, writer: w, sums: hashes.run(), total: l.Size, resumed: w.Size() > 0}
	if hashes.only() != "" {
		d.sums = running{} // the writer's own will do, and it has those of what an earlier process fetched
	}
	c.report(Event{Kind: Started, Wanted: r.wanted(), Bytes: w.Size(), Total: l.Size})
	if err := d.complete(ctx, r, hashes); err != nil {
		return Fetched{}, err
	}
	sum, path, err := w.Keep(hashes.only())
	if err != nil {
		return Fetched{}, err
	}
	c.report(Event{Kind: Finished, Wanted: r.wanted(), Bytes: w.Size(), Total: w.Size()})
	return Fetched{Path: path, SHA256: sum, From: redactURL(l.URL), Yanked: l.Yanked, YankedReason: l.YankedReason}, nil
}

// complete fetches until the file is whole and right. One that was put together from several answers and is wrong is
// fetched once more in one piece: the server may have had another file in between.
func (d *download) complete(ctx context.Context, r Request, hashes hashes) error {
	for {
		err := d.client.repeat(ctx, r.wanted(), func() (bool, error) {
			before := d.writer.Size()
			err := d.part(ctx, r)
			return d.writer.Size() > before, err
		})
		if err != nil {
			return err
		}
		sums := d.sums.sums()
		if len(d.sums) == 0 {
			sums["sha256"] = d.writer.Sum()
		}
		if hashes.accepts(sums) {
			return nil
		}
		again := d.resumed
		if err := d.restart(); err != nil {
			return err
		}
		if !again {
			return &HashError{Wanted: r.wanted(), From: redactURL(d.link.URL), Want: hashes.list(), Got: best(sums)}
		}
	}
}

func (d *download) restart() error {
	d.sums.reset()
	d.validator, d.resumed = "", false
	return d.writer.Reset()
}

// part fetches what is missing, as far as it comes.
func (d *download) part(ctx context.Context, r Request) error {
	if d.total > 0 && d.writer.Size() == d.total {
		return nil
	}
	a, err := d.client.send(ctx, d.link.URL, d.header())
	if err != nil {
		return err
	}
	defer a.Body.Close()
	switch {
	case a.StatusCode == http.StatusOK:
		if d.writer.Size() > 0 {
			if err := d.restart(); err != nil {
				return err
			}
		}
		d.total = max(a.ContentLength, 0)
	case a.StatusCode == http.StatusPartialContent:
		if err := d.continues(a); err != nil {
			return err
		}
	case a.StatusCode == http.StatusRequestedRangeNotSatisfiable && d.writer.Size() > 0:
		if err := d.restart(); err != nil {
			return err
		}
		return &busy{error: a.refused(), after: time.Nanosecond}
	case a.StatusCode == http.StatusNotFound, a.StatusCode == http.StatusGone:
		return &NotFoundError{Wanted: r.wanted(), Places: []string{redactURL(a.url)}}
	case a.busyStatus() != nil:
		return a.busyStatus()
	default:
		return a.refused()
	}
	if v := validator(a.Header); v != "" {
		d.validator = v
	}
	return d.copy(a, r)
}

// header asks for the bytes as they are, and from where the file breaks off if it is still the same.
func (d *download) header() http.Header {
	h := http.Header{"Accept": {"*/*"}, "Accept-Encoding": {"identity"}}
	if d.writer.Size() > 0 {
		h.Set("Range", fmt.Sprintf("bytes=%d-", d.writer.Size()))
		if d.validator != "" {
			h.Set("If-Range", d.validator)
		}
	}
	return h
}

// validator gives what can be sent as If-Range: a strong entity tag, or a date.
func validator(h http.Header) string {
	if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	return h.Get("Last-Modified")
}

// continues checks that an answer goes on where the file breaks off.
func (d *download) continues(a *answer) error {
	var first, last, total int64
	n, _ := fmt.Sscanf(a.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &total)
	if n < 2 || first != d.writer.Size() || d.validator != "" && validator(a.Header) != "" && validator(a.Header) != d.validator {
		if err := d.restart(); err != nil {
			return err
		}
		return &busy{error: &ConnectError{URL: redactURL(a.url), Err: errors.New("it sends another part than was asked for")}}
	}
	d.resumed = true
	if n == 3 {
		d.total = total
	}
	return nil
}

// copy writes what comes. An answer that ends early without saying so is one that broke off.
func (d *download) copy(a *answer, r Request) error {
	known := cmp.Or(r.Size, d.link.Size)
	limit := cmp.Or(known, largestFile)
	buffer := make([]byte, 64<<10)
	for {
		n, err := a.Body.Read(buffer)
		if d.writer.Size()+int64(n) > limit {
			return errors.Join(&SizeError{Wanted: r.wanted(), From: redactURL(a.url), Limit: limit}, d.restart())
		}
		if n > 0 {
			d.sums.Write(buffer[:n])
			if _, err := d.writer.Write(buffer[:n]); err != nil {
				return err
			}
			d.progress(r)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if d.writer.Size() < cmp.Or(d.total, known) {
		return &ConnectError{URL: redactURL(a.url), Err: io.ErrUnexpectedEOF}
	}
	return nil
}

// progress reports now and then.
func (d *download) progress(r Request) {
	if now := time.Now(); now.Sub(d.reported) > 100*time.Millisecond {
		d.reported = now
		d.client.report(Event{Kind: Progress, Wanted: r.wanted(), Bytes: d.writer.Size(), Total: d.total})
	}
}
