package index

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/monoplan/monoplan/internal/flight"
	"github.com/monoplan/monoplan/packager/store"
)

// Config is all that a client depends on.
type Config struct {
	// Store takes the files. It is needed.
	Store *store.Store
	// Environment is what the variables say, see [ReadEnvironment]; the zero value is an empty environment.
	Environment Environment
	// Sources are the indexes that the project names, in its order. Without one that is primary or the default, the
	// Python Package Index, or the mirror that stands in for it, is searched first.
	Sources []Source
	// Offline forbids every request: what the store does not have is an [OfflineError].
	Offline bool
	// Parallel is how many requests may be under way at once, 8 if it is 0.
	Parallel int
	// UserAgent is sent with every request; monoplan if it is empty.
	UserAgent string
	// Patience is how failed requests are repeated; the zero value is the default.
	Patience Patience
	// Report is told what happens, by several goroutines at once. It may be nil.
	Report func(Event)
}

// Client fetches files. Its methods may be called from several goroutines at once.
type Client struct {
	store       *store.Store
	sources     []Source
	mirror      *Source
	offline     bool
	userAgent   string
	patience    Patience
	report      func(Event)
	credentials credentials
	network     *network
	fetches     *flight.Group[string, Fetched]
	// found has the links to files whose hashes a page was read for: to fetch one, the page, which may have megabytes, is not
	// read again.
	found *sync.Map // of foundKey to Link
}

type foundKey struct{ source, hash string }

// New makes a client. It reads the netrc file that the environment names, and refuses what is wrong with it and with the
// URLs of sources. Nothing is sent.
func New(config Config) (*Client, error) {
	if config.Store == nil {
		return nil, errors.New("the index client has no store")
	}
	c := &Client{
		store:     config.Store,
		offline:   config.Offline,
		userAgent: cmp.Or(config.UserAgent, "monoplan"),
		patience:  config.Patience.withDefaults(config.Environment),
		report:    config.Report,
		fetches:   &flight.Group[string, Fetched]{},
		found:     &sync.Map{},
	}
	if c.report == nil {
		c.report = func(Event) {}
	}
	parallel := config.Parallel
	if parallel <= 0 {
		parallel = 8
	}
	c.network = newNetwork(config.Environment, parallel, c.patience.Stall)
	return c, c.arrange(config.Sources, config.Environment)
}

// With gives a client for a project with other sources. Both share connections, and the bound on requests that are
// under way at once; what both fetch at once is downloaded once, too.
func (c *Client) With(sources []Source) (*Client, error) {
	other := *c
	other.sources = nil
	other.fetches = &flight.Group[string, Fetched]{} // what one does not find, the other may
	return &other, other.arrange(sources, c.network.environment)
}

// Hasty gives a client that repeats a failed request once at most, and soon: for what can also be had, or done without,
// otherwise. It shares all else.
func (c *Client) Hasty() *Client {
	other := *c
	other.patience.Retries, other.patience.Longest = min(c.patience.Retries, 1), min(c.patience.Longest, time.Second)
	other.fetches = &flight.Group[string, Fetched]{} // who has more patience waits longer
	return &other
}

// Close ends connections. A client that it shares them with is closed, too.
func (c *Client) Close() { c.network.close() }

// Request names a file that a lock has.
type Request struct {
	// Package and Version are those of the lock. Without a package there is no index to search, only URL.
	Package, Version string
	// File is the file's name, such as six-1.16.0-py2.py3-none-any.whl.
	File string
	// Hashes are those that the file may have, as "sha256:<hex>"; one at least is needed.
	Hashes []string
	// URL is where the lock says that the file is; empty where it does not.
	URL string
	// Index is the index that the lock names for the package, by its URL or by the name of a source; empty where every
	// source that is not explicit may have it.
	Index string
	// Size is the file's size in bytes; 0 where the lock does not say it.
	Size int64
}

// Fetched is a file that is in the store.
type Fetched struct {
	// Path is where it is, until the store is closed.
	Path   string
	SHA256 string
	// Cached says that it was there already, or is by another process's doing.
	Cached bool
	// From is where it came from, without credentials; empty where Cached is set.
	From string
	// Yanked says that the index advises against the file, and YankedReason why (PEP 592).
	Yanked       bool
	YankedReason string
}

// Fetch gives a file from the store, or fetches it there. Its errors: [OfflineError], [NotFoundError], [AuthError],
// [HashError], [StatusError], [ConnectError], [PageError], [NoHashError], and the store's.
func (c *Client) Fetch(ctx context.Context, r Request) (Fetched, error) {
	hashes, err := parseHashes(r)
	if err != nil {
		return Fetched{}, err
	}
	return c.fetches.Do(ctx, r.File+"\n"+hashes.String(), func(ctx context.Context) (Fetched, error) {
		return c.fetch(ctx, r, hashes)
	})
}

func (c *Client) fetch(ctx context.Context, r Request, hashes hashes) (Fetched, error) {
	sum, err := c.known(ctx, r, hashes)
	if err != nil {
		return Fetched{}, err
	}
	if sum != "" {
		path, ok, err := c.store.Get(ctx, sum)
		if ok || err != nil {
			return Fetched{Path: path, SHA256: sum, Cached: true}, err
		}
	}
	if c.offline {
		return Fetched{}, &OfflineError{Wanted: r.wanted()}
	}
	fetched, err := c.search(ctx, r, hashes)
	if err != nil {
		return Fetched{}, err
	}
	if hashes.only() == "" {
		err = c.store.SetResult(ctx, knownKey(r, hashes), []byte(fetched.SHA256))
	}
	return fetched, err
}

// known gives the sha256 of the file: the lock's, or, where that has several hashes or others, what the file had that was
// fetched for them before; empty where there is none.
func (c *Client) known(ctx context.Context, r Request, hashes hashes) (string, error) {
	if only := hashes.only(); only != "" {
		return only, nil
	}
	value, _, err := c.store.Result(ctx, knownKey(r, hashes))
	return string(value), err
}

func knownKey(r Request, hashes hashes) string {
	return "index file\n" + r.File + "\n" + hashes.String()
}

// search tries the places that may have the file, until one has it.
func (c *Client) search(ctx context.Context, r Request, hashes hashes) (Fetched, error) {
	var misses []error
	for _, place := range c.places(r) {
		fetched, err := place(ctx, r, hashes)
		var missing *NotFoundError
		var lying *HashError
		switch {
		case err == nil:
			return fetched, nil
		case errors.As(err, &missing), errors.As(err, &lying) && lying.Announced:
			misses = append(misses, err)
		default:
			return Fetched{}, err
		}
	}
	return Fetched{}, summary(r, misses)
}

// place is a way to a file: its URL, or an index that may list it.
type place func(context.Context, Request, hashes) (Fetched, error)

// places are the ways to a file, the best first. The URL that a lock names is the best, but where a mirror stands in for
// the index that the URL belongs to.
func (c *Client) places(r Request) []place {
	var places []place
	if r.Package != "" {
		for _, s := range c.searched(r.Index) {
			places = append(places, c.listed(s))
		}
	}
	if r.URL == "" {
		return places
	}
	if c.mirror != nil && r.Package != "" && (r.Index == "" || isDefault(r.Index)) {
		return append(places, c.direct)
	}
	return append([]place{c.direct}, places...)
}

// direct fetches the file from the URL that the request names.
func (c *Client) direct(ctx context.Context, r Request, hashes hashes) (Fetched, error) {
	u, err := parseURL(r.URL)
	if err != nil {
		return Fetched{}, err
	}
	return c.download(ctx, r, hashes, Link{Name: r.File, URL: u, Size: r.Size})
}

// listed fetches the file from where an index's page says that it is.
func (c *Client) listed(s Source) place {
	return func(ctx context.Context, r Request, hashes hashes) (Fetched, error) {
		link, err := c.find(ctx, s, r, hashes)
		if err != nil {
			return Fetched{}, err
		}
		if link.Size == 0 {
			link.Size = r.Size
		}
		return c.download(ctx, r, hashes, link)
	}
}

// find gives the link to the requested file. A file of another name counts if the index says that it has the lock's hash.
func (c *Client) find(ctx context.Context, s Source, r Request, hashes hashes) (Link, error) {
	for _, hash := range hashes.list() {
		if l, ok := c.found.Load(foundKey{s.String(), hash}); ok {
			return l.(Link), nil
		}
	}
	var named, hashed *Link
	err := c.page(ctx, s, r.Package, func(l Link) bool {
		if matches, said := hashes.match(l.Hashes); said && matches && hashed == nil {
			hashed = &l
		}
		if l.Name == r.File && named == nil {
			named = &l
		}
		return hashed == nil
	})
	switch {
	case err != nil:
		return Link{}, err
	case hashed != nil:
		return *hashed, nil
	case named == nil:
		return Link{}, &NotFoundError{Wanted: r.wanted(), Places: []string{s.String()}}
	}
	if matches, said := hashes.match(named.Hashes); said && !matches {
		return Link{}, &HashError{Wanted: r.wanted(), From: s.String(), Want: hashes.list(), Got: hashes.answer(named.Hashes), Announced: true}
	}
	return *named, nil
}

// Links gives what the sources list for a package, of the first source that lists any; of r, Package and Index count.
// With hashes only those files are given that have one of them, and what was found is remembered in the store, so that the
// next time no index is asked; where a source lists files and none of them has one, the error is an [UnmatchedError].
func (c *Client) Links(ctx context.Context, r Request) ([]Link, error) {
	if len(r.Hashes) == 0 {
		return c.links(ctx, r, nil)
	}
	hashes, err := parseHashes(r)
	if err != nil {
		return nil, err
	}
	key := strings.Join([]string{"index links", r.Package, r.Index, hashes.String()}, "\n")
	value, ok, err := c.store.Result(ctx, key)
	if err != nil {
		return nil, err
	}
	if links, err := decodeLinks(value); ok && err == nil {
		return links, nil
	}
	links, err := c.links(ctx, r, hashes)
	if err != nil {
		return nil, err
	}
	value, err = encodeLinks(links)
	if err != nil {
		return nil, err
	}
	return links, c.store.SetResult(ctx, key, value)
}

func (c *Client) links(ctx context.Context, r Request, hashes hashes) ([]Link, error) {
	if c.offline {
		return nil, &OfflineError{Wanted: r.wanted()}
	}
	var misses []error
	for _, s := range c.searched(r.Index) {
		var links []Link
		listed := false
		err := c.page(ctx, s, r.Package, func(l Link) bool {
			listed = true
			matches, _ := hashes.match(l.Hashes)
			if matches {
				for algorithm, digits := range l.Hashes {
					c.found.Store(foundKey{s.String(), algorithm + ":" + strings.ToLower(digits)}, l)
				}
			}
			if hashes == nil || matches {
				links = append(links, l)
			}
			return true
		})
		var missing *NotFoundError
		switch {
		case errors.As(err, &missing):
			misses = append(misses, err)
		case err != nil:
			return nil, err
		case len(links) > 0:
			return tidy(links), nil
		case listed:
			misses = append(misses, &UnmatchedError{Wanted: r.wanted(), Place: s.String()})
		default:
			misses = append(misses, &NotFoundError{Wanted: r.wanted(), Places: []string{s.String()}})
		}
	}
	return nil, summary(r, misses)
}

// tidy sorts links by name, and leaves out what a page that broke off gave twice.
func tidy(links []Link) []Link {
	slices.SortStableFunc(links, func(a, b Link) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(links, func(a, b Link) bool { return a.Name == b.Name && *a.URL == *b.URL })
}

// wanted names what is requested, for messages.
func (r Request) wanted() string {
	switch {
	case r.File != "":
		return r.File
	case r.Package == "":
		return redact(r.URL)
	case r.Version == "":
		return r.Package
	default:
		return r.Package + " " + r.Version
	}
}

// Event is something that happened to a request.
type Event struct {
	Kind EventKind
	// Wanted is the file's name, or the package whose page it is about.
	Wanted string
	// Bytes is how many of the file's Total there are; Total is 0 where it is not known.
	Bytes, Total int64
	// Err is what went wrong and After how long it will be until the next try, for Retrying.
	Err   error
	After time.Duration
}

// EventKind says what an [Event] is about.
type EventKind int

const (
	// Started is a download that begins.
	Started EventKind = iota
	// Progress is a part of a download; there are few a second.
	Progress
	// Retrying is a failure after which the request is repeated.
	Retrying
	// Finished is a file that is in the store.
	Finished
)
